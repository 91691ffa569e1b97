/**
 * Where to look for a record whose id is known: an open hash table from the hash of an owner to the position of its first
 * record, built once per version. A slot holds the position plus one; 0 is free.
 */

import type { Id } from '../engine/object-id.ts'
import type { RecordReader } from '../engine/runtime.ts'
import type { Stored } from '../zone/contents.ts'
import { ownerEnd, sameOwner, typeAfter } from '../zone/stored-record.ts'
import type { RecordIds } from './record-id.ts'
import type { Scans } from './scans.ts'
import { Slices } from './slices.ts'

/** The record of an id in its stored form, as long as the reader is not asked for another; undefined if there is none. */
export async function findRecord(
  { recordIds, scans }: { readonly recordIds: RecordIds; readonly scans: Scans },
  { zoneId, reader, id }: { readonly zoneId: Id; readonly reader: RecordReader; readonly id: string },
): Promise<Stored | undefined> {
  const own = reader.byId(id)
  if (own !== undefined || reader.edited) return own
  const { ownerHash, type } = recordIds.keyOf(id)
  const scan = { zoneId, version: reader.version, question: 'owners' }
  const slots = await scans.result(scan, () => indexOwners(reader, recordIds))
  const mask = slots.length - 1
  for (let slot = ownerHash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
    const found = findOfOwner(reader, (slots[slot] as number) - 1, (stored) => {
      return typeAfter(stored.octets, ownerEnd(stored.octets, stored.at)) === type && recordIds.idOf(stored) === id
    })
    if (found !== undefined) return found
  }
  return undefined
}

/** The first record that passes, among those from a position on that have the owner of the first. */
function findOfOwner(reader: RecordReader, position: number, passes: (stored: Stored) => boolean): Stored | undefined {
  let octets: Uint8Array | undefined
  let at = 0
  for (const stored of reader.records(position)) {
    if (octets === undefined) ({ octets, at } = stored)
    if (!sameOwner(octets, at, stored.octets, stored.at)) return undefined
    if (passes(stored)) return stored
  }
  return undefined
}

async function indexOwners(reader: RecordReader, recordIds: RecordIds): Promise<Uint32Array> {
  const size = 2 ** Math.ceil(Math.log2(reader.recordCount * 1.5 + 2))
  const slots = new Uint32Array(size)
  const slices = new Slices()
  let position = 0
  let octets: Uint8Array | undefined
  let at = 0
  for (const stored of reader.records(0)) {
    if (octets === undefined || !sameOwner(octets, at, stored.octets, stored.at)) {
      ;({ octets, at } = stored)
      let slot = recordIds.ownerHash(octets, at, ownerEnd(octets, at)) & (size - 1)
      while (slots[slot] !== 0) slot = (slot + 1) & (size - 1)
      slots[slot] = position + 1
    }
    position++
    if (slices.isOver()) await slices.next()
  }
  return slots
}
