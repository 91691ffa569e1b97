import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseInstant, parseKey, parsePrimary, parseWhole } from './arguments.ts'

test.each([
  ['192.0.2.1', '192.0.2.1', 53],
  ['192.0.2.1:5353', '192.0.2.1', 5353],
  ['2001:db8::1', '2001:db8::1', 53],
  ['[2001:db8::1]', '2001:db8::1', 53],
  ['[2001:db8::1]:5353', '2001:db8::1', 5353],
])('the primary %s is %s port %i', (text, ip, port) => {
  expect(parsePrimary(text)).toEqual({ ip, port })
})

test.each([
  '',
  'ns1.example.org',
  '192.0.2.1:',
  '192.0.2.1:0',
  '192.0.2.1:65536',
  '[2001:db8::1',
  '192.0.2.300',
  '1:2',
])('the primary "%s" is refused', (text) => {
  expect(() => parsePrimary(text)).toThrow(`found "${text}"`)
})

test('a key has three parts, and a wrong one is not repeated in the message', () => {
  expect(parseKey('k.example:hmac-sha256:c2VjcmV0')).toEqual({
    name: 'k.example',
    algo: 'hmac-sha256',
    secret: 'c2VjcmV0',
  })
  expect(() => parseKey('k.example:c2VjcmV0')).toThrow('expected a key as NAME:ALGORITHM:SECRET')
  expect(() => parseKey('k.example:c2VjcmV0')).not.toThrow('c2VjcmV0')
})

test('the secret of a key may be in a file', ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'key-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'a:key')
  writeFileSync(path, 'c2VjcmV0\n')
  expect(parseKey(`k.example:hmac-sha256:@${path}`)).toMatchObject({ name: 'k.example', secret: 'c2VjcmV0' })
  expect(() => parseKey(`k.example:hmac-sha256:@${path}.not`)).toThrow(
    `cannot read ${path}.not (secret of the key k.example)`,
  )
})

test('a number out of bounds is refused with both', () => {
  expect(parseWhole('seconds', { min: 300, max: 86_400 })('300')).toBe(300)
  expect(() => parseWhole('seconds', { min: 300, max: 86_400 })('299')).toThrow('from 300 to 86400, found "299"')
})

test.each([
  ['2030-01-31', '2030-01-31T00:00:00Z'],
  ['2028-02-29', '2028-02-29T00:00:00Z'],
  ['2030-01-31T12:00:00+01:00', '2030-01-31T11:00:00Z'],
  ['2030-01-31t12:00:00.5z', '2030-01-31T12:00:00Z'],
  ['12h', '2026-04-05T12:00:00Z'],
  ['90d', '2026-07-04T00:00:00Z'],
  ['2w', '2026-04-19T00:00:00Z'],
])('the time %s is %s', (text, instant) => {
  expect(parseInstant(text, Date.UTC(2026, 3, 5))).toBe(instant)
})

test.each([
  '',
  'tomorrow',
  '90',
  '1y',
  '-1d',
  '2030',
  '2030-13-01',
  '31.1.2030',
  '2030-02-31',
  '2029-02-29',
  '2030-02-31T12:00:00Z',
  '2030-01-31T12:00',
  '2030-01-31T12:00:00',
  '2030-01-31T25:00:00Z',
])('the time "%s" is refused', (text) => {
  expect(() => parseInstant(text, 0)).toThrow(`found "${text}"`)
})
