/**
 * One record of a transfer in, from the octets of a message to its stored form.
 *
 * Hot: runs once per record of every transfer. Nothing is allocated; the record lies in one buffer that the next
 * record, of whatever transfer, overwrites. A sender compresses most owners to labels and a pointer to the question, which is the apex: that
 * is the stored form already, and is copied as it stands.
 */

import { CLASS } from '../dns/code.ts'
import { expandRdata } from '../dns/layout.ts'
import { EXPANSION_OCTETS_MAX, RDATA_OCTETS_MAX } from '../dns/layout-program.ts'
import { FOLDED, NAME_OCTETS_MAX, nameFromWire, printName, ROOT, type Name } from '../dns/name.ts'
import { concatOctets } from '../dns/octets.ts'
import { isMetaType, typeMnemonic } from '../dns/record-types.ts'
import { HEADER_OCTETS, WireError } from '../dns/wire.ts'
import { OWNER_END, TO_RDATA } from '../zone/stored-record.ts'
import { fault } from './transfer-fault.ts'

/** A pointer target that no message has. */
const NOWHERE = -1

/** As many as a name can have labels: a longer chain would only cost us time, record by record (RFC 9267 §2). */
const POINTERS_MAX = 127

const FIELDS_OCTETS = 10

/** Of all transfers: most bring a few records, and none holds one until the next message. */
const ROOM = new Uint8Array(NAME_OCTETS_MAX + TO_RDATA + RDATA_OCTETS_MAX + EXPANSION_OCTETS_MAX)

export class IncomingRecord {
  /** The stored form, from 0 on, until the next record of any transfer is read; the rest of the buffer means nothing. */
  readonly octets = ROOM
  length = 0
  type = 0
  /** Whether the owner is the apex or below it. The RDATA of another record is not read. */
  isWithin = false
  /** Whether what is wrong with a record is its RDATA. */
  isAtRdata = false
  readonly #apex: Name
  #ownerEnd = 0
  #apexAt = NOWHERE

  constructor(apex: Name) {
    this.#apex = apex
  }

  /** Whether the owner is the apex itself. */
  get isAtApex(): boolean {
    return this.isWithin && this.#ownerEnd === 0
  }

  /** For messages to people. */
  get ownerText(): string {
    const labels = this.octets.subarray(0, this.#ownerEnd)
    return printName(nameFromWire(concatOctets(labels, this.isWithin ? this.#apex : ROOT)))
  }

  /** Turns to the next message; its question, if it has one, was found to be the apex. */
  startMessage(hasQuestion: boolean): void {
    this.#apexAt = hasQuestion ? HEADER_OCTETS : NOWHERE
  }

  /** Reads the record at an offset and returns where the next one begins. */
  read(message: Uint8Array, start: number): number {
    this.isAtRdata = false
    this.isWithin = false
    const at = this.#readOwner(message, start)
    const rdataAt = at + FIELDS_OCTETS
    if (rdataAt > message.length) throw new WireError('record runs past the end', start)
    const type = ((message[at] as number) << 8) | (message[at + 1] as number)
    const rdlength = ((message[at + 8] as number) << 8) | (message[at + 9] as number)
    const next = rdataAt + rdlength
    if (next > message.length) throw new WireError('RDATA runs past the end', rdataAt)
    this.type = type
    if (message[at + 2] !== 0 || message[at + 3] !== CLASS.IN) throw this.#wrongClass(message, at + 2)
    if (isMetaType(type)) throw fault('meta-type', { type: typeMnemonic(type), owner: this.ownerText })
    if (!this.isWithin) return next
    const out = this.octets
    const to = this.#ownerEnd
    out[to] = OWNER_END
    out[to + 1] = HEADER_OCTETS
    out[to + 2] = type >>> 8
    out[to + 3] = type
    out[to + 4] = 0
    out[to + 5] = CLASS.IN
    // A TTL with the top bit set counts as zero (RFC 2181 §8).
    const keep = (message[at + 4] as number) < 0x80
    out[to + 6] = keep ? (message[at + 4] as number) : 0
    out[to + 7] = keep ? (message[at + 5] as number) : 0
    out[to + 8] = keep ? (message[at + 6] as number) : 0
    out[to + 9] = keep ? (message[at + 7] as number) : 0
    this.isAtRdata = true
    const expanded = expandRdata(type, message, rdataAt, rdlength, out, to + TO_RDATA)
    if (expanded > RDATA_OCTETS_MAX) throw new WireError('RDATA longer than 65,535 octets when expanded', rdataAt)
    this.isAtRdata = false
    out[to + 10] = expanded >>> 8
    out[to + 11] = expanded
    this.length = to + TO_RDATA + expanded
    return next
  }

  /** Puts the labels below the apex into the buffer; returns where the fields begin. Pointers go strictly backwards. */
  #readOwner(message: Uint8Array, start: number): number {
    const out = this.octets
    const apexAt = this.#apexAt
    let at = start
    let end = message.length
    let segment = start
    let to = 0
    let after = NOWHERE
    let hops = 0
    for (;;) {
      if (at >= end) throw new WireError('name runs past its end', at)
      const length = message[at] as number
      if (length === 0) break
      if (length < 0x40) {
        const next = at + 1 + length
        if (next > end) throw new WireError('label runs past its end', at)
        if (to + length + 2 > NAME_OCTETS_MAX) throw new WireError('name longer than 255 octets', at)
        while (at < next) out[to++] = message[at++] as number
        continue
      }
      if (length < 0xc0) throw new WireError(`label of unknown type ${length >> 6}`, at)
      if (at + 2 > end) throw new WireError('compression pointer is cut off', at)
      const target = ((length & 0x3f) << 8) | (message[at + 1] as number)
      if (after === NOWHERE) after = at + 2
      if (++hops > POINTERS_MAX) throw new WireError('too many compression pointers', at)
      if (target === apexAt) {
        if (to + this.#apex.length > NAME_OCTETS_MAX) throw new WireError('name longer than 255 octets', start)
        this.#ownerEnd = to
        this.isWithin = true
        return after
      }
      if (target >= segment) throw new WireError('compression pointer does not go backwards', at)
      if (target < HEADER_OCTETS) throw new WireError('compression pointer into the header', at)
      end = segment
      segment = target
      at = target
    }
    out[to] = 0
    this.#ownerEnd = to
    this.#findApex()
    return after === NOWHERE ? at + 1 : after
  }

  /** Looks whether the whole name in the buffer ends with the apex. */
  #findApex(): void {
    const out = this.octets
    const apex = this.#apex
    const cut = this.#ownerEnd + 1 - apex.length
    let at = 0
    while (at < cut) at += (out[at] as number) + 1
    if (at !== cut) return
    for (let index = 0; index < apex.length; index++) {
      if (FOLDED[out[cut + index] as number] !== FOLDED[apex[index] as number]) return
    }
    this.#ownerEnd = cut
    this.isWithin = true
  }

  #wrongClass(message: Uint8Array, at: number): Error {
    const found = ((message[at] as number) << 8) | (message[at + 1] as number)
    return fault('wrong-class', { class: found, owner: this.ownerText })
  }
}
