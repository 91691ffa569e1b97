/**
 * `POST /zones/{zone}/dns_records/batch`: many changes as one. All of them are one version of the zone, in the order
 * deletes, patches, puts, posts; the first that cannot be made stops all, and the error says which it was.
 */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { isId, type Id } from '../../engine/object-id.ts'
import type { ApiContext } from '../context.ts'
import { answer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { zoneOf, ZonePath } from '../found.ts'
import type { RecordBody } from '../record-draft.ts'
import { fault } from '../record-faults.ts'
import type { RecordSession, StoredOctets } from '../record-session.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { editRecordsOf, shower } from './record-edit.ts'
import { needs } from '../needs.ts'
import { RECORDS_PATH, refuseReadOnly } from './record-frame.ts'

const Operations = Type.Optional(Type.Array(Type.Object({})))

const Batch = Type.Object({ deletes: Operations, patches: Operations, puts: Operations, posts: Operations })

/** In the order in which they are carried out. */
const KINDS = ['deletes', 'patches', 'puts', 'posts'] as const
type Kind = (typeof KINDS)[number]

/** As many records as one request may change, each as long as records are. */
const BODY_OCTETS_MAX = 16 * 1024 * 1024

export function recordBatchRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry, primary } = context
  const onRequest = refuseReadOnly(context)
  const schema = { params: ZonePath, body: Batch }
  app.post(
    `${RECORDS_PATH}/batch`,
    { config: needs.records.write, onRequest, bodyLimit: BODY_OCTETS_MAX, schema },
    async (request) => {
      const zone = zoneOf(request.params, registry)
      const { body } = request
      checkCount(body, primary.batchOperationsMax)
      const done = await editRecordsOf(context, { zone, request }, (session) => carryOut(session, body))
      const show = shower(context, zone)
      return answer(Object.fromEntries(KINDS.map((kind) => [kind, done[kind].map(show)])))
    },
  )
}

function checkCount(batch: Static<typeof Batch>, most: number): void {
  const count = KINDS.reduce((sum, kind) => sum + (batch[kind]?.length ?? 0), 0)
  if (count > most) {
    throw new ApiError('batch-too-large', { text: `expected at most ${most} operations, found ${count}` })
  }
}

function carryOut(session: RecordSession, batch: Static<typeof Batch>): Record<Kind, StoredOctets[]> {
  const each = (kind: Kind, act: (operation: RecordBody, place: string) => StoredOctets) =>
    (batch[kind] ?? []).map((operation, at) => act(operation as RecordBody, `/${kind}/${at}`))
  return {
    deletes: each('deletes', (operation, place) => session.remove(idOf(operation, place), place)),
    patches: each('patches', (operation, place) => session.merge(idOf(operation, place), operation, place)),
    puts: each('puts', (operation, place) => session.replace(idOf(operation, place), operation, place)),
    posts: each('posts', (operation, place) => session.create(operation, place)),
  }
}

function idOf({ id }: RecordBody, place: string): Id {
  if (id === undefined) throw fault('member-invalid', 'id is required', `${place}/id`)
  if (typeof id !== 'string' || !isId(id)) throw fault('record-unknown', 'no record has such an id', `${place}/id`)
  return id
}
