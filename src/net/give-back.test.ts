import { describe, expect, test } from 'vitest'
import { giveBack } from './give-back.ts'
import { loadLibc, type Libc } from './libc.ts'

const found = await loadLibc()
/** Looked at only where it was found. */
const libc = found as Libc

describe.skipIf(typeof found === 'string')('memory that is given back', () => {
  const OCTETS = 2 ** 22

  test('is zeros, and what lies around it is as it was', () => {
    const memory = new SharedArrayBuffer(OCTETS)
    const octets = new Uint8Array(memory).fill(7)
    const [from, until] = [100_000, 3_000_001]
    const given = giveBack(libc, memory, from, until)
    const page = libc.getpagesize()
    expect(given % page).toBe(0)
    expect(given).toBeGreaterThan(until - from - 2 * page)
    expect(octets.subarray(0, from).every((octet) => octet === 7)).toBe(true)
    expect(octets.subarray(until).every((octet) => octet === 7)).toBe(true)
    expect(octets.filter((octet) => octet === 0)).toHaveLength(given)
    octets.fill(9)
    expect(octets.every((octet) => octet === 9)).toBe(true)
  })

  test('is nothing where no page lies whole', () => {
    const memory = new SharedArrayBuffer(OCTETS)
    const octets = new Uint8Array(memory).fill(7)
    expect(giveBack(libc, memory, 5, 100)).toBe(0)
    expect(octets.every((octet) => octet === 7)).toBe(true)
  })
})
