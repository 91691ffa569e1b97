/**
 * A zone changes hands: what was transferred becomes records that people edit here, or the other way round. What is
 * served stays, as far as it was not made for the other way.
 */

import { lowerName, nameFromWire, nameKey, type Name } from '../dns/name.ts'
import type { Edit } from './edit.ts'
import { storeEdited } from './edited-record.ts'
import { recordSlices } from './edit-slices.ts'
import { LiftedOverrides } from './lifted-overrides.ts'
import { bySlices } from './slices.ts'
import { readStoredRecord } from './stored-form.ts'
import { TREE, TYPE } from './stored-record.ts'

/** What a signer and a digest made of other records: NSEC3PARAM, DNSKEY, CDS, CDNSKEY and ZONEMD beside those with names. */
const MADE_TYPES: ReadonlySet<number> = new Set([TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3, 48, 51, 59, 60, 63])

export interface AdoptOptions {
  /** Our own nameservers, by whichever names: they stand at the apex without a record of anybody's. */
  readonly nameServers: readonly Name[]
  /** Overrides of what is served, in stored form: hosts that go on behind proxies, a CNAME record that goes on at the apex. */
  readonly lifted: readonly Uint8Array[]
  readonly newId: () => string
  /** In milliseconds. */
  readonly now: number
}

/**
 * Makes edited records of all that is served, a slice at a time; the SOA record becomes settings, elsewhere. Signatures
 * go: they were made with keys that we have not got.
 */
export function* adoptServed(edit: Edit, { nameServers, lifted, newId, now }: AdoptOptions): Generator<void> {
  const ours = new Set(nameServers.map((name) => nameKey(lowerName(name))))
  const { apex } = edit
  const overrides = new LiftedOverrides(lifted, apex)
  const times = { createdAt: now, modifiedAt: now }
  const adopt = (stored: Uint8Array) => {
    const record = readStoredRecord(stored, 0, apex)
    const { owner, type, ttl, rdata } = record
    const isOwnNs = type === TYPE.NS && owner.length === apex.length && ours.has(nameKey(nameFromWire(rdata)))
    if (isOwnNs || MADE_TYPES.has(type) || overrides.hides(record)) return
    const plain = { id: newId(), owner, type, ttl, rdata, proxied: false, ...times, attributes: {} }
    const edited = storeEdited(overrides.applyTo(plain), apex)
    edit.add(edited, 0, edited.length)
  }
  yield* bySlices(recordSlices(edit, TREE.names), (slice) => slice.forEach(adopt))
  if (overrides.apexCname !== undefined) {
    const edited = storeEdited(overrides.apexCname, apex)
    edit.add(edited, 0, edited.length)
  }
  yield* removeAll(edit, TREE.hashes)
}

/** Forgets the edited records, a slice at a time. What was made of them is served on. */
export function forgetEdited(edit: Edit): Generator<void> {
  return removeAll(edit, TREE.edited)
}

function removeAll(edit: Edit, tree: number): Generator<void> {
  return bySlices(recordSlices(edit, tree), (slice) => {
    for (const stored of slice) edit.remove(stored, 0, stored.length)
  })
}
