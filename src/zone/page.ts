/**
 * The pages a version of a zone is made of, as they lie in shared memory. Words are 32 bits, halves 16.
 *
 *   leaf      word 0  octets of the page      half 4  owners in the page     half 6  where its records begin
 *             word 1  octets of its records   half 5  records in the page    half 7  prefix
 *             one word per owner: head in the upper half, in the lower one where its records begin
 *             the records in stored form, without gaps, in canonical order
 *
 *   inner     word 0  octets of the page      word 2  children
 *             word 1  where its keys begin    word 3  prefix
 *             one entry of four words per child: pointer; records below it; its separator; head of the separator
 *             … to the end: the octets of the separators
 *
 *   version   the words of VERSION below, then the SOA record in stored form
 *
 * A separator is the shortest octets S with: last record to its left < S ≤ first record to its right, in the order of
 * sort keys. It never holds RDATA: between two records of one owner and type it is *deep*, and then stands for the first
 * record of its child. The separator of a page's first child means nothing, for nothing is sought to its left.
 *
 * Memory is slow and a search jumps about. So all sort keys in a page leave out the *prefix* they share, and the next
 * two or four octets, the *head*, stand where the search begins: mostly it then looks at one key only.
 *
 * Offsets into records count from where the records of the page begin, all others from the beginning of the page.
 */

import { type ArenaView, CHUNK_MASK, offsetOf, type Pointer } from './arena-view.ts'
import { recordEnd } from './stored-record.ts'

/** No leaf is larger, but for one that holds a single record. Other sizes are measured in docs/decisions/0001. */
export const LEAF_OCTETS = 2048
/** No inner page is larger. */
export const INNER_OCTETS = 8192
/** The head of a page of either kind. */
export const PAGE_HEAD_OCTETS = 16

/** Set in the first word of a page, beside its size, as long as the edit that made it goes on: it may be written to. */
export const MADE = 1 << 31

/** Words and halves of a leaf's head, and how many octets an owner takes. */
export const LEAF = {
  sizeWord: 0,
  octetsWord: 1,
  ownersHalf: 4,
  recordsHalf: 5,
  startHalf: 6,
  prefixHalf: 7,
  slotsWord: 4,
  slotOctets: 4,
} as const

/** Words of an inner page's head, and of each entry. */
export const INNER = { sizeWord: 0, keysWord: 1, childrenWord: 2, prefixWord: 3, entriesWord: 4 } as const
export const ENTRY = { child: 0, records: 1, separator: 2, head: 3, words: 4, octets: 16 } as const

/**
 * Words of a version: first the root and the height of each of its trees, in the order of `TREE`. The tree of names
 * holds all records that are served but the SOA and the chain of hashed names.
 */
export const VERSION = {
  names: 0,
  namesHeight: 1,
  hashes: 2,
  hashesHeight: 3,
  edited: 4,
  editedHeight: 5,
  ids: 6,
  idsHeight: 7,
  overlay: 8,
  overlayHeight: 9,
  records: 10,
  hashRecords: 11,
  owners: 12,
  cuts: 13,
  dnames: 14,
  wildcards: 15,
  signatures: 16,
  nsecs: 17,
  octetsLow: 18,
  octetsHigh: 19,
  serial: 20,
  soaOctets: 21,
  editedRecords: 22,
  soaAt: 92,
} as const

/** How many octets a leaf or an inner page has. */
export function pageSize(arena: ArenaView, page: Pointer): number {
  return (arena.wordsOf(page)[offsetOf(page) >>> 2] as number) & ~MADE
}

/** How many octets its records take. */
export function recordOctetsOf(arena: ArenaView, leaf: Pointer): number {
  return arena.wordsOf(leaf)[(offsetOf(leaf) >>> 2) + LEAF.octetsWord] as number
}

/** Where in its chunk the records of a leaf begin. */
export function recordsAt(arena: ArenaView, leaf: Pointer): number {
  return offsetOf(leaf) + (arena.halvesOf(leaf)[(offsetOf(leaf) >>> 1) + LEAF.startHalf] as number)
}

/** How many owners have records in a leaf. */
export function ownersOf(arena: ArenaView, leaf: Pointer): number {
  return arena.halvesOf(leaf)[(offsetOf(leaf) >>> 1) + LEAF.ownersHalf] as number
}

/** How many records are in a leaf. */
export function recordsOf(arena: ArenaView, leaf: Pointer): number {
  return arena.halvesOf(leaf)[(offsetOf(leaf) >>> 1) + LEAF.recordsHalf] as number
}

/** Where the first record of an owner in a leaf begins. */
export function slotOffset(arena: ArenaView, leaf: Pointer, slot: number): number {
  return (arena.wordsOf(leaf)[(offsetOf(leaf) >>> 2) + LEAF.slotsWord + slot] as number) & 0xffff
}

/** Where the last record of a leaf begins. */
export function lastRecord(arena: ArenaView, leaf: Pointer): number {
  const octets = arena.octetsOf(leaf)
  const start = recordsAt(arena, leaf)
  const end = start + recordOctetsOf(arena, leaf)
  let at = start + slotOffset(arena, leaf, ownersOf(arena, leaf) - 1)
  for (let next = recordEnd(octets, at); next < end; next = recordEnd(octets, next)) at = next
  return at - start
}

/** How many children an inner page has. */
export function childCount(arena: ArenaView, page: Pointer): number {
  return arena.wordsOf(page)[((page & CHUNK_MASK) << 2) + INNER.childrenWord] as number
}

/** One child of an inner page. Hot. */
export function childAt(arena: ArenaView, page: Pointer, index: number): Pointer {
  return arena.wordsOf(page)[entryAt(page, index) + ENTRY.child] as Pointer
}

/** The word of its chunk at which an entry of an inner page begins. */
export function entryAt(page: Pointer, index: number): number {
  return ((page & CHUNK_MASK) << 2) + INNER.entriesWord + index * ENTRY.words
}

/** The first leaf below a page with so many inner levels (itself, if it is one). */
export function firstLeaf(arena: ArenaView, page: Pointer, height: number): Pointer {
  let leaf = page
  for (let level = 0; level < height; level++) leaf = childAt(arena, leaf, 0)
  return leaf
}

/** The last leaf below a page with so many inner levels (itself, if it is one). */
export function lastLeaf(arena: ArenaView, page: Pointer, height: number): Pointer {
  let leaf = page
  for (let level = 0; level < height; level++) leaf = childAt(arena, leaf, childCount(arena, leaf) - 1)
  return leaf
}
