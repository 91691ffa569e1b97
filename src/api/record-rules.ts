/** What the records of one zone are judged by: the zone itself, and the settings of the server. */

import { parseName, type Name } from '../dns/name.ts'
import type { Settings } from '../engine/settings.ts'
import { addressOctets } from '../net/address.ts'
import type { Zone } from '../store/objects.ts'
import { isPublicAddress } from '../dns/address-scope.ts'
import { PROXIABLE } from '../zone/served-records.ts'
import { TYPE } from '../zone/stored-record.ts'

export interface RecordRules {
  readonly apex: Name
  /** Whether they are overrides, which say what becomes of records that come from elsewhere, and are none themselves. */
  readonly areOverrides: boolean
  /** Those that every version of the zone has at its apex. */
  readonly nameServers: readonly Name[]
  /** In seconds. */
  readonly ttlMin: number
  /** Addresses that proxied records are answered with. */
  readonly proxies: readonly Uint8Array[]
}

export function recordRules(zone: Zone, { ttlMin, proxyAddresses }: Settings['primary']): RecordRules {
  return {
    apex: parseName(zone.name),
    areOverrides: zone.type === 'secondary',
    nameServers: zone.nameServers.map((name) => parseName(name)),
    ttlMin,
    proxies: proxyAddresses.map(addressOctets).filter((octets) => octets !== undefined),
  }
}

/** Whether a record could be answered with the addresses of proxies: it leads to where a proxy can get. */
export function isProxiable(type: number, rdata: Uint8Array): boolean {
  return PROXIABLE.has(type) && (type === TYPE.CNAME || isPublicAddress(rdata))
}
