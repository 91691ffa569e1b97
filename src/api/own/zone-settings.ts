/** `/zones/{id or name}/settings`: what Cloudflare's settings have no words for. */

import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { Zone } from '../../store/objects.ts'
import { wasNull } from '../body.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { settled, NamedZonePath, zoneNamed } from '../found.ts'
import { needs } from '../needs.ts'
import type { TypeBoxTypes } from '../validation.ts'

const POLICIES = ['counter', 'unixtime', 'date'] as const

/** How serials are counted; null for as the server's settings say. */
const SettingsObject = Type.Object({ serial: Type.Union([Type.Enum(POLICIES), Type.Null()]) })
const SettingsChange = Type.Object({ serial: Type.Optional(Type.Enum(POLICIES)) })

export function zoneSettingsRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const shown = { response: { 200: Answer(SettingsObject) } }
  const settingsOf = (zone: Zone) => ({ serial: registry.dnsSettings.ofZone(zone).serial ?? null })

  app.get(
    '/zones/:zone/settings',
    { config: needs.zoneDnsSettings.read, schema: { params: NamedZonePath, ...shown } },
    async ({ params }) => answer(settingsOf(zoneNamed(params.zone, registry))),
  )

  const changed = { params: NamedZonePath, body: SettingsChange, ...shown }
  app.patch('/zones/:zone/settings', { config: needs.zoneDnsSettings.write, schema: changed }, async (request) => {
    const { serial } = request.body
    const zone = zoneNamed(request.params.zone, registry)
    if (serial !== undefined || wasNull(request.body, 'serial')) {
      settled(await registry.dnsSettings.changeZone(zone.id, { serial: serial ?? null }))
    }
    return answer(settingsOf(zone))
  })
}
