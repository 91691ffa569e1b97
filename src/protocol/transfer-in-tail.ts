/** What stands behind the answers of a message in a transfer: of interest is only the OPT record (RFC 6891). */

import { META_TYPE } from '../dns/code.ts'
import { readOpt, type Edns } from '../dns/edns.ts'
import { skipName } from '../dns/name.ts'
import { Reader, WireError } from '../dns/wire.ts'

export interface Tail {
  readonly edns: Edns | undefined
  /** The upper eight bits of the RCODE. */
  readonly rcodeHigh: number
}

const TYPE_CLASS_TTL_OCTETS = 8

/** Walks the authority and additional records up to the end of the message, behind which nothing may stand. */
export function readTail(message: Uint8Array, start: number, count: number): Tail {
  let edns: Edns | undefined
  let rcodeHigh = 0
  const reader = new Reader(message, start)
  for (let left = count; left > 0; left--) {
    const ownedByRoot = message[reader.at] === 0
    reader.at = skipName(message, reader.at)
    const type = reader.u16()
    const field = { class: reader.u16(), ttl: reader.u32() }
    const length = reader.u16()
    const rdataAt = reader.skip(length)
    if (type !== META_TYPE.OPT) continue
    if (edns !== undefined) throw new WireError('second OPT', rdataAt)
    if (!ownedByRoot) throw new WireError('OPT that the root does not own', rdataAt)
    edns = readOpt(new Reader(message, rdataAt, rdataAt + length), field)
    rcodeHigh = field.ttl >>> 24
  }
  if (reader.remaining > 0) throw new WireError('octets behind the last record', reader.at)
  return { edns, rcodeHigh }
}

/** Where so many records end. */
export function skipRecords(message: Uint8Array, start: number, count: number): number {
  const reader = new Reader(message, start)
  for (let left = count; left > 0; left--) {
    reader.at = skipName(message, reader.at)
    reader.skip(TYPE_CLASS_TTL_OCTETS)
    reader.skip(reader.u16())
  }
  return reader.at
}
