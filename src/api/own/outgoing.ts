/** `/zones/{id or name}/outgoing`: how a zone is handed on, peer by peer. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { SecondaryFacts } from '../../engine/runtime.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { missing, NamedZonePath, zoneNamed } from '../found.ts'
import { toUnicode } from '../idn.ts'
import { needs } from '../needs.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { addressOf } from './address.ts'
import { NullableInteger, NullableText, timeOf } from './instant.ts'

const PeerObject = Type.Object({
  peer_id: Type.String(),
  name: Type.String(),
  address: Type.String(),
  /** Of the NOTIFY: `idle`, `telling`, `told` or `failed`. */
  state: Type.String(),
  notified_serial: NullableInteger,
  notified_time: NullableText,
  failure: NullableText,
  mend: NullableText,
  asked_serial: NullableInteger,
  asked_time: NullableText,
  pulled_serial: NullableInteger,
  pulled_time: NullableText,
})

const OutgoingObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  enabled: Type.Boolean(),
  soa_serial: NullableInteger,
  backlog_from_serial: NullableInteger,
  last_transferred_serial: NullableInteger,
  last_transferred_time: NullableText,
  peers: Type.Array(PeerObject),
})

const PATH = '/zones/:zone/outgoing'

export function outgoingStateRoutes(face: FastifyInstance, { registry, runtime }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const schema = { params: NamedZonePath, response: { 200: Answer(OutgoingObject) } }
  app.get(PATH, { config: needs.transfers.read, schema }, async ({ params }) => {
    const zone = zoneNamed(params.zone, registry)
    const outgoing = registry.outgoings.get(zone.id) ?? missing('outgoing-unknown')
    const { transferred, peers } = runtime.outgoing(zone.id) ?? {}
    const known = new Map(peers?.map((peer) => [peer.peerId, peer]))
    const everTransferred = outgoing.soaSerial !== 0
    return answer({
      id: zone.id,
      name: toUnicode(zone.name),
      enabled: outgoing.enabled,
      soa_serial: runtime.facts(zone.id)?.soaSerial ?? null,
      backlog_from_serial: outgoing.backlogFromSerial ?? null,
      last_transferred_serial: transferred?.serial ?? (everTransferred ? outgoing.soaSerial : null),
      last_transferred_time: timeOf(transferred?.at) ?? (everTransferred ? outgoing.lastTransferredTime : null),
      peers: outgoing.peers.map((id) => peerObject(id, known.get(id), registry)),
    })
  })
}

function peerObject(
  id: string,
  facts: SecondaryFacts | undefined,
  { peers }: ApiContext['registry'],
): Static<typeof PeerObject> {
  const { name = '', ip = '', port = 0 } = peers.get(id) ?? {}
  const notified = seen(facts?.notified)
  const asked = seen(facts?.asked)
  const pulled = seen(facts?.pulled)
  return {
    peer_id: id,
    name,
    address: addressOf(ip, port),
    state: facts?.state ?? 'idle',
    notified_serial: notified.serial,
    notified_time: notified.time,
    failure: facts?.failure?.text ?? null,
    mend: facts?.failure?.mend ?? null,
    asked_serial: asked.serial,
    asked_time: asked.time,
    pulled_serial: pulled.serial,
    pulled_time: pulled.time,
  }
}

function seen(fact: SecondaryFacts['asked']): { readonly serial: number | null; readonly time: string | null } {
  return { serial: fact?.serial ?? null, time: timeOf(fact?.at) }
}
