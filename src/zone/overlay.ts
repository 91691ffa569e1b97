/**
 * What is answered in place of records that were transferred: the overrides of a secondary zone.
 *
 * A version keeps what came from its primary as it came, for the store, for the next difference and for further
 * secondaries: under one serial all of them have the same records. Over some owners lies a tree of its own with
 * everything that is answered for them: the addresses that stand in place of A, AAAA and CNAME records, and the other
 * records of the owner once more. It is made anew with each version, from what the version then holds, and is in no
 * store and in no difference. Over a zone that came signed nothing is laid: no signature would cover it.
 */

import type { DnsRecord } from '../dns/message.ts'
import type { Name } from '../dns/name.ts'
import type { Edit } from './edit.ts'
import { PROXIABLE } from './served-records.ts'
import { SortKey } from './sort-key.ts'
import { storeRecord } from './stored-form.ts'
import { TREE } from './stored-record.ts'

/** What is answered in place of the A, AAAA and CNAME records of an owner. */
export interface Overlay {
  readonly owner: Name
  readonly records: readonly DnsRecord[]
  /** Also where no such record came; else it waits for the first. */
  readonly always: boolean
}

/** Lays these over an edit of which all else is done, in place of what lay over the version before. */
export function layOver(edit: Edit, overlays: readonly Overlay[]): void {
  edit.uncover()
  if (edit.counts.signatures > 0) return
  for (const overlay of overlays) layOne(edit, overlay)
}

function layOne(edit: Edit, { owner, records, always }: Overlay): void {
  const key = new SortKey()
  key.setOwner(owner, 0, owner.length - edit.apex.length)
  const cursor = edit.cursor(TREE.names)
  const others: Uint8Array[] = []
  let isThere = always
  for (let more = cursor.seek(key); more; more = cursor.nextOfOwner()) {
    if (PROXIABLE.has(cursor.type)) isThere = true
    else others.push(cursor.octets.slice(cursor.at, cursor.end))
  }
  if (!isThere) return
  for (const octets of others) edit.cover(octets)
  for (const record of records) edit.cover(storeRecord(record, edit.apex))
}
