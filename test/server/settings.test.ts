import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask } from '../interop/ask.ts'
import { isFree, printEndpoint } from '../interop/endpoint.ts'
import type { Endpoint } from '../interop/endpoint.ts'
import { RCODE } from '../hostile/message.ts'
import { Served, twinzone } from './process.ts'

function file(one: Served, name: string, text: string): string {
  const path = join(one.folder, name)
  writeFileSync(path, text)
  return path
}

const answers = async (to: Endpoint): Promise<boolean> =>
  (await ask(to, { name: 'example.org.', timeoutMs: 5000 }))?.rcode === RCODE.REFUSED

const DEFAULTS = [
  { address: '127.0.0.1', port: 5300 },
  { address: '::1', port: 5300 },
]

test('without settings it is ./data, port 5300 on both loopback addresses, and port 8053', async (context) => {
  const wanted = [...DEFAULTS, { address: '127.0.0.1', port: 8053 }]
  const free = await Promise.all(wanted.map((endpoint) => isFree(endpoint)))
  context.skip(free.includes(false), 'somebody uses the default ports')
  const one = await Served.prepare(context)
  one.environment = {}
  const cwd = join(one.folder, 'somewhere')
  mkdirSync(cwd)
  await one.start({ cwd })
  expect(one.readyLine).toBe('twinzone is ready: DNS on 127.0.0.1:5300, [::1]:5300; HTTP on http://127.0.0.1:8053')
  expect(await Promise.all(DEFAULTS.map(answers))).toEqual([true, true])
  expect((await fetch('http://127.0.0.1:8053/readyz')).status).toBe(200)
  expect(readdirSync(join(cwd, 'data')).sort()).toEqual(expect.arrayContaining(['seal.key', 'twinzone.db']))
  expect(statSync(join(cwd, 'data')).mode & 0o007, 'the data directory is not for others').toBe(0)
  expect(statSync(join(cwd, 'data', 'seal.key')).mode & 0o777).toBe(0o600)
})

test('a YAML file sets what it says, and the environment beats it', async (context) => {
  const [one, other] = [await Served.prepare(context), await Served.prepare(context)]
  const dns = [printEndpoint(one.dns), printEndpoint({ ...other.dns, address: '::1' })]
  const path = file(
    one,
    'twinzone.yaml',
    [
      '# yaml-language-server: $schema=docs/twinzone.schema.json',
      `data: ${join(one.folder, 'from-file')}`,
      `dns: [${dns.map((text) => `"${text}"`).join(', ')}]`,
      `http: ${printEndpoint(one.http)}`,
      'nameServers: [ns1.example.net, ns2.example.net]',
      'log: pretty',
      'adminToken: a_token_that_stands_in_the_file',
    ].join('\n'),
  )
  one.environment = { TWINZONE_ADMIN_TOKEN: 'a_token_of_the_environment', TWINZONE_LOG: 'json' }
  await one.start({ args: ['--config', path] })
  expect(one.readyLine).toBe(`twinzone is ready: DNS on ${dns.join(', ')}; HTTP on ${one.url}`)
  expect(await Promise.all([answers(one.dns), answers({ ...other.dns, address: '::1' })])).toEqual([true, true])
  expect(readdirSync(join(one.folder, 'from-file'))).toContain('twinzone.db')
  const status = async (token: string) => (await one.fetch('/client/v4/user/tokens/verify', { token })).status
  expect(await status('a_token_of_the_environment')).toBe(200)
  expect(await status('a_token_that_stands_in_the_file')).not.toBe(200)
  expect(
    one.lines.filter((line) => line.includes('API token')),
    'a token that was given is not printed',
  ).toEqual([])
  expect(one.log()).toMatch(/^\{.*"msg":"ready"\}$/m)
})

test('secrets can come from files', async (context) => {
  const one = await Served.prepare(context)
  const key = Buffer.alloc(32, 7).toString('base64')
  one.environment = {
    ...one.environment,
    TWINZONE_ADMIN_TOKEN_FILE: file(one, 'token', 'a_token_that_stands_in_a_file\n'),
    TWINZONE_KEY_FILE: file(one, 'key', `${key}\n`),
  }
  await one.start()
  const verified = await one.fetch('/client/v4/user/tokens/verify', { token: 'a_token_that_stands_in_a_file' })
  expect(verified.status).toBe(200)
  expect(readdirSync(one.data)).not.toContain('seal.key')
})

test('`config check` says whether a file is usable, and if not, where', async (context) => {
  const one = await Served.prepare(context)
  const good = file(one, 'good.yaml', 'log: json\nlimits:\n  transfersIn: 5\n')
  const bad = file(one, 'bad.yaml', 'log: json\nlimits:\n  transfersIn: 0\n')
  const broken = file(one, 'broken.yaml', 'log: json\ndns: [127.0.0.1:53\n')
  const address = file(one, 'address.yaml', 'dns:\n  - 127.0.0.1:53\n  - ns1.example.org\n')
  const check = async (path: string) => twinzone(['config', 'check', path])
  expect(await check(good)).toEqual({ code: 0, stdout: `${good} is usable\n`, stderr: '' })
  expect(await check(bad)).toEqual({
    code: 1,
    stdout: '',
    stderr: `twinzone: setting "limits.transfersIn" must be >= 1, found 0 (${bad}:3:16)\n`,
  })
  expect(await check(broken)).toMatchObject({ code: 1, stderr: expect.stringContaining(`${broken}:`) })
  expect((await check(address)).stderr).toContain(`found "ns1.example.org" (${address}:3:5)`)
  expect((await check(join(one.folder, 'none.yaml'))).stderr).toContain('cannot read')
  expect((await twinzone(['config', 'check'])).code).toBe(2)
})

test.for([
  ['TWINZONE_DNS', '127.0.0.1:dns'],
  ['TWINZONE_HTTP', '8053'],
  ['TWINZONE_XFR_ALLOW', '127.0.0.0/33'],
  ['TWINZONE_ADMIN_TOKEN', 'short'],
  ['TWINZONE_LOG', 'xml'],
  ['TWINZONE_UDP', 'fast'],
  ['TWINZONE_ANSWER_THREADS', 'many'],
] as const)('%s=%s is refused by name, before anything is made', async ([name, value], context) => {
  const one = await Served.prepare(context, { [name]: value })
  expect(await one.startOrEnd()).toEqual({ code: 1, signal: null })
  expect(one.log()).toContain(`(${name})`)
  expect(one.log()).not.toContain('    at ')
  expect(readdirSync(one.folder)).not.toContain('data')
})

test('UDP is answered plainly, and by as many threads, where that is set; the log and a metric say so', async (context) => {
  const one = await Served.begin(context, { TWINZONE_UDP: 'plain', TWINZONE_ANSWER_THREADS: '3' })
  expect(one.log().match(/"way":"plain","reason":"as set","msg":"udp"/g)).toHaveLength(3)
  const metrics = await (await fetch(`${one.url}/metrics`)).text()
  expect(metrics).toContain('twinzone_udp_threads{way="batched"} 0\ntwinzone_udp_threads{way="plain"} 3\n')
  expect(await Promise.all(Array.from({ length: 20 }, () => answers(one.dns)))).not.toContain(false)
})

test('a file of settings that is wrong stops the start with its place', async (context) => {
  const one = await Served.prepare(context)
  const path = file(one, 'twinzone.yaml', 'secondary:\n  ixfr: sometimes\n')
  expect(await one.startOrEnd({ args: ['--config', path] })).toEqual({ code: 1, signal: null })
  expect(one.log()).toContain(
    `setting "secondary.ixfr" must be one of "off", "on", "udp first", found "sometimes" (${path}:2:9)`,
  )
})

test('a data directory that cannot be one is told in a sentence', async (context) => {
  const one = await Served.prepare(context)
  one.environment = { ...one.environment, TWINZONE_DATA: join(file(one, 'a-file', ''), 'data') }
  expect(await one.startOrEnd()).toEqual({ code: 1, signal: null })
  expect(one.log()).toMatch(/^twinzone: cannot make the data directory .*a-file\/data/m)
})
