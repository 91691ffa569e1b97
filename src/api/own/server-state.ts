/** `/status` and `/version`: the server as a whole. */

import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { instantText } from '../../engine/object-id.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { needs } from '../needs.ts'
import type { TypeBoxTypes } from '../validation.ts'

const StatusObject = Type.Object({
  version: Type.String(),
  started_time: Type.String(),
  ready: Type.Boolean(),
  waiting_for: Type.Array(Type.String()),
  dns: Type.Array(Type.String()),
  http: Type.Array(Type.String()),
  https: Type.Array(Type.String()),
  zones: Type.Object({ serving: Type.Integer(), empty: Type.Integer(), expired: Type.Integer() }),
  records: Type.Integer(),
  transfers_running: Type.Integer(),
})

const VersionObject = Type.Object({ version: Type.String(), node: Type.String() })

export function serverRoutes(face: FastifyInstance, { runtime }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()

  app.get('/status', { config: needs.server, schema: { response: { 200: Answer(StatusObject) } } }, async () => {
    const { version, startedAt, waitingFor, dns, http, https, zones, records, transfersRunning } = runtime.status()
    return answer({
      version,
      started_time: instantText(startedAt),
      ready: waitingFor.length === 0,
      waiting_for: [...waitingFor],
      dns: [...dns],
      http: [...http],
      https: [...https],
      zones,
      records,
      transfers_running: transfersRunning,
    })
  })

  app.get('/version', { config: needs.anybody, schema: { response: { 200: Answer(VersionObject) } } }, async () =>
    answer({ version: runtime.status().version, node: process.versions.node }),
  )
}
