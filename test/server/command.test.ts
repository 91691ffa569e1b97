/** `bin/twinzone` before there is a server: which Node.js it takes, and when it looks whether everything is there. */

import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, type TestContext } from 'vitest'
import { removeFolder, temporaryFolder } from '../interop/daemon.ts'
import { ROOT, runProgram, Served } from './process.ts'

/** A copy of the command in which everything is installed; its program prints what it was given. */
function installed({ onTestFinished }: TestContext) {
  const root = temporaryFolder()
  onTestFinished(() => removeFolder(root))
  for (const folder of ['src', 'node_modules', 'path']) mkdirSync(join(root, folder))
  for (const what of ['bin', 'scripts', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, what), join(root, what), { recursive: true })
  for (const name of ['esbuild', '@esbuild'])
    symlinkSync(join(ROOT, 'node_modules', name), join(root, 'node_modules', name))
  copyFileSync(join(root, 'package-lock.json'), join(root, 'node_modules', '.package-lock.json'))
  for (const thread of ['store/thread', 'engine/contents-thread', 'engine/answer-thread', 'engine/stream-thread']) {
    mkdirSync(join(root, 'src', dirname(thread)), { recursive: true })
    writeFileSync(join(root, 'src', `${thread}.ts`), `console.log('${thread}')`)
  }
  const write = (program: string) => writeFileSync(join(root, 'src', 'main.ts'), program)
  write('const given: string[] = process.argv.slice(2); console.log(JSON.stringify(given))')
  // What stands on PATH writes down that it was called.
  const calls = join(root, 'calls')
  writeFileSync(calls, '')
  const program = (name: string, then: string) =>
    writeFileSync(join(root, 'path', name), `#!/bin/sh\necho ${name} >>'${calls}'\n${then}\n`, { mode: 0o755 })
  program('node', `exec '${process.execPath}' "$@"`)
  program('npm', `cp '${join(root, 'package-lock.json')}' '${join(root, 'node_modules', '.package-lock.json')}'`)
  const environment = { PATH: `${join(root, 'path')}:/usr/bin:/bin`, TWINZONE_NODE: undefined }
  const run = (args: readonly string[], command = join(root, 'bin', 'twinzone'), more = {}) =>
    runProgram(command, args, { cwd: root, environment: { ...environment, ...more } })
  return { root, write, run, calls: () => readFileSync(calls, 'utf8').split('\n').slice(0, -1) }
}

test('what was found at one start holds at the next, until packages are other ones', async (context) => {
  const { root, run, calls } = installed(context)
  const said = { code: 0, stderr: '', stdout: '["zone","add a"]\n' }
  expect(await run(['zone', 'add a'])).toEqual(said)
  expect(calls()).toEqual(['node'])
  expect(await run(['zone', 'add a'])).toEqual(said)
  expect(calls(), 'neither looked nor installed').toEqual(['node'])

  const wanted = join(root, 'package-lock.json')
  writeFileSync(wanted, readFileSync(wanted, 'utf8').replace(/("node_modules\/fastify": {\s+"version": ")/, '$19'))
  expect(await run(['zone', 'add a'])).toEqual({ ...said, stderr: 'twinzone: installing packages (once)\n' })
  expect(calls()).toEqual(['node', 'node', 'npm'])
  expect(await run(['zone', 'add a'])).toEqual(said)
  expect(calls()).toHaveLength(3)

  appendFileSync(join(root, 'node_modules', '.package-lock.json'), '\n')
  expect(await run(['zone', 'add a'])).toEqual(said)
  expect(calls(), 'looked').toEqual(['node', 'node', 'npm', 'node'])
})

test('it is found through links, as npx has them, and from any directory', async (context) => {
  const { root, run } = installed(context)
  mkdirSync(join(root, 'deep', 'bin'), { recursive: true })
  symlinkSync(root, join(root, 'deep', 'package'))
  symlinkSync('../package/bin/twinzone', join(root, 'deep', 'bin', 'twinzone'))
  expect(await run(['status'], join(root, 'deep', 'bin', 'twinzone'))).toMatchObject({
    code: 0,
    stdout: '["status"]\n',
  })
  expect(await run(['status'], './deep/bin/twinzone')).toMatchObject({ code: 0, stdout: '["status"]\n' })
  const found = { PATH: `${join(root, 'deep', 'bin')}:${join(root, 'path')}:/usr/bin:/bin` }
  expect(await run(['status'], 'twinzone', found)).toMatchObject({ code: 0, stdout: '["status"]\n' })
})

test('TWINZONE_NODE goes before what was found', async (context) => {
  const { root, run, calls } = installed(context)
  await run([])
  const own = join(root, 'own-node')
  writeFileSync(own, '#!/bin/sh\ncase $* in *prepare.mjs) echo "$0" ;; *bundle.mjs*) ;; *) echo mine ;; esac\n', {
    mode: 0o755,
  })
  expect(await run([], undefined, { TWINZONE_NODE: own })).toEqual({ code: 0, stderr: '', stdout: 'mine\n' })
  expect(await run([])).toEqual({ code: 0, stderr: '', stdout: '[]\n' })
  expect(calls()).not.toContain('npm')
})

test('where packages cannot be installed it ends with 1 and says so', async (context) => {
  const { root, run } = installed(context)
  writeFileSync(join(root, 'path', 'npm'), '#!/bin/sh\nexit 7\n')
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{"packages":{}}')
  const { code, stdout, stderr } = await run(['serve'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('"npm install" failed')
})

test('what runs is always made of the sources as they are', async (context) => {
  const { root, write, run } = installed(context)
  const programs = () =>
    readdirSync(join(root, 'node_modules', '.cache', 'twinzone')).filter((name) => name.startsWith('program-'))
  const printing = (text: string) => ({ code: 0, stderr: '', stdout: `${text}\n` })
  for (const text of ['one', 'two', 'one']) {
    write(`const text: string = '${text}'; console.log(text)`)
    expect(await run([])).toEqual(printing(text))
  }
  expect(programs()).toHaveLength(2)
  for (const number of [1, 2, 3, 4, 5, 6]) {
    write(`console.log(${number})`)
    expect((await Promise.all([run([]), run([])])).at(-1)).toEqual(printing(`${number}`))
  }
  expect(programs(), 'old ones are removed').toHaveLength(5)
})

test('a file knows its place in the sources, and threads run too', async (context) => {
  const { root, write, run } = installed(context)
  const thread = `import { Worker } from 'node:worker_threads'; export const begin = () => new Worker(new URL('./thread.ts', import.meta.url))`
  writeFileSync(join(root, 'src', 'store', 'client.ts'), thread)
  write(`import { begin } from './store/client.ts'; console.log(import.meta.url); begin()`)
  const place = pathToFileURL(join(root, 'src', 'main.ts')).href
  expect(await run([])).toEqual({ code: 0, stderr: '', stdout: `${place}\nstore/thread\n` })
})

test('where nothing can be made of the sources, they run as they are', async (context) => {
  const { root, run } = installed(context)
  unlinkSync(join(root, 'node_modules', 'esbuild'))
  const said = { code: 0, stdout: '["status"]\n' }
  expect(await run(['status'])).toEqual({
    ...said,
    stderr: expect.stringContaining('twinzone: runs from its sources') as string,
  })
  expect(await run(['status']), 'that is told once').toEqual({ ...said, stderr: '' })
  writeFileSync(join(root, 'src', 'main.ts'), 'this is no program')
  expect(await run(['status'])).toMatchObject({ code: 1, stdout: '' })
})

test('nothing stays in front of the server', async (context) => {
  const one = await Served.begin(context)
  expect(dirname(readlinkSync(`/proc/${one.processId}/exe`))).toBe(dirname(process.execPath))
})
