/**
 * What is served of the records that people edit: mostly they themselves.
 *
 * But an automatic TTL becomes a number, an RRset gets one TTL (RFC 2181 §5.2), a proxied record becomes the addresses of
 * proxies, a CNAME record that may not be one (RFC 2181 §10.1, RFC 1912 §2.4), or none of which shall be one, the addresses
 * of its target, and NS records at the apex count only beside other providers.
 *
 * A single CNAME record that is to be flattened stays one, and the addresses lie over it (overlay.ts): they are answered,
 * and secondaries are sent the CNAME record.
 */

import { CLASS } from '../dns/code.ts'
import type { DnsRecord } from '../dns/message.ts'
import { type Name, sameName } from '../dns/name.ts'
import { type EditedRecord, TTL_AUTOMATIC } from './edited-record.ts'
import { TYPE } from './stored-record.ts'
import { type AddressSet, flattenedOf, nameServerRecords, type ZoneFrame } from './zone-frame.ts'

/** The types that a proxy can stand in for. */
export const PROXIABLE: ReadonlySet<number> = new Set([TYPE.A, TYPE.AAAA, TYPE.CNAME])

/** The records that are served at one owner, for all edited records there are. */
export function servedRecords(
  owner: Name,
  edited: readonly EditedRecord[],
  { apex, frame }: { readonly apex: Name; readonly frame: ZoneFrame },
): DnsRecord[] {
  const isApex = sameName(owner, apex)
  const counted = edited.filter(({ type }) => !isApex || type !== TYPE.NS || frame.multiProvider)
  const own = isApex ? nameServerRecords(apex, frame) : []
  const served = [...own, ...(proxied(owner, counted, frame) ?? plain(owner, counted, { isApex, frame }))]
  return withOneTtl(withoutTwins(served))
}

/** What is answered at an owner in place of what is served; undefined where that is what is answered. */
export function coveringRecords(
  owner: Name,
  edited: readonly EditedRecord[],
  { apex, frame }: { readonly apex: Name; readonly frame: ZoneFrame },
): DnsRecord[] | undefined {
  const cname = edited.find(({ type }) => type === TYPE.CNAME)
  if (cname === undefined || sameName(owner, apex) || proxied(owner, edited, frame) !== undefined) return undefined
  if (frame.flattenAll || !isFlattened(cname, frame)) return undefined
  const found = flattenedOf(frame, cname.rdata as Name)
  return found && withOneTtl(flattened(owner, cname, { found, edited, frame }))
}

/** Once one record of a host is proxied, nobody is told any of its addresses. */
function proxied(owner: Name, edited: readonly EditedRecord[], frame: ZoneFrame): DnsRecord[] | undefined {
  const wishes = edited.filter((record) => record.proxied && PROXIABLE.has(record.type))
  const { ipv4, ipv6 } = frame.proxies
  if (wishes.length === 0 || ipv4.length + ipv6.length === 0) return undefined
  const settings = wishes.map(({ attributes }) => attributes.settings ?? {})
  const only4 = settings.some((each) => each.ipv4_only === true)
  const only6 = settings.some((each) => each.ipv6_only === true)
  const set = { ipv4: only6 ? [] : ipv4, ipv6: only4 ? [] : ipv6, ttl: frame.automaticTtl }
  const others = edited.filter(({ type }) => !PROXIABLE.has(type))
  return [...addresses(owner, set), ...others.map((record) => recordAsIs(record, frame))]
}

function plain(
  owner: Name,
  edited: readonly EditedRecord[],
  { isApex, frame }: { readonly isApex: boolean; readonly frame: ZoneFrame },
): DnsRecord[] {
  const cname = edited.find(({ type }) => type === TYPE.CNAME)
  if (cname === undefined) return edited.map((record) => recordAsIs(record, frame))
  const found = flattenedOf(frame, cname.rdata as Name)
  // Below the apex the CNAME record itself is as good an answer as any while its addresses are not known.
  if (!isApex && (found === undefined || !frame.flattenAll)) return [recordAsIs(cname, frame)]
  return flattened(owner, cname, { found, edited, frame })
}

/** The addresses that a CNAME record leads to, as far as they are known, and what else its owner has. */
function flattened(
  owner: Name,
  cname: EditedRecord,
  {
    found,
    edited,
    frame,
  }: {
    readonly found: AddressSet | undefined
    readonly edited: readonly EditedRecord[]
    readonly frame: ZoneFrame
  },
): DnsRecord[] {
  const others = edited.filter(({ type }) => !PROXIABLE.has(type))
  const set = found && { ...found, ttl: cname.ttl === TTL_AUTOMATIC ? found.ttl : Math.min(found.ttl, cname.ttl) }
  return [...(set === undefined ? [] : addresses(owner, set)), ...others.map((record) => recordAsIs(record, frame))]
}

/** Whether a CNAME record below the apex is answered with the addresses of its target. */
export function isFlattened(
  { attributes }: Pick<EditedRecord, 'attributes'>,
  { flattenAll }: Pick<ZoneFrame, 'flattenAll'>,
): boolean {
  return flattenAll || attributes.settings?.flatten_cname === true
}

function addresses(owner: Name, { ipv4, ipv6, ttl }: AddressSet): DnsRecord[] {
  const record = (type: number) => (rdata: Uint8Array) => ({ owner, type, class: CLASS.IN, ttl, rdata })
  return [...ipv4.map(record(TYPE.A)), ...ipv6.map(record(TYPE.AAAA))]
}

function recordAsIs({ owner, type, ttl, rdata }: EditedRecord, { automaticTtl }: ZoneFrame): DnsRecord {
  return { owner, type, class: CLASS.IN, ttl: ttl === TTL_AUTOMATIC ? automaticTtl : ttl, rdata }
}

/** The lowest TTL of a set is that of all: nobody keeps a record for longer than it was meant to be. */
function withOneTtl(records: readonly DnsRecord[]): DnsRecord[] {
  const lowest = new Map<number, number>()
  for (const { type, ttl } of records) lowest.set(type, Math.min(ttl, lowest.get(type) ?? Infinity))
  return records.map((record) => ({ ...record, ttl: lowest.get(record.type) as number }))
}

/** Another provider's NS record may name a server of ours. */
function withoutTwins(records: readonly DnsRecord[]): DnsRecord[] {
  const seen = new Set<string>()
  return records.filter(({ type, rdata }) => {
    if (type !== TYPE.NS) return true
    const name = String.fromCharCode(...rdata).toLowerCase()
    return seen.size !== seen.add(name).size
  })
}
