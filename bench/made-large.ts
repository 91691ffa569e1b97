/** The large zone of a primary of made zones: the records of a master file, as the answer sections that hold them. */

import { readFileSync } from 'node:fs'
import { CLASS } from '../src/dns/code.ts'
import { newMessage, type DnsRecord } from '../src/dns/message.ts'
import { writeMessage } from '../src/dns/message-write.ts'
import { parseName, type Name } from '../src/dns/name.ts'
import { parseZoneFile } from '../src/dns/zonefile/parser.ts'

const RECORDS_PER_MESSAGE = 300
const HEADER_OCTETS = 12
const AXFR = 252
const SOA = 6

/** Some records: how many, and their octets as they stand behind header and question. */
export interface FixedPart {
  readonly count: number
  readonly octets: Buffer
}

/** Reads a master file; its SOA record is left out. */
export function readLarge(path: string, apex: string): FixedPart[] {
  const name = parseName(apex)
  const records: DnsRecord[] = []
  for (const item of parseZoneFile(readFileSync(path, 'utf8'), { origin: name, defaultTtl: 3600 }))
    if (item.type === 'record' && item.record.type !== SOA) records.push(item.record)
  const parts: FixedPart[] = []
  for (let at = 0; at < records.length; at += RECORDS_PER_MESSAGE)
    parts.push(partOf(name, records.slice(at, at + RECORDS_PER_MESSAGE)))
  return parts
}

function partOf(name: Name, answer: readonly DnsRecord[]): FixedPart {
  const questions = [{ name, type: AXFR, class: CLASS.IN }]
  const message = writeMessage(newMessage({ questions, answer }))
  return { count: answer.length, octets: Buffer.from(message.subarray(HEADER_OCTETS + name.length + 4)) }
}
