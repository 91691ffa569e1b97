import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addSerial, compareSerials, isSerial, SERIAL_STEP_MAX, toSerial } from './serial.ts'
import type { SerialOrder } from './serial.ts'

const serials = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1))

test.each<[number, number, SerialOrder]>([
  [2, 1, 'newer'],
  [0, 4_294_967_295, 'newer'],
  [1, 0, 'newer'],
  [2_147_483_648, 2_147_483_647, 'newer'],
  [2_147_483_647, 0, 'newer'],
  [4_000_000_000, 3_999_999_999, 'newer'],
  [1, 2, 'older'],
  [4_294_967_295, 0, 'older'],
  [2_147_483_649, 0, 'older'],
  [7, 7, 'same'],
  [4_294_967_295, 4_294_967_295, 'same'],
])('SN-01 %d is %s → %s (RFC 1982 §3.2)', (a, b, order) => {
  expect(compareSerials(toSerial(a), toSerial(b))).toBe(order)
})

test.each([
  [0, 2_147_483_648],
  [2_147_483_648, 0],
  [1, 2_147_483_649],
])('SN-02 %d and %d are half a circle apart and have no order', (a, b) => {
  expect(compareSerials(toSerial(a), toSerial(b))).toBe('undefined')
})

test('SN-03 a serial steps by 0 to 2³¹−1 and past the wrap', () => {
  expect(addSerial(toSerial(0xffff_ffff), 1)).toBe(0)
  expect(addSerial(toSerial(0xffff_fffe), SERIAL_STEP_MAX)).toBe(0x7fff_fffd)
  for (const step of [-1, SERIAL_STEP_MAX + 1, 0.5, NaN]) expect(() => addSerial(toSerial(1), step)).toThrow()
})

test('SN-04 a serial is any whole number of 32 bits', () => {
  expect([0, 4_000_000_000, 0xffff_ffff].every(isSerial)).toBe(true)
  expect([-1, 0x1_0000_0000, 1.5, NaN, Infinity].some(isSerial)).toBe(false)
  expect(() => toSerial(-1)).toThrow('-1 is no serial')
})

test('SN-06 the arithmetic of 32-bit numbers agrees with a model that has no bounds', () => {
  fc.assert(
    fc.property(serials, serials, fc.integer({ min: 1, max: SERIAL_STEP_MAX }), (a, b, step) => {
      assert.equal(compareSerials(toSerial(a), toSerial(b)), modelOrder(BigInt(a), BigInt(b)))
      const next = addSerial(toSerial(a), step)
      assert.equal(BigInt(next), (BigInt(a) + BigInt(step)) % 2n ** 32n)
      assert.equal(compareSerials(next, toSerial(a)), 'newer')
      assert.equal(compareSerials(toSerial(a), next), 'older')
    }),
    { numRuns: 2000 },
  )
})

/** The definition of RFC 1982 §3.2, word for word. */
function modelOrder(a: bigint, b: bigint): SerialOrder {
  const half = 2n ** 31n
  if (a === b) return 'same'
  if ((a < b && b - a < half) || (a > b && a - b > half)) return 'older'
  if ((a < b && b - a > half) || (a > b && a - b < half)) return 'newer'
  return 'undefined'
}
