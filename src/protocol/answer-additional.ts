/**
 * What goes along with an answer so that nobody has to ask again: glue and other addresses (RFC 1034 §4.3.2 step 6).
 *
 * Glue for name servers inside the delegated zone is part of a referral: all of it is there, or the answer says that it
 * is truncated (RFC 9471 §3.1). All else is a courtesy: it is left out where it does not fit, and no answer looks for
 * more than thirteen targets (CVE-2024-11187). Only data of the answering zone is added; data below a cut is used as
 * glue for name servers and for nothing else. Hot: allocates nothing.
 */

import { FOUND, type Lookup } from '../zone/lookup.ts'
import { endOfLabels, FIXED_OCTETS, recordEnd, sameNameAt } from './answer-octets.ts'
import { type Reply, SECTION } from './answer-reply.ts'

/** How many targets an answer looks for out of courtesy. */
const TARGETS_MAX = 13

const NS = 2
const A = 1
const AAAA = 28
const SVCB = 64
const HTTPS = 65

/** Where in its RDATA a type has the name of a host: NS, MB, MX, AFSDB, RT, SRV, KX, SVCB, HTTPS. */
const TARGET_OFFSET = new Int8Array(HTTPS + 1).fill(-1)
for (const [type, offset] of [
  [NS, 0],
  [7, 0],
  [15, 2],
  [18, 2],
  [21, 2],
  [33, 6],
  [36, 2],
  [SVCB, 2],
  [HTTPS, 2],
] as const)
  TARGET_OFFSET[type] = offset

export class Additional {
  readonly #reply: Reply
  readonly #lookup: Lookup
  /** Where the targets looked for so far stand. */
  readonly #targets = new Uint16Array(TARGETS_MAX)
  #targetCount = 0
  #apexAt = 0
  #dnssec = false

  constructor(reply: Reply, lookup: Lookup) {
    this.#reply = reply
    this.#lookup = lookup
  }

  /** Adds glue for a referral: `at`, `records` and `ownerOctets` tell the NS RRset in the answer. */
  addGlue(at: number, records: number, ownerOctets: number, cutAt: number, apexAt: number): void {
    const reply = this.#reply
    const { out } = reply
    this.#begin(apexAt, false)
    const toApex = apexAt - cutAt
    let record = at
    let others = 0
    for (let left = records; left > 0; left--, record = recordEnd(out, record, ownerOctets)) {
      const target = record + ownerOctets + FIXED_OCTETS
      const cut = endOfLabels(out, target, cutAt)
      if (cut < 0) {
        others++
      } else if (this.#lookup.findAnywhere(out, target, cut + toApex) && !this.#addAddresses(target)) {
        reply.truncated = true
        return
      }
    }
    record = at
    for (let left = others === 0 ? 0 : records; left > 0; left--, record = recordEnd(out, record, ownerOctets)) {
      const target = record + ownerOctets + FIXED_OCTETS
      if (endOfLabels(out, target, cutAt) < 0 && !this.#addHost(target, true)) return
    }
  }

  /** Adds the addresses of the hosts that the RRset written last names, and what an SVCB record leads to. */
  addTargets(type: number, nameAt: number, apexAt: number, dnssec: boolean): void {
    const offset = type <= HTTPS ? (TARGET_OFFSET[type] as number) : -1
    if (offset < 0) return
    this.#begin(apexAt, dnssec)
    const { out, rrsetOwnerOctets, rrsetRecords } = this.#reply
    let record = this.#reply.rrsetAt
    for (let left = rrsetRecords; left > 0; left--, record = recordEnd(out, record, rrsetOwnerOctets)) {
      const rdata = record + rrsetOwnerOctets + FIXED_OCTETS
      const more =
        type === SVCB || type === HTTPS
          ? this.#addService(rdata, nameAt, type)
          : this.#addHost(rdata + offset, type === NS)
      if (!more) return
    }
  }

  #begin(apexAt: number, dnssec: boolean): void {
    this.#reply.section = SECTION.additional
    this.#targetCount = 0
    this.#apexAt = apexAt
    this.#dnssec = dnssec
  }

  /** What an SVCB record leads to: its target, or one step further where it is an alias (RFC 9460 §4.1). */
  #addService(rdata: number, ownerAt: number, type: number): boolean {
    const { out } = this.#reply
    const isAlias = isAliasMode(out, rdata)
    const isOwner = out[rdata + 2] === 0
    if (isOwner) return isAlias || this.#addHost(ownerAt, false) // "." is the owner itself, or in an alias nothing
    const target = rdata + 2
    if (!isAlias) return this.#addHost(target, false)
    return sameNameAt(out, target, ownerAt) || this.#addAliased(target, type)
  }

  #addAliased(target: number, type: number): boolean {
    const reply = this.#reply
    const { cursor } = this.#lookup
    const { out } = reply
    if (!this.#addHost(target, false)) return false
    if (!this.#find(target, false) || !cursor.seekType(type)) return true
    if (!reply.addRRset(cursor, target)) return false
    const { rrsetOwnerOctets } = reply
    let record = reply.rrsetAt
    for (let left = reply.rrsetRecords; left > 0; left--, record = recordEnd(out, record, rrsetOwnerOctets)) {
      const rdata = record + rrsetOwnerOctets + FIXED_OCTETS
      if (isAliasMode(out, rdata) || out[rdata + 2] === 0) continue
      if (!this.#addHost(rdata + 2, false)) return false
    }
    return true
  }

  /** Adds the addresses of a host, once; false if there should be no more. */
  #addHost(target: number, glue: boolean): boolean {
    const { out } = this.#reply
    for (let seen = 0; seen < this.#targetCount; seen++) {
      if (sameNameAt(out, this.#targets[seen] as number, target)) return true
    }
    if (this.#targetCount === TARGETS_MAX) return false
    this.#targets[this.#targetCount++] = target
    return !this.#find(target, glue) || this.#addAddresses(target)
  }

  /** Finds the records of a name in this zone; those below a cut only where glue will do. */
  #find(target: number, glue: boolean): boolean {
    const { out } = this.#reply
    const end = endOfLabels(out, target, this.#apexAt)
    if (end < 0) return false
    const found = this.#lookup.find(out, target, end, A)
    if (found === FOUND.cut) return glue && this.#lookup.findAnywhere(out, target, end)
    return found === FOUND.name && this.#lookup.cursor.at !== -1
  }

  /** Adds A and AAAA of the name whose first record the cursor stands on; false if something did not fit. */
  #addAddresses(target: number): boolean {
    return this.#addOptional(target, A) && this.#addOptional(target, AAAA)
  }

  #addOptional(target: number, type: number): boolean {
    const reply = this.#reply
    const { cursor } = this.#lookup
    if (!cursor.seekType(type)) return true
    if (!reply.addRRset(cursor, target)) return false
    if (!this.#dnssec) return true
    reply.addSignatures(cursor, target, type, reply.rrsetTtl) // may be left out (RFC 4035 §3.1.1)
    return cursor.firstOfOwner()
  }
}

function isAliasMode(out: Uint8Array, rdata: number): boolean {
  return out[rdata] === 0 && out[rdata + 1] === 0
}
