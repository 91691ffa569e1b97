/**
 * A zone changes hands: what was transferred becomes records that people edit here, or the other way round. What is
 * served stays, as far as it was not made for the other way.
 */

import { lowerName, nameFromWire, nameKey, type Name } from '../dns/name.ts'
import type { Edit } from './edit.ts'
import { storeEdited } from './edited-record.ts'
import { readStoredRecord } from './stored-form.ts'
import { TREE, TYPE } from './stored-record.ts'

/** What a signer and a digest made of other records: NSEC3PARAM, DNSKEY, CDS, CDNSKEY and ZONEMD beside those with names. */
const MADE_TYPES: ReadonlySet<number> = new Set([TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3, 48, 51, 59, 60, 63])

export interface AdoptOptions {
  /** Our own nameservers, by whichever names: they stand at the apex without a record of anybody's. */
  readonly nameServers: readonly Name[]
  readonly newId: () => string
  /** In milliseconds. */
  readonly now: number
}

/**
 * Makes edited records of all that is served; the SOA record becomes settings, elsewhere. Signatures go: they were made
 * with keys that we have not got.
 */
export function adoptServed(edit: Edit, { nameServers, newId, now }: AdoptOptions): void {
  const ours = new Set(nameServers.map((name) => nameKey(lowerName(name))))
  const { apex } = edit
  for (const stored of recordsIn(edit, TREE.names)) {
    const record = readStoredRecord(stored, 0, apex)
    const isOwnNs =
      record.type === TYPE.NS && record.owner.length === apex.length && ours.has(nameKey(nameFromWire(record.rdata)))
    if (isOwnNs || MADE_TYPES.has(record.type)) continue
    const { owner, type, ttl, rdata } = record
    const times = { createdAt: now, modifiedAt: now }
    const edited = storeEdited({ id: newId(), owner, type, ttl, rdata, proxied: false, ...times, attributes: {} }, apex)
    edit.add(edited, 0, edited.length)
  }
  for (const stored of recordsIn(edit, TREE.hashes)) edit.remove(stored, 0, stored.length)
}

/** Forgets the edited records. What was made of them is served on. */
export function forgetEdited(edit: Edit): void {
  for (const stored of recordsIn(edit, TREE.edited)) edit.remove(stored, 0, stored.length)
}

/** Copies: the edit changes what a cursor stands in. */
function recordsIn(edit: Edit, tree: number): Uint8Array[] {
  const records: Uint8Array[] = []
  const cursor = edit.cursor(tree)
  for (let more = cursor.first(); more; more = cursor.next()) records.push(cursor.octets.slice(cursor.at, cursor.end))
  return records
}
