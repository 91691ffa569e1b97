/** Whether a tree of pages is what page.ts says it is: looked at page by page, slowly. */

import { ok, strictEqual } from 'node:assert'
import type { ArenaView, Pointer } from '../src/zone/arena-view.ts'
import { offsetOf } from '../src/zone/arena-view.ts'
import type { Contents } from '../src/zone/contents.ts'
import {
  childAt,
  childCount,
  ENTRY,
  entryAt,
  firstLeaf,
  INNER,
  INNER_OCTETS,
  lastLeaf,
  lastRecord,
  LEAF,
  LEAF_OCTETS,
  pageSize,
  ownersOf,
  recordOctetsOf,
  recordsAt,
  recordsOf,
  slotOffset,
  VERSION,
} from '../src/zone/page.ts'
import { innerHead, leafHead } from '../src/zone/page-search.ts'
import { SortKey } from '../src/zone/sort-key.ts'
import { compareRecords, ownerEnd, recordEnd, sameOwner, typeAfter } from '../src/zone/stored-record.ts'

/** Stops unless all trees of a version are sound. */
export function assertSound({ arena, version }: Contents): void {
  const word = (index: number): number => arena.wordsOf(version)[(offsetOf(version) >>> 2) + index] as number
  const hashes = assertTree(arena, word(VERSION.hashes), word(VERSION.hashesHeight))
  strictEqual(hashes, word(VERSION.hashRecords))
  strictEqual(assertTree(arena, word(VERSION.names), word(VERSION.namesHeight)) + hashes, word(VERSION.records))
  const edited = word(VERSION.editedRecords)
  strictEqual(assertTree(arena, word(VERSION.edited), word(VERSION.editedHeight)), edited)
  strictEqual(assertTree(arena, word(VERSION.ids), word(VERSION.idsHeight)), edited)
  assertTree(arena, word(VERSION.overlay), word(VERSION.overlayHeight))
}

/** Returns how many records there are. */
function assertTree(arena: ArenaView, page: Pointer, height: number): number {
  if (page === 0) return 0
  return height === 0 ? assertLeaf(arena, page) : assertInner(arena, page, height)
}

function assertLeaf(arena: ArenaView, leaf: Pointer): number {
  const octets = arena.octetsOf(leaf)
  const start = recordsAt(arena, leaf)
  const end = start + recordOctetsOf(arena, leaf)
  const prefix = arena.halvesOf(leaf)[(offsetOf(leaf) >>> 1) + LEAF.prefixHalf] as number
  strictEqual(arena.wordsOf(leaf)[offsetOf(leaf) >>> 2], pageSize(arena, leaf), 'a page that can still be written to')
  ok(end <= offsetOf(leaf) + pageSize(arena, leaf), 'records run out of their page')
  ok(pageSize(arena, leaf) <= LEAF_OCTETS || recordsOf(arena, leaf) === 1, 'a large leaf has several records')
  let records = 0
  let slot = 0
  let before = -1
  let first: SortKey | undefined
  for (let at = start; at < end; at = recordEnd(octets, at)) {
    if (before >= 0) ok(compareRecords(octets, before, octets, at) < 0, 'records are out of order')
    if (before < 0 || !sameOwner(octets, before, octets, at)) {
      const key = keyAt(octets, at)
      first ??= key
      ok(
        Buffer.compare(first.octets.subarray(0, prefix), key.octets.subarray(0, prefix)) === 0,
        'a key without the prefix',
      )
      ok(prefix <= key.length)
      const word = arena.wordsOf(leaf)[(offsetOf(leaf) >>> 2) + LEAF.slotsWord + slot] as number
      strictEqual(word >>> 16, leafHead(key.octets, key.length, prefix), 'a wrong head')
      strictEqual(slotOffset(arena, leaf, slot++), at - start, 'a wrong slot')
    }
    before = at
    records++
  }
  strictEqual(slot, ownersOf(arena, leaf))
  strictEqual(records, recordsOf(arena, leaf))
  ok(records > 0, 'an empty leaf')
  return records
}

function assertInner(arena: ArenaView, page: Pointer, height: number): number {
  const words = arena.wordsOf(page)
  const octets = arena.octetsOf(page)
  const base = offsetOf(page)
  const size = pageSize(arena, page)
  const keys = words[(base >>> 2) + INNER.keysWord] as number
  const prefix = words[(base >>> 2) + INNER.prefixWord] as number
  ok(size <= INNER_OCTETS)
  strictEqual(words[base >>> 2], size, 'a page that can still be written to')
  ok(entryAt(page, childCount(arena, page)) * 4 <= base + keys, 'entries run into keys')
  let records = 0
  for (let index = 0; index < childCount(arena, page); index++) {
    const child = childAt(arena, page, index)
    const below = assertTree(arena, child, height - 1)
    strictEqual(words[entryAt(page, index) + ENTRY.records], below, 'a wrong count')
    records += below
    if (index === 0) continue
    const word = words[entryAt(page, index) + ENTRY.separator] as number
    const separator = octets.slice(base + (word & 0xffff), base + (word & 0xffff) + ((word >>> 16) & 0x7fff))
    strictEqual(
      words[entryAt(page, index) + ENTRY.head],
      innerHead(separator, 0, separator.length, prefix),
      'a wrong head',
    )
    const left = lastLeaf(arena, childAt(arena, page, index - 1), height - 1)
    const right = firstLeaf(arena, child, height - 1)
    const [a, b] = [arena.octetsOf(left), arena.octetsOf(right)]
    const [aAt, bAt] = [recordsAt(arena, left) + lastRecord(arena, left), recordsAt(arena, right)]
    ok(compareRecords(a, aAt, b, bAt) < 0, 'leaves are out of order')
    const isDeep = word < 0
    ok(compareKeys(separator, fullKey(b, bAt)) <= 0, 'a separator behind its child')
    const order = compareKeys(fullKey(a, aAt), separator)
    ok(order < 0 || (isDeep && order === 0), 'a separator before its neighbour')
  }
  return records
}

function keyAt(octets: Uint8Array, at: number): SortKey {
  const key = new SortKey()
  key.setOwner(octets, at, ownerEnd(octets, at))
  return key
}

/** Owner and type of a record as a key. */
function fullKey(octets: Uint8Array, at: number): Uint8Array {
  const key = keyAt(octets, at)
  return key.octets.slice(0, key.putType(typeAfter(octets, ownerEnd(octets, at))))
}

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b)
}
