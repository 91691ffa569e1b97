import { expect, test } from 'vitest'
import { hexText } from './octets.ts'
import { sipHash24 } from './siphash.ts'

const COUNT = Uint8Array.from({ length: 64 }, (_, at) => at)

/** From the reference implementation (github.com/veorq/SipHash, vectors.h): key 00…0f, input 00 01 … of a length. */
test.each([
  [0, '310e0edd47db6f72'],
  [1, 'fd67dc93c539f874'],
  [2, '5a4fa9d909806c0d'],
  [3, '2d7efbd796666785'],
  [4, 'b7877127e09427cf'],
  [5, '8da699cd64557618'],
  [6, 'cee3fe586e46c9cb'],
  [7, '37d1018bf50002ab'],
  [8, '6224939a79f5f593'],
  [9, 'b0e4a90bdf82009e'],
  [15, 'e545be4961ca29a1'],
  [16, 'db9bc2577fcc2a3f'],
  [20, '98eea21af25cd6be'],
  [31, '42c341d8fa92d832'],
  [32, 'ce7cf2722f512771'],
  [63, '724506eb4c328a95'],
])('SipHash-2-4 of %d octets is that of the reference', (length, hash) => {
  const out = new Uint8Array(10)
  sipHash24(COUNT.subarray(0, 16), COUNT, length, out, 1)
  expect(hexText(out)).toBe(`00${hash}00`)
})
