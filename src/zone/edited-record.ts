/**
 * Records as people edit them: of these the records that are served are made.
 *
 * An edited record has what no record on the wire has: an id that stays when its content changes, a comment and tags,
 * a TTL that may be left to the server, and the wish to be answered by proxies. It lies in the version of its zone, in
 * a tree of its own, in stored form with type 0, which is no type on the wire, under its owner:
 *
 *   RDATA   TYPE (2)  id (16)  flags (1)  created (6)  modified (6)  RDLENGTH (2)  RDATA  attributes
 *
 * Instants are milliseconds. Attributes are JSON, and absent for most records. So what the API shows and what DNS
 * answers are one version: published together, stored together, and never one without the other.
 *
 * A second tree leads from an id, as an owner of one label, to the owner of its record. It follows from the first one,
 * and is neither stored nor part of a difference.
 */

import { CLASS } from '../dns/code.ts'
import type { Name } from '../dns/name.ts'
import { hexOctets, hexText, utf8Octets, utf8Text } from '../dns/octets.ts'
import { recordsOfOwner, type Contents } from './contents.ts'
import { Cursor } from './cursor.ts'
import { SortKey } from './sort-key.ts'
import { storedOwner, storeRecord } from './stored-form.ts'
import { OWNER_END, ownerEnd, TO_RDATA, TO_RDLENGTH, ttlAfter, TYPE_EDITED } from './stored-record.ts'

/** A record as people edit it. */
export interface EditedRecord {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly owner: Name
  readonly type: number
  /** In seconds; `TTL_AUTOMATIC` leaves it to the server. */
  readonly ttl: number
  /** As on the wire, without compression. */
  readonly rdata: Uint8Array
  /** Answered with the addresses of proxies in place of its own. */
  readonly proxied: boolean
  /** In milliseconds. */
  readonly createdAt: number
  readonly modifiedAt: number
  readonly attributes: RecordAttributes
}

/** What most records have nothing of. */
export interface RecordAttributes {
  readonly comment?: string
  readonly commentModifiedAt?: number
  readonly tags?: readonly string[]
  readonly tagsModifiedAt?: number
  readonly settings?: RecordSettings
  /** The content as it was sent, where the same RDATA could be written otherwise: clients compare texts. */
  readonly content?: string
}

/** Of a proxied record only addresses of one family; of a CNAME record the addresses of its target. */
export interface RecordSettings {
  readonly ipv4_only?: boolean
  readonly ipv6_only?: boolean
  readonly flatten_cname?: boolean
}

/** The TTL that leaves it to the server. */
export const TTL_AUTOMATIC = 1

const ID_OCTETS = 16
const PROXIED = 1
const TO_ID = 2
const TO_FLAGS = TO_ID + ID_OCTETS
const TO_CREATED = TO_FLAGS + 1
const TO_MODIFIED = TO_CREATED + 6
const TO_LENGTH = TO_MODIFIED + 6
const HEAD_OCTETS = TO_LENGTH + 2

/** An edited record in stored form. Throws RangeError if its attributes are too long for it. */
export function storeEdited(record: EditedRecord, apex: Name): Uint8Array<ArrayBuffer> {
  const { owner, ttl, rdata, attributes } = record
  const text = Object.keys(attributes).length === 0 ? new Uint8Array() : utf8Octets(JSON.stringify(attributes))
  const octets = new Uint8Array(HEAD_OCTETS + rdata.length + text.length)
  if (octets.length > 0xffff) throw new RangeError(`an edited record of ${octets.length} octets`)
  const view = new DataView(octets.buffer)
  view.setUint16(0, record.type)
  octets.set(hexOctets(record.id), TO_ID)
  octets[TO_FLAGS] = record.proxied ? PROXIED : 0
  putInstant(view, TO_CREATED, record.createdAt)
  putInstant(view, TO_MODIFIED, record.modifiedAt)
  view.setUint16(TO_LENGTH, rdata.length)
  octets.set(rdata, HEAD_OCTETS)
  octets.set(text, HEAD_OCTETS + rdata.length)
  return storeRecord({ owner, type: TYPE_EDITED, class: CLASS.IN, ttl, rdata: octets }, apex)
}

/** The edited record that begins at an offset, with all its octets copied. */
export function readEdited(octets: Uint8Array, at: number, apex: Name): EditedRecord {
  const end = ownerEnd(octets, at)
  const start = end + TO_RDATA
  const rdata = editedRdata(octets, end)
  const attributes =
    rdata.end === endAfter(octets, end) ? '{}' : utf8Text(octets.subarray(rdata.end, endAfter(octets, end)))
  return {
    id: editedId(octets, end),
    owner: storedOwner(octets, at, apex),
    type: editedType(octets, end),
    ttl: ttlAfter(octets, end),
    rdata: octets.slice(rdata.at, rdata.end),
    proxied: isProxied(octets, end),
    createdAt: instantAt(octets, start + TO_CREATED),
    modifiedAt: instantAt(octets, start + TO_MODIFIED),
    attributes: JSON.parse(attributes) as RecordAttributes,
  }
}

// What lists look at, in place. Each is given where the owner of the stored record ends.

/** The type of the record that is edited. Hot: once per listed record. */
export function editedType(octets: Uint8Array, end: number): number {
  return u16(octets, end + TO_RDATA)
}

export function editedId(octets: Uint8Array, end: number): string {
  return hexText(octets.subarray(end + TO_RDATA + TO_ID, end + TO_RDATA + TO_FLAGS))
}

export function isProxied(octets: Uint8Array, end: number): boolean {
  return ((octets[end + TO_RDATA + TO_FLAGS] as number) & PROXIED) !== 0
}

/** From where to where its RDATA stands. */
export function editedRdata(octets: Uint8Array, end: number): { readonly at: number; readonly end: number } {
  const at = end + TO_RDATA + HEAD_OCTETS
  return { at, end: at + u16(octets, end + TO_RDATA + TO_LENGTH) }
}

/** Whether it has any attributes. */
export function hasAttributes(octets: Uint8Array, end: number): boolean {
  return editedRdata(octets, end).end < endAfter(octets, end)
}

// By owner and by id.

/** The edited records of an owner, given by its labels relative to the apex; in order of type and id. */
export function* editedOf(contents: Contents, owner: Uint8Array, labelsEnd: number): Generator<Cursor> {
  const cursor = new Cursor(contents.arena)
  cursor.openEdited(contents.version)
  yield* recordsOfOwner(cursor, owner, labelsEnd)
}

/** The edited records from the n-th on, in order of their owners. */
export function* editedFrom(contents: Contents, index: number, count: number): Generator<Cursor> {
  const cursor = new Cursor(contents.arena)
  cursor.openEdited(contents.version)
  for (let more = cursor.seekIndex(index, count); more; more = cursor.next()) yield cursor
}

/** A cursor on the edited record with an id; undefined if there is none. */
export function findEdited(contents: Contents, id: string): Cursor | undefined {
  const label = Uint8Array.of(ID_OCTETS, ...hexOctets(id))
  const key = new SortKey()
  key.setOwner(label, 0, label.length)
  const ids = new Cursor(contents.arena)
  ids.openIds(contents.version)
  if (!ids.seek(key)) return undefined
  for (const cursor of editedOf(contents, ids.octets.slice(ids.rdata, ids.end), ids.end - ids.rdata)) {
    if (editedId(cursor.octets, cursor.ownerEnd) === id) return cursor
  }
  return undefined
}

/** The entry of the tree of ids for the edited record at an offset: its id for an owner, its owner for RDATA. */
export function idEntry(octets: Uint8Array, at: number): Uint8Array {
  const end = ownerEnd(octets, at)
  const length = end - at
  const entry = new Uint8Array(1 + ID_OCTETS + TO_RDATA + length)
  const id = end + TO_RDATA + TO_ID
  entry[0] = ID_OCTETS
  entry.set(octets.subarray(id, id + ID_OCTETS), 1)
  entry[1 + ID_OCTETS] = OWNER_END
  entry[2 + ID_OCTETS] = 12
  entry[1 + ID_OCTETS + TO_RDLENGTH] = length >>> 8
  entry[2 + ID_OCTETS + TO_RDLENGTH] = length
  entry.set(octets.subarray(at, end), 1 + ID_OCTETS + TO_RDATA)
  return entry
}

function endAfter(octets: Uint8Array, end: number): number {
  return end + TO_RDATA + u16(octets, end + TO_RDLENGTH)
}

function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number)
}

function putInstant(view: DataView, at: number, instant: number): void {
  view.setUint16(at, Math.floor(instant / 2 ** 32))
  view.setUint32(at + 2, instant % 2 ** 32)
}

function instantAt(octets: Uint8Array, at: number): number {
  let instant = 0
  for (let index = 0; index < 6; index++) instant = instant * 256 + (octets[at + index] as number)
  return instant
}
