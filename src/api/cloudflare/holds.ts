/** `/zones/{zone}/hold`: keeps other accounts from setting up the same name. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { ApiContext } from '../context.ts'
import { wasNull } from '../body.ts'
import { Answer, answer } from '../envelope.ts'
import { settled, zoneOf, ZonePath } from '../found.ts'
import { isOn } from '../query.ts'
import { needs } from '../needs.ts'
import type { TypeBoxTypes } from '../validation.ts'

const HoldObject = Type.Object({
  hold: Type.Boolean(),
  hold_after: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  include_subdomains: Type.Boolean(),
})

const HoldChange = Type.Object({
  hold_after: Type.Optional(Type.String()),
  include_subdomains: Type.Optional(Type.Boolean()),
})

const SetQuery = Type.Object({ include_subdomains: Type.Optional(Type.String()) })
const LiftQuery = Type.Object({ hold_after: Type.Optional(Type.String()) })

const PATH = '/zones/:zone_id/hold'

export function holdRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { holds } = registry
  const shown = { params: ZonePath, response: { 200: Answer(HoldObject) } }

  app.get(PATH, { config: needs.zones.read, schema: shown }, async ({ params }) =>
    answer(holdObject(zoneOf(params, registry).id)),
  )

  app.post(
    PATH,
    { config: needs.zones.write, schema: { ...shown, querystring: SetQuery } },
    async ({ params, query }) => {
      const { id } = zoneOf(params, registry)
      settled(await holds.set(id, { includeSubdomains: isOn(query.include_subdomains) }))
      return answer(holdObject(id))
    },
  )

  app.patch(PATH, { config: needs.zones.write, schema: { ...shown, body: HoldChange } }, async ({ params, body }) => {
    const { id } = zoneOf(params, registry)
    const holdAfter = wasNull(body, 'hold_after') ? null : body.hold_after
    settled(await holds.change(id, { holdAfter, includeSubdomains: body.include_subdomains }))
    return answer(holdObject(id))
  })

  app.delete(
    PATH,
    { config: needs.zones.write, schema: { ...shown, querystring: LiftQuery } },
    async ({ params, query }) => {
      const { id } = zoneOf(params, registry)
      settled(await holds.lift(id, query.hold_after))
      return answer(holdObject(id))
    },
  )

  function holdObject(zoneId: string): Static<typeof HoldObject> {
    const { holdAfter = null, includeSubdomains = false } = holds.get(zoneId) ?? {}
    return { hold: holds.isHolding(zoneId), hold_after: holdAfter, include_subdomains: includeSubdomains }
  }
}
