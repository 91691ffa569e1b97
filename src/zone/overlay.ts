/**
 * What is answered in place of some records of a version: in a secondary zone overrides, in one that is edited here the
 * addresses that single CNAME records lead to.
 *
 * A version keeps what secondaries are sent: under one serial all of them have the same records. Over some owners lies a
 * tree of its own with everything that is answered for them: the addresses that stand in place of A, AAAA and CNAME
 * records, and the other records of the owner once more. It follows from the version and from what is known elsewhere, and
 * is in no store and in no difference. Over a zone that came signed nothing is laid: no signature would cover it.
 */

import type { DnsRecord } from '../dns/message.ts'
import type { Name } from '../dns/name.ts'
import { octetsEqual } from '../dns/octets.ts'
import type { Edit } from './edit.ts'
import { PROXIABLE } from './served-records.ts'
import { storeRecord } from './stored-form.ts'
import { compareRecords, TREE } from './stored-record.ts'

/** What is answered in place of the A, AAAA and CNAME records of an owner. */
export interface Overlay {
  readonly owner: Name
  readonly records: readonly DnsRecord[]
  /** Also where no such record came; else it waits for the first. */
  readonly always: boolean
}

/** Lays these over an edit of which all else is done, in place of what lay over the version before. */
export function layOver(edit: Edit, overlays: readonly Overlay[]): void {
  const cursor = edit.cursor(TREE.overlay)
  const before: Uint8Array[] = []
  for (let more = cursor.first(); more; more = cursor.next()) before.push(cursor.octets.slice(cursor.at, cursor.end))
  for (const octets of before) edit.uncover(octets)
  if (edit.counts.signatures > 0) return
  for (const overlay of overlays) layOne(edit, overlay)
}

function layOne(edit: Edit, { owner, records, always }: Overlay): void {
  const others: Uint8Array[] = []
  let isThere = always
  for (const { type, octets, at, end } of edit.recordsOf(TREE.names, owner)) {
    if (PROXIABLE.has(type)) isThere = true
    else others.push(octets.slice(at, end))
  }
  if (!isThere) return
  for (const octets of others) edit.cover(octets)
  for (const record of records) edit.cover(storeRecord(record, edit.apex))
}

/** Lays these records over one owner, in place of what lay there; none for what the version itself has. */
export function coverOwner(edit: Edit, owner: Name, records: readonly DnsRecord[]): void {
  if (records.length === 0 && !edit.isCovered) return
  const wanted = records.map((record) => storeRecord(record, edit.apex)).sort((a, b) => compareRecords(a, 0, b, 0))
  const there = Array.from(edit.recordsOf(TREE.overlay, owner), ({ octets, at, end }) => octets.slice(at, end))
  if (there.length === wanted.length && there.every((octets, at) => octetsEqual(octets, wanted[at] as Uint8Array)))
    return
  for (const octets of there) edit.uncover(octets)
  for (const octets of wanted) edit.cover(octets)
}
