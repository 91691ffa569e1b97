/**
 * `/zones/{zone}/secondary_dns/incoming`: from where a secondary zone is fetched. Until 2024 the path ended before
 * `incoming`, and what is now `peers` was `primaries`, earlier `masters`.
 */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { IncomingDraft } from '../../engine/object-incoming.ts'
import { instantText } from '../../engine/object-id.ts'
import type { ZoneRuntime } from '../../engine/runtime.ts'
import type { Incoming } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { missing, settled, zoneOf, ZonePath } from '../found.ts'
import { toAscii, toUnicode } from '../idn.ts'
import { needs } from '../needs.ts'
import { ForceQuery, linkOptions } from '../query.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { IdObject } from './id-object.ts'

const IncomingObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  peers: Type.Array(Type.String()),
  primaries: Type.Array(Type.String()),
  auto_refresh_seconds: Type.Integer(),
  soa_serial: Type.Integer(),
  created_time: Type.String(),
  checked_time: Type.String(),
  modified_time: Type.String(),
})

const PeerIds = Type.Optional(Type.Array(Type.String()))

const IncomingBody = Type.Object({
  name: Type.String(),
  peers: PeerIds,
  primaries: PeerIds,
  masters: PeerIds,
  auto_refresh_seconds: Type.Optional(Type.Number()),
})

const PATHS = ['/zones/:zone_id/secondary_dns/incoming', '/zones/:zone_id/secondary_dns'] as const

export function incomingRoutes(face: FastifyInstance, context: ApiContext): void {
  for (const path of PATHS) incomingRoutesAt(path, face, context)
}

function incomingRoutesAt(path: (typeof PATHS)[number], face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry, runtime } = context
  const { incomings } = registry
  const shown = { response: { 200: Answer(IncomingObject) } }
  const written = { params: ZonePath, querystring: ForceQuery, body: IncomingBody, ...shown }

  app.get(path, { config: needs.transfers.read, schema: { params: ZonePath, ...shown } }, async ({ params }) => {
    const incoming = incomings.get(zoneOf(params, registry).id) ?? missing('incoming-unknown')
    return answer(incomingObject(incoming, runtime))
  })

  app.post(path, { config: needs.transfers.write, schema: written }, async ({ params, query, body }) => {
    const { id } = zoneOf(params, registry)
    const { value, warnings } = settled(await incomings.create(id, incomingDraft(body), linkOptions(query)))
    return answer(incomingObject(value, runtime), warnings)
  })

  app.put(path, { config: needs.transfers.write, schema: written }, async ({ params, query, body }) => {
    const { id } = zoneOf(params, registry)
    const { value, warnings } = settled(await incomings.replace(id, incomingDraft(body), linkOptions(query)))
    return answer(incomingObject(value, runtime), warnings)
  })

  app.delete(
    path,
    { config: needs.transfers.write, schema: { params: ZonePath, response: { 200: Answer(IdObject) } } },
    async ({ params }) => {
      const { value } = settled(await incomings.remove(zoneOf(params, registry).id))
      return answer({ id: value.zoneId })
    },
  )
}

/** What the server sees now goes before what was known when the configuration was last stored. */
function incomingObject(incoming: Incoming, runtime: Pick<ZoneRuntime, 'facts'>): Static<typeof IncomingObject> {
  const facts = runtime.facts(incoming.zoneId)
  const { checkedAt, modifiedAt } = facts ?? {}
  return {
    id: incoming.zoneId,
    name: toUnicode(incoming.name),
    peers: [...incoming.peers],
    primaries: [...incoming.peers],
    auto_refresh_seconds: incoming.autoRefreshSeconds,
    soa_serial: facts?.soaSerial ?? incoming.soaSerial,
    created_time: incoming.createdTime,
    checked_time: checkedAt === undefined ? incoming.checkedTime : instantText(checkedAt),
    modified_time: modifiedAt === undefined ? incoming.modifiedTime : instantText(modifiedAt),
  }
}

function incomingDraft(body: Static<typeof IncomingBody>): IncomingDraft {
  const peers = body.peers ?? body.primaries ?? body.masters
  if (peers === undefined) throw new ApiError('member-invalid', { text: 'peers is required', pointer: '/peers' })
  return { name: toAscii(body.name), peers, autoRefreshSeconds: body.auto_refresh_seconds }
}
