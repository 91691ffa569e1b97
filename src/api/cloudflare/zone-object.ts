/** Zones as Cloudflare's API shows them. */

import Type, { type Static } from 'typebox'
import type { Registry } from '../../engine/registry.ts'
import type { Zone } from '../../store/objects.ts'
import { toUnicode } from '../idn.ts'

const Nullable = Type.Unsafe<string | null>({ type: ['string', 'null'] })

export const PlanObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  price: Type.Integer(),
  currency: Type.String(),
  frequency: Type.String(),
  is_subscribed: Type.Boolean(),
  can_subscribe: Type.Boolean(),
  legacy_id: Type.String(),
  legacy_discount: Type.Boolean(),
  externally_managed: Type.Boolean(),
})

export const ZoneObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  status: Type.String(),
  paused: Type.Boolean(),
  type: Type.String(),
  development_mode: Type.Integer(),
  name_servers: Type.Array(Type.String()),
  original_name_servers: Type.Null(),
  original_registrar: Type.Null(),
  original_dnshost: Type.Null(),
  modified_on: Type.String(),
  created_on: Type.String(),
  activated_on: Nullable,
  vanity_name_servers: Type.Array(Type.String()),
  vanity_name_servers_ips: Type.Null(),
  cname_suffix: Type.Null(),
  verification_key: Type.Null(),
  meta: Type.Object({
    step: Type.Integer(),
    custom_certificate_quota: Type.Integer(),
    page_rule_quota: Type.Integer(),
    phishing_detected: Type.Boolean(),
    cdn_only: Type.Boolean(),
    dns_only: Type.Boolean(),
    foundation_dns: Type.Boolean(),
  }),
  owner: Type.Object({ id: Nullable, name: Nullable, type: Type.String() }),
  account: Type.Object({ id: Type.String(), name: Type.String() }),
  tenant: Type.Object({ id: Type.Null(), name: Type.Null() }),
  tenant_unit: Type.Object({ id: Type.Null() }),
  permissions: Type.Array(Type.String()),
  plan: PlanObject,
})

const META = {
  step: 4,
  custom_certificate_quota: 0,
  page_rule_quota: 0,
  phishing_detected: false,
  cdn_only: false,
  dns_only: true,
}

/** There are no plans here; clients ask the plan what a zone may have, and the answer is everything. */
export const PLAN = {
  id: '94f3b7b768b0458b56d2cac4fe5ec0f9',
  name: 'Enterprise Website',
  price: 0,
  currency: 'USD',
  frequency: '',
  is_subscribed: true,
  can_subscribe: false,
  legacy_id: 'enterprise',
  legacy_discount: false,
  externally_managed: false,
}

const PERMISSIONS = [
  '#dns_records:edit',
  '#dns_records:read',
  '#zone:edit',
  '#zone:read',
  '#zone_settings:edit',
  '#zone_settings:read',
]

/** One zone; its name in U-labels. */
export function zoneObject(
  zone: Zone,
  { accounts, dnsSettings }: Pick<Registry, 'accounts' | 'dnsSettings'>,
): Static<typeof ZoneObject> {
  const accountName = accounts.get(zone.accountId)?.name ?? ''
  return {
    id: zone.id,
    name: toUnicode(zone.name),
    status: zone.status,
    paused: zone.paused,
    type: zone.type,
    development_mode: 0,
    name_servers: [...zone.nameServers],
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    modified_on: zone.modifiedOn,
    created_on: zone.createdOn,
    activated_on: zone.activatedOn,
    vanity_name_servers: [],
    vanity_name_servers_ips: null,
    // Of zones that are partial or a tenant's, which there are none of; Terraform misses members that are not there.
    cname_suffix: null,
    verification_key: null,
    meta: { ...META, foundation_dns: dnsSettings.ofZone(zone).foundationDns },
    owner: { id: zone.accountId, name: accountName, type: 'organization' },
    account: { id: zone.accountId, name: accountName },
    tenant: { id: null, name: null },
    tenant_unit: { id: null },
    permissions: PERMISSIONS,
    plan: PLAN,
  }
}
