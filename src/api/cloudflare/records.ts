/** `GET /zones/{zone}/dns_records`: the records of a zone, whether they are edited here or come from elsewhere. */

import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { RecordReader } from '../../engine/runtime.ts'
import { withRecords } from '../contents.ts'
import type { ApiContext } from '../context.ts'
import { answer } from '../envelope.ts'
import { checkId, missing, zoneOf, ZonePath } from '../found.ts'
import { needs } from '../needs.ts'
import { findRecord } from '../owner-index.ts'
import { readPage, resultInfo } from '../paging.ts'
import { findPage, type RecordPage } from '../record-list.ts'
import { readRecordSearch, RecordListQuery } from '../record-query.ts'
import { RecordSeen } from '../record-seen.ts'
import { Shadows } from '../shadow.ts'
import { SHADOWED_PER_PAGE_MAX, ShadowQuery, wantsShadows } from '../shadow-query.ts'
import { stream } from '../stream.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { frameOf, RecordPath, RECORDS_PATH } from './record-frame.ts'
import { recordObject, type RecordFrame } from './record-object.ts'

const BOUNDS = { perPage: 100, perPageMax: 5_000_000 }

export function recordRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry, scans } = context

  app.get(
    RECORDS_PATH,
    { config: needs.records.read, schema: { params: ZonePath, querystring: RecordListQuery } },
    async ({ params, query }, reply) => {
      const zone = zoneOf(params, registry)
      const shadows = wantsShadows(query)
      const page = readPage(query, shadows ? { ...BOUNDS, perPageMax: SHADOWED_PER_PAGE_MAX } : BOUNDS)
      const search = readRecordSearch(query, zone)
      return withRecords(context, zone, async (reader) => {
        const found = await findPage(scans, { zoneId: zone.id, reader }, search, page)
        const info = resultInfo(page, found.count, found.total)
        const show = recordShower(reader, frameOf(context, zone), shadows)
        const text = pageText(found, reader, show, JSON.stringify(info))
        await stream(reply, 'application/json; charset=utf-8', text)
      })
    },
  )

  const asked = { params: RecordPath, querystring: Type.Object(ShadowQuery) }
  app.get(`${RECORDS_PATH}/:id`, { config: needs.records.read, schema: asked }, async ({ params, query }) => {
    const zone = zoneOf(params, registry)
    const id = checkId(params.id)
    return withRecords(context, zone, async (reader) => {
      const stored = (await findRecord(context, { zoneId: zone.id, reader, id })) ?? missing('record-unknown')
      const show = recordShower(reader, frameOf(context, zone), wantsShadows(query))
      return answer(show(new RecordSeen(reader.apex, reader.overridden).look(stored)))
    })
  })
}

/** How a record is shown, with or without what delegations do to it. */
function recordShower(reader: RecordReader, frame: RecordFrame, shadows: boolean): (record: RecordSeen) => object {
  if (!shadows || !reader.edited) return (record) => recordObject(record, frame)
  const found = new Shadows(reader)
  return (record) => {
    const { edited } = record
    const object = recordObject(record, frame)
    return edited === undefined ? object : { ...object, meta: found.metaOf(edited) }
  }
}

/** The answer as text, piece by piece: a page may be the whole of a large zone. */
function* pageText(
  page: RecordPage,
  { apex, overridden }: RecordReader,
  show: (record: RecordSeen) => object,
  info: string,
): Generator<string> {
  const seen = new RecordSeen(apex, overridden)
  yield '{"result":['
  let comma = ''
  for (const stored of page.records()) {
    yield comma + JSON.stringify(show(seen.look(stored)))
    comma = ','
  }
  yield `],"result_info":${info},"success":true,"errors":[],"messages":[]}`
}
