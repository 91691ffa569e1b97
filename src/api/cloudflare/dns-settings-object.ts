/** DNS settings in the words of Cloudflare's API, both ways. */

import Type, { type Static } from 'typebox'
import type { DnsSettingsPatch } from '../../engine/object-dns-settings.ts'
import { mailboxOf } from '../../engine/zone-frames.ts'
import type { DnsSettings, Zone } from '../../store/objects.ts'
import { wasNull } from '../body.ts'
import { ApiError } from '../errors.ts'

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })

export const DnsSettingsObject = Type.Object({
  flatten_all_cnames: Type.Boolean(),
  foundation_dns: Type.Boolean(),
  internal_dns: Type.Object({}),
  multi_provider: Type.Boolean(),
  nameservers: Type.Object({ type: Type.String(), ns_set: Type.Optional(Type.Integer()) }),
  ns_ttl: Type.Integer(),
  secondary_overrides: Type.Boolean(),
  soa: Type.Object({
    mname: NullableText,
    rname: Type.String(),
    refresh: Type.Integer(),
    retry: Type.Integer(),
    expire: Type.Integer(),
    min_ttl: Type.Integer(),
    ttl: Type.Integer(),
  }),
  zone_mode: Type.String(),
})

const ZONE_MODES = ['standard', 'cdn_only', 'dns_only'] as const

/** What a client may change; everything may be left out. */
export const DnsSettingsChange = Type.Object({
  flatten_all_cnames: Type.Optional(Type.Boolean()),
  foundation_dns: Type.Optional(Type.Boolean()),
  internal_dns: Type.Optional(Type.Object({ reference_zone_id: Type.Optional(Type.String()) })),
  multi_provider: Type.Optional(Type.Boolean()),
  nameservers: Type.Optional(
    Type.Object({
      type: Type.Optional(Type.String()),
      ns_set: Type.Optional(Type.Number()),
      nameserver_set_id: Type.Optional(Type.String()),
    }),
  ),
  ns_ttl: Type.Optional(Type.Number()),
  secondary_overrides: Type.Optional(Type.Boolean()),
  soa: Type.Optional(
    Type.Object({
      mname: Type.Optional(Type.String()),
      rname: Type.Optional(Type.String()),
      refresh: Type.Optional(Type.Number()),
      retry: Type.Optional(Type.Number()),
      expire: Type.Optional(Type.Number()),
      min_ttl: Type.Optional(Type.Number()),
      ttl: Type.Optional(Type.Number()),
    }),
  ),
  zone_mode: Type.Optional(Type.Enum(ZONE_MODES)),
})

/** The settings of a zone, or with no zone those that zones begin with. */
export function dnsSettingsObject(
  settings: DnsSettings,
  zone: Pick<Zone, 'name'> | undefined,
): Static<typeof DnsSettingsObject> {
  const { nameservers, soa } = settings
  const { nsSet } = nameservers
  return {
    flatten_all_cnames: settings.flattenAllCnames,
    foundation_dns: settings.foundationDns,
    internal_dns: {},
    multi_provider: settings.multiProvider,
    nameservers: { type: nameservers.type, ...(nsSet === undefined ? {} : { ns_set: nsSet }) },
    ns_ttl: settings.nsTtl,
    secondary_overrides: settings.secondaryOverrides,
    soa: {
      mname: soa.mname,
      rname: zone === undefined ? soa.rname : mailboxOf(zone, soa),
      refresh: soa.refresh,
      retry: soa.retry,
      expire: soa.expire,
      min_ttl: soa.minTtl,
      ttl: soa.ttl,
    },
    zone_mode: settings.zoneMode,
  }
}

/** The change that a body asks for. Null for `soa.mname` is a value: the name we choose. */
export function dnsSettingsPatch(body: Static<typeof DnsSettingsChange>, pointer: string): DnsSettingsPatch {
  if (body.internal_dns?.reference_zone_id !== undefined) {
    const text = 'there are no internal zones here to refer to'
    throw new ApiError('member-invalid', { text, pointer: `${pointer}/internal_dns/reference_zone_id` })
  }
  const { nameservers, soa } = body
  return given({
    flattenAllCnames: body.flatten_all_cnames,
    foundationDns: body.foundation_dns,
    multiProvider: body.multi_provider,
    nsTtl: body.ns_ttl,
    secondaryOverrides: body.secondary_overrides,
    zoneMode: body.zone_mode,
    nameservers:
      nameservers &&
      given({ type: nameservers.type, nsSet: nameservers.ns_set, nameserverSetId: nameservers.nameserver_set_id }),
    soa:
      soa &&
      given({
        mname: wasNull(soa, 'mname') ? null : textOf(soa.mname),
        rname: wasNull(soa, 'rname') ? '' : textOf(soa.rname),
        refresh: soa.refresh,
        retry: soa.retry,
        expire: soa.expire,
        minTtl: soa.min_ttl,
        ttl: soa.ttl,
      }),
  })
}

/** Names are kept without the final dot. */
const textOf = (name: string | undefined): string | undefined => name?.replace(/\.$/, '')

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The members that are there. */
function given<T extends object>(members: T): Given<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>
}
