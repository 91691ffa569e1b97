import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadConfig, VARIABLES } from './config.ts'
import { Settings } from './settings.ts'

const fromText = (text: string, environment = {}) =>
  loadConfig({ path: 'twinzone.yaml', environment }, (path) =>
    path === 'twinzone.yaml' ? text : `content of ${path}\n`,
  )

test('without a file every setting has its default', () => {
  const settings = loadConfig({ environment: {} })
  expect(settings).toMatchObject({ data: './data', http: '127.0.0.1:8053', log: 'json', transferAllow: [] })
  expect(settings.dns).toEqual(['127.0.0.1:5300', '[::1]:5300'])
  expect(settings.limits.transferRateMin).toEqual({ octets: 10_240, seconds: 300 })
})

test('the environment beats the file', () => {
  const settings = fromText('data: /file\nhttp: 127.0.0.1:1\n', {
    TWINZONE_DATA: '/env',
    TWINZONE_DNS: '127.0.0.1:1, [::1]:1',
  })
  expect(settings).toMatchObject({ data: '/env', http: '127.0.0.1:1', dns: ['127.0.0.1:1', '[::1]:1'] })
})

test('a secret can come from a file', () => {
  expect(fromText('', { TWINZONE_ADMIN_TOKEN_FILE: '/run/secret/token' }).adminToken).toBe(
    'content of /run/secret/token',
  )
})

const VALUES: Readonly<Record<string, string>> = {
  TWINZONE_DATA: '/srv',
  TWINZONE_DNS: '192.0.2.1:53',
  TWINZONE_HTTP: '192.0.2.1:80',
  TWINZONE_HTTPS: '192.0.2.1:443',
  TWINZONE_ADMIN_TOKEN: 'x'.repeat(20),
  TWINZONE_KEY: Buffer.alloc(32).toString('base64'),
  TWINZONE_LOG: 'pretty',
  TWINZONE_LOG_LEVEL: 'warn',
  TWINZONE_XFR_ALLOW: '192.0.2.0/24',
  TWINZONE_UDP: 'plain',
  TWINZONE_ANSWER_THREADS: '2',
}

test.each(Object.keys(VARIABLES))('%s is in the README, and a file that %s_FILE names can hold it', (name) => {
  expect(readFileSync('README.md', 'utf8')).toContain(`| \`${name}\` |`)
  const read = (path: string) => VALUES[path] ?? ''
  const told = loadConfig({ environment: { [name]: VALUES[name] } }, read)
  expect(loadConfig({ environment: { [`${name}_FILE`]: name, [name]: 'unused' } }, read)).toEqual(told)
  expect(told).not.toEqual(loadConfig({ environment: {} }, read))
})

test.each([
  ['limits:\n  checks: many\n', 'setting "limits.checks" must be integer, found "many" (twinzone.yaml:2:11)'],
  ['limits:\n  chekcs: 3\n', 'setting "limits.chekcs" is not a known setting (twinzone.yaml:2:3)'],
  ['threads:\n  answer: -1\n', 'setting "threads.answer" must be >= 0, found -1 (twinzone.yaml:2:11)'],
  ['limits:\n', 'setting "limits" must be object, found null (twinzone.yaml:1:1)'],
  ['log: xml\n', 'setting "log" must be one of "json", "pretty", found "xml" (twinzone.yaml:1:6)'],
  ['dns: []\n', 'setting "dns" must not have fewer than 1 items, found [] (twinzone.yaml:1:6)'],
  ['dns: [192.0.2.1, ns1]\n', 'setting "dns.1" is unusable: expected an address'],
  ['dns: ["192.0.2.1:0"]\n', 'expected a port from 1 to 65535, found "192.0.2.1:0" (twinzone.yaml:1:7)'],
  ['dns: [192.0.2.1, "192.0.2.1:53"]\n', '"192.0.2.1:53" is there twice (twinzone.yaml:1:18)'],
  ['http: 8053\n', 'setting "http" must be string, found 8053 (twinzone.yaml:1:7)'],
  ['http: "8053"\n', 'expected address:port (IPv6 in brackets), found "8053" (twinzone.yaml:1:7)'],
  ['transferAllow:\n  - 192.0.2.0/33\n', 'found "192.0.2.0/33" (twinzone.yaml:2:5)'],
  ['secondary:\n  localAddress: [192.0.2.1, 192.0.2.2]\n', '"192.0.2.2" (twinzone.yaml:2:29)'],
  ['secondary:\n  retryMin: 9\n  retryMax: 8\n', 'is above retryMax: found 9 and 8 (twinzone.yaml:2:13)'],
  ['- a\n', 'expected settings as "name: value" lines (twinzone.yaml:1:1)'],
  ['data: [\n', 'twinzone.yaml:2:1'],
])('%j is refused with its place', (text, message) => {
  expect(() => fromText(text)).toThrow(message)
})

test('what the environment sets is told with the name of the variable', () => {
  expect(() => fromText('transferAllow: []\n', { TWINZONE_XFR_ALLOW: '10.0.0.0/8,10.0.0' })).toThrow(
    'setting "transferAllow.1" is unusable: expected a network as 192.0.2.0/24 or 2001:db8::/32, found "10.0.0" (TWINZONE_XFR_ALLOW)',
  )
})

test('secrets that cannot be used are not repeated', () => {
  expect(() => fromText('adminToken: hush\n')).toThrow('must not have fewer than 20 characters, found 4 characters')
  expect(() => fromText('sealKey: c2hvcnQ=\n')).toThrow('expected the base64 of 32 octets as seal key, found 5 octets')
})

test('the JSON Schema that editors use is the one that validates', () => {
  const file = 'docs/twinzone.schema.json'
  if (process.env['TWINZONE_WRITE_SCHEMA'] !== undefined) writeFileSync(file, `${JSON.stringify(Settings, null, 2)}\n`)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(Settings)))
})
