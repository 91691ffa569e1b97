/** `/audit`: who did what, line by line. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { instantText, isId } from '../../engine/object-id.ts'
import type { StoredAuditLine } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { needs } from '../needs.ts'
import { accountAsked, rightsOf } from '../rights.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { nameForm } from '../zone-list.ts'
import { seenLines } from './audit-sight.ts'
import { IdPageAnswer, idPageAnswer, IdPageQuery, readIdPage } from './id-page.ts'
import { NullableText } from './instant.ts'

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
  ...IdPageQuery,
})

export function auditRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()

  const listed = { querystring: ListQuery, response: { 200: IdPageAnswer(LineObject) } }
  app.get('/audit', { config: needs.audit.read, schema: listed }, async (request) => {
    const { zone } = request.query
    const page = readIdPage(request.query)
    const lines = await registry.audit({
      accountId: accountAsked(request, 'query').id,
      ...page,
      ...(zone === undefined ? {} : { zoneId: zoneIdOf(zone) }),
    })
    const seen = seenLines(lines, rightsOf(request, registry))
    return idPageAnswer(seen.map(lineObject), page)
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
