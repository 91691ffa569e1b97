/**
 * Where things stand in the directory's shared memory.
 *
 *   control   one small block of words, known to every thread from the start
 *               header   global epoch, pointer of the hash table, depths of the apexes, seed, pins ever used
 *               readers  one cache line each: owner, epoch at which the reader entered (0 = outside)
 *               pins     owner, zone, epoch: a version somebody reads for longer than one packet
 *   table     in the arena: open addressing, one slot of two words (hash, pointer of the zone block) per zone
 *   zone      in the arena: the fixed words below, then the apex as wire octets in lower case
 *
 * All pointers count units of 16 octets; the upper bits are the chunk.
 */

/** Words of the control block. */
export const CONTROL = {
  epoch: 0,
  table: 1,
  depths: 2,
  seed: 3,
  pinsUsed: 4,
  zones: 5,
} as const

const HEADER_WORDS = 16

/** How many threads may read at once. */
export const READERS_MAX = 64
/** How many versions may be pinned at once, over all zones and threads. */
export const PINS_MAX = 4096

/** A reader's words; sixteen of them, so that two readers never share a cache line. */
export const READER = { owner: 0, epoch: 1, words: 16 } as const
/** A pin's words. */
export const PIN = { owner: 0, epoch: 1, zone: 2, words: 4 } as const

/** The first word of a reader's slot. */
export function readerAt(reader: number): number {
  return HEADER_WORDS + reader * READER.words
}

/** The first word of a pin. */
export function pinAt(pin: number): number {
  return HEADER_WORDS + READERS_MAX * READER.words + pin * PIN.words
}

/** The size of a control block. */
export const CONTROL_OCTETS = pinAt(PINS_MAX) * 4

/** Words of a hash table: a head, then the slots. */
export const TABLE = { mask: 0, head: 4, slotWords: 2, hash: 0, zone: 1 } as const

/** A slot whose zone is gone: a search goes on behind it. No block begins in the last 16 octets of all. */
export const GONE = 0xffff_ffff | 0

/**
 * Words of a zone block, and where its apex begins (in octets). `expiry` is when the zone must not be served any more,
 * in seconds since the epoch; 0 for a zone that does not depend on others.
 */
export const ZONE = {
  state: 0,
  version: 1,
  sequence: 2,
  id: 3,
  hash: 4,
  apexLength: 5,
  expiry: 6,
  apexOctets: 28,
} as const

/** What a zone is to those who ask: configured but never loaded, answered from its contents, or expired (RFC 1035 §4.3.5). */
export const ZONE_STATE = { empty: 0, serving: 1, expired: 2 } as const
export type ZoneState = keyof typeof ZONE_STATE

/** A zone's block in the arena: the handle by which threads name the zone to each other. */
export type ZoneHandle = number & { readonly __zone: unique symbol }

/** Whether epoch `a` is older than `b`. Epochs wrap, but no reader stays for half of them. */
export function isOlderEpoch(a: number, b: number): boolean {
  return ((a - b) | 0) < 0
}
