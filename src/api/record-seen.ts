/** A stored record as the API sees it: read in place, and only as far as somebody asks. */

import { toCloudflare, type CloudflareContent } from '../dns/cloudflare-record.ts'
import type { DnsRecord } from '../dns/message.ts'
import { printName, type Name } from '../dns/name.ts'
import { recordTypeOf } from '../dns/record-types.ts'
import type { Stored } from '../zone/contents.ts'
import { readStoredRecord, storedOwner } from '../zone/stored-form.ts'
import { ownerEnd, sameOwner, TO_RDATA, ttlAfter, typeAfter } from '../zone/stored-record.ts'

const TXT = 16

/** One record after the other: `look` goes to the next, and what is asked is about the one looked at last. */
export class RecordSeen {
  readonly #apex: Name
  #stored: Stored | undefined
  #ownerEnd = 0
  #content: CloudflareContent | undefined
  /** The owner printed last, and where it stands: neighbours mostly share it. */
  #name = ''
  #nameOctets: Uint8Array | undefined
  #nameAt = 0

  constructor(apex: Name) {
    this.#apex = apex
  }

  look(stored: Stored): this {
    this.#stored = stored
    this.#ownerEnd = ownerEnd(stored.octets, stored.at)
    this.#content = undefined
    return this
  }

  get stored(): Stored {
    return this.#stored as Stored
  }

  get type(): number {
    return typeAfter(this.stored.octets, this.#ownerEnd)
  }

  get ttl(): number {
    return ttlAfter(this.stored.octets, this.#ownerEnd)
  }

  get #rdata(): Uint8Array {
    return this.stored.octets.slice(this.#ownerEnd + TO_RDATA, this.stored.end)
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

  /** The whole record, copied, its owner in the case it came in. */
  get record(): DnsRecord {
    return readStoredRecord(this.stored.octets, this.stored.at, this.#apex)
  }

  /** The RDATA as content, data and priority. */
  get content(): CloudflareContent {
    this.#content ??= toCloudflare(recordTypeOf(this.type), this.#rdata)
    return this.#content
  }

  /** The text of a TXT record without quotes and as one; undefined for other types. */
  get bareText(): string | undefined {
    if (this.type !== TXT) return undefined
    const strings = this.content.content.matchAll(/"((?:[^"\\]|\\.)*)"/g)
    return [...strings].map(([, text = '']) => text.replaceAll(/\\(["\\])/g, '$1')).join('')
  }
}
