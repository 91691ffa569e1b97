/**
 * Segments: a version cut into runs of stored records, as the store keeps it, and built from them again.
 *
 * A cut is made after so many octets, always between two records. Loading needs no look at text and no sorting: the
 * records come in canonical order, which is what an edit takes fastest.
 */

import type { Name } from '../dns/name.ts'
import type { Arena } from './arena.ts'
import { runsOf, type Contents } from './contents.ts'
import { Edit } from './edit.ts'
import { RunBuilder } from './run-builder.ts'
import { ownerEnd, recordEnd } from './stored-record.ts'

/** Some 4096 records: few enough rows for the store, and little to write again when one record changes. */
const SEGMENT_OCTETS = 192 * 1024

export interface Run {
  /** Owner of the first record: its labels relative to the apex. */
  readonly firstOwner: Uint8Array
  readonly recordCount: number
  readonly octets: Uint8Array
}

/** All records of a version but its SOA record. */
export function* segmentsOf(contents: Contents): Generator<Run> {
  let builder = new RunBuilder()
  for (const { octets, at, end } of runsOf(contents)) {
    builder.add(octets, at, end)
    if (builder.length < SEGMENT_OCTETS) continue
    yield runOf(builder.finish())
    builder = new RunBuilder()
  }
  if (builder.length > 0) yield runOf(builder.finish())
}

/** Builds a version from its SOA record, in stored form, and its segments in order. */
export function loadSegments(
  arena: Arena,
  apex: Name,
  soa: Uint8Array,
  segments: Iterable<{ readonly octets: Uint8Array }>,
): Contents {
  const edit = new Edit(arena, undefined, apex)
  try {
    edit.setSoa(soa)
    for (const { octets } of segments) addRun(edit, octets)
    return edit.commit().contents
  } catch (error) {
    edit.abort()
    throw error
  }
}

/** Puts every record of a run into an edit. */
function addRun(edit: Edit, octets: Uint8Array): void {
  for (let at = 0; at < octets.length;) {
    const end = recordEnd(octets, at)
    edit.add(octets, at, end - at)
    at = end
  }
}

function runOf(octets: Uint8Array): Run {
  let recordCount = 0
  for (let at = 0; at < octets.length; at = recordEnd(octets, at)) recordCount++
  return { firstOwner: octets.slice(0, ownerEnd(octets, 0)), recordCount, octets }
}
