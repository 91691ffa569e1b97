/** What overrides of a secondary zone mean for the records that become of it when it is edited here. */

import type { DnsRecord } from '../dns/message.ts'
import { nameKey, sameName, type Name } from '../dns/name.ts'
import { type EditedRecord, readEdited, type RecordSettings, TTL_AUTOMATIC } from './edited-record.ts'
import { PROXIABLE } from './served-records.ts'
import { TYPE } from './stored-record.ts'

export class LiftedOverrides {
  /** The CNAME record at the apex. */
  readonly apexCname: EditedRecord | undefined
  readonly #apex: Name
  readonly #hosts = new Map<string, RecordSettings>()

  constructor(lifted: readonly Uint8Array[], apex: Name) {
    this.#apex = apex
    const records = lifted.map((octets) => readEdited(octets, 0, apex))
    this.apexCname = records.find(({ owner, type }) => type === TYPE.CNAME && sameName(owner, apex))
    for (const record of records) {
      if (record === this.apexCname) continue
      const key = nameKey(record.owner)
      this.#hosts.set(key, { ...this.#hosts.get(key), ...record.attributes.settings })
    }
  }

  /** Whether a record was not answered, for a CNAME record stood in its place. */
  hides({ owner, type }: DnsRecord): boolean {
    return this.apexCname !== undefined && PROXIABLE.has(type) && sameName(owner, this.#apex)
  }

  applyTo(record: EditedRecord): EditedRecord {
    const settings = PROXIABLE.has(record.type) ? this.#hosts.get(nameKey(record.owner)) : undefined
    if (settings === undefined) return record
    const attributes = Object.keys(settings).length === 0 ? {} : { settings }
    return { ...record, proxied: true, ttl: TTL_AUTOMATIC, attributes }
  }
}
