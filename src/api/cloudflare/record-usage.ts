/** `…/dns_records/usage`: how many records there are. There is no quota: what counts is memory. */

import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { Zone } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { accountOf, AccountPath, zoneOf, ZonePath } from '../found.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { needs } from '../needs.ts'
import { RECORDS_PATH } from './record-frame.ts'

const ZoneUsage = Type.Object({ record_quota: Type.Null(), record_usage: Type.Integer() })

const AccountUsage = Type.Object({
  record_quota: Type.Null(),
  record_usage: Type.Integer(),
  internal_record_quota: Type.Null(),
  internal_record_usage: Type.Integer(),
})

export function recordUsageRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry } = context

  const ofZone = { params: ZonePath, response: { 200: Answer(ZoneUsage) } }
  app.get(`${RECORDS_PATH}/usage`, { config: needs.records.read, schema: ofZone }, async ({ params }) =>
    answer({ record_quota: null, record_usage: recordsOf(context, zoneOf(params, registry)) }),
  )

  const ofAccount = { params: AccountPath, response: { 200: Answer(AccountUsage) } }
  app.get(
    '/accounts/:account_id/dns_records/usage',
    { config: needs.accountRecords.read, schema: ofAccount },
    async ({ params }) => {
      const { id } = accountOf(params, registry)
      let usage = 0
      for (const zone of registry.zones.all()) if (zone.accountId === id) usage += recordsOf(context, zone)
      return answer({ record_quota: null, record_usage: usage, internal_record_quota: null, internal_record_usage: 0 })
    },
  )
}

/** As the list of records counts them. */
function recordsOf({ runtime }: Pick<ApiContext, 'runtime'>, { id }: Zone): number {
  const reader = runtime.records(id)
  if (reader === undefined) return 0
  const { recordCount } = reader
  reader.release()
  return recordCount
}
