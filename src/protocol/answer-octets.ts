/**
 * Names and fields inside a message that is being written or read in place. Names stand uncompressed. All of it is hot.
 */

import { FOLDED } from '../dns/name.ts'

/** TYPE, CLASS, TTL and RDLENGTH: what stands between a record's owner and its RDATA. */
export const FIXED_OCTETS = 10

/** Whether two names that stand uncompressed in a message are the same (RFC 4343 §3). Hot. */
export function sameNameAt(out: Uint8Array, a: number, b: number): boolean {
  for (let p = a, q = b; ;) {
    const length = out[p] as number
    if (length !== out[q]) return false
    if (length === 0) return true
    for (const end = p + length; p < end;) if (FOLDED[out[++p] as number] !== FOLDED[out[++q] as number]) return false
    p++
    q++
  }
}

/** Where a record of the answer ends that begins at `at`. */
export function recordEnd(out: Uint8Array, at: number, ownerOctets: number): number {
  const fixed = at + ownerOctets
  return fixed + FIXED_OCTETS + (((out[fixed + 8] as number) << 8) | (out[fixed + 9] as number))
}

/** Where in a name the name `above` begins, that is, where the labels below it end; −1 if it is not at or below it. */
export function endOfLabels(out: Uint8Array, nameAt: number, above: number): number {
  const end = nameAt + nameOctets(out, nameAt) - nameOctets(out, above)
  let at = nameAt
  while (at < end) at += (out[at] as number) + 1
  return at === end && sameNameAt(out, at, above) ? at : -1
}

/** How many octets a name takes, its root label included. */
export function nameOctets(out: Uint8Array, nameAt: number): number {
  let at = nameAt
  while (out[at] !== 0) at += (out[at] as number) + 1
  return at + 1 - nameAt
}

/** Copies octets. A loop, because `set` needs a view of its own for each piece. */
export function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  const shift = at - start
  for (let p = start; p < end; p++) to[p + shift] = from[p] as number
}

/** A TTL, as a whole number of 32 bits; stored ones never have the top bit (RFC 2181 §8). */
export function ttlAt(octets: Uint8Array, at: number): number {
  return (
    ((octets[at] as number) << 24) |
    ((octets[at + 1] as number) << 16) |
    ((octets[at + 2] as number) << 8) |
    (octets[at + 3] as number)
  )
}

/** Writes a TTL. */
export function putTtl(octets: Uint8Array, at: number, ttl: number): void {
  octets[at] = ttl >>> 24
  octets[at + 1] = ttl >>> 16
  octets[at + 2] = ttl >>> 8
  octets[at + 3] = ttl
}
