import { expect, test } from 'vitest'
import { parseTtl, TTL_MAX, wireTtl } from './ttl.ts'

test.each([
  ['0', 0],
  ['3600', 3600],
  ['2147483647', TTL_MAX],
  ['1h30m', 5400],
  ['1H30M', 5400],
  ['1w2d3h4m5s', 788_645],
  ['2d', 172_800],
])('%s is a TTL of %d seconds', (text, seconds) => {
  expect(parseTtl(text)).toBe(seconds)
})

test.each(['', 'h', '1x', '-1', '1.5', '1h 30m', '30m1', 'IN', '2147483648', '99999999999999999999', '3551w'])(
  '%j is no TTL',
  (text) => {
    expect(parseTtl(text)).toBeUndefined()
  },
)

test.each([
  [0, 0],
  [0x7fff_ffff, 0x7fff_ffff],
  [0x8000_0000, 0],
  [0x8000_0001, 0],
  [0xffff_ffff, 0],
])('MB-14 a TTL field of %d counts as %d', (field, seconds) => {
  expect(wireTtl(field)).toBe(seconds)
})
