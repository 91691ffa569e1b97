/** The command as people and scripts run it: arguments and environment in, lines and an exit code out. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'vitest'
import { Daemon, lastLines, removeFolder, temporaryFolder } from '../interop/daemon.ts'
import type { DaemonEnd } from '../interop/daemon.ts'
import { freeEndpoint, printEndpoint } from '../interop/endpoint.ts'
import type { Endpoint } from '../interop/endpoint.ts'
import { waitFor } from '../interop/wait.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const COMMAND = join(ROOT, 'bin', 'twinzone')

/** What a command that ended has to show. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

type Environment = Readonly<Record<string, string | undefined>>

interface Running {
  /** Of our own settings a program sees only these. */
  readonly environment?: Environment
  readonly cwd?: string
  /** Hears what is written while it runs, and may type something. */
  readonly heard?: (text: string, type: (keys: string) => void) => void
}

/** Runs `twinzone` with these arguments to its end. */
export function twinzone(args: readonly string[], running: Running = {}): Promise<Ended> {
  return runProgram(COMMAND, args, running)
}

/** Runs it in a terminal of its own, on which standard output and standard error are one. */
export function twinzoneInTerminal(args: readonly string[], running: Running = {}): Promise<Ended> {
  const quoted = [COMMAND, ...args].map((word) => `'${word}'`).join(' ')
  // Whichever shell `script` takes: one that stayed would get Ctrl-C too, and some then end with 130 whatever ours did.
  return runProgram('script', ['--quiet', '--return', '--command', `exec ${quoted}`, '/dev/null'], running)
}

/** Runs it in a shell, with more behind it; the exit code is that of the first that failed. */
export function twinzoneInShell(line: string, running: Running = {}): Promise<Ended> {
  return runProgram('bash', ['-o', 'pipefail', '-c', `"${COMMAND}" ${line}`], running)
}

/** Runs a program to its end. */
export function runProgram(
  program: string,
  args: readonly string[],
  { environment = {}, cwd = ROOT, heard = () => {} }: Running = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...only(environment) },
    })
    const type = (keys: string): void => void child.stdin.write(keys)
    const written = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8')
      child[name].on('data', (text: string) => {
        written[name] += text
        heard(text, type)
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...written }))
  })
}

/** How UDP is answered may be chosen for a whole run of the tests, here and wherever else a server is started. */
const CHOSEN = ['TWINZONE_UDP', 'TWINZONE_ANSWER_THREADS']

/** Of our own settings only these, and the Node.js: those of whoever runs the tests must not reach what is tested. */
function only(own: Environment): Environment {
  const theirs = Object.keys(process.env).filter((name) => name.startsWith('TWINZONE_') && !CHOSEN.includes(name))
  const unset = Object.fromEntries(theirs.map((name) => [name, undefined]))
  return { ...unset, TWINZONE_NODE: process.execPath, ...own }
}

/** A server whose every setting is the test's business. */
export class Served {
  readonly folder: string
  readonly dns: Endpoint
  readonly http: Endpoint
  /** Standard output, line by line. */
  readonly lines: string[] = []
  environment: Environment
  #daemon: Daemon | undefined

  private constructor(folder: string, dns: Endpoint, http: Endpoint) {
    this.folder = folder
    this.dns = dns
    this.http = http
    this.environment = {
      TWINZONE_DATA: this.data,
      TWINZONE_DNS: printEndpoint(dns),
      TWINZONE_HTTP: printEndpoint(http),
      TWINZONE_LOG: 'json',
    }
  }

  /** Free addresses and an empty folder; nothing runs yet. */
  static async create(environment: Environment = {}): Promise<Served> {
    const served = new Served(temporaryFolder(), await freeEndpoint(), await freeEndpoint())
    served.environment = { ...served.environment, ...environment }
    return served
  }

  /** The same until the test ends. */
  static async prepare({ task, onTestFinished }: TestContext, environment: Environment = {}): Promise<Served> {
    const served = await Served.create(environment)
    onTestFinished(async () => {
      if (task.result?.state === 'fail') console.error(`--- ${task.name}\n${served.log()}`)
      await served.remove()
    })
    return served
  }

  /** One that runs, until the test ends. */
  static async begin(context: TestContext, environment: Environment = {}): Promise<Served> {
    const served = await Served.prepare(context, environment)
    await served.start()
    return served
  }

  get data(): string {
    return join(this.folder, 'data')
  }

  get url(): string {
    return `http://${printEndpoint(this.http)}`
  }

  /** Starts it, and waits for the line that says it is ready, or for its end. */
  async start({ args = [], cwd = this.folder }: { args?: readonly string[]; cwd?: string } = {}): Promise<void> {
    const end = await this.startOrEnd({ args, cwd })
    if (end !== undefined) throw new Error(`twinzone ended with ${JSON.stringify(end)}\n${this.log()}`)
  }

  /** Starts it, and tells how it ended; undefined if it is ready instead. */
  async startOrEnd({ args = [], cwd = this.folder }: { args?: readonly string[]; cwd?: string } = {}): Promise<
    DaemonEnd | undefined
  > {
    const daemon = this.#run([COMMAND, 'serve', ...args], cwd)
    let end: DaemonEnd | undefined
    void daemon.ended.then((how) => (end = how))
    await waitFor('a server that is ready or has ended', () => this.readyLine ?? end, { deadlineMs: 60_000 })
    return end
  }

  /** Starts it with all it writes going into a shell's pipeline, and waits until it is ready. */
  async startInto(pipeline: string): Promise<void> {
    this.#run(['/bin/sh', '-c', `"${COMMAND}" serve 2>&1 | ${pipeline}`], this.folder)
    const ready = (): Promise<true | undefined> =>
      fetch(`${this.url}/readyz`).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      )
    await waitFor('a server that is ready', ready, { deadlineMs: 60_000 })
  }

  #run(command: readonly [string, ...string[]], cwd: string): Daemon {
    this.lines.length = 0
    const daemon = new Daemon({
      command,
      logFile: this.#logFile,
      environment: only(this.environment),
      cwd,
      onLine: (line) => void this.lines.push(line),
    })
    this.#daemon = daemon
    return daemon
  }

  get readyLine(): string | undefined {
    return this.lines.find((line) => line.startsWith('twinzone is ready'))
  }

  /** The token printed at the first start. */
  get token(): string {
    const line = this.lines.find((one) => one.includes('API token'))
    return line?.split(' ').at(-1) ?? ''
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.#running.pid, signal)
  }

  /** The process that serves: the command became it. */
  get processId(): number {
    return this.#running.pid
  }

  ended(): Promise<DaemonEnd> {
    return this.#running.ended
  }

  stop(): Promise<DaemonEnd> {
    return this.#running.stop()
  }

  kill(): Promise<DaemonEnd> {
    return this.#running.kill()
  }

  async remove(): Promise<void> {
    await this.#daemon?.kill()
    removeFolder(this.folder)
  }

  /** The end of all it wrote. */
  log(linesMax = 60): string {
    return lastLines(this.#logFile, linesMax)
  }

  /** One HTTP request, with the token if there is one. */
  fetch(path: string, { token = this.token, ...options }: RequestInit & { token?: string } = {}): Promise<Response> {
    return fetch(this.url + path, { ...options, headers: { authorization: `Bearer ${token}` } })
  }

  /** One HTTP request that makes something. */
  post(path: string, body: object): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' }
    return fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  /** The account everything is made in. */
  async account(): Promise<string> {
    const { result } = (await (await this.fetch('/client/v4/accounts')).json()) as { result: { id: string }[] }
    return result[0]?.id ?? ''
  }

  /** Runs a verb of the command line against it. */
  cli(args: readonly string[]): Promise<Ended> {
    return twinzone(args, { environment: this.client })
  }

  /** What the command line must know to reach it. */
  get client(): Environment {
    return { TWINZONE_URL: this.url, TWINZONE_TOKEN: this.token }
  }

  get #running(): Daemon {
    if (this.#daemon === undefined) throw new Error('the server was not started')
    return this.#daemon
  }

  get #logFile(): string {
    return join(this.folder, 'twinzone.log')
  }
}
