/** `/zones/{zone}/dns_records`: the records that were transferred. They are read here, and changed at the primary. */

import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { instantText } from '../../engine/object-id.ts'
import type { RecordReader } from '../../engine/runtime.ts'
import type { Zone } from '../../store/objects.ts'
import { withRecords } from '../contents.ts'
import type { ApiContext } from '../context.ts'
import { answer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { checkId, missing, zoneOf, ZonePath } from '../found.ts'
import { toUnicode } from '../idn.ts'
import { needs } from '../needs.ts'
import { findRecord } from '../owner-index.ts'
import { readPage, resultInfo } from '../paging.ts'
import { findPage, type RecordPage } from '../record-list.ts'
import { readRecordSearch, RecordListQuery } from '../record-query.ts'
import { RecordSeen } from '../record-seen.ts'
import { stream } from '../stream.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { recordObject, type RecordFrame } from './record-object.ts'

const PATH = '/zones/:zone_id/dns_records'
const BOUNDS = { perPage: 100, perPageMax: 5_000_000 }

/** Everything that would change a record. */
const CHANGES = [
  { method: 'POST', url: PATH },
  { method: 'POST', url: `${PATH}/batch` },
  { method: 'POST', url: `${PATH}/import` },
  { method: 'PUT', url: `${PATH}/:id` },
  { method: 'PATCH', url: `${PATH}/:id` },
  { method: 'DELETE', url: `${PATH}/:id` },
] as const

const RecordPath = Type.Object({ zone_id: Type.String(), id: Type.String() })

export function recordRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry, scans } = context

  app.get(
    PATH,
    { config: needs.records.read, schema: { params: ZonePath, querystring: RecordListQuery } },
    async ({ params, query }, reply) => {
      const zone = zoneOf(params, registry)
      const page = readPage(query, BOUNDS)
      const search = readRecordSearch(query, zone)
      return withRecords(context, zone, async (reader) => {
        const found = await findPage(scans, { zoneId: zone.id, reader }, search, page)
        const info = resultInfo(page, found.count, found.total)
        const text = pageText(found, reader, frameOf(context, zone), JSON.stringify(info))
        await stream(reply, 'application/json; charset=utf-8', text)
      })
    },
  )

  app.get(`${PATH}/:id`, { config: needs.records.read, schema: { params: RecordPath } }, async ({ params }) => {
    const zone = zoneOf(params, registry)
    const id = checkId(params.id)
    return withRecords(context, zone, async (reader) => {
      const stored = (await findRecord(context, { zoneId: zone.id, reader, id })) ?? missing('record-unknown')
      return answer(recordObject(new RecordSeen(reader.apex).look(stored), frameOf(context, zone)))
    })
  })

  for (const { method, url } of CHANGES)
    app.route({ method, url, config: needs.records.write, onRequest: refuse, handler: refuse })

  /** Before the body is read: that of an import is no JSON. */
  async function refuse({ params }: FastifyRequest): Promise<never> {
    zoneOf(params as Static<typeof ZonePath>, registry)
    throw new ApiError('records-read-only')
  }
}

function frameOf({ runtime, recordIds }: ApiContext, zone: Zone): RecordFrame {
  const modifiedAt = runtime.facts(zone.id)?.modifiedAt
  const modifiedOn = modifiedAt === undefined ? zone.modifiedOn : instantText(modifiedAt)
  return { zone, zoneName: toUnicode(zone.name), recordIds, modifiedOn }
}

/** The answer as text, piece by piece: a page may be the whole of a large zone. */
function* pageText(page: RecordPage, { apex }: RecordReader, frame: RecordFrame, info: string): Generator<string> {
  const seen = new RecordSeen(apex)
  yield '{"result":['
  let comma = ''
  for (const stored of page.records()) {
    yield comma + JSON.stringify(recordObject(seen.look(stored), frame))
    comma = ','
  }
  yield `],"result_info":${info},"success":true,"errors":[],"messages":[]}`
}
