/** Zones and stored records from master-file text and back, for tests. The apex is example.org. */

import { parseName } from '../src/dns/name.ts'
import { parseZoneFile } from '../src/dns/zonefile/parser.ts'
import { printRecord } from '../src/dns/zonefile/printer.ts'
import type { Arena } from '../src/zone/arena.ts'
import { type Contents, recordsFrom } from '../src/zone/contents.ts'
import { Edit, type EditOptions } from '../src/zone/edit.ts'
import { readStoredRecord, storeRecord } from '../src/zone/stored-form.ts'
import { recordEnd } from '../src/zone/stored-record.ts'

const APEX = parseName('example.org.')
const SOA = '@ 3600 SOA ns hostmaster 1 7200 3600 1209600 300'

/** The stored records of some lines; the TTL is 300 where none is given. */
export function stored(text: string): Uint8Array[] {
  const items = [...parseZoneFile(text, { origin: APEX, defaultTtl: 300 })]
  return items.flatMap((item) => (item.type === 'record' ? [storeRecord(item.record, APEX)] : []))
}

/** An edit of a zone of some lines; its SOA record has the serial 1. */
export function editOf(arena: Arena, text: string, { base, ...options }: EditOptions & { base?: Contents } = {}): Edit {
  const edit = new Edit(arena, base, APEX, options)
  edit.setSoa(stored(SOA)[0] as Uint8Array)
  for (const record of stored(text)) edit.add(record, 0, record.length)
  return edit
}

/** A zone of some lines. */
export function zoneOf(arena: Arena, text: string): Contents {
  return editOf(arena, text).commit().contents
}

/** The records of a run, one by one. */
export function records(run: Uint8Array): Uint8Array[] {
  const all: Uint8Array[] = []
  for (let at = 0, end; at < run.length; at = end) {
    end = recordEnd(run, at)
    all.push(run.slice(at, end))
  }
  return all
}

/** A run in presentation format. */
export function linesOf(run: Uint8Array): string[] {
  return records(run).map((record) =>
    printRecord(readStoredRecord(record, 0, APEX), { origin: APEX }).replaceAll('\t', ' '),
  )
}

/** All records but the SOA in presentation format. */
export function linesOfZone(contents: Contents): string[] {
  return Array.from(recordsFrom(contents), ({ octets, at, end }) => linesOf(octets.slice(at, end))).flat()
}
