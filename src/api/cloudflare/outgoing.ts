/**
 * `/zones/{zone}/secondary_dns/outgoing`: to where a zone is handed on, and whether it is.
 *
 * Zones that are transferred in are handed on like those that are edited here.
 */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { instantText } from '../../engine/object-id.ts'
import type { OutgoingDraft } from '../../engine/object-outgoing.ts'
import type { ZoneRuntime } from '../../engine/runtime.ts'
import type { Outgoing } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { missing, settled, zoneOf, ZonePath } from '../found.ts'
import { toAscii, toUnicode } from '../idn.ts'
import { needs } from '../needs.ts'
import { ForceQuery, linkOptions } from '../query.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { IdObject } from './id-object.ts'

const OutgoingObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  peers: Type.Array(Type.String()),
  primaries: Type.Array(Type.String()),
  soa_serial: Type.Integer(),
  created_time: Type.String(),
  checked_time: Type.String(),
  last_transferred_time: Type.String(),
})

const PeerIds = Type.Optional(Type.Array(Type.String()))
const OutgoingBody = Type.Object({ name: Type.String(), peers: PeerIds, primaries: PeerIds })

const PATH = '/zones/:zone_id/secondary_dns/outgoing'

export function outgoingRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry, runtime } = context
  const { outgoings } = registry
  const shown = { response: { 200: Answer(OutgoingObject) } }
  const written = { params: ZonePath, querystring: ForceQuery, body: OutgoingBody, ...shown }

  app.get(PATH, { config: needs.transfers.read, schema: { params: ZonePath, ...shown } }, async ({ params }) => {
    const outgoing = outgoings.get(zoneOf(params, registry).id) ?? missing('outgoing-unknown')
    return answer(outgoingObject(outgoing, runtime))
  })

  app.post(PATH, { config: needs.transfers.write, schema: written }, async ({ params, query, body }) => {
    const { id } = zoneOf(params, registry)
    const { value, warnings } = settled(await outgoings.create(id, outgoingDraft(body), linkOptions(query)))
    return answer(outgoingObject(value, runtime), warnings)
  })

  app.put(PATH, { config: needs.transfers.write, schema: written }, async ({ params, query, body }) => {
    const { id } = zoneOf(params, registry)
    const { value, warnings } = settled(await outgoings.replace(id, outgoingDraft(body), linkOptions(query)))
    return answer(outgoingObject(value, runtime), warnings)
  })

  app.delete(
    PATH,
    { config: needs.transfers.write, schema: { params: ZonePath, response: { 200: Answer(IdObject) } } },
    async ({ params }) => {
      const { value } = settled(await outgoings.remove(zoneOf(params, registry).id))
      return answer({ id: value.zoneId })
    },
  )
}

const statusOf = ({ enabled }: Outgoing) => (enabled ? 'Enabled' : 'Disabled')

/** What is done to a configuration, each answered by a word. */
export function outgoingActionRoutes(face: FastifyInstance, { registry, runtime }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { outgoings } = registry
  const schema = { params: ZonePath, response: { 200: Answer(Type.String()) } }
  const servedOf = (zoneId: string) => runtime.facts(zoneId)?.soaSerial as Parameters<typeof outgoings.disable>[1]

  app.get(`${PATH}/status`, { config: needs.transfers.read, schema }, async ({ params }) =>
    answer(statusOf(outgoings.get(zoneOf(params, registry).id) ?? missing('outgoing-unknown'))),
  )

  app.post(`${PATH}/enable`, { config: needs.transfers.write, schema }, async ({ params }) =>
    answer(statusOf(settled(await outgoings.enable(zoneOf(params, registry).id)).value)),
  )

  app.post(`${PATH}/disable`, { config: needs.transfers.write, schema }, async ({ params }) => {
    const { id } = zoneOf(params, registry)
    return answer(statusOf(settled(await outgoings.disable(id, servedOf(id))).value))
  })

  app.post(`${PATH}/force_notify`, { config: needs.transfers.write, schema }, async ({ params }) => {
    const { id } = zoneOf(params, registry)
    const { value } = settled(await outgoings.emptyBacklog(id, servedOf(id)))
    if (value.enabled) runtime.notify(id)
    return answer('OK', value.enabled ? [] : ['outgoing transfers are disabled: nobody was notified'])
  })
}

/** What the server sees now goes before what was known when the configuration was last stored. */
function outgoingObject(outgoing: Outgoing, runtime: Pick<ZoneRuntime, 'outgoing'>): Static<typeof OutgoingObject> {
  const { checkedAt, transferred } = runtime.outgoing(outgoing.zoneId) ?? {}
  return {
    id: outgoing.zoneId,
    name: toUnicode(outgoing.name),
    peers: [...outgoing.peers],
    primaries: [...outgoing.peers],
    soa_serial: transferred?.serial ?? outgoing.soaSerial,
    created_time: outgoing.createdTime,
    checked_time: checkedAt === undefined ? outgoing.checkedTime : instantText(checkedAt),
    last_transferred_time: transferred === undefined ? outgoing.lastTransferredTime : instantText(transferred.at),
  }
}

function outgoingDraft(body: Static<typeof OutgoingBody>): OutgoingDraft {
  const peers = body.peers ?? body.primaries
  if (peers === undefined) throw new ApiError('member-invalid', { text: 'peers is required', pointer: '/peers' })
  return { name: toAscii(body.name), peers }
}
