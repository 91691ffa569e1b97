/**
 * From a question to the sections of its answer (RFC 1034 §4.3.2, with RFC 2308, 4592, 6604, 6672 and 8482).
 *
 * Each name of a chain is looked up in the zone with the longest apex above it, whichever zone the chain came from. The
 * first name decides about authority (RFC 6604 §2), the last one about the RCODE (RFC 6604 §3). A zone that was never
 * loaded or has expired answers for its names with SERVFAIL; nothing from a zone above it takes its place. Hot.
 */

import { EDE, META_TYPE, RCODE } from '../dns/code.ts'
import { HEADER_OCTETS } from '../dns/wire.ts'
import { CHUNK_MASK, offsetOf, type Pointer } from '../zone/arena-view.ts'
import { ZONE_STATE, type ZoneHandle } from '../zone/directory-layout.ts'
import type { DirectoryReader } from '../zone/directory-reader.ts'
import { FOUND, Lookup } from '../zone/lookup.ts'
import { VERSION } from '../zone/page.ts'
import { TO_TTL, ttlAfter, TYPE } from '../zone/stored-record.ts'
import { Additional } from './answer-additional.ts'
import { Chain } from './answer-chain.ts'
import { type Reply, SECTION } from './answer-reply.ts'

const NAME_OCTETS_MAX = 255

/** The end of a chain, where a place in the answer is expected: no name stands in the header. */
const END = 0

export class Resolver {
  readonly #directory: DirectoryReader
  readonly #reply: Reply
  readonly #lookup: Lookup
  readonly #additional: Additional
  readonly #chain = new Chain()
  #type = 0
  #dnssec = false
  #complete = false
  // The zone that answers for the current name.
  #zone: ZoneHandle | 0 = 0
  #version: Pointer = 0
  #nameAt = 0
  #apexAt = 0
  #apexLabel = 0

  constructor(directory: DirectoryReader, reply: Reply) {
    this.#directory = directory
    this.#reply = reply
    this.#lookup = new Lookup(directory.arena)
    this.#additional = new Additional(reply, this.#lookup)
  }

  /**
   * Fills the reply, which holds the question already. `dnssec` adds signatures; `complete` gives every RRset to a
   * question for ANY, which by UDP is answered with one (RFC 8482 §4.1).
   */
  resolve(type: number, dnssec: boolean, complete: boolean): void {
    this.#type = type
    this.#dnssec = dnssec
    this.#complete = complete
    this.#zone = 0
    this.#chain.begin(HEADER_OCTETS)
    for (let nameAt = HEADER_OCTETS; nameAt !== END;) nameAt = this.#resolveName(nameAt)
  }

  /** The zone whose apex was asked about last, if it could answer; 0 for any other name. */
  get apexZone(): ZoneHandle | 0 {
    return this.#chain.links === 0 && this.#apexLabel === 0 ? this.#zone : 0
  }

  /** The version that answered for the name looked up last. */
  get version(): Pointer {
    return this.#version
  }

  /** Adds what is held for one name; returns where the next one of the chain stands, or `END`. */
  #resolveName(nameAt: number): number {
    const reply = this.#reply
    const first = this.#chain.links === 0
    if (!this.#openZone(nameAt)) return END
    const found = this.#lookup.find(reply.out, nameAt, this.#apexAt, this.#type)
    if (first) reply.authoritative = found !== FOUND.cut
    switch (found) {
      case FOUND.name:
      case FOUND.wildcard:
        return this.#answerName()
      case FOUND.cut:
        return this.#refer()
      case FOUND.dname:
        return this.#redirect()
      case FOUND.empty:
        return this.#deny(RCODE.NOERROR)
      default:
        return this.#deny(RCODE.NXDOMAIN)
    }
  }

  /** Chooses the zone for a name; false if there is none that can answer, which only matters for the first name. */
  #openZone(nameAt: number): boolean {
    const directory = this.#directory
    const { out } = this.#reply
    let zone = directory.find(out, nameAt)
    if (zone !== 0 && directory.apexLabel === 0 && this.#type === TYPE.DS) {
      const parent = directory.findFrom(out, nameAt, 1) // DS belongs to the parent's side (RFC 4035 §3.1.4.1)
      if (parent !== 0) zone = parent
    }
    if (zone === 0) return this.#fail(RCODE.REFUSED, EDE.NOT_AUTHORITATIVE)
    const state = directory.stateOf(zone)
    if (state === ZONE_STATE.empty) return this.#fail(RCODE.SERVFAIL, EDE.NOT_READY)
    if (state === ZONE_STATE.expired) return this.#fail(RCODE.SERVFAIL, EDE.INVALID_DATA)
    this.#zone = zone
    this.#version = directory.versionOf(zone)
    this.#nameAt = nameAt
    this.#apexLabel = directory.apexLabel
    this.#apexAt = nameAt + (directory.name.starts[directory.apexLabel] as number)
    this.#lookup.open(this.#version)
    return true
  }

  #fail(rcode: number, ede: number): false {
    if (this.#chain.links > 0) return false // the chain so far is an answer: whoever asked will ask on from there
    this.#reply.rcode = rcode
    this.#reply.ede = ede
    return false
  }

  #answerName(): number {
    const { cursor } = this.#lookup
    const type = this.#type
    const isApex = this.#nameAt === this.#apexAt
    if (type === META_TYPE.ANY) return this.#answerAny(isApex)
    if (isApex && type === TYPE.SOA) {
      this.#addSoa(SECTION.answer)
      return END
    }
    if (cursor.at === -1) return this.#deny(RCODE.NOERROR)
    // A zone that knows only the child's side of a cut has no DS for it, whatever stands at its apex.
    if (!(isApex && type === TYPE.DS) && cursor.seekType(type)) {
      if (this.#addRRset(this.#nameAt)) this.#additional.addTargets(type, this.#nameAt, this.#apexAt, this.#dnssec)
      return END
    }
    cursor.firstOfOwner()
    if (!cursor.seekType(TYPE.CNAME)) return this.#deny(RCODE.NOERROR)
    if (this.#chain.full || !this.#addRRset(this.#nameAt)) return END
    return this.#follow(this.#reply.rdataAt)
  }

  /** Everything there is, or the first RRset, which is the SOA at an apex (RFC 8482 §4.1); no CNAME is followed. */
  #answerAny(isApex: boolean): number {
    const { cursor } = this.#lookup
    const there = cursor.at !== -1
    if (isApex && !this.#addSoa(SECTION.answer)) return END
    if (!there || (isApex && !this.#complete)) return END
    if (this.#complete) {
      const reply = this.#reply
      do if (!reply.addRRset(cursor, this.#nameAt)) reply.truncated = true
      while (!reply.truncated && cursor.nextOfOwner())
      return END
    }
    if (cursor.type === TYPE.RRSIG || cursor.type === TYPE.NSEC) {
      cursor.seekType(TYPE.NSEC + 1) // rather something that says more
      if (cursor.type <= TYPE.NSEC) cursor.firstOfOwner()
    }
    this.#addRRset(this.#nameAt)
    return END
  }

  /** The name is delegated: NS, DS if it is wanted, and glue (RFC 1034 §4.3.2 step 3b, RFC 9471). */
  #refer(): number {
    const { cursor, labels } = this.#lookup
    const reply = this.#reply
    const cutAt = this.#ancestorAt(labels)
    reply.section = SECTION.authority
    if (!reply.addRRset(cursor, cutAt)) {
      reply.truncated = true
      return END
    }
    const { rrsetAt, rrsetRecords, rrsetOwnerOctets } = reply
    if (this.#dnssec && cursor.seekType(TYPE.DS) && !this.#addRRset(cutAt)) return END
    this.#additional.addGlue(rrsetAt, rrsetRecords, rrsetOwnerOctets, cutAt, this.#apexAt)
    return END
  }

  /** A DNAME stands above the name: it goes into the answer, with the CNAME it makes (RFC 6672 §3.2). */
  #redirect(): number {
    const { cursor, labels } = this.#lookup
    const reply = this.#reply
    const nameAt = this.#nameAt
    const dnameAt = this.#ancestorAt(labels)
    const { octets, rdata, end } = cursor
    const ttl = ttlAfter(octets, cursor.ownerEnd)
    if (this.#chain.full) return END
    if (this.#chain.addDname(reply.out, dnameAt) && !this.#addRRset(dnameAt)) return END
    if (dnameAt - nameAt + (end - rdata) > NAME_OCTETS_MAX) {
      reply.rcode = RCODE.YXDOMAIN
      return END
    }
    if (!reply.addCname(nameAt, dnameAt - nameAt, octets, rdata, end - rdata, ttl)) {
      reply.truncated = true
      return END
    }
    // The CNAME is an answer to a question for CNAME, and nothing more is looked up for that.
    return this.#type === TYPE.CNAME || this.#type === META_TYPE.ANY ? END : this.#follow(reply.rdataAt)
  }

  #follow(nameAt: number): number {
    return this.#chain.follow(this.#reply.out, nameAt) ? nameAt : END
  }

  /** There is no such name, or no such type: the SOA says for how long that holds (RFC 2308 §3). */
  #deny(rcode: number): number {
    this.#reply.rcode = rcode
    this.#addSoa(SECTION.authority)
    return END
  }

  /** Adds the SOA of the zone; with a denial its TTL is at most the MINIMUM field (RFC 2308 §5). */
  #addSoa(section: number): boolean {
    const { arena } = this.#directory
    const reply = this.#reply
    const version = this.#version
    const octets = arena.octetsOf(version)
    const at = offsetOf(version) + VERSION.soaAt
    const end = at + (arena.wordsOf(version)[((version & CHUNK_MASK) << 2) + VERSION.soaOctets] as number)
    let ttl = ttlAfter(octets, at)
    if (section === SECTION.authority) ttl = Math.min(ttl, ttlAfter(octets, end - 4 - TO_TTL))
    reply.section = section
    const before = reply.at
    const records = reply.counts[section] as number
    const signed = this.#dnssec && !(section === SECTION.answer && this.#complete && this.#type === META_TYPE.ANY)
    if (reply.addRecord(octets, at, end, this.#apexAt, ttl) && (!signed || this.#addSoaSignatures(ttl))) return true
    reply.takeBack(before, records)
    reply.truncated = true
    return false
  }

  #addSoaSignatures(ttl: number): boolean {
    const { cursor, key } = this.#lookup
    return !cursor.seek(key, 0) || this.#reply.addSignatures(cursor, this.#apexAt, TYPE.SOA, ttl)
  }

  /** Adds the RRset at the cursor, and its signatures where they are wanted; if they do not fit, neither goes in. */
  #addRRset(ownerAt: number): boolean {
    const { cursor } = this.#lookup
    const reply = this.#reply
    const { type } = cursor
    const before = reply.at
    const records = reply.counts[reply.section] as number
    if (reply.addRRset(cursor, ownerAt)) {
      if (!this.#dnssec || type === TYPE.RRSIG) return true
      if (reply.addSignatures(cursor, ownerAt, type, reply.rrsetTtl)) return true
    }
    reply.takeBack(before, records)
    reply.truncated = true
    return false
  }

  /** Where the name's ancestor with so many labels below the apex stands. */
  #ancestorAt(labels: number): number {
    return this.#nameAt + (this.#directory.name.starts[this.#apexLabel - labels] as number)
  }
}
