/**
 * Writing inner pages: entries put in and taken out, pages parted and joined; and the making of separators.
 *
 * Only for pages that the edit at work has made. The octets of a separator whose entry is gone stay in the page until it
 * is copied, which leaves them out.
 */

import type { Arena } from './arena.ts'
import { offsetOf, type Pointer } from './arena-view.ts'
import { childCount, ENTRY, entryAt, INNER, PAGE_HEAD_OCTETS } from './page.ts'
import { sharedOctets, writeInnerHead, writeInnerHeads } from './page-heads.ts'
import { SORT_KEY_OCTETS_MAX, SortKey } from './sort-key.ts'
import { ownerEnd, typeAfter } from './stored-record.ts'

/** The most that one more child can take. */
export const CHILD_OCTETS_MAX = ENTRY.octets + SORT_KEY_OCTETS_MAX

const before = new SortKey()
const behind = new SortKey()

/** What stands between two neighbours in a tree; see page.ts. */
export class Separator {
  readonly octets = new Uint8Array(SORT_KEY_OCTETS_MAX)
  length = 0
  deep = false

  /** Makes this the shortest that parts two records, the left of which comes first. */
  part(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number): this {
    const leftEnd = ownerEnd(left, leftAt)
    const rightEnd = ownerEnd(right, rightAt)
    before.setOwner(left, leftAt, leftEnd)
    behind.setOwner(right, rightAt, rightEnd)
    const shared = sharedOctets(before, behind, behind.length)
    if (shared < behind.length) {
      this.length = shared + 1
      this.deep = false
    } else {
      const type = typeAfter(right, rightEnd)
      this.length = behind.putType(type)
      this.deep = typeAfter(left, leftEnd) === type
    }
    this.octets.set(behind.octets.subarray(0, this.length))
    return this
  }

  /** Makes this the separator of a child. */
  take(arena: Arena, page: Pointer, index: number): this {
    const word = arena.wordsOf(page)[entryAt(page, index) + ENTRY.separator] as number
    const at = offsetOf(page) + separatorOffset(word)
    this.length = separatorLength(word)
    this.deep = word < 0
    this.octets.set(arena.octetsOf(page).subarray(at, at + this.length))
    return this
  }
}

const moved = new Separator()

/** A separator in its entry: offset of its octets, how many they are, and whether it is deep (then the word is negative). */
function separatorWord(offset: number, length: number, deep: boolean): number {
  return offset | (length << 16) | (deep ? 0x8000_0000 : 0)
}
function separatorOffset(word: number): number {
  return word & 0xffff
}
function separatorLength(word: number): number {
  return (word >>> 16) & 0x7fff
}

/** An inner page without children, of at least so many octets. */
export function newInner(arena: Arena, octets: number): Pointer {
  const page = arena.allocate(octets)
  const head = offsetOf(page) >>> 2
  const words = arena.wordsOf(page)
  const size = arena.sizeOf(page)
  words[head + INNER.sizeWord] = size
  words[head + INNER.keysWord] = size
  words[head + INNER.childrenWord] = 0
  words[head + INNER.prefixWord] = 0
  return page
}

/** How many octets of an inner page would still be needed if it were copied. */
export function innerUse(arena: Arena, page: Pointer): number {
  const words = arena.wordsOf(page)
  const children = childCount(arena, page)
  let octets = PAGE_HEAD_OCTETS + children * ENTRY.octets
  let word = entryAt(page, 0) + ENTRY.separator
  for (let index = 0; index < children; index++, word += ENTRY.words) octets += separatorLength(words[word] as number)
  return octets
}

/** How many octets between entries and keys nobody has used. */
export function innerRoom(arena: Arena, page: Pointer): number {
  const keys = arena.wordsOf(page)[(offsetOf(page) >>> 2) + INNER.keysWord] as number
  return keys - PAGE_HEAD_OCTETS - childCount(arena, page) * ENTRY.octets
}

/** Puts a child in before the index-th. There must be room for its separator. */
export function insertChild(
  arena: Arena,
  page: Pointer,
  index: number,
  child: Pointer,
  records: number,
  separator: Separator,
): void {
  putChild(arena, page, index, child, records, separator)
  writeInnerHead(arena, page, index)
}

function putChild(
  arena: Arena,
  page: Pointer,
  index: number,
  child: Pointer,
  records: number,
  separator: Separator,
): void {
  const words = arena.wordsOf(page)
  const head = offsetOf(page) >>> 2
  const children = childCount(arena, page)
  const keys = (words[head + INNER.keysWord] as number) - separator.length
  arena.octetsOf(page).set(separator.octets.subarray(0, separator.length), offsetOf(page) + keys)
  const entry = entryAt(page, index)
  words.copyWithin(entry + ENTRY.words, entry, entryAt(page, children))
  words[entry + ENTRY.child] = child
  words[entry + ENTRY.records] = records
  words[entry + ENTRY.separator] = separatorWord(keys, separator.length, separator.deep)
  words[head + INNER.keysWord] = keys
  words[head + INNER.childrenWord] = children + 1
}

/** Takes a child out. */
export function removeChild(arena: Arena, page: Pointer, index: number): void {
  const words = arena.wordsOf(page)
  const children = childCount(arena, page)
  const entry = entryAt(page, index)
  words.copyWithin(entry, entry + ENTRY.words, entryAt(page, children))
  words[(offsetOf(page) >>> 2) + INNER.childrenWord] = children - 1
}

/** Lets an entry point to another page. */
export function setChild(arena: Arena, page: Pointer, index: number, child: Pointer): void {
  arena.wordsOf(page)[entryAt(page, index) + ENTRY.child] = child
}

/** Counts records that were put below a child, or taken away. Hot: once per level and record. */
export function addRecords(arena: Arena, page: Pointer, index: number, records: number): void {
  const words = arena.wordsOf(page)
  const word = entryAt(page, index) + ENTRY.records
  words[word] = (words[word] as number) + records
}

/** How many records lie below a child. */
export function recordsBelow(arena: Arena, page: Pointer, index: number): number {
  return arena.wordsOf(page)[entryAt(page, index) + ENTRY.records] as number
}

/** How many records lie below a page. */
export function recordsUnder(arena: Arena, page: Pointer): number {
  let records = 0
  for (let index = childCount(arena, page) - 1; index >= 0; index--) records += recordsBelow(arena, page, index)
  return records
}

/** Copies the children from `first` up to `last` of one page behind those of another, which has room for them. */
export function copyChildren(arena: Arena, source: Pointer, first: number, last: number, target: Pointer): void {
  const words = arena.wordsOf(source)
  for (let index = first; index < last; index++) {
    const child = words[entryAt(source, index) + ENTRY.child] as Pointer
    const to = childCount(arena, target)
    putChild(arena, target, to, child, recordsBelow(arena, source, index), moved.take(arena, source, index))
  }
  writeInnerHeads(arena, target)
}
