/** `GET /zones/{zone}/dns_records`: the records of a zone, whether they are edited here or come from elsewhere. */

import type { FastifyInstance } from 'fastify'
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

  app.get(`${RECORDS_PATH}/:id`, { config: needs.records.read, schema: { params: RecordPath } }, async ({ params }) => {
    const zone = zoneOf(params, registry)
    const id = checkId(params.id)
    return withRecords(context, zone, async (reader) => {
      const stored = (await findRecord(context, { zoneId: zone.id, reader, id })) ?? missing('record-unknown')
      return answer(recordObject(new RecordSeen(reader.apex).look(stored), frameOf(context, zone)))
    })
  })
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
