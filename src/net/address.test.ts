import { describe, expect, test } from 'vitest'
import { AddressError, addressOctets, clientOf, parseAddress, parseEndpoint, printEndpoint } from './address.ts'

describe('an endpoint is read and printed', () => {
  test.each([
    ['192.0.2.1:5353', '192.0.2.1', 5353, '192.0.2.1:5353'],
    ['192.0.2.1', '192.0.2.1', 53, '192.0.2.1:53'],
    ['[2001:db8::1]:5353', '2001:db8::1', 5353, '[2001:db8::1]:5353'],
    ['[2001:DB8:0:0:0:0:0:1]', '2001:db8::1', 53, '[2001:db8::1]:53'],
    ['2001:db8::1', '2001:db8::1', 53, '[2001:db8::1]:53'],
    ['::', '::', 53, '[::]:53'],
    ['0.0.0.0:0', '0.0.0.0', 0, '0.0.0.0:0'],
    ['[fe80::1%eth0]:53', 'fe80::1%eth0', 53, '[fe80::1%eth0]:53'],
    ['[::ffff:192.0.2.1]:53', '192.0.2.1', 53, '192.0.2.1:53'],
    ['::ffff:c000:201', '192.0.2.1', 53, '192.0.2.1:53'],
  ])('%s', (text, address, port, printed) => {
    expect(parseEndpoint(text)).toEqual({ address, port })
    expect(printEndpoint(parseEndpoint(text))).toBe(printed)
  })
})

describe('what is no endpoint is refused with what was seen and expected', () => {
  test.each([
    ['', /^expected an address as 192\.0\.2\.1, .* found ""$/],
    ['ns1.example.org', /found "ns1\.example\.org"$/],
    ['192.0.2.256', /found "192\.0\.2\.256"/],
    ['192.0.2.1:', /^expected a port from 0 to 65535, found "" in "192\.0\.2\.1:"$/],
    ['192.0.2.1:65536', /found "65536"/],
    ['192.0.2.1:-1', /found "-1"/],
    ['192.0.2.1:53x', /found "53x"/],
    ['[192.0.2.1]:53', /expected an address/],
    ['[2001:db8::1', /expected an address/],
    ['[2001:db8::1]53', /expected an address/],
    ['2001:db8::1::', /expected an address/],
    ['fe80::1%', /expected an address/],
    ['192.0.2.1%eth0', /expected an address/],
  ])('"%s"', (text, said) => {
    expect(() => parseEndpoint(text)).toThrow(said)
    expect(() => parseEndpoint(text)).toThrow(AddressError)
  })
})

test('an address has the same octets however it is written', () => {
  expect(addressOctets('192.0.2.1')).toEqual(Uint8Array.of(192, 0, 2, 1))
  expect(addressOctets('::ffff:192.0.2.1')).toEqual(Uint8Array.of(192, 0, 2, 1))
  expect(addressOctets('fe80::1%eth0')).toEqual(addressOctets('fe80:0::1'))
  expect(addressOctets('nonsense')).toBeUndefined()
  expect(parseAddress('::FFFF:192.0.2.1')).toBe('192.0.2.1')
})

test('hosts of one IPv6 network share their limits', () => {
  expect(clientOf('192.0.2.1')).toBe('192.0.2.1')
  expect(clientOf('2001:db8:1:2:3::4')).toBe('2001:db8:1:2::/64')
  expect(clientOf('2001:db8:1:2::')).toBe(clientOf('2001:db8:1:2:ffff::'))
})
