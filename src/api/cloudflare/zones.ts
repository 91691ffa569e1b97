/** `/zones`: the zones this server answers for. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { ZoneDraft } from '../../engine/registry-zones.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer, PagedAnswer, pagedAnswer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { settled, zoneOf, ZonePath } from '../found.ts'
import { toAscii } from '../idn.ts'
import { needs } from '../needs.ts'
import { readPage, resultInfo } from '../paging.ts'
import { accountAsked, zonesSeen } from '../rights.ts'
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
  const { zones } = registry
  const shown = { response: { 200: Answer(ZoneObject) } }

  app.get(
    '/zones',
    { config: needs.anybody, schema: { querystring: ZoneListQuery, response: { 200: PagedAnswer(ZoneObject) } } },
    async (request) => {
      const page = readPage(request.query, BOUNDS)
      const isSeen = zonesSeen(request, registry)
      const { zones: found, total } = zones.select({ ...zoneQuery(request.query, page), isSeen })
      const objects = found.map((zone) => zoneObject(zone, registry))
      return pagedAnswer(objects, resultInfo(page, objects.length, total))
    },
  )

  const created = { body: CreateBody, ...shown }
  app.post('/zones', { config: needs.zones.create, schema: created }, async (request) => {
    const { id } = accountAsked(request, 'body')
    const { value } = settled(await zones.create(zoneDraft(request.body, id)))
    return answer(zoneObject(value, registry))
  })

  app.get(
    '/zones/:zone_id',
    { config: needs.zones.read, schema: { params: ZonePath, ...shown } },
    async ({ params }) => {
      const zone = zoneOf(params, registry)
      return answer(zoneObject(zone, registry))
    },
  )

  const changed = { params: ZonePath, body: ZoneChange, ...shown }
  app.patch('/zones/:zone_id', { config: needs.zones.write, schema: changed }, async ({ params, body }) => {
    const zone = await changeZone(context, zoneOf(params, registry), body)
    return answer(zoneObject(zone, registry))
  })

  const checked = { params: ZonePath, response: { 200: Answer(IdObject) } }
  app.put('/zones/:zone_id/activation_check', { config: needs.zones.write, schema: checked }, async ({ params }) => {
    const { id } = zoneOf(params, registry)
    await context.runtime.checkActivation(id)
    return answer({ id })
  })

  const removed = { params: ZonePath, response: { 200: Answer(IdObject) } }
  app.delete('/zones/:zone_id', { config: needs.zones.write, schema: removed }, async ({ params }) => {
    const { value } = settled(await zones.remove(zoneOf(params, registry).id))
    return answer({ id: value.id })
  })
}

function zoneDraft({ name, type = 'full' }: Static<typeof CreateBody>, accountId: string): ZoneDraft {
  if (type !== 'full' && type !== 'secondary') {
    const text = `expected a zone of type "full" or "secondary", found "${type}"`
    throw new ApiError('zone-type-unsupported', { text, pointer: '/type' })
  }
  return { accountId, name: toAscii(name), type }
}
