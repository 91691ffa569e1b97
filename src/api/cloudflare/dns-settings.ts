/** `/zones/{zone}/dns_settings` and `/accounts/{account}/dns_settings`: how zones are answered for beside their records. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { AccountDnsSettings } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { accountOf, AccountPath, settled, zoneOf, ZonePath } from '../found.ts'
import { needs } from '../needs.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { DnsSettingsChange, DnsSettingsObject, dnsSettingsObject, dnsSettingsPatch } from './dns-settings-object.ts'

const AccountDnsSettingsObject = Type.Object({ enforce_dns_only: Type.Boolean(), zone_defaults: DnsSettingsObject })

const AccountDnsSettingsChange = Type.Object({
  enforce_dns_only: Type.Optional(Type.Boolean()),
  zone_defaults: Type.Optional(DnsSettingsChange),
})

const ZONE = '/zones/:zone_id/dns_settings'
const ACCOUNT = '/accounts/:account_id/dns_settings'

export function dnsSettingsRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry } = context
  const { dnsSettings } = registry
  const shown = { response: { 200: Answer(DnsSettingsObject) } }
  const accountShown = { response: { 200: Answer(AccountDnsSettingsObject) } }

  app.get(ZONE, { config: needs.zoneDnsSettings.read, schema: { params: ZonePath, ...shown } }, async ({ params }) => {
    const zone = zoneOf(params, registry)
    return answer(dnsSettingsObject(dnsSettings.ofZone(zone), zone))
  })

  app.patch(
    ZONE,
    { config: needs.zoneDnsSettings.write, schema: { params: ZonePath, body: DnsSettingsChange, ...shown } },
    async (request) => {
      const zone = zoneOf(request.params, registry)
      const patch = dnsSettingsPatch(request.body, '')
      const { value, warnings } = settled(await dnsSettings.changeZone(zone.id, patch))
      return answer(dnsSettingsObject(value, zone), warnings)
    },
  )

  app.get(
    ACCOUNT,
    { config: needs.accountDnsSettings.read, schema: { params: AccountPath, ...accountShown } },
    async ({ params }) => answer(accountObject(dnsSettings.ofAccount(accountOf(params, registry).id))),
  )

  const changed = { params: AccountPath, body: AccountDnsSettingsChange, ...accountShown }
  app.patch(ACCOUNT, { config: needs.accountDnsSettings.write, schema: changed }, async (request) => {
    const { id } = accountOf(request.params, registry)
    const { enforce_dns_only: enforceDnsOnly, zone_defaults: defaults } = request.body
    const zoneDefaults = dnsSettingsPatch(defaults ?? {}, '/zone_defaults')
    const { value } = settled(await dnsSettings.changeAccount(id, { zoneDefaults, enforceDnsOnly }))
    return answer(accountObject(value))
  })
}

function accountObject({ enforceDnsOnly, zoneDefaults }: AccountDnsSettings): Static<typeof AccountDnsSettingsObject> {
  return { enforce_dns_only: enforceDnsOnly, zone_defaults: dnsSettingsObject(zoneDefaults, undefined) }
}
