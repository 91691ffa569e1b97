/** The SOA record in stored form: reading its fields without decoding the rest (RFC 1035 §3.3.13). */

import { skipName } from '../dns/name.ts'
import type { Serial } from '../dns/serial.ts'
import { TO_RDATA } from './stored-record.ts'

/** The serial of a SOA record of the apex. */
export function soaSerial(octets: Uint8Array, at = 0): Serial {
  const numbers = skipName(octets, skipName(octets, at + TO_RDATA))
  let serial = 0
  for (let p = numbers; p < numbers + 4; p++) serial = serial * 256 + (octets[p] as number)
  return serial as Serial
}
