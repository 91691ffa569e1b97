/** `/zones`: the zones this server answers for. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { ZoneDraft } from '../../engine/registry-zones.ts'
import { tokenOf } from '../auth.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer, PagedAnswer, pagedAnswer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { settled, zoneOf, ZonePath } from '../found.ts'
import { toAscii } from '../idn.ts'
import { readPage, resultInfo } from '../paging.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { ZoneListQuery, zoneQuery } from '../zone-list.ts'
import { IdObject } from './id-object.ts'
import { changeZone, ZoneChange } from './zone-change.ts'
import { ZoneObject, zoneObject } from './zone-object.ts'

const CreateBody = Type.Object({
  name: Type.String(),
  account: Type.Optional(Type.Object({ id: Type.Optional(Type.String()) })),
  type: Type.Optional(Type.String()),
})

/** Cloudflare says 5 to 50, and clients send from 1 to 1000. */
const BOUNDS = { perPage: 20, perPageMax: 1000 }

export function zoneRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry } = context
  const { zones, accounts } = registry
  const shown = { response: { 200: Answer(ZoneObject) } }

  app.get(
    '/zones',
    { schema: { querystring: ZoneListQuery, response: { 200: PagedAnswer(ZoneObject) } } },
    async ({ query }) => {
      const page = readPage(query, BOUNDS)
      const { zones: found, total } = zones.select(zoneQuery(query, page))
      const objects = found.map((zone) => zoneObject(zone, accounts.get(zone.accountId)))
      return pagedAnswer(objects, resultInfo(page, objects.length, total))
    },
  )

  app.post('/zones', { schema: { body: CreateBody, ...shown } }, async (request) => {
    const { value } = settled(await zones.create(zoneDraft(request.body, tokenOf(request).accountId)))
    return answer(zoneObject(value, accounts.get(value.accountId)))
  })

  app.get('/zones/:zone_id', { schema: { params: ZonePath, ...shown } }, async ({ params }) => {
    const zone = zoneOf(params, registry)
    return answer(zoneObject(zone, accounts.get(zone.accountId)))
  })

  const changed = { params: ZonePath, body: ZoneChange, ...shown }
  app.patch('/zones/:zone_id', { schema: changed }, async (request) => {
    const before = zoneOf(request.params, registry)
    const zone = await changeZone(context, before, request.body, tokenOf(request).id)
    return answer(zoneObject(zone, accounts.get(zone.accountId)))
  })

  const checked = { params: ZonePath, response: { 200: Answer(IdObject) } }
  app.put('/zones/:zone_id/activation_check', { schema: checked }, async ({ params }) => {
    const { id } = zoneOf(params, registry)
    await context.runtime.checkActivation(id)
    return answer({ id })
  })

  const removed = { params: ZonePath, response: { 200: Answer(IdObject) } }
  app.delete('/zones/:zone_id', { schema: removed }, async ({ params }) => {
    const { value } = settled(await zones.remove(zoneOf(params, registry).id))
    return answer({ id: value.id })
  })
}

/** Without an account the zone goes to that of the token. */
function zoneDraft({ name, account, type = 'full' }: Static<typeof CreateBody>, accountId: string): ZoneDraft {
  if (type !== 'full' && type !== 'secondary') {
    const text = `expected a zone of type "full" or "secondary", found "${type}"`
    throw new ApiError('zone-type-unsupported', { text, pointer: '/type' })
  }
  return { accountId: account?.id ?? accountId, name: toAscii(name), type }
}
