import assert from 'node:assert'
import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseIpv4, parseIpv6, printIpv4, printIpv6 } from './address.ts'
import { hexText } from './octets.ts'

const octets = (count: number) => fc.uint8Array({ minLength: count, maxLength: count })

test('IPv6 addresses are printed in the one form of RFC 5952', () => {
  for (const [given, printed] of [
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::192.0.2.1', '::c000:201'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:0:0', '::ffff:0.0.0.0'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ] as const) {
    expect(printIpv6(parseIpv6(given) as Uint8Array), given).toBe(printed)
  }
})

test('every address reads back from its text', () => {
  fc.assert(fc.property(octets(4), (address) => assert.deepEqual(parseIpv4(printIpv4(address)), address)))
  const sparse = fc
    .tuple(octets(16), octets(16))
    .map(([a, mask]) => a.map((octet, at) => ((mask[at] as number) < 150 ? 0 : octet)))
  fc.assert(fc.property(sparse, (address) => assert.deepEqual(parseIpv6(printIpv6(address)), address)))
})

test('what Node takes for an address is one here, and nothing else', () => {
  const text = fc.stringMatching(/^[0-9a-f:.]{0,24}$/)
  const groups = fc.array(fc.constantFrom('', '0', '1', 'ffff', '12345', '1.2.3.4', 'g'), { maxLength: 9 })
  for (const texts of [text, groups.map((parts) => parts.join(':')), fc.ipV6(), fc.ipV4(), fc.ipV4Extended()]) {
    fc.assert(
      fc.property(texts, (text) => {
        assert.equal(parseIpv4(text) !== undefined, isIPv4(text), text)
        assert.equal(parseIpv6(text) !== undefined, isIPv6(text), text)
      }),
      { numRuns: 2000 },
    )
  }
})

test('addresses that are almost right are refused', () => {
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '1..2.3',
    ' 1.2.3.4',
    '0x1.1.1.1',
  ]) {
    expect(parseIpv4(text), text).toBeUndefined()
  }
  for (const text of [
    '',
    ':',
    ':::',
    '1:',
    ':1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '::1%eth0',
    '1:2:3:4:5:6:7:8:9',
    '::1.2.3',
    '1.2.3.4',
  ]) {
    expect(parseIpv6(text), text).toBeUndefined()
  }
  expect(hexText(parseIpv6('::') as Uint8Array)).toBe('00'.repeat(16))
})
