/**
 * A request, read as far as answering needs: its question, and from the other records only OPT and TSIG.
 *
 * Hot: one of these is reused for every packet and allocates nothing. The octets are anybody's: each is looked at once,
 * within the message, and nothing is believed of a count but what the octets bear out (RFC 9267 §6). No pointer is
 * followed, for none is needed: the question has nothing before it to point to. Octets behind the last counted record
 * are ignored, as NSD, BIND and PowerDNS do.
 */

import { META_TYPE } from '../dns/code.ts'
import { OPTION } from '../dns/edns.ts'
import { HEADER_OCTETS } from '../dns/wire.ts'
import { FIXED_OCTETS } from './answer-octets.ts'

const NAME_OCTETS_MAX = 255
const LABEL_OCTETS_MAX = 63
const POINTER = 0xc0
const DO = 0x80 // in the first octet of the flags (RFC 3225)

export class RequestView {
  opcode = 0
  /** QDCOUNT. */
  questions = 0
  /** Where the one question ends; 0 if there is none that can be read. */
  questionEnd = 0
  type = 0
  class = 0
  /** Whether there is an OPT record, and what it says. */
  edns = false
  udpSize = 0
  version = 0
  /** DNSSEC records are wanted (RFC 3225). */
  dnssec = false
  /** Where the first COOKIE option's octets begin, and how many; −1 if there is none. */
  cookieAt = 0
  cookieOctets = -1
  /** The zone's EXPIRE is asked for (RFC 7314). */
  expire = false
  /** The message ends in a TSIG record. */
  signed = false

  /** Reads what follows the header; false if that is no message. What could be read until then is kept. */
  read(octets: Uint8Array, length: number): boolean {
    this.opcode = ((octets[2] as number) >> 3) & 15
    this.questions = u16(octets, 4)
    this.questionEnd = 0
    this.type = 0
    this.class = 0
    this.edns = false
    this.udpSize = 0
    this.version = 0
    this.dnssec = false
    this.cookieOctets = -1
    this.expire = false
    this.signed = false
    let at = HEADER_OCTETS
    if (this.questions === 1) {
      at = this.#readQuestion(octets, length)
      if (at < 0) return false
      this.questionEnd = at
    } else {
      for (let left = this.questions; left > 0; left--) {
        at = skipOwner(octets, at, length)
        if (at < 0 || at + 4 > length) return false
        at += 4
      }
    }
    return this.#readRecords(octets, at, length)
  }

  #readQuestion(octets: Uint8Array, length: number): number {
    let at = HEADER_OCTETS
    for (;;) {
      if (at >= length) return -1
      const label = octets[at] as number
      if (label > LABEL_OCTETS_MAX) return -1
      at += label + 1
      if (at - HEADER_OCTETS > NAME_OCTETS_MAX) return -1
      if (label === 0) break
    }
    if (at + 4 > length) return -1
    this.type = u16(octets, at)
    this.class = u16(octets, at + 2)
    return at + 4
  }

  /** Steps over the records; OPT belongs into the additional section, once, and TSIG to its end (RFC 8945 §5.1). */
  #readRecords(octets: Uint8Array, start: number, length: number): boolean {
    const before = u16(octets, 6) + u16(octets, 8)
    const records = before + u16(octets, 10)
    let at = start
    for (let record = 0; record < records; record++) {
      const owner = at
      const fixed = skipOwner(octets, at, length)
      if (fixed < 0 || fixed + FIXED_OCTETS > length) return false
      const rdata = fixed + FIXED_OCTETS
      at = rdata + u16(octets, fixed + 8)
      if (at > length) return false
      const type = u16(octets, fixed)
      if (type === META_TYPE.OPT) {
        if (record < before || this.edns) return false
        this.#readOpt(octets, fixed)
        if (octets[owner] !== 0 || !this.#readOptions(octets, rdata, at)) return false
      } else if (type === META_TYPE.TSIG) {
        if (record < before || record + 1 < records) return false
        this.signed = true
      }
    }
    return true
  }

  #readOpt(octets: Uint8Array, fixed: number): void {
    this.edns = true
    this.udpSize = u16(octets, fixed + 2)
    this.version = octets[fixed + 5] as number
    this.dnssec = ((octets[fixed + 6] as number) & DO) !== 0
  }

  /** Of an option that comes more than once the first counts (RFC 7873 §5.2). */
  #readOptions(octets: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (at < end) {
      if (at + 4 > end) return false
      const octetCount = u16(octets, at + 2)
      if (at + 4 + octetCount > end) return false
      if (u16(octets, at) === OPTION.COOKIE && this.cookieOctets < 0) {
        this.cookieAt = at + 4
        this.cookieOctets = octetCount
      }
      // An EXPIRE of another length asks for nothing (RFC 7314 §4).
      if (u16(octets, at) === OPTION.EXPIRE) this.expire = octetCount === 0
      at += 4 + octetCount
    }
    return true
  }
}

/** Steps over a name that need not be known; −1 if it is none. Pointers must go backwards, behind the header. */
function skipOwner(octets: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end) {
    const label = octets[at] as number
    if (label === 0) return at + 1
    if (label >= POINTER) {
      if (at + 2 > end) return -1
      const target = ((label & 0x3f) << 8) | (octets[at + 1] as number)
      return target >= HEADER_OCTETS && target < start ? at + 2 : -1
    }
    if (label > LABEL_OCTETS_MAX) return -1
    at += label + 1
    if (at - start >= NAME_OCTETS_MAX) return -1
  }
  return -1
}

function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number)
}
