/**
 * A zone changes hands: what was transferred becomes records that people edit here, or the other way round. What is
 * served stays, as far as it was not made for the other way.
 */

import type { DnsRecord } from '../dns/message.ts'
import { lowerName, nameFromWire, nameKey, sameName, type Name } from '../dns/name.ts'
import type { Edit } from './edit.ts'
import { type EditedRecord, readEdited, type RecordSettings, storeEdited, TTL_AUTOMATIC } from './edited-record.ts'
import { PROXIABLE } from './served-records.ts'
import { readStoredRecord } from './stored-form.ts'
import { TREE, TYPE } from './stored-record.ts'

/** What a signer and a digest made of other records: NSEC3PARAM, DNSKEY, CDS, CDNSKEY and ZONEMD beside those with names. */
const MADE_TYPES: ReadonlySet<number> = new Set([TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3, 48, 51, 59, 60, 63])

export interface AdoptOptions {
  /** Our own nameservers, by whichever names: they stand at the apex without a record of anybody's. */
  readonly nameServers: readonly Name[]
  /** Overrides of what is served, in stored form: hosts that go on behind proxies, an alias that goes on at the apex. */
  readonly lifted: readonly Uint8Array[]
  readonly newId: () => string
  /** In milliseconds. */
  readonly now: number
}

/**
 * Makes edited records of all that is served; the SOA record becomes settings, elsewhere. Signatures go: they were made
 * with keys that we have not got.
 */
export function adoptServed(edit: Edit, { nameServers, lifted, newId, now }: AdoptOptions): void {
  const ours = new Set(nameServers.map((name) => nameKey(lowerName(name))))
  const { apex } = edit
  const overrides = new LiftedOverrides(lifted, apex)
  for (const stored of recordsIn(edit, TREE.names)) {
    const record = readStoredRecord(stored, 0, apex)
    const isOwnNs =
      record.type === TYPE.NS && record.owner.length === apex.length && ours.has(nameKey(nameFromWire(record.rdata)))
    if (isOwnNs || MADE_TYPES.has(record.type) || overrides.hides(record)) continue
    const { owner, type, ttl, rdata } = record
    const plain = {
      id: newId(),
      owner,
      type,
      ttl,
      rdata,
      proxied: false,
      createdAt: now,
      modifiedAt: now,
      attributes: {},
    }
    const edited = storeEdited(overrides.applyTo(plain), apex)
    edit.add(edited, 0, edited.length)
  }
  if (overrides.alias !== undefined) {
    const edited = storeEdited(overrides.alias, apex)
    edit.add(edited, 0, edited.length)
  }
  for (const stored of recordsIn(edit, TREE.hashes)) edit.remove(stored, 0, stored.length)
}

/** Forgets the edited records. What was made of them is served on. */
export function forgetEdited(edit: Edit): void {
  for (const stored of recordsIn(edit, TREE.edited)) edit.remove(stored, 0, stored.length)
}

/** What overrides said of transferred records, for the records that these become. */
class LiftedOverrides {
  /** The alias at the apex. */
  readonly alias: EditedRecord | undefined
  readonly #apex: Name
  readonly #hosts = new Map<string, RecordSettings>()

  constructor(lifted: readonly Uint8Array[], apex: Name) {
    this.#apex = apex
    const records = lifted.map((octets) => readEdited(octets, 0, apex))
    this.alias = records.find(({ owner, type }) => type === TYPE.CNAME && sameName(owner, apex))
    for (const record of records) {
      if (record === this.alias) continue
      const key = nameKey(record.owner)
      this.#hosts.set(key, { ...this.#hosts.get(key), ...record.attributes.settings })
    }
  }

  /** Whether a record was not answered, for an alias stood in its place. */
  hides({ owner, type }: DnsRecord): boolean {
    return this.alias !== undefined && PROXIABLE.has(type) && sameName(owner, this.#apex)
  }

  applyTo(record: EditedRecord): EditedRecord {
    const settings = PROXIABLE.has(record.type) ? this.#hosts.get(nameKey(record.owner)) : undefined
    if (settings === undefined) return record
    const attributes = Object.keys(settings).length === 0 ? {} : { settings }
    return { ...record, proxied: true, ttl: TTL_AUTOMATIC, attributes }
  }
}

/** Copies: the edit changes what a cursor stands in. */
function recordsIn(edit: Edit, tree: number): Uint8Array[] {
  const records: Uint8Array[] = []
  const cursor = edit.cursor(tree)
  for (let more = cursor.first(); more; more = cursor.next()) records.push(cursor.octets.slice(cursor.at, cursor.end))
  return records
}
