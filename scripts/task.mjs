/** What `npm test`, `npm run check` and their relatives do. */

import { join } from 'node:path'
import { ensureInstalled, findNode, root, run } from './runtime.mjs'

const tool = (name) => join(root, 'node_modules', '.bin', name)
const script = (path, ...args) => [node, [join(root, path), ...args]]
const vitest = (project, ...args) => [
  node,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project, ...args],
]

ensureInstalled({ dev: true })
const node = findNode()
const [task, ...rest] = process.argv.slice(2)

const CHECK = [
  [tool('tsc'), ['-p', 'tsconfig.json']],
  [tool('tsc'), ['-p', 'tsconfig.pure.json']],
  [tool('oxlint'), ['--type-aware', '--deny-warnings']],
  [tool('oxfmt'), ['--check', '.']],
  [node, [tool('knip')]],
  vitest('unit'),
]

const TASKS = {
  check: CHECK,
  unit: [vitest('unit', ...rest)],
  api: [vitest('api', ...rest)],
  format: [[tool('oxfmt'), ['.']]],
  interop: [vitest('interop', ...rest)],
  crash: [vitest('crash', ...rest)],
  hostile: [vitest('hostile', ...rest)],
  server: [vitest('server', ...rest)],
  clients: [vitest('clients', ...rest)],
  simulate: [vitest('simulation', ...withEnvironment(rest, { '--seeds': 'TWINZONE_SEEDS' }))],
  fuzz: [vitest('fuzz', ...withEnvironment(rest, { '--seconds': 'TWINZONE_FUZZ_SECONDS' }))],
  bench: [script('bench/run.ts', ...rest)],
  soak: [script('bench/soak.ts', ...rest)],
  test: [
    ...CHECK,
    ...['api', 'simulation', 'fuzz', 'server', 'hostile', 'clients', 'crash', 'interop'].map((suite) => vitest(suite)),
  ],
}

/** Turns `--seeds 10000` into the environment variable the suite reads, and leaves the rest for vitest. */
function withEnvironment(args, names) {
  const left = []
  for (let at = 0; at < args.length; at++) {
    const variable = names[args[at]]
    if (variable === undefined) left.push(args[at])
    else process.env[variable] = args[++at]
  }
  return left
}

if (TASKS[task] === undefined) {
  process.stderr.write(`unknown task "${task}"; expected one of ${Object.keys(TASKS).join(', ')}\n`)
  process.exit(2)
}
// The tools start `node` by name: the one we found comes first.
const path = `${join(node, '..')}:${process.env.PATH}`
for (const [program, args] of TASKS[task]) {
  const code = await run(program, args, { PATH: path })
  if (code !== 0) process.exit(code)
}
