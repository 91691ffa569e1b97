import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'
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

test.each([
  ['limits:\n  checks: many\n', 'setting "limits.checks" must be integer, found "many" (twinzone.yaml:2:11)'],
  ['limits:\n  chekcs: 3\n', 'setting "limits.chekcs" is not a known setting (twinzone.yaml:2:11)'],
  ['threads:\n  answer: 0\n', 'setting "threads.answer" must be >= 1, found 0 (twinzone.yaml:2:11)'],
  ['- a\n', 'expected settings as "name: value" lines (twinzone.yaml:1:1)'],
  ['data: [\n', 'twinzone.yaml:2:1'],
])('%j is refused with its place', (text, message) => {
  expect(() => fromText(text)).toThrow(message)
})

test('the JSON Schema that editors use is the one that validates', () => {
  expect(JSON.parse(readFileSync('docs/twinzone.schema.json', 'utf8'))).toEqual(JSON.parse(JSON.stringify(Settings)))
})
