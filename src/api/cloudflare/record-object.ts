/** Records of a zone as Cloudflare's API shows them. */

import { typeMnemonic } from '../../dns/record-types.ts'
import { instantText } from '../../engine/object-id.ts'
import type { Zone } from '../../store/objects.ts'
import type { EditedRecord } from '../../zone/edited-record.ts'
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

/** One record, its members in the order of the answer: `id` first, `name` second. */
export function recordObject(record: RecordSeen, frame: RecordFrame) {
  const { zone, zoneName, recordIds, modifiedOn } = frame
  const { data, priority } = record.content
  const { edited } = record
  return {
    id: record.id ?? recordIds.idOf(record.stored),
    name: record.name,
    type: typeMnemonic(record.type),
    content: record.contentShown,
    proxiable: record.proxiable,
    proxied: record.proxied,
    ttl: record.ttl,
    ...(priority === undefined ? {} : { priority }),
    ...(data === undefined ? {} : { data }),
    ...(edited === undefined ? transferredMembers(record, zone.createdOn, modifiedOn) : editedMembers(edited)),
    zone_id: zone.id,
    zone_name: zoneName,
  }
}

/** Transferred records have no comments or tags. One in whose place a CNAME record stands is inactive. */
const transferredMembers = ({ inactive }: RecordSeen, createdOn: string, modifiedOn: string) => ({
  settings: {},
  meta: inactive ? { inactive } : {},
  comment: null,
  tags: [],
  created_on: createdOn,
  modified_on: modifiedOn,
})

function editedMembers({ attributes, createdAt, modifiedAt }: EditedRecord) {
  const { comment, commentModifiedAt, tags = [], tagsModifiedAt, settings = {} } = attributes
  return {
    settings,
    meta: {},
    comment: comment ?? null,
    tags,
    created_on: instantText(createdAt),
    modified_on: instantText(modifiedAt),
    ...(commentModifiedAt === undefined ? {} : { comment_modified_on: instantText(commentModifiedAt) }),
    ...(tagsModifiedAt === undefined ? {} : { tags_modified_on: instantText(tagsModifiedAt) }),
  }
}
