/** `/zones/{id or name}/zonefile`: the zone as a master file (RFC 1035 §5), as long as it may be. */

import type { FastifyInstance } from 'fastify'
import type { DnsRecord } from '../../dns/message.ts'
import { printZone } from '../../dns/zonefile/printer.ts'
import type { RecordReader } from '../../engine/runtime.ts'
import { withServed } from '../contents.ts'
import type { ApiContext } from '../context.ts'
import { missing, NamedZonePath, zoneNamed } from '../found.ts'
import { needs } from '../needs.ts'
import { RecordSeen } from '../record-seen.ts'
import { stream } from '../stream.ts'
import type { TypeBoxTypes } from '../validation.ts'

/** The media type of master files (RFC 4027). */
const MASTER_FILE = 'text/dns; charset=utf-8'

export function zoneFileRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const schema = { params: NamedZonePath }
  app.get('/zones/:zone/zonefile', { config: needs.records.read, schema }, async ({ params }, reply) => {
    const zone = zoneNamed(params.zone, context.registry)
    await withServed(context, zone, async (reader) => {
      if (reader.recordCount === 0) missing('contents-missing')
      await stream(reply, MASTER_FILE, printZone(recordsOf(reader), { origin: reader.apex }))
    })
    return reply
  })
}

/** The records of a version, the SOA first. */
function* recordsOf(reader: RecordReader): Generator<DnsRecord> {
  const seen = new RecordSeen(reader.apex)
  for (const stored of reader.records(0)) yield seen.look(stored).record
}
