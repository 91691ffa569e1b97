import { expect, test } from 'vitest'
import { parseKey, parsePrimary, parseWhole } from './arguments.ts'

test.each([
  ['192.0.2.1', '192.0.2.1', 53],
  ['192.0.2.1:5353', '192.0.2.1', 5353],
  ['2001:db8::1', '2001:db8::1', 53],
  ['[2001:db8::1]', '2001:db8::1', 53],
  ['[2001:db8::1]:5353', '2001:db8::1', 5353],
])('the primary %s is %s port %i', (text, ip, port) => {
  expect(parsePrimary(text)).toEqual({ ip, port })
})

test.each(['', 'ns1.example.org', '192.0.2.1:', '192.0.2.1:0', '192.0.2.1:65536', '[2001:db8::1'])(
  'the primary "%s" is refused',
  (text) => {
    expect(() => parsePrimary(text)).toThrow(`found "${text}"`)
  },
)

test('a key has three parts, and a wrong one is not repeated in the message', () => {
  expect(parseKey('k.example:hmac-sha256:c2VjcmV0')).toEqual({
    name: 'k.example',
    algo: 'hmac-sha256',
    secret: 'c2VjcmV0',
  })
  expect(() => parseKey('k.example:c2VjcmV0')).toThrow('expected a key as NAME:ALGORITHM:SECRET')
  expect(() => parseKey('k.example:c2VjcmV0')).not.toThrow('c2VjcmV0')
})

test('a number out of bounds is refused with both', () => {
  expect(parseWhole('seconds', { min: 300, max: 86_400 })('300')).toBe(300)
  expect(() => parseWhole('seconds', { min: 300, max: 86_400 })('299')).toThrow('from 300 to 86400, found "299"')
})
