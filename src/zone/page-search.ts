/**
 * Finding the way in one page: the child to go to, the owner among the owners of a leaf. All of it is hot.
 *
 * Heads are compared first; for what they leave open, whole keys. A key that does not share the prefix of the page is
 * rare and gets no help from heads: in an inner page that is seen at once, in a leaf by a look at both neighbours.
 */

import { FOLDED } from '../dns/name.ts'
import { type ArenaView, offsetOf, type Pointer } from './arena-view.ts'
import { ENTRY, entryAt, firstLeaf, INNER, LEAF, recordsAt } from './page.ts'
import { compareOwnerToKey } from './sort-key.ts'
import { compareWithinOwner, OWNER_END, ownerEnd } from './stored-record.ts'

/** The two octets of a key behind a prefix, as one number. */
export function leafHead(key: Uint8Array, length: number, prefix: number): number {
  if (prefix + 1 < length) return ((key[prefix] as number) << 8) | (key[prefix + 1] as number)
  return prefix < length ? (key[prefix] as number) << 8 : 0
}

/** The four octets of a key behind a prefix, as one signed number of the same order. */
export function innerHead(key: Uint8Array, at: number, length: number, prefix: number): number {
  let head = 0
  for (let k = prefix; k < prefix + 4; k++) head = (head << 8) | (k < length ? (key[at + k] as number) : 0)
  return head ^ 0x8000_0000
}

/** The slot in a leaf of the owner that a key names; if it has no records there, the complement of the slot behind. */
export function findSlot(arena: ArenaView, leaf: Pointer, key: Uint8Array, length: number): number {
  const octets = arena.octetsOf(leaf)
  const words = arena.wordsOf(leaf)
  const halves = arena.halvesOf(leaf)
  const half = offsetOf(leaf) >>> 1
  const slots = (half >>> 1) + LEAF.slotsWord
  const owners = halves[half + LEAF.ownersHalf] as number
  const start = (half << 1) + (halves[half + LEAF.startHalf] as number)
  const head = leafHead(key, length, halves[half + LEAF.prefixHalf] as number)
  let low = 0
  let high = owners
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((words[slots + middle] as number) >>> 16 < head) low = middle + 1
    else high = middle
  }
  for (let slot = low; slot < owners; slot++) {
    const word = words[slots + slot] as number
    if (word >>> 16 !== head) break
    if (isPlainOwner(octets, start + (word & 0xffff), key, length)) return slot
  }
  for (let slot = low; slot < owners; slot++) {
    const order = compareOwnerToKey(octets, start + ((words[slots + slot] as number) & 0xffff), key, length)
    if (order === 0) return slot
    if (order > 0) {
      high = slot
      break
    }
    low = high = slot + 1
  }
  // The owner before has to be before the key as well; it was looked at if `low` has moved.
  const isSure =
    low === 0 || compareOwnerToKey(octets, start + ((words[slots + low - 1] as number) & 0xffff), key, length) < 0
  return isSure ? ~low : findSlotPlainly(arena, leaf, key, length)
}

/**
 * Whether a stored owner is that of a key, as far as that is seen at once: of one label, without octets 00 and 01. From
 * its end, where names differ that lie side by side.
 */
function isPlainOwner(octets: Uint8Array, at: number, key: Uint8Array, length: number): boolean {
  if ((octets[at] as number) + 1 !== length || (octets[at + length] as number) < OWNER_END) return false
  for (let k = length - 2; k >= 0; k--) {
    const octet = FOLDED[octets[at + 1 + k] as number] as number
    if (octet !== key[k] || octet <= 1) return false
  }
  return true
}

/** The same by whole keys only. */
function findSlotPlainly(arena: ArenaView, leaf: Pointer, key: Uint8Array, length: number): number {
  const octets = arena.octetsOf(leaf)
  const words = arena.wordsOf(leaf)
  const slots = (offsetOf(leaf) >>> 2) + LEAF.slotsWord
  const start = recordsAt(arena, leaf)
  let low = 0
  let high = arena.halvesOf(leaf)[(offsetOf(leaf) >>> 1) + LEAF.ownersHalf] as number
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = compareOwnerToKey(octets, start + ((words[slots + middle] as number) & 0xffff), key, length)
    if (order === 0) return middle
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
  const page0 = base >>> 2
  const children = words[page0 + INNER.childrenWord] as number
  if (children === 1) return 0
  const prefix = words[page0 + INNER.prefixWord] as number
  const first = base + ((words[entryAt(page, 1) + ENTRY.separator] as number) & 0xffff)
  for (let k = 0; k < prefix; k++) {
    const order = k < length ? (octets[first + k] as number) - (key[k] as number) : 1
    if (order !== 0) return order > 0 ? 0 : children - 1
  }
  const heads = page0 + INNER.entriesWord + ENTRY.head
  const head = innerHead(key, 0, length, prefix)
  let low = 1
  let high = children
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((words[heads + (middle << 2)] as number) < head) low = middle + 1
    else high = middle
  }
  if (low === children || words[heads + (low << 2)] !== head) return low - 1
  return findAmongTies(octets, words, base, low, head, key, length)
}

/** Goes on from the first child whose head is that of the key. */
function findAmongTies(
  octets: Uint8Array,
  words: Int32Array,
  base: number,
  first: number,
  head: number,
  key: Uint8Array,
  length: number,
): number {
  const entries = (base >>> 2) + INNER.entriesWord
  let low = first
  let high = words[(base >>> 2) + INNER.childrenWord] as number
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = entries + (middle << 2)
    const word = words[entry + ENTRY.separator] as number
    let order = 1
    if (words[entry + ENTRY.head] === head) {
      order = compareSeparator(octets, base + (word & 0xffff), (word >>> 16) & 0x7fff, key, length)
      // A deep separator stands for its own octets and an RDATA behind them.
      if (order === 0 && word < 0) order = 1
    }
    if (order <= 0) low = middle + 1
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
  const words = arena.wordsOf(page)
  const children = words[(offsetOf(page) >>> 2) + INNER.childrenWord] as number
  // Deep separators for one key stand side by side, and mostly there is none.
  if (low === children || !isDeepFor(arena, page, low, key, length)) return low - 1
  let high = children
  while (low < high) {
    const middle = (low + high) >>> 1
    const child = words[entryAt(page, middle) + ENTRY.child] as Pointer
    const isBehind =
      !isDeepFor(arena, page, middle, key, length) || compareToFirst(arena, child, height, key, length, record, end) < 0
    if (isBehind) high = middle
    else low = middle + 1
  }
  return low - 1
}

/** Whether a child has a deep separator for a key. */
function isDeepFor(arena: ArenaView, page: Pointer, index: number, key: Uint8Array, length: number): boolean {
  const word = arena.wordsOf(page)[entryAt(page, index) + ENTRY.separator] as number
  if (word >= 0) return false
  return (
    compareSeparator(arena.octetsOf(page), offsetOf(page) + (word & 0xffff), (word >>> 16) & 0x7fff, key, length) === 0
  )
}

/**
 * How a record stands to the first record below a child that has a deep separator for its owner and type. The records
 * of that owner and type may be gone from there; then all that is there is behind it.
 */
function compareToFirst(
  arena: ArenaView,
  child: Pointer,
  height: number,
  key: Uint8Array,
  length: number,
  record: Uint8Array,
  end: number,
): number {
  const leaf = firstLeaf(arena, child, height - 1)
  const octets = arena.octetsOf(leaf)
  const at = recordsAt(arena, leaf)
  if (compareOwnerToKey(octets, at, key, length - 3) !== 0) return -1 // the key goes on with 00 TYPE
  return compareWithinOwner(record, end, octets, ownerEnd(octets, at))
}
