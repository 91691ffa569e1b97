/** `/audit`: who did what, line by line. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { instantText, isId } from '../../engine/object-id.ts'
import type { StoredAuditLine } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { needs } from '../needs.ts'
import { accountAsked } from '../rights.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { nameForm } from '../zone-list.ts'
import { NullableInteger, NullableText } from './instant.ts'

const LineObject = Type.Object({
  id: Type.Integer(),
  time: Type.String(),
  action: Type.String(),
  account_id: Type.String(),
  zone_id: NullableText,
  token_id: NullableText,
  user_id: NullableText,
  object: Type.Record(Type.String(), Type.Unknown()),
})

const ListQuery = Type.Object({
  account: Type.Optional(Type.String()),
  zone: Type.Optional(Type.String()),
  before: Type.Optional(Type.Integer()),
  limit: Type.Optional(Type.Number()),
})

/** The page after this one: ask with `before`; null where there is none. */
const ListInfo = Type.Object({ count: Type.Integer(), next_before: NullableInteger })

const LIMIT = 50
const LIMIT_MAX = 1000

export function auditRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { result: _result, ...tail } = Answer(Type.Null()).properties
  const page = Type.Object({ result: Type.Array(LineObject), result_info: ListInfo, ...tail })

  const listed = { querystring: ListQuery, response: { 200: page } }
  app.get('/audit', { config: needs.audit.read, schema: listed }, async (request) => {
    const { zone, before } = request.query
    const limit = Math.min(Math.max(Math.trunc(request.query.limit ?? LIMIT), 1), LIMIT_MAX)
    const lines = await registry.audit({
      accountId: accountAsked(request, 'query').id,
      limit,
      ...(zone === undefined ? {} : { zoneId: zoneIdOf(zone) }),
      ...(before === undefined ? {} : { before }),
    })
    const next = lines.length < limit ? null : (lines.at(-1)?.id ?? null)
    const { result, ...rest } = answer(lines.map(lineObject))
    return { result, result_info: { count: lines.length, next_before: next }, ...rest }
  })

  /** A zone that is gone has its lines still, by its id. */
  function zoneIdOf(idOrName: string): string {
    if (isId(idOrName)) return idOrName
    return registry.zones.named(nameForm(idOrName).toLowerCase())?.id ?? idOrName
  }
}

function lineObject(line: StoredAuditLine): Static<typeof LineObject> {
  const { id, at, action, accountId, zoneId, tokenId, userId, object = {} } = line
  return {
    id,
    time: instantText(at),
    action,
    account_id: accountId,
    zone_id: zoneId ?? null,
    token_id: tokenId ?? null,
    user_id: userId ?? null,
    object,
  }
}
