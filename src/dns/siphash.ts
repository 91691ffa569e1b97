/**
 * SipHash-2-4: a short keyed hash (Aumasson and Bernstein, 2012), as RFC 9018 §4.4 uses it for server cookies.
 *
 * Hot: runs once or twice per query that carries a cookie. Numbers of 64 bits are pairs of 32, low half first, in one
 * array that is used again and again.
 */

const KEY_OCTETS = 16
const state = new Int32Array(8)

/** Hashes `length` octets from the start of `input`; puts the eight octets of the hash at `outAt` of `out`. */
export function sipHash24(key: Uint8Array, input: Uint8Array, length: number, out: Uint8Array, outAt: number): void {
  begin(key)
  const whole = length & ~7
  for (let at = 0; at < whole; at += 8) absorb(word(input, at, length), word(input, at + 4, length))
  absorb(word(input, whole, length), word(input, whole + 4, length) | (length << 24))
  xorInto(2, 0xff, 0)
  for (let round = 0; round < 4; round++) sipRound()
  putWord(out, outAt, (state[0] as number) ^ (state[2] as number) ^ (state[4] as number) ^ (state[6] as number))
  putWord(out, outAt + 4, (state[1] as number) ^ (state[3] as number) ^ (state[5] as number) ^ (state[7] as number))
}

function begin(key: Uint8Array): void {
  const low0 = word(key, 0, KEY_OCTETS)
  const high0 = word(key, 4, KEY_OCTETS)
  const low1 = word(key, 8, KEY_OCTETS)
  const high1 = word(key, 12, KEY_OCTETS)
  // "somepseudorandomlygeneratedbytes"
  state[0] = low0 ^ 0x70736575
  state[1] = high0 ^ 0x736f6d65
  state[2] = low1 ^ 0x6e646f6d
  state[3] = high1 ^ 0x646f7261
  state[4] = low0 ^ 0x6e657261
  state[5] = high0 ^ 0x6c796765
  state[6] = low1 ^ 0x79746573
  state[7] = high1 ^ 0x74656462
}

function absorb(low: number, high: number): void {
  xorInto(3, low, high)
  sipRound()
  sipRound()
  xorInto(0, low, high)
}

function sipRound(): void {
  add(0, 1)
  rotate(1, 13)
  xor(1, 0)
  swap(0)
  add(2, 3)
  rotate(3, 16)
  xor(3, 2)
  add(0, 3)
  rotate(3, 21)
  xor(3, 0)
  add(2, 1)
  rotate(1, 17)
  xor(1, 2)
  swap(2)
}

function add(to: number, from: number): void {
  const low = ((state[2 * to] as number) >>> 0) + ((state[2 * from] as number) >>> 0)
  state[2 * to] = low
  state[2 * to + 1] = (state[2 * to + 1] as number) + (state[2 * from + 1] as number) + (low > 0xffff_ffff ? 1 : 0)
}

function rotate(at: number, bits: number): void {
  const low = state[2 * at] as number
  const high = state[2 * at + 1] as number
  state[2 * at] = (low << bits) | (high >>> (32 - bits))
  state[2 * at + 1] = (high << bits) | (low >>> (32 - bits))
}

function swap(at: number): void {
  const low = state[2 * at] as number
  state[2 * at] = state[2 * at + 1] as number
  state[2 * at + 1] = low
}

function xor(to: number, from: number): void {
  xorInto(to, state[2 * from] as number, state[2 * from + 1] as number)
}

function xorInto(to: number, low: number, high: number): void {
  state[2 * to] = (state[2 * to] as number) ^ low
  state[2 * to + 1] = (state[2 * to + 1] as number) ^ high
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
