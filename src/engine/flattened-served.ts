/**
 * Whether a version answers its CNAME records with what is known of where they lead.
 *
 * It mostly does: an answer is stored with the version it is in. But one that several zones use is in the store with the
 * first of them, and a crash may come before the others; and in a zone that begins to be edited here all CNAME records
 * are served as they came. An answer that is known already and stays as it is would reach neither. So what is served is
 * held against what would be made of each such record: exactly, for a zone that is made anew without need costs a turn of
 * the contents thread, and at a start there may be 100,000 of them.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DnsRecord } from '../dns/message.ts'
import type { Name } from '../dns/name.ts'
import { hexText } from '../dns/octets.ts'
import type { Stored } from '../zone/contents.ts'
import { editedType, readEdited } from '../zone/edited-record.ts'
import { coveringRecords, PROXIABLE, servedRecords } from '../zone/served-records.ts'
import { readStoredRecord } from '../zone/stored-form.ts'
import { ownerEnd, TYPE } from '../zone/stored-record.ts'
import type { ZoneFrame } from '../zone/zone-frame.ts'
import type { RecordReader, ServedReader } from './runtime.ts'

/** A zone's version from both sides. */
export interface FlattenedVersion {
  readonly edited: Pick<RecordReader, 'apex' | 'recordsOf'>
  readonly served: ServedReader
}

const OWNERS_PER_SLICE = 2000

/** The owners of CNAME records that are not served as a frame makes them. Gives way to others now and then. */
export async function findOutdated(
  version: FlattenedVersion,
  owners: Iterable<Name>,
  frame: ZoneFrame,
): Promise<readonly Name[]> {
  const outdated: Name[] = []
  let seen = 0
  for (const owner of owners) {
    if (!isServed(version, owner, frame)) outdated.push(owner)
    if (++seen % OWNERS_PER_SLICE === 0) await nextTurn()
  }
  return outdated
}

/** Beside a CNAME record there is nothing else of the types that stand in for it. */
function isServed({ edited, served }: FlattenedVersion, owner: Name, frame: ZoneFrame): boolean {
  const { apex } = edited
  for (const { octets, at } of edited.recordsOf(owner)) {
    if (editedType(octets, ownerEnd(octets, at)) !== TYPE.CNAME) continue
    const cname = [readEdited(octets, at, apex)]
    const read = (stored: Stored) => readStoredRecord(stored.octets, stored.at, apex)
    const over = coveringRecords(owner, cname, { apex, frame }) ?? []
    return (
      linesOf(servedRecords(owner, cname, { apex, frame })) === linesOf(Array.from(served.recordsOf(owner), read)) &&
      linesOf(over) === linesOf(Array.from(served.coveringOf(owner), read))
    )
  }
  return true // it is gone by now
}

function linesOf(records: readonly DnsRecord[]): string {
  const counted = records.filter(({ type }) => PROXIABLE.has(type))
  const lines = counted.map(({ type, ttl, rdata }) => `${type} ${ttl} ${hexText(rdata)}`)
  return lines.toSorted().join()
}
