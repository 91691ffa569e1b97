import { describe, expect, test } from 'vitest'
import { parseName } from '../dns/name.ts'
import { base64Octets } from '../dns/octets.ts'
import type { TsigKey } from '../dns/tsig.ts'
import {
  decideNotify,
  decideTransfer,
  isInNetwork,
  parseAddress,
  parseNetwork,
  type AccessList,
  type Address,
  type Network,
} from './access.ts'

const address = (text: string) => parseAddress(text) as Address
const network = (text: string) => parseNetwork(text) as Network
const from = (text: string, key?: string) => ({
  address: address(text),
  key: key === undefined ? undefined : keyNamed(key),
})

const keyNamed = (name: string, secret = 'c2VjcmV0'): TsigKey => ({
  name: parseName(name),
  algorithm: 'hmac-sha256',
  secret: base64Octets(secret),
})

describe('networks', () => {
  test.each([
    ['192.0.2.53/28', '192.0.2.48', '192.0.2.64'],
    ['192.0.2.0/24', '192.0.2.255', '192.0.3.0'],
    ['192.0.2.7', '192.0.2.7', '192.0.2.6'],
    ['0.0.0.0/0', '255.255.255.255', '::1'],
    ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::'],
    ['2001:db8::5/128', '2001:db8::5', '2001:db8::4'],
    ['::/0', 'ffff::', '1.2.3.4'],
    ['::ffff:192.0.2.0/120', '192.0.2.9', '192.0.3.9'],
  ])('%s holds %s and not %s', (text, inside, outside) => {
    expect(isInNetwork(address(inside), network(text))).toBe(true)
    expect(isInNetwork(address(outside), network(text))).toBe(false)
  })

  test.each([
    '',
    '192.0.2',
    '192.0.2.1/33',
    '192.0.2.1/',
    '192.0.2.1/-1',
    '::/129',
    '::ffff:1.2.3.4/95',
    'a/24',
    '1.2.3.4/1e1',
  ])('"%s" is none', (text) => {
    expect(parseNetwork(text)).toBeUndefined()
  })

  test('case 42: mapped IPv4 and zone indexes make no difference', () => {
    expect(address('::ffff:192.0.2.1')).toEqual(address('192.0.2.1'))
    expect(address('::FFFF:C000:0201')).toEqual(address('192.0.2.1'))
    expect(address('fe80::1%eth0')).toEqual(address('fe80::1'))
    expect(parseAddress('fe80::1%')).toEqual(address('fe80::1'))
  })
})

const LIST: AccessList = {
  peers: [
    { id: 'open', address: address('192.0.2.1'), key: undefined },
    { id: 'keyed', address: address('192.0.2.2'), key: keyNamed('key.example.') },
    { id: 'old key', address: address('192.0.2.3'), key: keyNamed('old.') },
    { id: 'new key', address: address('192.0.2.3'), key: keyNamed('new.') },
  ],
  networks: [{ id: 'office', network: network('198.51.100.0/24') }],
}

describe('transfers', () => {
  test('AX-13 go to nobody by default', () => {
    const nobody = { peers: [], networks: [] }
    expect(decideTransfer(nobody, from('192.0.2.1'))).toEqual({ allowed: false, why: 'address not allowed' })
    expect(decideTransfer(LIST, from('192.0.2.9'))).toEqual({ allowed: false, why: 'address not allowed' })
    expect(decideTransfer(LIST, from('192.0.2.9', 'key.example.'))).toMatchObject({ allowed: false })
  })

  test('CF-094, CF-095: go to peers, with the key they have', () => {
    expect(decideTransfer(LIST, from('192.0.2.1'))).toEqual({ allowed: true, rule: 'peer open', peer: 'open' })
    expect(decideTransfer(LIST, from('192.0.2.1', 'any.'))).toMatchObject({ allowed: true })
    expect(decideTransfer(LIST, from('192.0.2.2'))).toEqual({ allowed: false, why: 'not signed' })
    expect(decideTransfer(LIST, from('192.0.2.2', 'old.'))).toEqual({ allowed: false, why: 'signed with another key' })
    expect(decideTransfer(LIST, from('192.0.2.2', 'KEY.Example.'))).toMatchObject({ allowed: true, peer: 'keyed' })
  })

  test('TS-19 two keys of one peer are good at once', () => {
    expect(decideTransfer(LIST, from('192.0.2.3', 'old.'))).toMatchObject({ peer: 'old key' })
    expect(decideTransfer(LIST, from('192.0.2.3', 'new.'))).toMatchObject({ peer: 'new key' })
  })

  test('go to the networks of the account, with a key of the zone if it has any', () => {
    expect(decideTransfer(LIST, from('198.51.100.7'))).toEqual({ allowed: false, why: 'not signed' })
    expect(decideTransfer(LIST, from('198.51.100.7', 'new.'))).toEqual({
      allowed: true,
      rule: 'acl office',
      peer: undefined,
    })
    const keyless = { ...LIST, peers: LIST.peers.slice(0, 1) }
    expect(decideTransfer(keyless, from('::ffff:198.51.100.7'))).toMatchObject({ allowed: true, rule: 'acl office' })
  })
})

describe('NOTIFY', () => {
  const free = { keyRequired: false }
  const strict = { keyRequired: true }

  test('NT-04 CF-067 is heard from primaries and from the networks of the account only', () => {
    expect(decideNotify(LIST, from('192.0.2.1'), free)).toMatchObject({ allowed: true, peer: 'open' })
    expect(decideNotify(LIST, from('198.51.100.7'), free)).toMatchObject({ allowed: true, peer: undefined })
    expect(decideNotify(LIST, from('192.0.2.9'), free)).toEqual({ allowed: false, why: 'address not allowed' })
  })

  test('NT-10 is refused unsigned where a key is required', () => {
    expect(decideNotify(LIST, from('192.0.2.2'), strict)).toEqual({ allowed: false, why: 'not signed' })
    expect(decideNotify(LIST, from('192.0.2.2', 'key.example.'), strict)).toMatchObject({
      allowed: true,
      peer: 'keyed',
    })
    expect(decideNotify(LIST, from('192.0.2.1', 'key.example.'), strict)).toMatchObject({ allowed: false })
    expect(decideNotify(LIST, from('198.51.100.7'), strict)).toMatchObject({ allowed: false })
  })

  test('need not be signed otherwise, but a signature must be by a key of the zone', () => {
    expect(decideNotify(LIST, from('192.0.2.2'), free)).toMatchObject({ allowed: true, peer: 'keyed' })
    expect(decideNotify(LIST, from('192.0.2.2', 'old.'), free)).toEqual({
      allowed: false,
      why: 'signed with another key',
    })
    expect(decideNotify(LIST, from('198.51.100.7', 'old.'), free)).toMatchObject({ allowed: true })
  })
})

test('a key of the same name with another secret or algorithm is another key', () => {
  const source = { address: address('192.0.2.2'), key: keyNamed('key.example.', 'b3RoZXI=') }
  expect(decideTransfer(LIST, source)).toEqual({ allowed: false, why: 'signed with another key' })
  expect(decideNotify(LIST, source, { keyRequired: false })).toEqual({ allowed: false, why: 'signed with another key' })
  const other: TsigKey = { ...keyNamed('key.example.'), algorithm: 'hmac-sha512' }
  expect(decideTransfer(LIST, { ...source, key: other }).allowed).toBe(false)
  expect(decideTransfer(LIST, { ...source, key: keyNamed('KEY.example.') }).allowed).toBe(true)
})

test('a key without a secret stands for all of its name', () => {
  const list = {
    ...LIST,
    peers: [{ id: 'any', address: address('192.0.2.2'), key: { name: parseName('key.example.') } }],
  }
  const source = { address: address('192.0.2.2'), key: keyNamed('key.example.', 'b3RoZXI=') }
  expect(decideTransfer(list, source).allowed).toBe(true)
})
