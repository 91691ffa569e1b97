/** What a zone that is edited here gets beside its records, from its settings and those of the server. */

import { lowerName, parseName } from '../dns/name.ts'
import { addressOctets } from '../net/address.ts'
import type { DnsSettings, Zone } from '../store/objects.ts'
import type { AddressSet, SerialPolicy, ZoneFrame } from '../zone/zone-frame.ts'
import type { Settings } from './settings.ts'

/** What a zone of an account without defaults begins with. */
export function defaultDnsSettings(serial: SerialPolicy): DnsSettings {
  return {
    multiProvider: false,
    secondaryOverrides: false,
    flattenAllCnames: false,
    foundationDns: false,
    nameservers: { type: 'cloudflare.standard' },
    nsTtl: 86_400,
    soa: { mname: null, rname: '', refresh: 10_000, retry: 2400, expire: 604_800, minTtl: 1800, ttl: 3600 },
    zoneMode: 'standard',
    serial,
  }
}

export interface FrameSources {
  readonly zone: Pick<Zone, 'name' | 'nameServers'>
  readonly dns: DnsSettings
  readonly settings: Pick<Settings, 'primary'>
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
      rname: parseName(soa.rname === '' ? `hostmaster.${zone.name}` : soa.rname),
      refresh: soa.refresh,
      retry: soa.retry,
      expire: soa.expire,
      minimum: soa.minTtl,
      ttl: soa.ttl,
    },
    serial: dns.serial,
    nameServers,
    nameServerTtl: dns.nsTtl,
    multiProvider: dns.multiProvider,
    automaticTtl: settings.primary.automaticTtl,
    proxies: dnsOnly || dns.zoneMode === 'dns_only' ? { ipv4: [], ipv6: [] } : proxiesOf(settings),
    flattenAll: dns.flattenAllCnames,
    flattened,
  }
}

function proxiesOf({ primary }: Pick<Settings, 'primary'>): ZoneFrame['proxies'] {
  const addresses = primary.proxyAddresses.map(addressOctets).filter((each) => each !== undefined)
  return {
    ipv4: addresses.filter((octets) => octets.length === 4),
    ipv6: addresses.filter((octets) => octets.length === 16),
  }
}
