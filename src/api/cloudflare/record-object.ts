/** Records of a zone as Cloudflare's API shows them. */

import { typeMnemonic } from '../../dns/record-types.ts'
import type { Zone } from '../../store/objects.ts'
import type { RecordIds } from '../record-id.ts'
import type { RecordSeen } from '../record-seen.ts'

/** What all records of a zone have in common, worked out once per answer. */
export interface RecordFrame {
  readonly zone: Zone
  /** In U-labels. */
  readonly zoneName: string
  readonly recordIds: RecordIds
  /** When the contents last changed: of a transferred record nothing more precise is known. */
  readonly modifiedOn: string
}

/**
 * One record, its members in the order of the answer: `id` first, `name` second. Transferred records are never proxied,
 * and have no comments or tags.
 */
export function recordObject(record: RecordSeen, { zone, zoneName, recordIds, modifiedOn }: RecordFrame) {
  const { content, data, priority } = record.content
  return {
    id: recordIds.idOf(record.stored),
    name: record.name,
    type: typeMnemonic(record.type),
    content,
    proxiable: false,
    proxied: false,
    ttl: record.ttl,
    ...(priority === undefined ? {} : { priority }),
    ...(data === undefined ? {} : { data }),
    settings: {},
    meta: {},
    comment: null,
    tags: [],
    created_on: zone.createdOn,
    modified_on: modifiedOn,
    zone_id: zone.id,
    zone_name: zoneName,
  }
}
