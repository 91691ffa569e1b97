/** `/zones/{id or name}/transfers`: the log of checks and transfers, and starting one. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { mendOf, type ReasonCode } from '../../protocol/reason.ts'
import { REASON_ROWS } from '../../protocol/reason-rows.ts'
import type { StoredTransfer } from '../../store/store.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { zoneNamed } from '../found.ts'
import { needs } from '../needs.ts'
import { startTransfer } from '../transfer-start.ts'
import type { TypeBoxTypes } from '../validation.ts'
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

const ListQuery = Type.Object({ limit: Type.Optional(Type.Number()), before: Type.Optional(Type.Integer()) })
const StartBody = Type.Object({ full: Type.Optional(Type.Boolean()) })
const StartedObject = Type.Object({ id: Type.String(), name: Type.String(), full: Type.Boolean() })

/** The page after this one: ask with `before`; null where there is none. */
const ListInfo = Type.Object({ count: Type.Integer(), next_before: NullableInteger })

const NamedPath = Type.Object({ zone: Type.String() })
const PATH = '/zones/:zone/transfers'
const LIMIT = 50
const LIMIT_MAX = 1000

export function transferRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry, runtime } = context

  const page = Type.Object({
    result: Type.Array(TransferObject),
    result_info: ListInfo,
    ...tailOf(Answer(Type.Null())),
  })
  const listed = { params: NamedPath, querystring: ListQuery, response: { 200: page } }
  app.get(PATH, { config: needs.transfers.read, schema: listed }, async ({ params, query }) => {
    const { id: zoneId } = zoneNamed(params.zone, registry)
    const limit = Math.min(Math.max(Math.trunc(query.limit ?? LIMIT), 1), LIMIT_MAX)
    const { before } = query
    const found = await runtime.transfers({ zoneId, limit, ...(before === undefined ? {} : { before }) })
    const next = found.length < limit ? null : (found.at(-1)?.id ?? null)
    const { result, ...rest } = answer(found.map(transferObject))
    return { result, result_info: { count: found.length, next_before: next }, ...rest }
  })

  const started = { params: NamedPath, body: StartBody, response: { 202: Answer(StartedObject) } }
  app.post(PATH, { config: needs.transfers.write, schema: started }, async ({ params, body }, reply) => {
    const zone = zoneNamed(params.zone, registry)
    const full = body.full ?? false
    await startTransfer(context, zone, { full })
    return reply.code(202).send(answer({ id: zone.id, name: zone.name, full }))
  })
}

function tailOf({ properties: { result: _result, ...tail } }: ReturnType<typeof Answer>) {
  return tail
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
    mend: isReason(transfer.reason) ? mendOf(transfer.reason) : null,
    from_serial: transfer.fromSerial ?? null,
    to_serial: transfer.toSerial ?? null,
    messages,
    records,
    octets,
  }
}

/** Whether a stored word is a reason of today: the list may have changed since it was stored. */
function isReason(word: string | undefined): word is ReasonCode {
  return word !== undefined && Object.hasOwn(REASON_ROWS, word)
}
