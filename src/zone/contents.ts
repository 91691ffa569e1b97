/**
 * Contents: the records of a zone at one serial, never changed, only replaced.
 *
 * A version lies in shared memory: a block of words (its serial, its counts, its SOA record) and trees of pages that
 * it shares, where nothing changed, with the versions before and after it. All records but the SOA are in the tree of
 * names, in canonical order (RFC 4034 §6); NSEC3 records and the signatures over them are in the tree of hashes.
 * "n-th record" and "all records" mean: the names' first, then the hashes'. A zone that is edited here has two more: the
 * records as they are edited, of which the others are made, and where to find them by their ids (edited-record.ts). Either
 * may have what is answered in place of some of its records (overlay.ts); it counts nowhere.
 */

import type { Serial } from '../dns/serial.ts'
import { type ArenaView, CHUNK_MASK, offsetOf, type Pointer } from './arena-view.ts'
import { Cursor } from './cursor.ts'
import { childAt, childCount, recordOctetsOf, recordsAt, recordsOf, VERSION } from './page.ts'
import { PagePath } from './page-path.ts'
import { SortKey } from './sort-key.ts'
import { TREE } from './stored-record.ts'

/** A version of a zone, as a thread sees it. */
export interface Contents {
  readonly arena: ArenaView
  /** The block in shared memory that is the version: what one thread publishes and the others pick up. */
  readonly version: Pointer
}

/** One stored record, or a run of them, in place. */
export interface Stored {
  readonly octets: Uint8Array
  readonly at: number
  readonly end: number
  /** How many records there are, where that is known. */
  readonly records?: number
}

/** What a version counts; none of it includes the SOA record. */
export interface Counts {
  readonly records: number
  /** Names with records. */
  readonly owners: number
  /** Names below the apex with NS records. */
  readonly cuts: number
  /** Names with a DNAME record. */
  readonly dnames: number
  /** Names with a label that is an asterisk: without any, no name of the zone is a wildcard (RFC 4592 §2.1.1). */
  readonly wildcards: number
  /** RRSIG records: a zone without any is not signed. */
  readonly signatures: number
  /** NSEC records. */
  readonly nsecs: number
  /** NSEC3 records and the signatures over them. */
  readonly hashRecords: number
  /** Octets of all these records in stored form. */
  readonly octets: number
  /** Records as people edit them, from which the others were made; none in a zone that is transferred in. */
  readonly editedRecords: number
}

/** What a version counts. */
export function countsOf({ arena, version }: Contents): Counts {
  const words = arena.wordsOf(version)
  const head = (version & CHUNK_MASK) << 2
  const word = (index: number): number => (words[head + index] as number) >>> 0
  return {
    records: word(VERSION.records),
    owners: word(VERSION.owners),
    cuts: word(VERSION.cuts),
    dnames: word(VERSION.dnames),
    wildcards: word(VERSION.wildcards),
    signatures: word(VERSION.signatures),
    nsecs: word(VERSION.nsecs),
    hashRecords: word(VERSION.hashRecords),
    octets: word(VERSION.octetsHigh) * 2 ** 32 + word(VERSION.octetsLow),
    editedRecords: word(VERSION.editedRecords),
  }
}

/** How many records a version has, without its SOA record. */
export function recordCount(contents: Contents): number {
  return versionWord(contents, VERSION.records) >>> 0
}

/** One word of a version, by its index in VERSION. Hot: whether there are cuts, DNAMEs or wildcards at all. */
export function versionWord({ arena, version }: Contents, index: number): number {
  return arena.wordsOf(version)[((version & CHUNK_MASK) << 2) + index] as number
}

/** The serial of a version. */
export function serialOf(contents: Contents): Serial {
  return (versionWord(contents, VERSION.serial) >>> 0) as Serial
}

/** The SOA record of a version, in place. */
export function soaOf({ arena, version }: Contents): Stored {
  const at = offsetOf(version) + VERSION.soaAt
  const octets = arena.octetsOf(version)
  return { octets, at, end: at + (arena.wordsOf(version)[(offsetOf(version) >>> 2) + VERSION.soaOctets] as number) }
}

/** The records from the n-th on. What it yields is one cursor that moves: copy what must last. */
export function* recordsFrom(contents: Contents, index = 0): Generator<Cursor> {
  const { records, hashRecords } = countsOf(contents)
  const names = records - hashRecords
  const cursor = new Cursor(contents.arena)
  cursor.openNames(contents.version)
  for (let more = cursor.seekIndex(index, names); more; more = cursor.next()) yield cursor
  cursor.openHashes(contents.version)
  for (let more = cursor.seekIndex(Math.max(index - names, 0), hashRecords); more; more = cursor.next()) yield cursor
}

/** The records of an owner, given by its labels relative to the apex, in the tree that a cursor has open. */
export function* recordsOfOwner(cursor: Cursor, owner: Uint8Array, labelsEnd: number): Generator<Cursor> {
  const key = new SortKey()
  key.setOwner(owner, 0, labelsEnd)
  for (let more = cursor.seek(key); more; more = cursor.nextOfOwner()) yield cursor
}

/** All records that are served but the SOA, as runs of stored records without gaps: one per page. For transfers. */
export function* runsOf(contents: Contents): Generator<Stored> {
  yield* runsOfTree(contents, TREE.names)
  yield* runsOfTree(contents, TREE.hashes)
}

/** The same, and the edited records behind them. For the store. */
export function* keptRunsOf(contents: Contents): Generator<Stored> {
  yield* runsOfTree(contents, TREE.names)
  yield* keptRunsBehindNames(contents)
}

/** Of what the store keeps, all that stands behind the names. */
export function* keptRunsBehindNames(contents: Contents): Generator<Stored> {
  yield* runsOfTree(contents, TREE.hashes)
  yield* runsOfTree(contents, TREE.edited)
}

/** The records of one tree. */
function* runsOfTree(contents: Contents, tree: number): Generator<Stored> {
  const { arena } = contents
  const root = versionWord(contents, 2 * tree)
  const height = versionWord(contents, 2 * tree + 1)
  if (root === 0) return
  const path = new PagePath(arena)
  path.open(root, height)
  path.toFirst()
  do yield runOfLeaf(arena, path.leaf)
  while (path.next())
}

/** The records of one leaf. */
export function runOfLeaf(arena: ArenaView, leaf: Pointer): Stored {
  const at = recordsAt(arena, leaf)
  return { octets: arena.octetsOf(leaf), at, end: at + recordOctetsOf(arena, leaf), records: recordsOf(arena, leaf) }
}

/**
 * All pages of a version, itself included: to be freed when the zone is gone and nobody reads it any more. Each comes
 * after the pages below it, so it can be freed on the way.
 */
export function* pagesOf({ arena, version }: Contents): Generator<Pointer> {
  const head = offsetOf(version) >>> 2
  const words = arena.wordsOf(version)
  for (const tree of Object.values(TREE))
    yield* pagesUnder(arena, words[head + 2 * tree] as Pointer, words[head + 2 * tree + 1] as number)
  yield version
}

function* pagesUnder(arena: ArenaView, page: Pointer, height: number): Generator<Pointer> {
  if (page === 0) return
  const children = height === 0 ? 0 : childCount(arena, page)
  for (let index = 0; index < children; index++) yield* pagesUnder(arena, childAt(arena, page, index), height - 1)
  yield page
}
