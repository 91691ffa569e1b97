/**
 * Writing leaves: putting records in, taking them out, parting pages and joining them.
 *
 * Only for pages that the edit at work has made; a page that a version holds is copied first. Offsets count from the
 * beginning of the page. A *slot* is the place of an owner among the owners of the page.
 */

import type { Arena } from './arena.ts'
import { offsetOf, type Pointer } from './arena-view.ts'
import { firstSlotOf, LEAF, leafEnd, ownersOf, PAGE_HEAD_OCTETS, recordsOf, slotOffset } from './page.ts'
import { recordEnd, sameOwner } from './stored-record.ts'

export const SLOT_OCTETS = 2
/** From here on a call that copies costs less than a loop. */
const LOOP_OCTETS_MAX = 96

/** A leaf without records, of at least so many octets. */
export function newLeaf(arena: Arena, octets: number): Pointer {
  const leaf = arena.allocate(octets)
  const head = offsetOf(leaf) >>> 2
  const words = arena.wordsOf(leaf)
  words[head + LEAF.sizeWord] = arena.sizeOf(leaf)
  words[head + LEAF.endWord] = PAGE_HEAD_OCTETS
  words[head + 2] = 0 // owners and records
  return leaf
}

/** How many octets a leaf's head, records and slots take. */
export function leafUse(arena: Arena, leaf: Pointer): number {
  return leafEnd(arena, leaf) + SLOT_OCTETS * ownersOf(arena, leaf)
}

/**
 * Puts a record in at an offset. `slot` is that of its owner, or, if it is a new one, that of the first owner behind it.
 * There must be room. Hot: once per record that is taken in.
 */
export function insertRecord(
  arena: Arena,
  leaf: Pointer,
  offset: number,
  slot: number,
  isNewOwner: boolean,
  octets: Uint8Array,
  at: number,
  end: number,
): void {
  const base = offsetOf(leaf)
  const words = arena.wordsOf(leaf)
  const halves = arena.halvesOf(leaf)
  const page = arena.octetsOf(leaf)
  const head = base >>> 2
  const length = end - at
  const oldEnd = words[head + LEAF.endWord] as number
  if (offset < oldEnd) page.copyWithin(base + offset + length, base + offset, base + oldEnd)
  copyOctets(octets, at, end, page, base + offset)
  words[head + LEAF.endWord] = oldEnd + length

  const first = ((base + (words[head + LEAF.sizeWord] as number)) >>> 1) - 1
  const owners = halves[(base >>> 1) + LEAF.ownersHalf] as number
  if (isNewOwner) {
    for (let at = owners; at > slot; at--) halves[first - at] = (halves[first - at + 1] as number) + length
    halves[first - slot] = offset
    halves[(base >>> 1) + LEAF.ownersHalf] = owners + 1
  } else {
    for (let at = slot + 1; at < owners; at++) halves[first - at] = (halves[first - at] as number) + length
  }
  const records = (base >>> 1) + LEAF.recordsHalf
  halves[records] = (halves[records] as number) + 1
}

/** Takes a record out. `isLastOfOwner` says that its owner has no other record in this page. */
export function removeRecord(
  arena: Arena,
  leaf: Pointer,
  offset: number,
  length: number,
  slot: number,
  isLastOfOwner: boolean,
): void {
  const base = offsetOf(leaf)
  const words = arena.wordsOf(leaf)
  const halves = arena.halvesOf(leaf)
  const end = leafEnd(arena, leaf)
  arena.octetsOf(leaf).copyWithin(base + offset, base + offset + length, base + end)
  words[(base >>> 2) + LEAF.endWord] = end - length

  const first = firstSlotOf(arena, leaf)
  const owners = ownersOf(arena, leaf) - (isLastOfOwner ? 1 : 0)
  const shift = isLastOfOwner ? 1 : 0
  for (let at = slot + 1 - shift; at < owners; at++)
    halves[first - at] = (halves[first - at - shift] as number) - length
  halves[(base >>> 1) + LEAF.ownersHalf] = owners
  halves[(base >>> 1) + LEAF.recordsHalf] = recordsOf(arena, leaf) - 1
}

/** The same records in a new page of at least so many octets. */
export function copyLeaf(arena: Arena, leaf: Pointer, octets: number): Pointer {
  const copy = newLeaf(arena, octets)
  copyRange(arena, leaf, { from: PAGE_HEAD_OCTETS, to: leafEnd(arena, leaf), records: recordsOf(arena, leaf) }, copy)
  return copy
}

/** Parts a leaf: the records from an offset on go to a new page of at least so many octets, which is returned. */
export function splitLeaf(arena: Arena, leaf: Pointer, offset: number, octets: number): Pointer {
  const slots = ownersOf(arena, leaf) - slotsBefore(arena, leaf, offset) + 1
  const need = PAGE_HEAD_OCTETS + leafEnd(arena, leaf) - offset + slots * SLOT_OCTETS
  const right = newLeaf(arena, Math.max(octets, need))
  const leftRecords = recordsBefore(arena, leaf, offset)
  const rightRecords = recordsOf(arena, leaf) - leftRecords
  copyRange(arena, leaf, { from: offset, to: leafEnd(arena, leaf), records: rightRecords }, right)
  const base = offsetOf(leaf)
  arena.wordsOf(leaf)[(base >>> 2) + LEAF.endWord] = offset
  arena.halvesOf(leaf)[(base >>> 1) + LEAF.ownersHalf] = slotsBefore(arena, leaf, offset)
  arena.halvesOf(leaf)[(base >>> 1) + LEAF.recordsHalf] = leftRecords
  return right
}

/** A new page of at least so many octets with the records of two neighbours. */
export function joinLeaves(arena: Arena, left: Pointer, right: Pointer, octets: number): Pointer {
  const whole = copyLeaf(arena, left, octets)
  copyRange(
    arena,
    right,
    { from: PAGE_HEAD_OCTETS, to: leafEnd(arena, right), records: recordsOf(arena, right) },
    whole,
  )
  return whole
}

/** Where a leaf of at least two records is best parted: near its middle, and between owners if one ends not far from it. */
export function middleOf(arena: Arena, leaf: Pointer): number {
  const end = leafEnd(arena, leaf)
  const middle = (PAGE_HEAD_OCTETS + end) >>> 1
  const near = (end - PAGE_HEAD_OCTETS) >>> 2
  const slot = slotsBefore(arena, leaf, middle)
  const before = slotOffset(arena, leaf, slot - 1)
  const behind = slot < ownersOf(arena, leaf) ? slotOffset(arena, leaf, slot) : end
  if (behind - middle <= near && behind - middle <= middle - before) return behind
  if (middle - before <= near) return before
  const octets = arena.octetsOf(leaf)
  const base = offsetOf(leaf)
  let at = base + before
  let next = recordEnd(octets, at)
  for (; next - base < middle; next = recordEnd(octets, next)) at = next
  return (next - base < end ? next : at) - base
}

/** How many slots begin before an offset. */
function slotsBefore(arena: Arena, leaf: Pointer, offset: number): number {
  const halves = arena.halvesOf(leaf)
  const first = firstSlotOf(arena, leaf)
  let low = 0
  let high = ownersOf(arena, leaf)
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((halves[first - middle] as number) < offset) low = middle + 1
    else high = middle
  }
  return low
}

function recordsBefore(arena: Arena, leaf: Pointer, offset: number): number {
  const octets = arena.octetsOf(leaf)
  const stop = offsetOf(leaf) + offset
  let records = 0
  for (let at = offsetOf(leaf) + PAGE_HEAD_OCTETS; at < stop; at = recordEnd(octets, at)) records++
  return records
}

/** Copies some of a leaf's records behind those of another, with their slots. */
function copyRange(
  arena: Arena,
  source: Pointer,
  { from, to, records }: { from: number; to: number; records: number },
  target: Pointer,
): void {
  const octets = arena.octetsOf(source)
  const page = arena.octetsOf(target)
  const sourceBase = offsetOf(source)
  const base = offsetOf(target)
  const end = leafEnd(arena, target)
  const goesOn = end > PAGE_HEAD_OCTETS && isLastOwner(arena, target, octets, sourceBase + from)
  page.set(octets.subarray(sourceBase + from, sourceBase + to), base + end)
  arena.wordsOf(target)[(base >>> 2) + LEAF.endWord] = end + to - from

  const halves = arena.halvesOf(target)
  const first = firstSlotOf(arena, target)
  let owners = ownersOf(arena, target)
  if (!goesOn) halves[first - owners++] = end
  const sourceHalves = arena.halvesOf(source)
  const sourceFirst = firstSlotOf(arena, source)
  const slots = ownersOf(arena, source)
  for (let slot = slotsBefore(arena, source, from + 1); slot < slots; slot++) {
    halves[first - owners++] = (sourceHalves[sourceFirst - slot] as number) - from + end
  }
  halves[(base >>> 1) + LEAF.ownersHalf] = owners
  halves[(base >>> 1) + LEAF.recordsHalf] = recordsOf(arena, target) + records
}

function isLastOwner(arena: Arena, leaf: Pointer, octets: Uint8Array, at: number): boolean {
  const last = offsetOf(leaf) + slotOffset(arena, leaf, ownersOf(arena, leaf) - 1)
  return sameOwner(arena.octetsOf(leaf), last, octets, at)
}

/** Copies octets between two arrays. Hot. */
function copyOctets(from: Uint8Array, at: number, end: number, to: Uint8Array, target: number): void {
  if (end - at > LOOP_OCTETS_MAX) to.set(from.subarray(at, end), target)
  else for (let source = at, shift = target - at; source < end; source++) to[source + shift] = from[source] as number
}
