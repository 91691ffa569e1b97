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
  const date = dateOf(now)
  return toSerial((date.year * 1_000_000 + date.month * 10_000 + date.day * 100) % 2 ** 32)
}

/** The civil date of an instant in UTC, by the proleptic Gregorian calendar. */
function dateOf(now: number): { readonly year: number; readonly month: number; readonly day: number } {
  // Days since 0000-03-01, so that the leap day is the last of its year.
  const days = Math.floor(now / 86_400_000) + 719_468
  const era = Math.floor(days / 146_097)
  const dayOfEra = days - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  }
}
