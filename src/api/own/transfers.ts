/** `/zones/{id or name}/transfers`: the log of checks and transfers, and starting one. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { mendOf, type ReasonCode } from '../../protocol/reason.ts'
import { OUTGOING_REASON_ROWS, outgoingMend, type OutgoingReasonCode } from '../../protocol/outgoing-reason.ts'
import { REASON_ROWS } from '../../protocol/reason-rows.ts'
import type { StoredTransfer } from '../../store/store.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { NamedZonePath, zoneNamed } from '../found.ts'
import { needs } from '../needs.ts'
import { startTransfer } from '../transfer-start.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { IdPageAnswer, idPageAnswer, IdPageQuery, readIdPage } from './id-page.ts'
import { NullableInteger, NullableText, timeOf } from './instant.ts'

const TransferObject = Type.Object({
  id: Type.Integer(),
  zone_id: Type.String(),
  started_time: NullableText,
  ms: Type.Integer(),
  direction: Type.String(),
  peer: Type.String(),
  key: NullableText,
  trigger: Type.String(),
  transport: NullableText,
  asked: Type.String(),
  form: NullableText,
  outcome: Type.String(),
  reason: NullableText,
  detail: NullableText,
  mend: NullableText,
  from_serial: NullableInteger,
  to_serial: NullableInteger,
  messages: Type.Integer(),
  records: Type.Integer(),
  octets: Type.Integer(),
})

const ListQuery = Type.Object({
  ...IdPageQuery,
  direction: Type.Optional(Type.Union([Type.Literal('in'), Type.Literal('out')])),
})
const StartBody = Type.Object({ full: Type.Optional(Type.Boolean()) })
const StartedObject = Type.Object({ id: Type.String(), name: Type.String(), full: Type.Boolean() })

const PATH = '/zones/:zone/transfers'

export function transferRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry, runtime } = context

  const listed = { params: NamedZonePath, querystring: ListQuery, response: { 200: IdPageAnswer(TransferObject) } }
  app.get(PATH, { config: needs.transfers.read, schema: listed }, async ({ params, query }) => {
    const { id: zoneId } = zoneNamed(params.zone, registry)
    const page = readIdPage(query)
    const { direction } = query
    const found = await runtime.transfers({ zoneId, ...page, ...(direction && { direction }) })
    return idPageAnswer(found.map(transferObject), page)
  })

  const started = { params: NamedZonePath, body: StartBody, response: { 202: Answer(StartedObject) } }
  app.post(PATH, { config: needs.transfers.write, schema: started }, async ({ params, body }, reply) => {
    const zone = zoneNamed(params.zone, registry)
    const full = body.full ?? false
    await startTransfer(context, zone, { full })
    return reply.code(202).send(answer({ id: zone.id, name: zone.name, full }))
  })
}

function transferObject(transfer: StoredTransfer): Static<typeof TransferObject> {
  const { id, zoneId, at, ms, direction, peer, trigger, asked, outcome, messages, records, octets } = transfer
  return {
    id,
    zone_id: zoneId,
    started_time: timeOf(at),
    ms,
    direction,
    peer,
    key: transfer.key ?? null,
    trigger,
    transport: transfer.transport ?? null,
    asked,
    form: transfer.form ?? null,
    outcome,
    reason: transfer.reason ?? null,
    detail: transfer.detail ?? null,
    mend: mendFor(transfer.reason),
    from_serial: transfer.fromSerial ?? null,
    to_serial: transfer.toSerial ?? null,
    messages,
    records,
    octets,
  }
}

/** What to do about a stored reason, if it is one of today: the lists may have changed since it was stored. */
function mendFor(word: string | undefined): string | null {
  if (word === undefined) return null
  if (Object.hasOwn(REASON_ROWS, word)) return mendOf(word as ReasonCode)
  return Object.hasOwn(OUTGOING_REASON_ROWS, word) ? outgoingMend(word as OutgoingReasonCode) : null
}
