import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { endpointAt, socketAddress } from './sockaddr.ts'

test.each(['0.0.0.0', '192.0.2.255', '::', '::1', '2001:db8::a:1'])('%s and a port are written and read', (address) => {
  const endpoint = { address, port: 0xfe01 }
  const octets = socketAddress(endpoint)
  expect(octets).toHaveLength(address.includes(':') ? 28 : 16)
  expect(endpointAt(octets, 0)).toEqual(endpoint)
})

test('fields are where Linux has them', () => {
  const hex = (address: string, port: number) => Buffer.from(socketAddress({ address, port })).toString('hex')
  expect(hex('192.0.2.1', 53)).toBe('02000035c00002010000000000000000')
  expect(hex('fe80::1%7', 0x1234)).toBe('0a00123400000000fe80000000000000000000000000000107000000')
})

test('a scope nobody knows by name stays a number', () => {
  expect(endpointAt(socketAddress({ address: 'fe80::1%4711', port: 53 }), 0).address).toBe('fe80::1%4711')
  expect(endpointAt(socketAddress({ address: 'fe80::1%nowhere', port: 53 }), 0).address).toBe('fe80::1')
})

test('a scope with a name is written with it', () => {
  const found = Object.entries(networkInterfaces())
    .flatMap(([name, all = []]) => all.map((one) => ({ name, one })))
    .find(({ one }) => one.family === 'IPv6' && one.scopeid > 0)
  const address = found === undefined ? 'fe80::1' : `fe80::1%${found.name}`
  expect(endpointAt(socketAddress({ address, port: 53 }), 0)).toEqual({ address, port: 53 })
})
