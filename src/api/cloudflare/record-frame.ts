/** What the routes of `dns_records` share. */

import type { FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { instantText } from '../../engine/object-id.ts'
import type { Zone } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { ApiError } from '../errors.ts'
import { zoneOf, type ZonePath } from '../found.ts'
import { toUnicode } from '../idn.ts'
import type { RecordFrame } from './record-object.ts'

export const RECORDS_PATH = '/zones/:zone_id/dns_records'

export const RecordPath = Type.Object({ zone_id: Type.String(), id: Type.String() })

export function frameOf({ runtime, recordIds }: ApiContext, zone: Zone): RecordFrame {
  const modifiedAt = runtime.facts(zone.id)?.modifiedAt
  const modifiedOn = modifiedAt === undefined ? zone.modifiedOn : instantText(modifiedAt)
  return { zone, zoneName: toUnicode(zone.name), recordIds, modifiedOn }
}

/** Refuses changes of what comes from elsewhere; where overrides are on, records can be made all the same. */
export function refuseReadOnly({ registry }: Pick<ApiContext, 'registry'>) {
  return async ({ params }: FastifyRequest): Promise<void> => {
    const zone = zoneOf(params as Static<typeof ZonePath>, registry)
    if (zone.type !== 'full' && !registry.overrides.areOn(zone)) throw new ApiError('records-read-only')
  }
}

/** Refuses what only full zones have, before the body is read: that of an import is no JSON. */
export function refuseTransferred({ registry }: Pick<ApiContext, 'registry'>) {
  return async ({ params }: FastifyRequest): Promise<void> => {
    const zone = zoneOf(params as Static<typeof ZonePath>, registry)
    if (zone.type !== 'full')
      throw new ApiError('records-read-only', {
        text: 'the records of a secondary zone come from its primaries: only full zones are scanned for and imported into',
      })
  }
}
