/**
 * SipHash-2-4: a short keyed hash (Aumasson and Bernstein, 2012), as RFC 9018 §4.4 uses it for server cookies.
 *
 * Hot: runs once or twice per query that carries a cookie. A number of 64 bits is two of 32, `l` for the low half and
 * `h` for the high one; all eight are locals of one function, which is four times as fast as an array of them.
 */

const KEY_OCTETS = 16

/** Hashes `length` octets from the start of `input`; puts the eight octets of the hash at `outAt` of `out`. */
export function sipHash24(key: Uint8Array, input: Uint8Array, length: number, out: Uint8Array, outAt: number): void {
  // "somepseudorandomlygeneratedbytes"
  let l0 = word(key, 0, KEY_OCTETS) ^ 0x70736575
  let h0 = word(key, 4, KEY_OCTETS) ^ 0x736f6d65
  let l1 = word(key, 8, KEY_OCTETS) ^ 0x6e646f6d
  let h1 = word(key, 12, KEY_OCTETS) ^ 0x646f7261
  let l2 = word(key, 0, KEY_OCTETS) ^ 0x6e657261
  let h2 = word(key, 4, KEY_OCTETS) ^ 0x6c796765
  let l3 = word(key, 8, KEY_OCTETS) ^ 0x79746573
  let h3 = word(key, 12, KEY_OCTETS) ^ 0x74656462
  const last = length & ~7 // the last block holds what is left, and the length in its highest octet
  for (let at = 0; at <= last + 8; at += 8) {
    const finishing = at > last
    const low = finishing ? 0 : word(input, at, length)
    const high = finishing ? 0 : word(input, at + 4, length) | (at === last ? length << 24 : 0)
    l3 ^= low
    h3 ^= high
    if (finishing) l2 ^= 0xff
    for (let rounds = finishing ? 4 : 2; rounds > 0; rounds--) {
      // v0 += v1, v1 <<<= 13, v1 ^= v0, v0 <<<= 32
      let sum = (l0 >>> 0) + (l1 >>> 0)
      let upper = (h0 + h1 + (sum > 0xffff_ffff ? 1 : 0)) | 0
      let lower = sum | 0
      let turned = (l1 << 13) | (h1 >>> 19)
      h1 = ((h1 << 13) | (l1 >>> 19)) ^ upper
      l1 = turned ^ lower
      l0 = upper
      h0 = lower
      // v2 += v3, v3 <<<= 16, v3 ^= v2
      sum = (l2 >>> 0) + (l3 >>> 0)
      h2 = (h2 + h3 + (sum > 0xffff_ffff ? 1 : 0)) | 0
      l2 = sum | 0
      turned = (l3 << 16) | (h3 >>> 16)
      h3 = ((h3 << 16) | (l3 >>> 16)) ^ h2
      l3 = turned ^ l2
      // v0 += v3, v3 <<<= 21, v3 ^= v0
      sum = (l0 >>> 0) + (l3 >>> 0)
      h0 = (h0 + h3 + (sum > 0xffff_ffff ? 1 : 0)) | 0
      l0 = sum | 0
      turned = (l3 << 21) | (h3 >>> 11)
      h3 = ((h3 << 21) | (l3 >>> 11)) ^ h0
      l3 = turned ^ l0
      // v2 += v1, v1 <<<= 17, v1 ^= v2, v2 <<<= 32
      sum = (l2 >>> 0) + (l1 >>> 0)
      upper = (h2 + h1 + (sum > 0xffff_ffff ? 1 : 0)) | 0
      lower = sum | 0
      turned = (l1 << 17) | (h1 >>> 15)
      h1 = ((h1 << 17) | (l1 >>> 15)) ^ upper
      l1 = turned ^ lower
      l2 = upper
      h2 = lower
    }
    l0 ^= low
    h0 ^= high
  }
  putWord(out, outAt, l0 ^ l1 ^ l2 ^ l3)
  putWord(out, outAt + 4, h0 ^ h1 ^ h2 ^ h3)
}

/** Four octets, lowest first; those behind `length` count as zero. */
function word(octets: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let place = 0; place < 4 && at + place < length; place++) value |= (octets[at + place] as number) << (8 * place)
  return value
}

function putWord(out: Uint8Array, at: number, value: number): void {
  out[at] = value
  out[at + 1] = value >>> 8
  out[at + 2] = value >>> 16
  out[at + 3] = value >>> 24
}
