import { describe, expect, test } from 'vitest'
import { checkServerCookie, makeServerCookie, writeServerCookie } from './cookie.ts'
import { concatOctets, hexOctets, hexText } from './octets.ts'

const SECRET = hexOctets('e5e973e5a6b2a43f48e7dc849e37bfcf')
const CLIENT = hexOctets('2464c4abcf10c957')
const ADDRESS = Uint8Array.of(198, 51, 100, 100)
const MADE = 1_559_731_985_000

/** A client cookie with the server cookie for it. */
const cookieMadeAt = (now: number, secret = SECRET): Uint8Array =>
  concatOctets(CLIENT, makeServerCookie(CLIENT, ADDRESS, secret, now))

describe('CK-02 the examples of RFC 9018 Appendix A', () => {
  const other = Uint8Array.of(203, 0, 113, 203)
  const ipv6 = hexOctets('20010db80220000159ded0f4876982b8')
  const newSecret = hexOctets('445536bcd2513298075a5d379663c962')

  test.each([
    ['A.1 learning a new cookie', CLIENT, ADDRESS, SECRET, 1_559_731_985, '010000005cf79f111f8130c3eee29480'],
    ['A.2 renewing it', CLIENT, ADDRESS, SECRET, 1_559_734_385, '010000005cf7a871d4a564a1442aca77'],
    [
      'A.3 another client',
      hexOctets('fc93fc62807ddb86'),
      other,
      SECRET,
      1_559_734_700,
      '010000005cf7a9acf73a7810aca2381e',
    ],
    [
      'A.4 IPv6, new secret',
      hexOctets('22681ab97d52c298'),
      ipv6,
      newSecret,
      1_559_741_961,
      '010000005cf7c609a6bb79d16625507a',
    ],
  ])('%s', (_, client, address, secret, seconds, cookie) => {
    expect(hexText(makeServerCookie(client, address, secret, seconds * 1000))).toBe(cookie)
  })

  test('A.3 the reserved octets of another server are part of what was hashed', () => {
    const cookie = hexOctets('fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5')
    expect(checkServerCookie(cookie, other, [SECRET], 1_559_727_985_000)).toBe('fresh')
    expect(checkServerCookie(cookie, other, [SECRET], 1_559_734_700_000)).toBe('stale')
  })

  test('A.4 a cookie made with the old secret is good, and to be renewed', () => {
    const cookie = hexOctets('22681ab97d52c298010000005cf7c57926556bd0934c72f8')
    const old = hexOctets('dd3bdf9344b678b185a6f5cb60fca715')
    expect(checkServerCookie(cookie, ipv6, [newSecret, old], 1_559_741_961_000)).toBe('aging')
    expect(checkServerCookie(cookie, ipv6, [newSecret], 1_559_741_961_000)).toBe('foreign')
  })
})

test.each([
  [-301, 'early'],
  [-300, 'fresh'],
  [0, 'fresh'],
  [1800, 'fresh'],
  [1801, 'aging'],
  [3600, 'aging'],
  [3601, 'stale'],
])('CK-03 a cookie %d s old is %s', (ageSeconds, verdict) => {
  expect(checkServerCookie(cookieMadeAt(MADE), ADDRESS, [SECRET], MADE + ageSeconds * 1000)).toBe(verdict)
})

test.each([1, 7, 9, 15, 41])('CK-01 a cookie of %d octets is malformed', (length) => {
  expect(checkServerCookie(new Uint8Array(length), ADDRESS, [SECRET], MADE)).toBe('malformed')
})

test.each([16, 23, 25, 40])('CK-01 a cookie of %d octets is well-formed, if not ours', (length) => {
  expect(checkServerCookie(new Uint8Array(length).fill(1), ADDRESS, [SECRET], MADE)).toBe('foreign')
})

test('CK-01 a client cookie alone asks for a server cookie', () => {
  expect(checkServerCookie(CLIENT, ADDRESS, [SECRET], MADE)).toBe('client only')
})

test('CK-02 every octet of cookie, address and secret counts', () => {
  const cookie = cookieMadeAt(MADE)
  for (let at = 0; at < cookie.length; at++) {
    const changed = cookie.slice()
    changed[at] = (changed[at] as number) ^ 0x40
    expect(checkServerCookie(changed, ADDRESS, [SECRET], MADE)).toBe('foreign')
  }
  expect(checkServerCookie(cookie, Uint8Array.of(198, 51, 100, 101), [SECRET], MADE)).toBe('foreign')
  expect(checkServerCookie(cookie, ADDRESS, [SECRET.with(15, 0)], MADE)).toBe('foreign')
  expect(checkServerCookie(cookie, ADDRESS, [], MADE)).toBe('foreign')
})

test('CK-05 two secrets are good during a rollover, in either order', () => {
  const next = hexOctets('000102030405060708090a0b0c0d0e0f')
  expect(checkServerCookie(cookieMadeAt(MADE), ADDRESS, [SECRET, next], MADE)).toBe('fresh')
  expect(checkServerCookie(cookieMadeAt(MADE, next), ADDRESS, [SECRET, next], MADE)).toBe('aging')
  expect(checkServerCookie(cookieMadeAt(MADE, next), ADDRESS, [next, SECRET], MADE)).toBe('fresh')
})

test.each([
  ['2038', 2 ** 31],
  ['2106', 2 ** 32],
])('CK-05 cookies survive the turn of the clock in %s', (_, seconds) => {
  const cookie = cookieMadeAt((seconds - 10) * 1000)
  expect(checkServerCookie(cookie, ADDRESS, [SECRET], (seconds + 10) * 1000)).toBe('fresh')
  expect(checkServerCookie(cookie, ADDRESS, [SECRET], (seconds + 3000) * 1000)).toBe('aging')
  expect(checkServerCookie(cookieMadeAt((seconds + 10) * 1000), ADDRESS, [SECRET], (seconds - 10) * 1000)).toBe('fresh')
})

test('a cookie is checked and written where it stands in a message', () => {
  const message = concatOctets(Uint8Array.of(1, 2, 3), cookieMadeAt(MADE), Uint8Array.of(4))
  expect(checkServerCookie(message, ADDRESS, [SECRET], MADE, 3, 24)).toBe('fresh')
  const out = new Uint8Array(18)
  writeServerCookie(out, 1, message, 3, ADDRESS, SECRET, MADE)
  expect(hexText(out)).toBe('00010000005cf79f111f8130c3eee2948000')
})

test('a secret has sixteen octets', () => {
  expect(() => makeServerCookie(CLIENT, ADDRESS, SECRET.subarray(1), MADE)).toThrow('not 15')
})
