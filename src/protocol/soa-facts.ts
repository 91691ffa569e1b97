/** The numbers of a SOA record that a refresh goes by (RFC 1035 §3.3.13). */

import { skipName } from '../dns/name.ts'
import { isSerial } from '../dns/serial.ts'
import { assert } from '../dns/assert.ts'
import { Reader, WireError } from '../dns/wire.ts'
import type { SoaFacts } from './refresh-policy.ts'

const NUMBERS_OCTETS = 20

/** Reads uncompressed SOA RDATA. Throws WireError if it is not exactly that. */
export function soaFacts(octets: Uint8Array, rdataAt: number, end: number): SoaFacts {
  const reader = new Reader(octets, skipName(octets, skipName(octets, rdataAt)), end)
  if (reader.remaining !== NUMBERS_OCTETS) {
    throw new WireError(`expected ${NUMBERS_OCTETS} octets of numbers, found ${reader.remaining}`, reader.at)
  }
  const serial = reader.u32()
  assert(isSerial(serial), 'a 32-bit number is no serial')
  return { serial, refresh: reader.u32(), retry: reader.u32(), expire: reader.u32() }
}
