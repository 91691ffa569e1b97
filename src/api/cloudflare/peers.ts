/** `/accounts/{account}/secondary_dns/peers`: other servers; `primaries` is what the path was called until 2024. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { PeerDraft } from '../../engine/object-peer.ts'
import type { Peer } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { AccountObjectPath, accountOf, AccountPath, checkId, missing, settled } from '../found.ts'
import { needs } from '../needs.ts'
import { ForceQuery, isOn } from '../query.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { IdObject } from './id-object.ts'

const PeerObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  ip: Type.String(),
  port: Type.Integer(),
  ixfr_enable: Type.Boolean(),
  tsig_id: Type.Optional(Type.String()),
})

const PeerBody = Type.Object({
  name: Type.String(),
  ip: Type.Optional(Type.String()),
  port: Type.Optional(Type.Number()),
  ixfr_enable: Type.Optional(Type.Boolean()),
  tsig_id: Type.Optional(Type.String()),
})

const PATHS = ['/accounts/:account_id/secondary_dns/peers', '/accounts/:account_id/secondary_dns/primaries'] as const

export function peerRoutes(face: FastifyInstance, context: ApiContext): void {
  for (const path of PATHS) peerRoutesAt(path, face, context)
}

function peerRoutesAt(path: (typeof PATHS)[number], face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { peers } = registry
  const shown = { response: { 200: Answer(PeerObject) } }

  const listed = { params: AccountPath, response: { 200: Answer(Type.Array(PeerObject)) } }
  app.get(path, { config: needs.peers.read, schema: listed }, async ({ params }) =>
    answer(peers.in(accountOf(params, registry).id).map(peerObject)),
  )

  app.post(
    path,
    { config: needs.peers.write, schema: { params: AccountPath, body: PeerBody, ...shown } },
    async ({ params, body }) =>
      answer(peerObject(settled(await peers.create(accountOf(params, registry).id, peerDraft(body))).value)),
  )

  app.get(
    `${path}/:id`,
    { config: needs.peers.read, schema: { params: AccountObjectPath, ...shown } },
    async ({ params }) => {
      const peer = peers.of(accountOf(params, registry).id, checkId(params.id)) ?? missing('peer-unknown')
      return answer(peerObject(peer))
    },
  )

  const replaced = { params: AccountObjectPath, body: PeerBody, ...shown }
  app.put(`${path}/:id`, { config: needs.peers.write, schema: replaced }, async ({ params, body }) => {
    const { id } = accountOf(params, registry)
    const { value, warnings } = settled(await peers.replace(id, checkId(params.id), peerDraft(body)))
    return answer(peerObject(value), warnings)
  })

  const removed = { params: AccountObjectPath, querystring: ForceQuery, response: { 200: Answer(IdObject) } }
  app.delete(`${path}/:id`, { config: needs.peers.write, schema: removed }, async ({ params, query }) => {
    const account = accountOf(params, registry)
    const id = checkId(params.id)
    const outcome = isOn(query.force) ? peers.unlinkAndRemove(account.id, id) : peers.remove(account.id, id)
    return answer({ id: settled(await outcome).value.id })
  })
}

/** `tsig_id` is left out where there is none. */
function peerObject({ id, name, ip, port, ixfrEnable, tsigId }: Peer): Static<typeof PeerObject> {
  return { id, name, ip, port, ixfr_enable: ixfrEnable, ...(tsigId === undefined ? {} : { tsig_id: tsigId }) }
}

function peerDraft(body: Static<typeof PeerBody>): PeerDraft {
  const { name, ip, port, ixfr_enable: ixfrEnable, tsig_id: tsigId } = body
  return { name, ip, port, ixfrEnable, tsigId }
}
