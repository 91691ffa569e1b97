/** `POST /zones/{zone}/secondary_dns/force_axfr`: fetch the whole zone now, whatever the serials say. */

import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { zoneOf, ZonePath } from '../found.ts'
import { needs } from '../needs.ts'
import { startTransfer } from '../transfer-start.ts'
import type { TypeBoxTypes } from '../validation.ts'

export function forceTransferRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const schema = { params: ZonePath, response: { 200: Answer(Type.String()) } }
  app.post(
    '/zones/:zone_id/secondary_dns/force_axfr',
    { config: needs.transfers.write, schema },
    async ({ params }) => {
      await startTransfer(context, zoneOf(params, context.registry), { full: true })
      return answer('OK')
    },
  )
}
