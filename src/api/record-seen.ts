/** A stored record as the API sees it, transferred or edited: read in place, and only as far as somebody asks. */

import { toCloudflare, type CloudflareContent } from '../dns/cloudflare-record.ts'
import type { DnsRecord } from '../dns/message.ts'
import { printName, type Name } from '../dns/name.ts'
import { recordTypeOf } from '../dns/record-types.ts'
import type { Stored } from '../zone/contents.ts'
import type { Overridden } from '../engine/runtime.ts'
import { editedId, editedRdata, editedType, hasAttributes, isProxied, readEdited } from '../zone/edited-record.ts'
import type { EditedRecord, RecordAttributes } from '../zone/edited-record.ts'
import { PROXIABLE } from '../zone/served-records.ts'
import { readStoredRecord, storedOwner } from '../zone/stored-form.ts'
import { ownerEnd, sameOwner, TO_RDATA, ttlAfter, TYPE_EDITED, typeAfter } from '../zone/stored-record.ts'

import { isProxiable } from './record-rules.ts'

const TXT = 16

const NO_ATTRIBUTES: RecordAttributes = {}

/** One record after the other: `look` goes to the next, and what is asked is about the one looked at last. */
export class RecordSeen {
  readonly #apex: Name
  readonly #overridden: Overridden | undefined
  #stored: Stored | undefined
  #ownerEnd = 0
  #isEdited = false
  #content: CloudflareContent | undefined
  #attributes: RecordAttributes | undefined
  /** The owner printed last, and where it stands: neighbours mostly share it. */
  #name = ''
  #nameOctets: Uint8Array | undefined
  #nameAt = 0

  /** `overridden` says what is answered in place of transferred records. */
  constructor(apex: Name, overridden?: Overridden) {
    this.#apex = apex
    this.#overridden = overridden
  }

  look(stored: Stored): this {
    this.#stored = stored
    this.#ownerEnd = ownerEnd(stored.octets, stored.at)
    this.#isEdited = typeAfter(stored.octets, this.#ownerEnd) === TYPE_EDITED
    this.#content = undefined
    this.#attributes = undefined
    return this
  }

  get stored(): Stored {
    return this.#stored as Stored
  }

  /** The record as people edit it; undefined for one that was transferred. */
  get edited(): EditedRecord | undefined {
    return this.#isEdited ? readEdited(this.stored.octets, this.stored.at, this.#apex) : undefined
  }

  /** The id of an edited record; others have none of their own. */
  get id(): string | undefined {
    return this.#isEdited ? editedId(this.stored.octets, this.#ownerEnd) : undefined
  }

  get type(): number {
    const { octets } = this.stored
    return this.#isEdited ? editedType(octets, this.#ownerEnd) : typeAfter(octets, this.#ownerEnd)
  }

  get ttl(): number {
    return ttlAfter(this.stored.octets, this.#ownerEnd)
  }

  get proxied(): boolean {
    if (this.#isEdited) return isProxied(this.stored.octets, this.#ownerEnd)
    const hosts = this.#overridden?.proxied
    return hosts !== undefined && hosts.size > 0 && PROXIABLE.has(this.type) && hosts.has(this.name)
  }

  /** Whether it was transferred and is not answered, for an override puts a CNAME record in its place. */
  get inactive(): boolean {
    const isApex = this.#ownerEnd === this.stored.at
    return this.#overridden?.apexIsCname === true && !this.#isEdited && isApex && PROXIABLE.has(this.type)
  }

  /** Whether people can make it proxied. */
  get proxiable(): boolean {
    // Of an override the content says nothing.
    if (!this.#isEdited || this.#overridden !== undefined)
      return this.#overridden !== undefined && PROXIABLE.has(this.type)
    return isProxiable(this.type, this.#rdata)
  }

  get attributes(): RecordAttributes {
    this.#attributes ??= this.#readAttributes()
    return this.#attributes
  }

  get #rdata(): Uint8Array {
    const { octets, end } = this.stored
    if (!this.#isEdited) return octets.slice(this.#ownerEnd + TO_RDATA, end)
    const rdata = editedRdata(octets, this.#ownerEnd)
    return octets.slice(rdata.at, rdata.end)
  }

  /** In lower case, without the final dot. */
  get name(): string {
    const { octets, at } = this.stored
    if (this.#nameOctets === undefined || !sameOwner(this.#nameOctets, this.#nameAt, octets, at)) {
      this.#name = printName(storedOwner(octets, at, this.#apex))
        .slice(0, -1)
        .toLowerCase()
      this.#nameOctets = octets
      this.#nameAt = at
    }
    return this.#name
  }

  /** The whole record that is served, copied, its owner in the case it came in. */
  get record(): DnsRecord {
    return readStoredRecord(this.stored.octets, this.stored.at, this.#apex)
  }

  /** The RDATA as content, data and priority. */
  get content(): CloudflareContent {
    this.#content ??= toCloudflare(recordTypeOf(this.type), this.#rdata)
    return this.#content
  }

  /** The content as it was sent, which may be another text for the same RDATA. */
  get contentShown(): string {
    return this.attributes.content ?? this.content.content
  }

  /** The text of a TXT record without quotes and as one; undefined for other types. */
  get bareText(): string | undefined {
    if (this.type !== TXT) return undefined
    const strings = this.content.content.matchAll(/"((?:[^"\\]|\\.)*)"/g)
    return [...strings].map(([, text = '']) => text.replaceAll(/\\(["\\])/g, '$1')).join('')
  }

  #readAttributes(): RecordAttributes {
    const { octets, at } = this.stored
    if (!this.#isEdited || !hasAttributes(octets, this.#ownerEnd)) return NO_ATTRIBUTES
    return readEdited(octets, at, this.#apex).attributes
  }
}
