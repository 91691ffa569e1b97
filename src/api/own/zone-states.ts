/** `/zones` and `/zones/{id or name}`: how zones stand. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { PrimaryFacts, RunningTransfer } from '../../engine/runtime.ts'
import type { Zone } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer, PagedAnswer, pagedAnswer } from '../envelope.ts'
import { NamedZonePath, zoneNamed } from '../found.ts'
import { toUnicode } from '../idn.ts'
import { needs } from '../needs.ts'
import { readPage, resultInfo } from '../paging.ts'
import { zonesSeen } from '../rights.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { ZoneListQuery, zoneQuery } from '../zone-list.ts'
import { addressOf } from './address.ts'
import { NullableInteger, NullableText, timeOf } from './instant.ts'

const PrimaryObject = Type.Object({
  peer_id: Type.String(),
  name: Type.String(),
  address: Type.String(),
  serial: NullableInteger,
  checked_time: NullableText,
  failure: NullableText,
})

const TransferObject = Type.Object({
  peer_id: Type.String(),
  asked: Type.String(),
  started_time: NullableText,
  messages: Type.Integer(),
  records: Type.Integer(),
  octets: Type.Integer(),
})

const ZoneStateObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  type: Type.String(),
  status: Type.String(),
  state: Type.String(),
  soa_serial: NullableInteger,
  record_count: Type.Integer(),
  auto_refresh_seconds: NullableInteger,
  created_time: Type.String(),
  checked_time: NullableText,
  modified_time: NullableText,
  next_check_time: NullableText,
  expires_time: NullableText,
  primaries: Type.Array(PrimaryObject),
  transfer: Type.Union([TransferObject, Type.Null()]),
})

const BOUNDS = { perPage: 100, perPageMax: 1000 }

export function zoneStateRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry } = context

  const listed = { querystring: ZoneListQuery, response: { 200: PagedAnswer(ZoneStateObject) } }
  app.get('/zones', { config: needs.anybody, schema: listed }, async (request) => {
    const page = readPage(request.query, BOUNDS)
    const isSeen = zonesSeen(request, registry)
    const { zones, total } = registry.zones.select({ ...zoneQuery(request.query, page), isSeen })
    const objects = zones.map((zone) => zoneStateObject(zone, context))
    return pagedAnswer(objects, resultInfo(page, objects.length, total))
  })

  const one = { params: NamedZonePath, response: { 200: Answer(ZoneStateObject) } }
  app.get('/zones/:zone', { config: needs.zones.read, schema: one }, async ({ params }) =>
    answer(zoneStateObject(zoneNamed(params.zone, registry), context)),
  )
}

function zoneStateObject(zone: Zone, { registry, runtime }: ApiContext): Static<typeof ZoneStateObject> {
  const facts = runtime.facts(zone.id)
  const incoming = registry.incomings.get(zone.id)
  const known = new Map(facts?.primaries.map((primary) => [primary.peerId, primary]))
  return {
    id: zone.id,
    name: toUnicode(zone.name),
    type: zone.type,
    status: zone.status,
    state: facts?.state ?? 'empty',
    soa_serial: facts?.soaSerial ?? null,
    record_count: facts?.recordCount ?? 0,
    auto_refresh_seconds: incoming?.autoRefreshSeconds ?? null,
    created_time: zone.createdOn,
    checked_time: timeOf(facts?.checkedAt),
    modified_time: timeOf(facts?.modifiedAt),
    next_check_time: timeOf(facts?.nextCheckAt),
    expires_time: timeOf(facts?.expiresAt),
    primaries: (incoming?.peers ?? []).map((id) => primaryObject(id, known.get(id), registry)),
    transfer: facts?.transfer === undefined ? null : transferObject(facts.transfer),
  }
}

function primaryObject(
  id: string,
  facts: PrimaryFacts | undefined,
  { peers }: ApiContext['registry'],
): Static<typeof PrimaryObject> {
  const { name = '', ip = '', port = 0 } = peers.get(id) ?? {}
  return {
    peer_id: id,
    name,
    address: addressOf(ip, port),
    serial: facts?.serial ?? null,
    checked_time: timeOf(facts?.checkedAt),
    failure: facts?.failure ?? null,
  }
}

function transferObject(transfer: RunningTransfer): Static<typeof TransferObject> {
  const { peerId, asked, startedAt, messages, records, octets } = transfer
  return { peer_id: peerId, asked, started_time: timeOf(startedAt), messages, records, octets }
}
