/** What a zone that is edited here gets beside its records, from its settings and those of the server. */

import { lowerName, parseName } from '../dns/name.ts'
import { addressOctets } from '../net/address.ts'
import type { DnsSettings, Zone } from '../store/objects.ts'
import type { AddressSet, ZoneFrame } from '../zone/zone-frame.ts'
import type { Settings } from './settings.ts'

/** What a zone of an account without defaults begins with. */
export function defaultDnsSettings(serial?: DnsSettings['serial']): DnsSettings {
  return {
    ...(serial && { serial }),
    multiProvider: false,
    secondaryOverrides: false,
    flattenAllCnames: false,
    foundationDns: false,
    nameservers: { type: 'cloudflare.standard' },
    nsTtl: 86_400,
    soa: { mname: null, rname: '', refresh: 10_000, retry: 2400, expire: 604_800, minTtl: 1800, ttl: 3600 },
    zoneMode: 'standard',
  }
}

/** What the server's settings have to say. */
interface FrameSettings {
  readonly primary: Pick<Settings['primary'], 'serial' | 'automaticTtl' | 'proxyAddresses'>
}

export interface FrameSources {
  readonly zone: Pick<Zone, 'name' | 'nameServers'>
  readonly dns: DnsSettings
  readonly settings: FrameSettings
  /** Whether proxied records of the account are answered as they are. */
  readonly dnsOnly: boolean
  readonly flattened: ReadonlyMap<string, AddressSet>
}

export function zoneFrame({ zone, dns, settings, dnsOnly, flattened }: FrameSources): ZoneFrame {
  const { soa } = dns
  const nameServers = zone.nameServers.map((name) => lowerName(parseName(name)))
  return {
    soa: {
      mname: soa.mname === null ? (nameServers[0] ?? parseName(zone.name)) : parseName(soa.mname),
      rname: parseName(mailboxOf(zone, soa)),
      refresh: soa.refresh,
      retry: soa.retry,
      expire: soa.expire,
      minimum: soa.minTtl,
      ttl: soa.ttl,
    },
    serial: dns.serial ?? settings.primary.serial,
    nameServers,
    nameServerTtl: dns.nsTtl,
    multiProvider: dns.multiProvider,
    automaticTtl: settings.primary.automaticTtl,
    proxies: dnsOnly || dns.zoneMode === 'dns_only' ? { ipv4: [], ipv6: [] } : proxiesOf(settings),
    flattenAll: dns.flattenAllCnames,
    flattened,
  }
}

/** Who is written to about a zone; without a word on it the one that everybody tries first (RFC 2142 §7). */
export function mailboxOf({ name }: Pick<Zone, 'name'>, { rname }: Pick<DnsSettings['soa'], 'rname'>): string {
  return rname === '' ? `hostmaster.${name}` : rname
}

function proxiesOf({ primary }: FrameSettings): ZoneFrame['proxies'] {
  const addresses = primary.proxyAddresses.map(addressOctets).filter((each) => each !== undefined)
  return {
    ipv4: addresses.filter((octets) => octets.length === 4),
    ipv6: addresses.filter((octets) => octets.length === 16),
  }
}
