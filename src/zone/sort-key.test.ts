import { strictEqual } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareNames, type Name } from '../dns/name.ts'
import { compareOwnerToKey, SortKey } from './sort-key.ts'
import { compareOwners, sameOwner } from './stored-record.ts'

/** Owners of few and odd octets, so that many are near each other. */
const label = fc.array(fc.constantFrom(0, 1, 2, 0x2a, 0x41, 0x61, 0x62, 0xff), { minLength: 1, maxLength: 4 })
const labels = fc.array(label, { maxLength: 4 })

const owner = (of: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([...of.flatMap((octets) => [octets.length, ...octets]), 0xc0, 0x0c])
const name = (stored: Uint8Array): Name => Uint8Array.from([...stored.subarray(0, -2), 0]) as Uint8Array as Name

function keyOf(stored: Uint8Array): SortKey {
  const key = new SortKey()
  key.setOwner(stored, 0, stored.length - 2)
  return key
}

const octetsOf = (key: SortKey, length = key.length): Uint8Array => key.octets.slice(0, length)

describe('the order of owners is that of RFC 4034 §6.1', () => {
  test('by sort keys, by stored owners, and by one of each', () => {
    fc.assert(
      fc.property(labels, labels, (left, right) => {
        const a = owner(left)
        const b = owner(right)
        const order = Math.sign(compareNames(name(a), name(b)))
        strictEqual(Buffer.compare(octetsOf(keyOf(a)), octetsOf(keyOf(b))), order)
        strictEqual(Math.sign(compareOwners(a, 0, b, 0)), order)
        strictEqual(Math.sign(compareOwnerToKey(a, 0, keyOf(b).octets, keyOf(b).length)), order)
        strictEqual(sameOwner(a, 0, b, 0), order === 0)
      }),
      { numRuns: 3000 },
    )
  })

  test('the records of an owner come behind it and before all names below it', () => {
    fc.assert(
      fc.property(labels, label, fc.nat(65_535), (parent, child, type) => {
        const own = keyOf(owner(parent))
        const records = octetsOf(own, own.putType(type))
        strictEqual(Buffer.compare(octetsOf(own), records), -1)
        strictEqual(Buffer.compare(records, octetsOf(keyOf(owner([child, ...parent])))), -1)
      }),
    )
  })
})

test('the key of an ancestor is the beginning of a key', () => {
  const of = [[0x61], [0x62, 0], [0x41]]
  const key = keyOf(owner(of))
  for (let count = 0; count <= of.length; count++) {
    const ancestor = keyOf(owner(of.slice(of.length - count)))
    expect(octetsOf(key, key.ends[count])).toEqual(octetsOf(ancestor))
  }
  expect(key.labels).toBe(3)
})

test('the longest owners fit, with the oddest octets and a type', () => {
  const longest = Array.from({ length: 126 }, () => [0])
  const key = keyOf(owner(longest))
  expect(key.length).toBe(126 * 3)
  const wide = [Array(63).fill(1), Array(63).fill(1), Array(63).fill(1), Array(60).fill(1)] as number[][]
  const long = keyOf(owner(wide))
  expect(long.putType(1)).toBeLessThanOrEqual(long.octets.length)
})

test('a wildcard is right below its encloser', () => {
  const key = keyOf(owner([[0x61], [0x62], [0x63]]))
  key.setWildcardBelow(2)
  expect(octetsOf(key)).toEqual(octetsOf(keyOf(owner([[0x2a], [0x62], [0x63]]))))
})
