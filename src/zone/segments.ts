/**
 * Segments: the runs of some 4,096 records in which the store keeps a zone.
 *
 * Where a segment ends depends on its records alone: before the first owner, after a least number of records, whose hash
 * has a certain form. So two versions have equal segments where their records are equal, whatever was added or removed
 * elsewhere, and the store keeps equal segments once. Only an owner with very many records is cut in the middle.
 *
 * A segment is named by its first owner, written so that the order of the octets is the order of contents: the number
 * of the tree, then the owner's sort key, then 00 if the owner has records in the segment before.
 */

import { compareOctets } from '../dns/octets.ts'
import { type Contents, keptRunsOf, type Stored } from './contents.ts'
import { Cursor } from './cursor.ts'
import type { Difference } from './difference.ts'
import type { Edit } from './edit.ts'
import { compareOwnerToKey, SortKey } from './sort-key.ts'
import { checkRun } from './stored-form.ts'
import { isSamePlace, ownerOrder, type Segment, SegmentCutter } from './segment-cutter.ts'
import { recordEnd, TREE } from './stored-record.ts'

/** A version's records, without its SOA record, as segments in order. */
export function segmentsOf(contents: Contents): Generator<Segment> {
  return cut(keptRunsOf(contents))
}

/**
 * A version's segments, given those of a version before and all differences since. Where nothing changed they are the
 * known ones, handed back as they came; else they are cut anew.
 */
export function* segmentsSince<Known extends { readonly firstOwner: Uint8Array }>(
  contents: Contents,
  known: readonly Known[],
  differences: readonly Difference[],
): Generator<Segment | Known> {
  const touched = segmentsTouched(
    known.map(({ firstOwner }) => firstOwner),
    differences,
  )
  for (let index = 0; index < known.length;) {
    if (!touched.has(index)) {
      yield known[index++] as Known
      continue
    }
    const first = index
    while (touched.has(index)) index++ // ends between owners
    yield* cut(recordsBetween(contents, first === 0 ? undefined : known[first]?.firstOwner, known[index]?.firstOwner))
  }
  if (known.length === 0) yield* segmentsOf(contents)
}

/**
 * Which of some segments, given their first owners, have to be cut anew after differences; by index. Segments between
 * which an owner is cut go together.
 */
export function segmentsTouched(
  firstOwners: readonly Uint8Array[],
  differences: readonly Difference[],
): ReadonlySet<number> {
  const touched = new Set<number>()
  for (const { removed, added } of differences) {
    for (const run of [removed, added]) {
      for (let at = 0, before = -1; at < run.length; before = at, at = recordEnd(run, at)) {
        if (before < 0 || !isSamePlace(run, before, run, at)) touch(touched, firstOwners, ownerOrder(run, at, false))
      }
    }
  }
  return touched
}

/** Notes the segment in which an owner's records are or would be, and those that go with it. */
function touch(touched: Set<number>, firstOwners: readonly Uint8Array[], owner: Uint8Array): void {
  let low = 0
  let high = firstOwners.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareOctets(firstOwners[middle] as Uint8Array, owner) <= 0) low = middle + 1
    else high = middle
  }
  let first = Math.max(low - 1, 0)
  let last = first
  while (first > 0 && beginsWithinOwner(firstOwners[first] as Uint8Array)) first--
  while (last + 1 < firstOwners.length && beginsWithinOwner(firstOwners[last + 1] as Uint8Array)) last++
  for (let index = first; index <= last && index < firstOwners.length; index++) touched.add(index)
}

/** Whether a segment with this name begins in the middle of an owner: no label is empty, so no key ends in 00 00. */
function beginsWithinOwner(name: Uint8Array): boolean {
  return name.length > 1 && name.at(-1) === 0 && (name.length === 2 || name.at(-2) === 0)
}

/** Puts in the records of the next segment. Throws WireError for octets that are no records. */
export function addSegment(edit: Edit, octets: Uint8Array): void {
  checkRun(octets)
  for (let at = 0, end; at < octets.length; at = end) {
    end = recordEnd(octets, at)
    edit.add(octets, at, end - at)
  }
}

/** Cuts runs of records into segments. */
function* cut(runs: Iterable<Stored>): Generator<Segment> {
  const cutter = new SegmentCutter()
  for (const { octets, at, end } of runs) yield* cutter.push(octets, at, end)
  yield* cutter.finish()
}

/** The records from one owner up to another; from the first, or up to the last, where none is given. */
function* recordsBetween(contents: Contents, first?: Uint8Array, stop?: Uint8Array): Generator<Stored> {
  const cursor = new Cursor(contents.arena)
  const firstTree = first?.[0] ?? 0
  const stopTree = stop?.[0] ?? TREE.edited
  for (let tree = firstTree; tree <= stopTree; tree++) {
    openTree(cursor, tree, contents)
    if (first !== undefined && tree === firstTree) cursor.seek(keyOf(first))
    else cursor.first()
    const end = stop !== undefined && tree === stopTree ? keyOf(stop) : undefined
    for (; cursor.at >= 0; cursor.next()) {
      if (end !== undefined && compareOwnerToKey(cursor.octets, cursor.at, end.octets, end.length) >= 0) break
      yield cursor
    }
  }
}

function openTree(cursor: Cursor, tree: number, { version }: Contents): void {
  if (tree === TREE.names) cursor.openNames(version)
  else if (tree === TREE.hashes) cursor.openHashes(version)
  else cursor.openEdited(version)
}

function keyOf(order: Uint8Array): SortKey {
  const key = new SortKey()
  key.octets.set(order.subarray(1))
  key.length = order.length - 1
  return key
}
