/**
 * An answer being written: header, question, and whole RRsets straight from contents.
 *
 * Names are compressed without searching (RFC 1035 §4.1.4). Every owner that an answer can need already stands in it
 * in full, as the question, as the end of the question, or in the RDATA of a record before; so an owner is given as the
 * place where it stands and becomes a pointer to it. Names in RDATA stay as they are stored, which RFC 1035 allows and
 * RFC 3597 §4 demands of newer types. An RRset goes in whole or not at all (RFC 2181 §9). Hot: allocates nothing.
 */

import { CLASS } from '../dns/code.ts'
import { HEADER_OCTETS } from '../dns/wire.ts'
import type { Cursor } from '../zone/cursor.ts'
import { TO_TYPE, TYPE } from '../zone/stored-record.ts'
import { copy, FIXED_OCTETS, nameOctets, putTtl, ttlAt } from './answer-octets.ts'

/** Which count of the header a record belongs to. */
export const SECTION = { answer: 0, authority: 1, additional: 2 } as const

/** The last place a compression pointer can lead to. */
const POINTER_TARGET_MAX = 0x3fff

export class Reply {
  out: Uint8Array = new Uint8Array(0)
  /** Where the next record goes. */
  at = 0
  /** Where the last record must end; room for OPT and TSIG lies behind it. */
  limit = 0
  section: number = SECTION.answer
  readonly counts = new Uint16Array(3)
  rcode = 0
  authoritative = false
  truncated = false
  /** The extended error that says why (RFC 8914), or −1. */
  ede = -1
  /** The RRset written last: where it begins, how many records it has, octets of each owner, and its TTL. */
  rrsetAt = 0
  rrsetRecords = 0
  rrsetOwnerOctets = 0
  rrsetTtl = 0

  /** Starts an answer with the question of the request; `questionEnd` is 0 if none can be repeated. */
  begin(out: Uint8Array, request: Uint8Array, questionEnd: number): void {
    this.out = out
    for (let at = HEADER_OCTETS; at < questionEnd; at++) out[at] = request[at] as number
    this.at = questionEnd === 0 ? HEADER_OCTETS : questionEnd
    this.limit = out.length
    this.section = SECTION.answer
    this.counts[0] = 0
    this.counts[1] = 0
    this.counts[2] = 0
    this.rcode = 0
    this.authoritative = false
    this.truncated = false
    this.ede = -1
    this.rrsetAt = 0
    this.rrsetRecords = 0
  }

  /**
   * Adds the RRset on whose first record the cursor stands and leaves the cursor at its last. All its records get the
   * smallest of their TTLs (RFC 2181 §5.2). False, and nothing is added, if it does not fit.
   */
  addRRset(cursor: Cursor, ownerAt: number): boolean {
    const { out, limit } = this
    const start = this.at
    const ownerOctets = this.#ownerOctets(ownerAt)
    const single = cursor.type === TYPE.RRSIG // signatures have the TTLs of what they cover (RFC 4034 §3)
    let at = start
    let records = 0
    let ttl = 0
    let mixed = false
    do {
      const from = cursor.ownerEnd + TO_TYPE
      if (at + ownerOctets + cursor.end - from > limit) return false
      at = this.#putOwner(at, ownerAt, ownerOctets)
      copy(cursor.octets, from, cursor.end, out, at)
      const own = ttlAt(out, at + 4)
      if (records === 0) ttl = own
      else if (own !== ttl) mixed = true
      if (own < ttl) ttl = own
      at += cursor.end - from
      records++
    } while (cursor.nextOfRRset())
    this.rrsetAt = start
    this.rrsetRecords = records
    this.rrsetOwnerOctets = ownerOctets
    this.rrsetTtl = ttl
    this.at = at
    this.#count(records)
    if (mixed && !single) this.#setTtls(ttl)
    return true
  }

  /**
   * Adds the signatures over an RRset of the cursor's owner, with that RRset's TTL (RFC 4034 §3). True if there are none;
   * false, and nothing is added, if they do not fit.
   */
  addSignatures(cursor: Cursor, ownerAt: number, covered: number, ttl: number): boolean {
    cursor.firstOfOwner()
    if (!cursor.seekType(TYPE.RRSIG)) return true
    const { limit, out } = this
    const ownerOctets = this.#ownerOctets(ownerAt)
    let at = this.at
    let records = 0
    do {
      const { octets, rdata } = cursor
      if ((((octets[rdata] as number) << 8) | (octets[rdata + 1] as number)) !== covered) continue
      const from = cursor.ownerEnd + TO_TYPE
      if (at + ownerOctets + cursor.end - from > limit) return false
      at = this.#putOwner(at, ownerAt, ownerOctets)
      copy(octets, from, cursor.end, out, at)
      putTtl(out, at + 4, ttl)
      at += cursor.end - from
      records++
    } while (cursor.nextOfRRset())
    this.at = at
    this.#count(records)
    return true
  }

  /** Adds one stored record whose owner ends at `ownerEnd`, with a TTL of its own; false if it does not fit. */
  addRecord(octets: Uint8Array, ownerEnd: number, end: number, ownerAt: number, ttl: number): boolean {
    const { out } = this
    const from = ownerEnd + TO_TYPE
    const ownerOctets = this.#ownerOctets(ownerAt)
    if (this.at + ownerOctets + (end - from) > this.limit) return false
    const at = this.#putOwner(this.at, ownerAt, ownerOctets)
    copy(octets, from, end, out, at)
    putTtl(out, at + 4, ttl)
    this.#note(this.at, ownerOctets, ttl)
    this.at = at + end - from
    this.#count(1)
    return true
  }

  /**
   * Adds the CNAME that a DNAME makes (RFC 6672 §3.1): the labels of the owner in front of the DNAME's, and the DNAME's
   * target behind them. False if it does not fit. Its RDATA is shorter than 256 octets, as the caller knows.
   */
  addCname(
    ownerAt: number,
    labelOctets: number,
    target: Uint8Array,
    targetAt: number,
    octets: number,
    ttl: number,
  ): boolean {
    const { out } = this
    const ownerOctets = this.#ownerOctets(ownerAt)
    const rdataOctets = labelOctets + octets
    if (this.at + ownerOctets + FIXED_OCTETS + rdataOctets > this.limit) return false
    let at = this.#putOwner(this.at, ownerAt, ownerOctets)
    out[at] = 0
    out[at + 1] = TYPE.CNAME
    out[at + 2] = 0
    out[at + 3] = CLASS.IN
    putTtl(out, at + 4, ttl)
    out[at + 8] = 0
    out[at + 9] = rdataOctets
    at += FIXED_OCTETS
    copy(out, ownerAt, ownerAt + labelOctets, out, at)
    at += labelOctets
    copy(target, targetAt, targetAt + octets, out, at)
    this.#note(this.at, ownerOctets, ttl)
    this.at = at + octets
    this.#count(1)
    return true
  }

  /** Where the RDATA of the RRset written last begins, in its first record. */
  get rdataAt(): number {
    return this.rrsetAt + this.rrsetOwnerOctets + FIXED_OCTETS
  }

  /** Takes back what was written since the message was `at` octets long and the section had so many records. */
  takeBack(at: number, records: number): void {
    this.at = at
    this.counts[this.section] = records
  }

  /** Writes the header; what is copied from the request are ID, opcode and RD (RFC 1035 §4.1.1). */
  putHeader(request: Uint8Array, questions: number): void {
    const { out, counts } = this
    out[0] = request[0] as number
    out[1] = request[1] as number
    out[2] = 0x80 | ((request[2] as number) & 0x79) | (this.authoritative ? 4 : 0) | (this.truncated ? 2 : 0)
    out[3] = this.rcode & 15
    out[4] = 0
    out[5] = questions
    for (let section = 0; section < 3; section++) {
      out[6 + section * 2] = (counts[section] as number) >> 8
      out[7 + section * 2] = counts[section] as number
    }
  }

  #count(records: number): void {
    this.counts[this.section] = (this.counts[this.section] as number) + records
  }

  #note(at: number, ownerOctets: number, ttl: number): void {
    this.rrsetAt = at
    this.rrsetRecords = 1
    this.rrsetOwnerOctets = ownerOctets
    this.rrsetTtl = ttl
  }

  #setTtls(ttl: number): void {
    const { out } = this
    let at = this.rrsetAt
    for (let record = 0; record < this.rrsetRecords; record++) {
      at += this.rrsetOwnerOctets
      putTtl(out, at + 4, ttl)
      at += FIXED_OCTETS + (((out[at + 8] as number) << 8) | (out[at + 9] as number))
    }
  }

  /** A pointer takes two octets; a name that stands too far behind for one is written again. */
  #ownerOctets(ownerAt: number): number {
    if (ownerAt <= POINTER_TARGET_MAX) return 2
    return nameOctets(this.out, ownerAt)
  }

  #putOwner(at: number, ownerAt: number, ownerOctets: number): number {
    const { out } = this
    if (ownerAt <= POINTER_TARGET_MAX) {
      out[at] = 0xc0 | (ownerAt >> 8)
      out[at + 1] = ownerAt
    } else {
      copy(out, ownerAt, ownerAt + ownerOctets, out, at)
    }
    return at + ownerOctets
  }
}
