/** What a secondary asks a primary: its SOA, or the zone (RFC 1035 §4.1, RFC 5936 §2.1, RFC 1995 §3, RFC 7314 §3.1). */

import { CLASS, META_TYPE } from '../dns/code.ts'
import { EXPIRE_QUESTION, type Edns } from '../dns/edns.ts'
import { newMessage, type DnsRecord } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import type { Name } from '../dns/name.ts'
import type { Serial } from '../dns/serial.ts'
import { TYPE } from '../zone/stored-record.ts'

export interface PrimaryQuery {
  readonly apex: Name
  readonly id: number
  /** With it goes the question how long the primary's own copy is good. */
  readonly edns: boolean
}

/** What fits into a UDP packet that nobody has to cut up (RFC 9715). */
const UDP_SIZE = 1232

const EDNS: Edns = { udpSize: UDP_SIZE, version: 0, do: false, flags: 0, options: [EXPIRE_QUESTION] }

/** Asks for the SOA record. */
export function soaQuery(query: PrimaryQuery): Uint8Array {
  return writeQuery(query, TYPE.SOA, [])
}

/** Asks for the whole zone. */
export function axfrQuery(query: PrimaryQuery): Uint8Array {
  return writeQuery(query, META_TYPE.AXFR, [])
}

/** Asks for the changes since a serial, which goes into the authority section as part of a SOA record. */
export function ixfrQuery(query: PrimaryQuery, since: Serial): Uint8Array {
  return writeQuery(query, META_TYPE.IXFR, [soaOfSerial(query.apex, since)])
}

/** AA, RD and all other flags are 0, there is one question, and all else is empty (RFC 5936 §2.1). */
function writeQuery({ apex, id, edns }: PrimaryQuery, type: number, authority: readonly DnsRecord[]): Uint8Array {
  const questions = [{ name: apex, type, class: CLASS.IN }]
  return writeMessage(newMessage({ id, questions, authority, edns: edns ? EDNS : undefined }))
}

/** Of our SOA record only the serial counts (RFC 1995 §3); the names are left as the root, the other numbers as 0. */
function soaOfSerial(apex: Name, serial: Serial): DnsRecord {
  const rdata = new Uint8Array(22)
  new DataView(rdata.buffer).setUint32(2, serial)
  return { owner: apex, type: TYPE.SOA, class: CLASS.IN, ttl: 0, rdata }
}
