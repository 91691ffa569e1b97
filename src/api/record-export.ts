/**
 * A zone as a master file with everything that people have said of its records, so that it can be imported again.
 *
 * A TTL of 1 is an automatic one. The SOA record and our own nameservers are there for whoever reads the file; an import
 * leaves them out.
 */

import { CLASS } from '../dns/code.ts'
import type { DnsRecord } from '../dns/message.ts'
import { lowerName, parseName } from '../dns/name.ts'
import { printRecord } from '../dns/zonefile/printer.ts'
import type { RecordReader } from '../engine/runtime.ts'
import type { DnsSettings, Zone } from '../store/objects.ts'
import { PROXIABLE } from '../zone/served-records.ts'
import { TYPE } from '../zone/stored-record.ts'
import { printNote } from './record-note.ts'
import { RecordSeen } from './record-seen.ts'

export interface ExportedZone {
  readonly zone: Zone
  readonly dns: Pick<DnsSettings, 'nsTtl'>
  /** What people know, and what is answered from. */
  readonly reader: RecordReader
  readonly served: RecordReader
  /** As a text. */
  readonly now: string
}

/** The lines of the file. */
export function* exportedLines({ zone, dns, reader, served, now }: ExportedZone): Generator<string> {
  yield `;; Domain:   ${zone.name}.\n;; Exported: ${now}\n;; A TTL of 1 is automatic.\n\n`
  const seen = new RecordSeen(reader.apex)
  if (!reader.edited) {
    for (const stored of served.records(0)) yield `${printRecord(seen.look(stored).record)}\n`
    return
  }
  for (const stored of served.records(0)) {
    yield `${printRecord(seen.look(stored).record)}\n`
    break
  }
  for (const record of nameServersOf(zone, dns)) yield `${printRecord(record)}\n`
  for (const stored of reader.records(0)) yield lineOf(seen.look(stored))
}

function nameServersOf({ name, nameServers }: Zone, { nsTtl: ttl }: Pick<DnsSettings, 'nsTtl'>): DnsRecord[] {
  const owner = parseName(name)
  return nameServers.map((each) => {
    return { owner, type: TYPE.NS, class: CLASS.IN, ttl, rdata: lowerName(parseName(each)) }
  })
}

function lineOf({ edited }: RecordSeen): string {
  if (edited === undefined) return ''
  const { owner, type, ttl, rdata, proxied, attributes } = edited
  const note = printNote(attributes, PROXIABLE.has(type) ? proxied : undefined)
  const line = printRecord({ owner, type, class: CLASS.IN, ttl, rdata })
  return note === '' ? `${line}\n` : `${line} ; ${note}\n`
}
