/**
 * Writing leaves: putting records in, taking them out, parting pages and joining them.
 *
 * Only for pages that the edit at work has made; a page that a version holds is copied first. Offsets count from where
 * the records of the page begin. A *slot* is the place of an owner among the owners of the page.
 */

import type { Arena } from './arena.ts'
import { offsetOf, type Pointer } from './arena-view.ts'
import { LEAF, pageSize, ownersOf, PAGE_HEAD_OCTETS, recordOctetsOf, recordsAt, recordsOf, slotOffset } from './page.ts'
import { writeLeafHead, writeLeafHeads } from './page-heads.ts'
import { recordEnd, sameOwner } from './stored-record.ts'

/** How many slots are made when one more is needed. */
const SLOTS_MORE = 4
/** From here on a call that copies costs less than a loop. */
const LOOP_OCTETS_MAX = 96

/** A leaf without records, of at least so many octets, and with slots for so many owners. */
export function newLeaf(arena: Arena, octets: number, slots: number): Pointer {
  const leaf = arena.allocate(octets)
  const base = offsetOf(leaf)
  const words = arena.wordsOf(leaf)
  words.fill(0, base >>> 2, (base + PAGE_HEAD_OCTETS) >>> 2)
  words[(base >>> 2) + LEAF.sizeWord] = arena.sizeOf(leaf)
  arena.halvesOf(leaf)[(base >>> 1) + LEAF.startHalf] = PAGE_HEAD_OCTETS + slots * LEAF.slotOctets
  return leaf
}

/** How many octets a leaf needs for so many records and owners. */
export function leafNeed(recordOctets: number, owners: number): number {
  return PAGE_HEAD_OCTETS + owners * LEAF.slotOctets + recordOctets
}

/** How many octets a leaf needs for what it holds. */
export function leafUse(arena: Arena, leaf: Pointer): number {
  return leafNeed(recordOctetsOf(arena, leaf), ownersOf(arena, leaf))
}

/** Whether a record of so many octets can be put in. Hot. */
export function hasRoom(arena: Arena, leaf: Pointer, octets: number, isNewOwner: boolean): boolean {
  const used = recordsAt(arena, leaf) - offsetOf(leaf) + recordOctetsOf(arena, leaf) + octets
  const needsSlot = isNewOwner && ownersOf(arena, leaf) === slotsMade(arena, leaf)
  return (needsSlot ? used + LEAF.slotOctets : used) <= pageSize(arena, leaf)
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
  const length = end - at
  const owners = halves[(base >>> 1) + LEAF.ownersHalf] as number
  if (isNewOwner && owners === slotsMade(arena, leaf)) makeSlots(arena, leaf, length)
  const start = base + (halves[(base >>> 1) + LEAF.startHalf] as number)
  const used = words[(base >>> 2) + LEAF.octetsWord] as number
  if (offset < used) page.copyWithin(start + offset + length, start + offset, start + used)
  copyOctets(octets, at, end, page, start + offset)
  words[(base >>> 2) + LEAF.octetsWord] = used + length

  const slots = (base >>> 2) + LEAF.slotsWord
  if (isNewOwner) {
    // A slot's lower half is its offset, and stays below 2¹⁶: adding to it never carries into the head.
    for (let s = slots + owners; s > slots + slot; s--) words[s] = (words[s - 1] as number) + length
    words[slots + slot] = offset
    halves[(base >>> 1) + LEAF.ownersHalf] = owners + 1
    writeLeafHead(arena, leaf, slot)
  } else {
    for (let s = slots + slot + 1; s < slots + owners; s++) words[s] = (words[s] as number) + length
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
  const start = recordsAt(arena, leaf)
  const used = recordOctetsOf(arena, leaf)
  arena.octetsOf(leaf).copyWithin(start + offset, start + offset + length, start + used)
  words[(base >>> 2) + LEAF.octetsWord] = used - length

  const shift = isLastOfOwner ? 1 : 0
  const owners = ownersOf(arena, leaf) - shift
  const slots = (base >>> 2) + LEAF.slotsWord
  for (let s = slots + slot + 1 - shift; s < slots + owners; s++) words[s] = (words[s + shift] as number) - length
  halves[(base >>> 1) + LEAF.ownersHalf] = owners
  halves[(base >>> 1) + LEAF.recordsHalf] = recordsOf(arena, leaf) - 1
}

/** The same records in a new page of at least so many octets, with slots for so many owners more. */
export function copyLeaf(arena: Arena, leaf: Pointer, octets: number, moreOwners: number): Pointer {
  const owners = ownersOf(arena, leaf)
  const copy = newLeaf(arena, octets, owners + moreOwners)
  const base = offsetOf(copy)
  const from = offsetOf(leaf)
  const halves = arena.halvesOf(copy)
  const start = halves[(base >>> 1) + LEAF.startHalf] as number
  const firstSlot = (from >>> 2) + LEAF.slotsWord
  arena.wordsOf(copy).set(arena.wordsOf(leaf).subarray(firstSlot, firstSlot + owners), (base >>> 2) + LEAF.slotsWord)
  copyOctets(
    arena.octetsOf(leaf),
    recordsAt(arena, leaf),
    recordsAt(arena, leaf) + recordOctetsOf(arena, leaf),
    arena.octetsOf(copy),
    base + start,
  )
  arena.wordsOf(copy)[(base >>> 2) + LEAF.octetsWord] = recordOctetsOf(arena, leaf)
  const sourceHalves = arena.halvesOf(leaf)
  for (const half of [LEAF.ownersHalf, LEAF.recordsHalf, LEAF.prefixHalf]) {
    halves[(base >>> 1) + half] = sourceHalves[(from >>> 1) + half] as number
  }
  return copy
}

/** Parts a leaf: the records from an offset on go to a new page of at least so many octets, which is returned. */
export function splitLeaf(arena: Arena, leaf: Pointer, offset: number, octets: number): Pointer {
  const base = offsetOf(leaf)
  const used = recordOctetsOf(arena, leaf)
  const leftOwners = slotsBefore(arena, leaf, offset)
  const rightOwners = ownersOf(arena, leaf) - leftOwners + 1
  const right = newLeaf(arena, Math.max(octets, leafNeed(used - offset, rightOwners)), rightOwners)
  const leftRecords = recordsBefore(arena, leaf, offset)
  appendRange(arena, leaf, { from: offset, to: used, records: recordsOf(arena, leaf) - leftRecords }, right)
  writeLeafHeads(arena, right)
  arena.wordsOf(leaf)[(base >>> 2) + LEAF.octetsWord] = offset
  arena.halvesOf(leaf)[(base >>> 1) + LEAF.ownersHalf] = leftOwners
  arena.halvesOf(leaf)[(base >>> 1) + LEAF.recordsHalf] = leftRecords
  writeLeafHeads(arena, leaf)
  return right
}

/** A new page with the records of two neighbours. */
export function joinLeaves(arena: Arena, left: Pointer, right: Pointer): Pointer {
  const owners = ownersOf(arena, left) + ownersOf(arena, right)
  const whole = newLeaf(arena, leafNeed(recordOctetsOf(arena, left) + recordOctetsOf(arena, right), owners), owners)
  for (const leaf of [left, right]) {
    appendRange(arena, leaf, { from: 0, to: recordOctetsOf(arena, leaf), records: recordsOf(arena, leaf) }, whole)
  }
  writeLeafHeads(arena, whole)
  return whole
}

/** Where a leaf of at least two records is best parted: near its middle, and between owners if one ends not far from it. */
export function middleOf(arena: Arena, leaf: Pointer): number {
  const end = recordOctetsOf(arena, leaf)
  const middle = end >>> 1
  const near = end >>> 2
  const slot = slotsBefore(arena, leaf, middle)
  const before = slotOffset(arena, leaf, slot - 1)
  const behind = slot < ownersOf(arena, leaf) ? slotOffset(arena, leaf, slot) : end
  if (behind - middle <= near && behind - middle <= middle - before) return behind
  if (middle - before <= near) return before
  const octets = arena.octetsOf(leaf)
  const start = recordsAt(arena, leaf)
  let at = start + before
  let next = recordEnd(octets, at)
  for (; next - start < middle; next = recordEnd(octets, next)) at = next
  return (next - start < end ? next : at) - start
}

/** How many slots begin before an offset. */
function slotsBefore(arena: Arena, leaf: Pointer, offset: number): number {
  let slot = ownersOf(arena, leaf)
  while (slot > 0 && slotOffset(arena, leaf, slot - 1) >= offset) slot--
  return slot
}

function recordsBefore(arena: Arena, leaf: Pointer, offset: number): number {
  const octets = arena.octetsOf(leaf)
  const start = recordsAt(arena, leaf)
  let records = 0
  for (let at = start; at < start + offset; at = recordEnd(octets, at)) records++
  return records
}

/** Copies some of a leaf's records behind those of another, with their slots; the heads are to be written after that. */
function appendRange(
  arena: Arena,
  source: Pointer,
  { from, to, records }: { from: number; to: number; records: number },
  target: Pointer,
): void {
  const octets = arena.octetsOf(source)
  const base = offsetOf(target)
  const words = arena.wordsOf(target)
  const halves = arena.halvesOf(target)
  const sourceStart = recordsAt(arena, source)
  const used = recordOctetsOf(arena, target)
  let owners = ownersOf(arena, target)
  const last = owners === 0 ? 0 : recordsAt(arena, target) + slotOffset(arena, target, owners - 1)
  const goesOn = owners > 0 && sameOwner(arena.octetsOf(target), last, octets, sourceStart + from)
  copyOctets(octets, sourceStart + from, sourceStart + to, arena.octetsOf(target), recordsAt(arena, target) + used)
  words[(base >>> 2) + LEAF.octetsWord] = used + to - from

  const slots = (base >>> 2) + LEAF.slotsWord
  if (!goesOn) words[slots + owners++] = used
  for (let slot = slotsBefore(arena, source, from + 1); slot < ownersOf(arena, source); slot++) {
    words[slots + owners++] = slotOffset(arena, source, slot) - from + used
  }
  halves[(base >>> 1) + LEAF.ownersHalf] = owners
  halves[(base >>> 1) + LEAF.recordsHalf] = recordsOf(arena, target) + records
}

/** For how many owners there are slots. */
function slotsMade(arena: Arena, leaf: Pointer): number {
  return (recordsAt(arena, leaf) - offsetOf(leaf) - PAGE_HEAD_OCTETS) >>> 2
}

/** Moves the records on to make room for more slots, of which there must be enough for one; leaves so many octets free. */
function makeSlots(arena: Arena, leaf: Pointer, octets: number): void {
  const base = offsetOf(leaf)
  const start = recordsAt(arena, leaf)
  const end = start + recordOctetsOf(arena, leaf)
  const slots = Math.min(SLOTS_MORE, (pageSize(arena, leaf) - (end - base) - octets) >>> 2)
  arena.octetsOf(leaf).copyWithin(start + slots * LEAF.slotOctets, start, end)
  arena.halvesOf(leaf)[(base >>> 1) + LEAF.startHalf] = start - base + slots * LEAF.slotOctets
}

/** Copies octets between two arrays. Hot. */
function copyOctets(from: Uint8Array, at: number, end: number, to: Uint8Array, target: number): void {
  if (end - at > LOOP_OCTETS_MAX) to.set(from.subarray(at, end), target)
  else for (let source = at, shift = target - at; source < end; source++) to[source + shift] = from[source] as number
}
