/**
 * `…/dns_records/scan`: the records that a zone has at its present nameservers. A scan that was triggered adds nothing:
 * what it found is reviewed, and accepted or rejected record by record.
 */

import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { parseName } from '../../dns/name.ts'
import type { Id } from '../../engine/object-id.ts'
import { storeEdited } from '../../zone/edited-record.ts'
import type { ApiContext } from '../context.ts'
import { answer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { zoneOf, ZonePath } from '../found.ts'
import { needs } from '../needs.ts'
import { checkDraft, readDraft, type RecordBody, type RecordDraft } from '../record-draft.ts'
import { addFileRecords } from '../record-import.ts'
import type { RecordSession, StoredOctets } from '../record-session.ts'
import { timingOf } from '../record-timing.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { editRecordsOf, shower } from './record-edit.ts'
import { RECORDS_PATH, refuseTransferred } from './record-frame.ts'

const Review = Type.Object({
  accepts: Type.Optional(Type.Array(Type.Object({}))),
  rejects: Type.Optional(Type.Array(Type.Object({ id: Type.String() }))),
})

export function recordScanRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry, found, now } = context
  const onRequest = refuseTransferred(context)
  const written = { config: needs.records.write, onRequest, schema: { params: ZonePath } }

  app.post(`${RECORDS_PATH}/scan`, written, async (request) => {
    const zone = zoneOf(request.params, registry)
    const startedAt = now()
    const records = await found.scan(zone)
    const drafts = records.map((record) => ({ draft: record, place: '' }))
    const added = await editRecordsOf(context, { zone, request }, (session) =>
      addFileRecords(session, { records: drafts.filter(({ draft }) => isWelcome(session, draft)) }),
    )
    for (const { id } of records) found.remove(zone.id, id)
    const timing = timingOf(startedAt, now())
    return answer({ recs_added: added, total_records_parsed: records.length, timing })
  })

  app.post(`${RECORDS_PATH}/scan/trigger`, written, async ({ params }) => {
    found.start(zoneOf(params, registry))
    return { success: true, errors: [], messages: [] }
  })

  app.get(
    `${RECORDS_PATH}/scan/review`,
    { config: needs.records.read, onRequest, schema: { params: ZonePath } },
    async ({ params }) => {
      const zone = zoneOf(params, registry)
      const show = shower(context, zone)
      const apex = parseName(zone.name)
      return answer(found.of(zone.id).map((record) => show(storeEdited(record, apex))))
    },
  )

  const reviewed = { ...written, schema: { params: ZonePath, body: Review } }
  app.post(`${RECORDS_PATH}/scan/review`, reviewed, async (request) => {
    const zone = zoneOf(request.params, registry)
    const { accepts = [], rejects = [] } = request.body
    const accepted = await editRecordsOf(context, { zone, request }, (session) =>
      accepts.map((body, at) =>
        accept(context, session, { zoneId: zone.id, body: body as RecordBody, place: `/accepts/${at}` }),
      ),
    )
    for (const { id } of accepts as readonly RecordBody[]) if (typeof id === 'string') found.remove(zone.id, id)
    const rejected = rejects.map(({ id }) => id).filter((id) => found.remove(zone.id, id))
    return answer({ accepts: accepted.map(shower(context, zone)), rejects: rejected })
  })
}

/** A record as it was found, with what the body says otherwise; or the record of the body, if nobody found it. */
function accept(
  { found }: Pick<ApiContext, 'found'>,
  session: RecordSession,
  { zoneId, body, place }: { readonly zoneId: Id; readonly body: RecordBody; readonly place: string },
): StoredOctets {
  const { id } = body
  const record = typeof id === 'string' ? found.get(zoneId, id) : undefined
  if (record === undefined) return session.create(body, place)
  return session.add(readDraft(body, { type: 'merged', record }, session.rules), place)
}

/** Whether a record may be made here, and its name has none yet: what people have made there is theirs. */
function isWelcome({ reader, rules }: RecordSession, draft: RecordDraft): boolean {
  if (reader.recordsOf(draft.owner)[Symbol.iterator]().next().done !== true) return false
  try {
    checkDraft(draft, rules)
    return true
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return false
  }
}
