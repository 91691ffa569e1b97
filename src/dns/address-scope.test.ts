import { expect, test } from 'vitest'
import { isPublicAddress } from './address-scope.ts'
import { parseIpv4, parseIpv6 } from './address.ts'

test.each([
  ['192.0.2.1', true],
  ['9.255.255.255', true],
  ['10.0.0.1', false],
  ['11.0.0.0', true],
  ['100.63.255.255', true],
  ['100.64.0.1', false],
  ['100.127.255.255', false],
  ['100.128.0.0', true],
  ['127.0.0.1', false],
  ['169.254.1.1', false],
  ['172.15.0.1', true],
  ['172.16.0.1', false],
  ['172.31.255.255', false],
  ['172.32.0.0', true],
  ['192.168.1.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['0.0.0.0', false],
  ['2001:db8::1', true],
  ['::', false],
  ['::1', false],
  ['::ffff:192.0.2.1', true],
  ['fc00::1', false],
  ['fdff::1', false],
  ['fe00::1', true],
  ['fe80::1', false],
  ['febf::1', false],
  ['ff02::1', false],
])('%s is an address for all the world: %s', (text, expected) => {
  expect(isPublicAddress((parseIpv4(text) ?? parseIpv6(text)) as Uint8Array)).toBe(expected)
})
