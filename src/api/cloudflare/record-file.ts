/** `/zones/{zone}/dns_records/export` and `…/import`: records as a master file. */

import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { instantText } from '../../engine/object-id.ts'
import { acceptOctets } from '../body.ts'
import { withRecords, withServed } from '../contents.ts'
import type { ApiContext } from '../context.ts'
import { answer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { zoneOf, ZonePath } from '../found.ts'
import { isOn } from '../query.ts'
import { exportedLines } from '../record-export.ts'
import { addFileRecords, readFileRecords } from '../record-import.ts'
import { recordRules } from '../record-rules.ts'
import { timingOf } from '../record-timing.ts'
import { stream } from '../stream.ts'
import { readUpload } from '../upload.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { editRecordsOf } from './record-edit.ts'
import { needs } from '../needs.ts'
import { RECORDS_PATH, refuseTransferred } from './record-frame.ts'

/** What a form may have beside the file. */
const FORM_OCTETS_MAX = 64 * 1024

export function recordFileRoutes(face: FastifyInstance, context: ApiContext): void {
  exportRoute(face, context)
  face.register(async (scope) => {
    acceptOctets(scope, context.primary.importOctetsMax + FORM_OCTETS_MAX)
    importRoute(scope, context)
  })
}

function exportRoute(face: FastifyInstance, context: ApiContext): void {
  const { registry, now } = context
  const app = face.withTypeProvider<TypeBoxTypes>()
  app.get(
    `${RECORDS_PATH}/export`,
    { config: needs.records.read, schema: { params: ZonePath } },
    async ({ params }, reply) => {
      const zone = zoneOf(params, registry)
      await withRecords(context, zone, async (reader) =>
        withServed(context, zone, async (served) => {
          const dns = registry.dnsSettings.ofZone(zone)
          const lines = exportedLines({ zone, dns, reader, served, now: instantText(now()) })
          await stream(reply, 'text/plain; charset=utf-8', lines)
        }),
      )
      return reply
    },
  )
}

const ImportQuery = Type.Object({ proxied: Type.Optional(Type.String()) })

function importRoute(scope: FastifyInstance, context: ApiContext): void {
  const { registry, primary } = context
  const app = scope.withTypeProvider<TypeBoxTypes>()
  const onRequest = refuseTransferred(context)
  const schema = { params: ZonePath, querystring: ImportQuery }
  app.post(`${RECORDS_PATH}/import`, { config: needs.records.write, onRequest, schema }, async (request) => {
    const startedAt = context.now()
    const zone = zoneOf(request.params, registry)
    const { file, fields } = await readUpload(request, 'file')
    if (file === undefined) throw new ApiError('file-missing')
    if (Buffer.byteLength(file) > primary.importOctetsMax)
      throw new ApiError('body-too-large', { text: `expected a file of at most ${primary.importOctetsMax} octets` })
    const proxied = isOn(fields.get('proxied') ?? request.query.proxied ?? 'false')
    const read = await readFileRecords(file, recordRules(zone, primary), { proxied })
    const counts = { recs_added: 0, total_records_parsed: read.parsed }
    await editRecordsOf(
      context,
      { zone, request },
      async (session) => {
        counts.recs_added = await addFileRecords(session, read)
      },
      (_, head) => [{ audit: { ...head, action: 'record.import', object: { ...counts, proxied } } }],
    )
    const known = read.records.length - counts.recs_added
    const warnings = known === 0 ? read.warnings : [`${known} records were there already`, ...read.warnings]
    return answer({ ...counts, timing: timingOf(startedAt, context.now()) }, warnings)
  })
}
