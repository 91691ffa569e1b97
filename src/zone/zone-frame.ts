/**
 * The frame of a zone that is edited here: what goes into its versions beside the records that people edit. The SOA
 * record, our own nameservers, and the addresses that stand for others.
 */

import { CLASS } from '../dns/code.ts'
import type { DnsRecord } from '../dns/message.ts'
import { nameKey, type Name } from '../dns/name.ts'
import { SOA } from '../dns/records/soa.ts'
import { addSerial, compareSerials, toSerial, type Serial } from '../dns/serial.ts'
import { TYPE } from './stored-record.ts'

/** How the serial of the next version comes to be; it is always newer than the one before (RFC 1982). */
export type SerialPolicy = 'counter' | 'unixtime' | 'date'

/** Addresses in wire form, and for how many seconds they may be kept. */
export interface AddressSet {
  readonly ipv4: readonly Uint8Array[]
  readonly ipv6: readonly Uint8Array[]
  readonly ttl: number
}

export interface ZoneFrame {
  readonly soa: {
    readonly mname: Name
    readonly rname: Name
    readonly refresh: number
    readonly retry: number
    readonly expire: number
    readonly minimum: number
    readonly ttl: number
  }
  readonly serial: SerialPolicy
  /** Our nameservers, at the apex. */
  readonly nameServers: readonly Name[]
  readonly nameServerTtl: number
  /** Whether NS records that people put at the apex stand beside ours, or are kept and not served. */
  readonly multiProvider: boolean
  /** What an automatic TTL comes to, in seconds. */
  readonly automaticTtl: number
  /** Where proxied records lead. Without any, a proxied record is served as it is. */
  readonly proxies: Pick<AddressSet, 'ipv4' | 'ipv6'>
  readonly flattenAll: boolean
  /** Addresses of the targets of CNAME records that are flattened, by `nameKey`. */
  readonly flattened: ReadonlyMap<string, AddressSet>
}

/** The addresses that a name led to when it was last looked up. */
export function flattenedOf({ flattened }: ZoneFrame, target: Name): AddressSet | undefined {
  return flattened.get(nameKey(target))
}

/** The SOA record of a version. */
export function soaRecord(apex: Name, { soa }: ZoneFrame, serial: Serial): DnsRecord {
  const { ttl, ...fields } = soa
  return { owner: apex, type: TYPE.SOA, class: CLASS.IN, ttl, rdata: SOA.encode({ ...fields, serial }) }
}

/** The NS records of our own nameservers. */
export function nameServerRecords(apex: Name, { nameServers, nameServerTtl: ttl }: ZoneFrame): DnsRecord[] {
  return nameServers.map((rdata) => ({ owner: apex, type: TYPE.NS, class: CLASS.IN, ttl, rdata }))
}

/**
 * The serial of the version after `before`. Policies that go by the clock fall back to counting when the clock says
 * nothing newer: after many changes in one second or day, or when it was set back.
 */
export function nextSerial(policy: SerialPolicy, before: Serial | undefined, now: number): Serial {
  const wanted = policy === 'counter' ? undefined : clockSerial(policy, now)
  if (before === undefined) return wanted ?? toSerial(1)
  if (wanted !== undefined && compareSerials(wanted, before) === 'newer') return wanted
  return addSerial(before, 1)
}

/** Seconds since the epoch, or YYYYMMDD00 in UTC (RFC 1912 §2.2). */
function clockSerial(policy: 'unixtime' | 'date', now: number): Serial {
  if (policy === 'unixtime') return toSerial(Math.floor(now / 1000) % 2 ** 32)
  const date = new Date(now)
  const yearMonthDay = (date.getUTCFullYear() * 100 + date.getUTCMonth() + 1) * 100 + date.getUTCDate()
  return toSerial((yearMonthDay * 100) % 2 ** 32)
}
