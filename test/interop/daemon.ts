/**
 * Processes and folders that do not outlive a test.
 *
 * Each daemon leads a process group of its own. One guard, a shell in a session of its own, hears of every group and
 * every folder over a pipe; when the pipe ends, because the tests finished or because they were killed, it kills what
 * is left and removes the folders. So a `kill -9` of the test runner leaves nothing behind either.
 */

import { spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { closeSync, createWriteStream, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from './wait.ts'

const GUARD = `
trap '' INT TERM HUP
groups=' '
folders=
while read -r word what; do
  case $word in
    group) groups="$groups$what " ;;
    ended) groups=$(printf %s "$groups" | sed "s/ $what / /") ;;
    folder) folders="$folders $what" ;;
  esac
done
for group in $groups; do kill -KILL -"$group" 2>/dev/null; done
for folder in $folders; do rm -rf "$folder"; done
`

let guard: ChildProcess | undefined

function tellGuard(line: string): void {
  if (guard === undefined) {
    guard = spawn('/bin/sh', ['-c', GUARD], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    guard.unref()
    const pipe = guard.stdin as NonNullable<ChildProcess['stdin']> & { unref?: () => void }
    pipe.on('error', () => {})
    pipe.unref?.()
  }
  guard.stdin?.write(`${line}\n`)
}

/** Makes an empty folder that is gone when the tests are. Its path is short: Unix sockets in it must fit 108 octets. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'twinzone-'))
  tellGuard(`folder ${folder}`)
  return folder
}

/** How to start a daemon: the command, and where its output goes. */
export interface DaemonSettings {
  readonly command: readonly [string, ...string[]]
  readonly logFile: string
  /** Beside our own environment; undefined takes a variable out of it. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Hears standard output line by line. */
  readonly onLine?: (line: string) => void
}

/** How a daemon ended. */
export interface DaemonEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One running program with all its children. */
export class Daemon {
  readonly pid: number
  readonly ended: Promise<DaemonEnd>
  running = true
  readonly #logFile: string

  constructor({ command: [program, ...args], logFile, environment, cwd, onLine }: DaemonSettings) {
    this.#logFile = logFile
    const log = openSync(logFile, 'a')
    const stdio: StdioOptions = ['ignore', onLine === undefined ? log : 'pipe', log]
    const child = spawn(program, args, { cwd, detached: true, stdio, env: { ...process.env, ...environment } })
    closeSync(log)
    this.ended = new Promise((resolve) => {
      child.on('error', () => {
        this.running = false
        resolve({ code: 127, signal: null })
      })
      child.on('exit', (code, signal) => {
        this.running = false
        this.#killGroup()
        tellGuard(`ended ${this.pid}`)
        resolve({ code, signal })
      })
    })
    this.pid = child.pid ?? 0
    if (this.pid === 0) throw new Error(`cannot start ${program}`)
    tellGuard(`group ${this.pid}`)
    if (onLine !== undefined && child.stdout !== null) {
      child.stdout.pipe(createWriteStream(logFile, { flags: 'a' }))
      readLines(child.stdout, onLine)
    }
  }

  /** Asks the daemon to end (SIGTERM), and kills it when it has not after `patienceMs`. */
  async stop(patienceMs = 20_000): Promise<DaemonEnd> {
    if (this.running) process.kill(this.pid, 'SIGTERM')
    const patience = setTimeout(() => this.#killGroup(), patienceMs)
    const end = await this.ended
    clearTimeout(patience)
    await this.kill()
    return end
  }

  /** Kills the daemon and its children at once (SIGKILL): what a power cut does to a program. */
  async kill(): Promise<DaemonEnd> {
    this.#killGroup()
    const end = await this.ended
    // A child with much memory takes a while to go, and holds its sockets until then.
    await waitFor('the children to be gone', () => this.processIds().length === 0 || undefined, { everyMs: 5 })
    return end
  }

  /** The daemon and all its children. */
  processIds(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && groupOf(pid) === this.pid)
  }

  /** The end of what the daemon wrote. */
  log(linesMax = 60): string {
    return lastLines(this.#logFile, linesMax)
  }

  #killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // Nobody is left in the group.
    }
  }
}

/** The last lines of a file; empty when there is none. */
export function lastLines(path: string, linesMax: number): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-linesMax).join('\n')
  } catch {
    return ''
  }
}

/** Removes a folder that a test no longer needs. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

function groupOf(pid: number): number {
  try {
    // The second field, the name, stands in parentheses and may hold anything: count from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? 0 : Number(group)
  } catch {
    return 0
  }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}
