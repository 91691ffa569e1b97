/** `POST`, `PUT`, `PATCH` and `DELETE` of `/zones/{zone}/dns_records`: one record of a zone that is edited here, or an override. */

import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { checkId, zoneOf, ZonePath } from '../found.ts'
import type { RecordBody } from '../record-draft.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { IdObject } from './id-object.ts'
import { editRecordsOf, shower } from './record-edit.ts'
import { needs } from '../needs.ts'
import { RecordPath, RECORDS_PATH, refuseReadOnly } from './record-frame.ts'

/** What a record may say is judged by its type, not by a schema. */
const RecordMembers = Type.Object({})

export function recordWriteRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry } = context
  const onRequest = refuseReadOnly(context)

  app.post(
    RECORDS_PATH,
    { config: needs.records.write, onRequest, schema: { params: ZonePath, body: RecordMembers } },
    async (request) => {
      const zone = zoneOf(request.params, registry)
      const body = request.body as RecordBody
      const created = await editRecordsOf(context, { zone, request }, (session) => session.create(body))
      return answer(shower(context, zone)(created))
    },
  )

  const changed = { params: RecordPath, body: RecordMembers }
  for (const [method, way] of [
    ['PUT', 'replace'],
    ['PATCH', 'merge'],
  ] as const) {
    app.route({
      method,
      url: `${RECORDS_PATH}/:id`,
      config: needs.records.write,
      onRequest,
      schema: changed,
      handler: async (request) => {
        const zone = zoneOf(request.params, registry)
        const id = checkId(request.params.id)
        const body = request.body as RecordBody
        const after = await editRecordsOf(context, { zone, request }, (session) => session[way](id, body))
        return answer(shower(context, zone)(after))
      },
    })
  }

  const removed = { params: RecordPath, response: { 200: Answer(IdObject) } }
  app.delete(`${RECORDS_PATH}/:id`, { config: needs.records.write, onRequest, schema: removed }, async (request) => {
    const zone = zoneOf(request.params, registry)
    const id = checkId(request.params.id)
    await editRecordsOf(context, { zone, request }, (session) => session.remove(id))
    return answer({ id })
  })
}
