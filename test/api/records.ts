/** Contents for tests, made of master files: stored records in an array instead of pages in shared memory. */

import { isWithin, nameKey, type Name } from '../../src/dns/name.ts'
import { parseZoneFile } from '../../src/dns/zonefile/parser.ts'
import type { RecordReader } from '../../src/engine/runtime.ts'
import type { Stored } from '../../src/zone/contents.ts'
import { storeRecord } from '../../src/zone/stored-form.ts'
import { compareRecords } from '../../src/zone/stored-record.ts'

const SOA = 6

/** The records of a master file in stored form and in the order of contents, the SOA first. */
export function storedRecords(text: string, apex: Name): Uint8Array[] {
  const soa: Uint8Array[] = []
  const others: Uint8Array[] = []
  for (const item of parseZoneFile(text, { origin: apex, apex })) {
    if (item.type !== 'record') throw new Error(item.text)
    const octets = storeRecord(item.record, apex)
    if (item.record.type === SOA) soa.push(octets)
    else others.push(octets)
  }
  return [...soa, ...others.sort((a, b) => compareRecords(a, 0, b, 0))]
}

const asStored = (octets: Uint8Array): Stored => ({ octets, at: 0, end: octets.length })

export function readerOf(apex: Name, records: readonly Uint8Array[], version: number): RecordReader {
  return {
    edited: false,
    apex,
    version,
    recordCount: records.length,
    *records(from) {
      for (let at = from; at < records.length; at++) yield asStored(records[at] as Uint8Array)
    },
    *recordsOf(owner) {
      if (!isWithin(owner, apex)) throw new Error('asked for an owner outside of the zone')
      const labels = owner.subarray(0, owner.length - apex.length)
      const key = nameKey(labels as Name)
      for (const octets of records) {
        const end = octets.findIndex((octet, at) => octet === 0xc0 && isOwnerEnd(octets, at))
        if (nameKey(octets.subarray(0, end) as Name) === key) yield asStored(octets)
      }
    },
    byId: () => undefined,
    release() {},
  }
}

function isOwnerEnd(octets: Uint8Array, at: number): boolean {
  let end = 0
  while ((octets[end] as number) < 0xc0) end += (octets[end] as number) + 1
  return end === at
}
