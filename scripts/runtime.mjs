/**
 * Finds a Node.js that can run twinzone, and installs what is missing.
 *
 * Written for the oldest Node.js and npm a fresh machine may have (Debian 12 with Node 20), so it is plain
 * JavaScript and uses nothing newer. The server itself needs Node 24.15 or later; where the installed one is older,
 * the copy that npm brought as an optional dependency is used.
 */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const NODE_MIN = [24, 15]

/** Installs the packages of the lock file unless they are there. `dev` also wants what tests and checks need. */
export function ensureInstalled({ dev }) {
  if (installed(dev)) return
  process.stderr.write('twinzone: installing packages (once)\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // Not `npm ci`: it insists on the platform packages of every platform, and a registry may lack some that nobody here needs.
  // No package needs a script of its own: what koffi would build comes built for every platform that it is used on.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  const args = ['install', '--no-save', '--ignore-scripts', ...quiet, ...(dev ? [] : ['--omit=dev'])]
  const done = spawnSync(npm, args, { cwd: root, stdio: ['ignore', 2, 2], env: cleanEnvironment() })
  if (done.status !== 0) {
    process.stderr.write('twinzone: "npm install" failed; see its messages above\n')
    process.exit(1)
  }
}

/** The lock file npm leaves in node_modules names what is really there; it must agree with ours. */
function installed(dev) {
  const there = readLock(join(root, 'node_modules', '.package-lock.json'))
  const wanted = readLock(join(root, 'package-lock.json'))
  if (there === undefined || wanted === undefined) return false
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      entry.optional === true ||
      entry.devOptional === true ||
      (entry.dev === true && !dev) ||
      there[path]?.version === entry.version,
  )
}

function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined
}

/** The path of a Node.js that is new enough: TWINZONE_NODE, the running one, one on PATH, or the one from npm. */
export function findNode() {
  const chosen = process.env.TWINZONE_NODE
  if (chosen) return chosen
  if (newEnough(process.versions.node)) return process.execPath
  const brought = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'))
  for (const path of [...new Set(onPath), brought]) if (existsSync(path) && newEnough(versionOf(path))) return path
  process.stderr.write(
    `twinzone: needs Node.js ${NODE_MIN.join('.')} or later, found ${process.versions.node}, ` +
      `and npm has no copy for ${process.platform}-${process.arch}; install a newer Node.js or set TWINZONE_NODE\n`,
  )
  return process.exit(1)
}

function versionOf(path) {
  const said = spawnSync(path, ['--version'], { encoding: 'utf8' })
  return said.status === 0 ? said.stdout.trim().slice(1) : '0.0.0'
}

function newEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
}

/** npm's own settings of an outer `npm run` must not leak into an inner npm. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('npm_')))
}

/** Runs a program in the foreground, passes signals on, and resolves to its exit code. */
export function run(program, args, env = {}) {
  const child = spawn(program, args, { cwd: process.cwd(), stdio: 'inherit', env: { ...process.env, ...env } })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`twinzone: cannot run ${program}: ${error.message}\n`)
      resolve(1)
    })
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)))
  })
}
