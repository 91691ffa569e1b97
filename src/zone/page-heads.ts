/**
 * Writing prefixes and heads: what lets a search look at few keys; see page.ts.
 *
 * The keys of a page are in order, so what the first and the last share, all share. A key put in between has the prefix;
 * one put in at either end may shorten it, and then all heads of the page are written again. A prefix shorter than it
 * could be is harmless.
 */

import type { Arena } from './arena.ts'
import { offsetOf, type Pointer } from './arena-view.ts'
import { childCount, ENTRY, entryAt, INNER, LEAF, ownersOf, recordsAt, slotOffset } from './page.ts'
import { innerHead, leafHead } from './page-search.ts'
import { SortKey } from './sort-key.ts'
import { ownerEnd } from './stored-record.ts'

const key = new SortKey()
const neighbour = new SortKey()

/** Writes the head of an owner just put into a leaf. Hot: once per owner that is taken in. */
export function writeLeafHead(arena: Arena, leaf: Pointer, slot: number): void {
  const halves = arena.halvesOf(leaf)
  const prefixHalf = (offsetOf(leaf) >>> 1) + LEAF.prefixHalf
  const owners = ownersOf(arena, leaf)
  setKey(key, arena, leaf, slot)
  let prefix = halves[prefixHalf] as number
  if (owners === 1) {
    halves[prefixHalf] = prefix = key.length
  } else if (slot === 0 || slot === owners - 1) {
    setKey(neighbour, arena, leaf, slot === 0 ? 1 : slot - 1)
    const shared = sharedOctets(key, neighbour, prefix)
    if (shared < prefix) return writeLeafHeadsBehind(arena, leaf, shared)
  }
  putLeafHead(arena, leaf, slot, prefix)
}

/** Writes the prefix and all heads of a leaf. */
export function writeLeafHeads(arena: Arena, leaf: Pointer): void {
  setKey(key, arena, leaf, 0)
  setKey(neighbour, arena, leaf, ownersOf(arena, leaf) - 1)
  writeLeafHeadsBehind(arena, leaf, sharedOctets(key, neighbour, key.length))
}

function writeLeafHeadsBehind(arena: Arena, leaf: Pointer, prefix: number): void {
  arena.halvesOf(leaf)[(offsetOf(leaf) >>> 1) + LEAF.prefixHalf] = prefix
  for (let slot = ownersOf(arena, leaf) - 1; slot >= 0; slot--) {
    setKey(key, arena, leaf, slot)
    putLeafHead(arena, leaf, slot, prefix)
  }
}

/** Puts the head of the key at hand into its slot. */
function putLeafHead(arena: Arena, leaf: Pointer, slot: number, prefix: number): void {
  const words = arena.wordsOf(leaf)
  const word = (offsetOf(leaf) >>> 2) + LEAF.slotsWord + slot
  words[word] = ((words[word] as number) & 0xffff) | (leafHead(key.octets, key.length, prefix) << 16)
}

function setKey(target: SortKey, arena: Arena, leaf: Pointer, slot: number): void {
  const octets = arena.octetsOf(leaf)
  const at = recordsAt(arena, leaf) + slotOffset(arena, leaf, slot)
  target.setOwner(octets, at, ownerEnd(octets, at))
}

/** How many octets two keys share from their beginning, counting no more than `most`. */
export function sharedOctets(a: SortKey, b: SortKey, most: number): number {
  const end = Math.min(a.length, b.length, most)
  let shared = 0
  while (shared < end && a.octets[shared] === b.octets[shared]) shared++
  return shared
}

/** Writes the head of a separator just put into an inner page. */
export function writeInnerHead(arena: Arena, page: Pointer, index: number): void {
  const words = arena.wordsOf(page)
  const prefixWord = (offsetOf(page) >>> 2) + INNER.prefixWord
  const children = childCount(arena, page)
  if (children <= 2) return writeInnerHeads(arena, page)
  if (index === 1 || index === children - 1) {
    const shared = sharedBySeparators(arena, page, index, index === 1 ? 2 : index - 1)
    if (shared < (words[prefixWord] as number)) return writeInnerHeadsBehind(arena, page, shared)
  }
  putInnerHead(arena, page, index, words[prefixWord] as number)
}

/** Writes the prefix and all heads of an inner page. The first child's separator means nothing. */
export function writeInnerHeads(arena: Arena, page: Pointer): void {
  const children = childCount(arena, page)
  writeInnerHeadsBehind(arena, page, children < 2 ? 0 : sharedBySeparators(arena, page, 1, children - 1))
}

function writeInnerHeadsBehind(arena: Arena, page: Pointer, prefix: number): void {
  arena.wordsOf(page)[(offsetOf(page) >>> 2) + INNER.prefixWord] = prefix
  for (let index = childCount(arena, page) - 1; index > 0; index--) putInnerHead(arena, page, index, prefix)
}

function putInnerHead(arena: Arena, page: Pointer, index: number, prefix: number): void {
  const words = arena.wordsOf(page)
  const word = words[entryAt(page, index) + ENTRY.separator] as number
  const at = offsetOf(page) + (word & 0xffff)
  words[entryAt(page, index) + ENTRY.head] = innerHead(arena.octetsOf(page), at, (word >>> 16) & 0x7fff, prefix)
}

function sharedBySeparators(arena: Arena, page: Pointer, left: number, right: number): number {
  const octets = arena.octetsOf(page)
  const words = arena.wordsOf(page)
  const a = words[entryAt(page, left) + ENTRY.separator] as number
  const b = words[entryAt(page, right) + ENTRY.separator] as number
  const end = Math.min((a >>> 16) & 0x7fff, (b >>> 16) & 0x7fff)
  const shift = (b & 0xffff) - (a & 0xffff)
  const from = offsetOf(page) + (a & 0xffff)
  let shared = 0
  while (shared < end && octets[from + shared] === octets[from + shared + shift]) shared++
  return shared
}
