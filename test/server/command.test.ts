/** `bin/twinzone` before there is a server: which Node.js it takes, and when it looks whether everything is there. */

import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
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
  copyFileSync(join(root, 'package-lock.json'), join(root, 'node_modules', '.package-lock.json'))
  writeFileSync(join(root, 'src', 'main.ts'), 'console.log(JSON.stringify(process.argv.slice(2)))')
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
  return { root, run, calls: () => readFileSync(calls, 'utf8').split('\n').slice(0, -1) }
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
  writeFileSync(own, '#!/bin/sh\ncase $* in *prepare.mjs) echo "$0" ;; *) echo mine ;; esac\n', { mode: 0o755 })
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

test('nothing stays in front of the server', async (context) => {
  const one = await Served.begin(context)
  expect(dirname(readlinkSync(`/proc/${one.processId}/exe`))).toBe(dirname(process.execPath))
})
