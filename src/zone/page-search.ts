/** Finding the way in one page: the child to go to, the owner among the owners of a leaf. All of it is hot. */

import { type ArenaView, offsetOf, type Pointer } from './arena-view.ts'
import { ENTRIES_WORD, ENTRY, firstLeaf, firstSlotOf, INNER, ownersOf, PAGE_HEAD_OCTETS } from './page.ts'
import { compareOwnerToKey } from './sort-key.ts'
import { compareWithinOwner, ownerEnd } from './stored-record.ts'

/** The slot in a leaf of the owner that a key names; if it has no records there, the complement of the slot behind. */
export function findSlot(arena: ArenaView, leaf: Pointer, key: Uint8Array, length: number): number {
  const octets = arena.octetsOf(leaf)
  const halves = arena.halvesOf(leaf)
  const base = offsetOf(leaf)
  const first = firstSlotOf(arena, leaf)
  let low = 0
  let high = ownersOf(arena, leaf)
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = compareOwnerToKey(octets, base + (halves[first - middle] as number), key, length)
    if (order === 0) return middle // no owner has two slots in one page
    if (order < 0) low = middle + 1
    else high = middle
  }
  return ~low
}

/** The child in which what the key names is to be sought: the last whose separator is not behind it. */
export function findChild(arena: ArenaView, page: Pointer, key: Uint8Array, length: number): number {
  const octets = arena.octetsOf(page)
  const words = arena.wordsOf(page)
  const base = offsetOf(page)
  const head = base >>> 2
  let low = 1
  let high = words[head + INNER.childrenWord] as number
  while (low < high) {
    const middle = (low + high) >>> 1
    const word = words[head + ENTRIES_WORD + middle * ENTRY.words + ENTRY.separator] as number
    const order = compareSeparator(octets, base + (word & 0xffff), (word >>> 16) & 0x7fff, key, length)
    // A deep separator stands for its own octets and an RDATA behind them.
    if (order < 0 || (order === 0 && word >= 0)) low = middle + 1
    else high = middle
  }
  return low - 1
}

function compareSeparator(octets: Uint8Array, at: number, ownLength: number, key: Uint8Array, length: number): number {
  const shared = ownLength < length ? ownLength : length
  for (let k = 0; k < shared; k++) {
    const order = (octets[at + k] as number) - (key[k] as number)
    if (order !== 0) return order
  }
  return ownLength - length
}

/**
 * As `findChild`, for one record: `key` is that of its owner and type, and its owner ends at `end` in `record`. Only
 * among deep separators for that very key does its RDATA matter.
 */
export function findChildOfRecord(
  arena: ArenaView,
  page: Pointer,
  height: number,
  key: Uint8Array,
  length: number,
  record: Uint8Array,
  end: number,
): number {
  let low = findChild(arena, page, key, length) + 1
  const octets = arena.octetsOf(page)
  const words = arena.wordsOf(page)
  const base = offsetOf(page)
  const head = base >>> 2
  let high = words[head + INNER.childrenWord] as number
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = head + ENTRIES_WORD + middle * ENTRY.words
    const word = words[entry + ENTRY.separator] as number
    const isDeep =
      word < 0 && compareSeparator(octets, base + (word & 0xffff), (word >>> 16) & 0x7fff, key, length) === 0
    if (isDeep && compareToFirst(arena, words[entry] as Pointer, height, record, end) >= 0) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** How a record's RDATA stands to that of the first record below a child, which has the same owner and type. */
function compareToFirst(arena: ArenaView, child: Pointer, height: number, record: Uint8Array, end: number): number {
  const leaf = firstLeaf(arena, child, height - 1)
  const octets = arena.octetsOf(leaf)
  return compareWithinOwner(record, end, octets, ownerEnd(octets, offsetOf(leaf) + PAGE_HEAD_OCTETS))
}
