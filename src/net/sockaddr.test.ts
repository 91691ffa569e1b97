import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { endpointAt, socketAddress } from './sockaddr.ts'

const ZEROS = [0, 0, 0, 0, 0, 0, 0, 0]

test.each(['0.0.0.0', '192.0.2.255', '::', '::1', '2001:db8::a:1'])('%s and a port are written and read', (address) => {
  const endpoint = { address, port: 0xfe01 }
  const octets = socketAddress(endpoint)
  expect(octets).toHaveLength(address.includes(':') ? 28 : 16)
  expect(endpointAt(octets, 0)).toEqual(endpoint)
})

test('fields are where Linux has them', () => {
  expect([...socketAddress({ address: '192.0.2.1', port: 53 })]).toEqual([[2, 0, 0, 53, 192, 0, 2, 1], ZEROS].flat())
  expect([...socketAddress({ address: 'fe80::1%7', port: 0x1234 })]).toEqual(
    [[10, 0, 0x12, 0x34, 0, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0], ZEROS.with(7, 1), [7, 0, 0, 0]].flat(),
  )
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
