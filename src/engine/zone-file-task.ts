/** A master file as the next version of a zone. */

import { ZoneFileError } from '../dns/zonefile/error.ts'
import { parseZoneFile } from '../dns/zonefile/parser.ts'
import { sentenceOf } from '../protocol/reason.ts'
import type { Arena } from '../zone/arena.ts'
import { Edit } from '../zone/edit.ts'
import { storeRecord } from '../zone/stored-form.ts'
import { TYPE } from '../zone/stored-record.ts'
import type { ShelvedZone, ZoneShelf } from './zone-shelf.ts'

/** Publishes the records of a master file; resolves to what stands in the way, if anything does. */
export async function publishZoneFile(
  zone: ShelvedZone | undefined,
  text: string,
  { arena, shelf }: { arena: Arena; shelf: ZoneShelf },
): Promise<string | undefined> {
  if (zone === undefined) return 'the zone was removed'
  const edit = new Edit(arena, undefined, zone.apex)
  try {
    for (const item of parseZoneFile(text, { origin: zone.apex })) {
      if (!('record' in item)) continue
      const stored = storeRecord(item.record, zone.apex)
      if (item.record.type === TYPE.SOA) edit.setSoa(stored)
      else edit.add(stored, 0, stored.length)
    }
  } catch (error) {
    edit.abort()
    if (error instanceof ZoneFileError) return error.message
    throw error
  }
  const published = await shelf.publish(zone, { edit, difference: undefined })
  return published.type === 'refused' ? sentenceOf(published.reason) : undefined
}
