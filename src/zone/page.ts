/**
 * The pages a version of a zone is made of, as they lie in shared memory. Words are 32 bits, halves 16.
 *
 *   leaf      word 0  octets of the page        half 4  owners in the page
 *             word 1  where its records end     half 5  records in the page
 *             octet 16 …  stored records without gaps, in canonical order
 *             … to the end, backwards: one half per owner, in order: where its first record in this page begins
 *
 *   inner     word 0  octets of the page        word 2  children
 *             word 1  where its keys begin
 *             octet 16 …  one entry of three words per child: pointer; records below it; its separator
 *             … to the end: the octets of the separators
 *
 *   version   the words of VERSION below; octet 64 …  the SOA record in stored form
 *
 * A separator is the shortest octets S with: last record to its left < S ≤ first record to its right, in the order of
 * sort keys. It never holds RDATA: between two records of one owner and type it is *deep*, and then stands for the first
 * record of its child. The separator of a page's first child means nothing, for nothing is sought to its left.
 * Offsets count from the beginning of the page. A leaf larger than PAGE_OCTETS holds a single record.
 */

import { type ArenaView, CHUNK_MASK, offsetOf, type Pointer } from './arena-view.ts'
import { recordEnd } from './stored-record.ts'

/** No page is larger, but for a record that is. Measured against 4 and 16 KiB in bench/results/contents.md. */
export const PAGE_OCTETS = 8192
export const PAGE_HEAD_OCTETS = 16

/** Words and halves of a leaf's head. */
export const LEAF = { sizeWord: 0, endWord: 1, ownersHalf: 4, recordsHalf: 5 } as const

/** Words of an inner page's head, and of each entry. */
export const INNER = { sizeWord: 0, keysWord: 1, childrenWord: 2 } as const
export const ENTRY = { child: 0, records: 1, separator: 2, words: 3, octets: 12 } as const
export const ENTRIES_WORD = PAGE_HEAD_OCTETS / 4

/** Words of a version. The tree of names holds all records but the SOA and the chain of hashed names. */
export const VERSION = {
  names: 0,
  namesHeight: 1,
  hashes: 2,
  hashesHeight: 3,
  records: 4,
  hashRecords: 5,
  owners: 6,
  cuts: 7,
  dnames: 8,
  wildcards: 9,
  signatures: 10,
  nsecs: 11,
  octetsLow: 12,
  octetsHigh: 13,
  serial: 14,
  soaOctets: 15,
  soaAt: 64,
} as const

/** A separator in its entry: offset of its octets, how many they are, and whether it is deep (then the word is negative). */
export function separatorWord(offset: number, length: number, deep: boolean): number {
  return offset | (length << 16) | (deep ? 0x8000_0000 : 0)
}
export function separatorOffset(word: number): number {
  return word & 0xffff
}
export function separatorLength(word: number): number {
  return (word >>> 16) & 0x7fff
}

/** How many octets a leaf has. */
export function leafSize(arena: ArenaView, leaf: Pointer): number {
  return arena.wordsOf(leaf)[(offsetOf(leaf) >>> 2) + LEAF.sizeWord] as number
}

/** Where the records of a leaf end. */
export function leafEnd(arena: ArenaView, leaf: Pointer): number {
  return arena.wordsOf(leaf)[(offsetOf(leaf) >>> 2) + LEAF.endWord] as number
}

/** How many owners have records in a leaf. */
export function ownersOf(arena: ArenaView, leaf: Pointer): number {
  return arena.halvesOf(leaf)[(offsetOf(leaf) >>> 1) + LEAF.ownersHalf] as number
}

/** How many records are in a leaf. */
export function recordsOf(arena: ArenaView, leaf: Pointer): number {
  return arena.halvesOf(leaf)[(offsetOf(leaf) >>> 1) + LEAF.recordsHalf] as number
}

/** The half of a chunk in which the first slot of a leaf lies; the others lie before it. */
export function firstSlotOf(arena: ArenaView, leaf: Pointer): number {
  return ((offsetOf(leaf) + leafSize(arena, leaf)) >>> 1) - 1
}

/** Where the first record of an owner begins. */
export function slotOffset(arena: ArenaView, leaf: Pointer, slot: number): number {
  return arena.halvesOf(leaf)[firstSlotOf(arena, leaf) - slot] as number
}

/** Where the last record of a leaf begins. */
export function lastRecord(arena: ArenaView, leaf: Pointer): number {
  const octets = arena.octetsOf(leaf)
  const base = offsetOf(leaf)
  const end = base + leafEnd(arena, leaf)
  let at = base + slotOffset(arena, leaf, ownersOf(arena, leaf) - 1)
  for (let next = recordEnd(octets, at); next < end; next = recordEnd(octets, next)) at = next
  return at - base
}

/** How many children an inner page has. */
export function childCount(arena: ArenaView, page: Pointer): number {
  return arena.wordsOf(page)[((page & CHUNK_MASK) << 2) + INNER.childrenWord] as number
}

/** One child of an inner page. Hot. */
export function childAt(arena: ArenaView, page: Pointer, index: number): Pointer {
  return arena.wordsOf(page)[((page & CHUNK_MASK) << 2) + ENTRIES_WORD + index * ENTRY.words] as Pointer
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
