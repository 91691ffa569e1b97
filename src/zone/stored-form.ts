/** Records between the form that is stored and the form for everything that is not hot. */

import type { DnsRecord } from '../dns/message.ts'
import { LABEL_OCTETS_MAX, NAME_OCTETS_MAX, nameFromWire, type Name } from '../dns/name.ts'
import { WireError } from '../dns/wire.ts'
import { OWNER_END, ownerEnd, recordEndAfter, TO_RDATA, TO_RDLENGTH, TO_TTL, TO_TYPE } from './stored-record.ts'
import { ttlAfter, typeAfter } from './stored-record.ts'

const TO_CLASS = 4
const POINTER_END = 0x0c

/** A record in stored form. Its owner is the apex or below it. */
export function storeRecord({ owner, type, class: klass, ttl, rdata }: DnsRecord, apex: Name): Uint8Array<ArrayBuffer> {
  const end = owner.length - apex.length
  const octets = new Uint8Array(end + TO_RDATA + rdata.length)
  octets.set(owner.subarray(0, end))
  octets[end] = OWNER_END
  octets[end + 1] = POINTER_END
  putU16(octets, end + TO_TYPE, type)
  putU16(octets, end + TO_CLASS, klass)
  putU16(octets, end + TO_TTL, ttl >>> 16)
  putU16(octets, end + TO_TTL + 2, ttl & 0xffff)
  putU16(octets, end + TO_RDLENGTH, rdata.length)
  octets.set(rdata, end + TO_RDATA)
  return octets
}

/** The stored record that begins at an offset, with all its octets copied. */
export function readStoredRecord(octets: Uint8Array, at: number, apex: Name): DnsRecord {
  const end = ownerEnd(octets, at)
  const rdlength = u16(octets, end + TO_RDLENGTH)
  return {
    owner: storedOwner(octets, at, apex),
    type: typeAfter(octets, end),
    class: u16(octets, end + TO_CLASS),
    ttl: ttlAfter(octets, end),
    rdata: octets.slice(end + TO_RDATA, end + TO_RDATA + rdlength),
  }
}

/** The owner of the stored record that begins at an offset, as a full name. */
export function storedOwner(octets: Uint8Array, at: number, apex: Name): Name {
  const end = ownerEnd(octets, at)
  const owner = new Uint8Array(end - at + apex.length)
  owner.set(octets.subarray(at, end))
  owner.set(apex, end - at)
  return nameFromWire(owner)
}

/**
 * Makes sure that octets are a run of stored records, as far as it takes to step over them: for what comes back from the
 * disk. Returns how many there are; throws WireError.
 */
export function checkRun(octets: Uint8Array): number {
  let records = 0
  let at = 0
  while (at < octets.length) {
    let end = at
    while ((octets[end] as number) <= LABEL_OCTETS_MAX) end += (octets[end] as number) + 1
    if (end - at > NAME_OCTETS_MAX || octets[end] !== OWNER_END || octets[end + 1] !== POINTER_END) {
      throw new WireError('no stored record', at)
    }
    const next = end + TO_RDATA <= octets.length ? recordEndAfter(octets, end) : Infinity
    if (next > octets.length) throw new WireError('stored record runs past its end', at)
    at = next
    records++
  }
  return records
}

function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number)
}

function putU16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8
  octets[at + 1] = value & 0xff
}
