/**
 * Makes of the sources what the command runs: one file per thread, and a few that are loaded when they are needed.
 *
 * Finding, reading and stripping some hundred files, five times over, is half of what a start takes. The command calls
 * this when there is no folder for the sources as they are; its name tells them apart, so none is ever out of date.
 * Where it cannot be done, the folder has the server run from its sources.
 */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = (path) => join(root, 'src', path)
const MAIN = source('main.ts')
const THREADS = ['store/thread.ts', 'engine/contents-thread.ts', 'engine/answer-thread.ts', 'engine/stream-thread.ts']

/** Servers of some versions may run at once, and load from their folders what they need later. */
const FOLDERS_KEPT = 4
const HOUR_MS = 3_600_000

const [folder] = process.argv.slice(2)
const making = `${folder}.${process.pid}`
try {
  mkdirSync(making, { recursive: true })
} catch (error) {
  complain(error)
  process.exit()
}
try {
  await bundle()
} catch (error) {
  complain(error)
  writeFileSync(join(making, 'main.mjs'), `import ${text(pathToFileURL(MAIN))}\n`)
}
try {
  renameSync(making, folder)
} catch {
  rmSync(making, { recursive: true }) // another start has just done the same
}
try {
  removeOld()
} catch {
  // Another start is at it.
}

async function bundle() {
  const { build } = await import('esbuild')
  const common = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    outdir: making,
    entryNames: '[name]',
    // By this name Node.js knows what it is without looking for a package or into the file.
    outExtension: { '.js': '.mjs' },
    external: ['koffi'], // which has machine code, and is loaded only if it is wanted
    legalComments: 'none',
    logLevel: 'silent',
    // What is not a module yet, of the packages we use, calls `require`.
    banner: {
      js: "import { createRequire as toRequire } from 'node:module'; const require = toRequire(import.meta.url)",
    },
    plugins: [{ name: 'places', setup: ({ onLoad }) => onLoad({ filter: /\/src\/.*\.ts$/ }, keepPlaces) }],
  }
  await Promise.all([
    build({ ...common, entryPoints: [MAIN], splitting: true, chunkNames: '[name]-[hash]' }),
    build({ ...common, entryPoints: THREADS.map(source) }),
  ])
}

/** A source finds files beside it as if it still stood there; threads are found in the folder. */
function keepPlaces({ path }) {
  const threads = new Set(THREADS.map(source))
  const contents = readFileSync(path, 'utf8')
    .replaceAll('import.meta.url', text(pathToFileURL(path)))
    .replaceAll(/'(\.\/[\w-]*thread\.ts)'/g, (as, name) =>
      threads.has(resolve(dirname(path), name))
        ? text(pathToFileURL(join(folder, basename(name, '.ts') + '.mjs')))
        : as,
    )
  return { contents, loader: 'ts' }
}

function removeOld() {
  const beside = dirname(folder)
  const others = readdirSync(beside)
    .filter((name) => name.startsWith('program-') && join(beside, name) !== folder)
    .map((name) => ({ path: join(beside, name), at: statSync(join(beside, name)).mtimeMs, made: !name.includes('.') }))
    .toSorted((one, other) => other.at - one.at)
  const abandoned = others.filter(({ made, at }) => !made && Date.now() - at > HOUR_MS)
  const old = others.filter(({ made }) => made).slice(FOLDERS_KEPT)
  for (const { path } of [...old, ...abandoned]) rmSync(path, { recursive: true, force: true })
}

function complain(error) {
  process.stderr.write(
    `twinzone: runs from its sources, which takes longer to start: ${error.message.split('\n')[0]}\n`,
  )
}

function text(value) {
  return JSON.stringify(String(value))
}
