/**
 * The slow, obvious twin of the answering machinery: a list of records and the words of RFC 1034 §4.3.2, RFC 4592 and
 * RFC 6672, with no thought of speed. It knows nothing of wire formats, pages or compression.
 */

import { rcodeName } from '../../src/dns/code.ts'
import type { DnsRecord } from '../../src/dns/message.ts'
import { type Name, nameFromWire } from '../../src/dns/name.ts'
import { latin1Octets } from '../../src/dns/octets.ts'

export interface TwinZone {
  readonly apex: Name
  readonly records: readonly DnsRecord[]
  readonly state: 'serving' | 'empty' | 'expired'
}

/** What is compared: sections as sorted lines without regard to case. */
export interface TwinAnswer {
  readonly rcode: string
  readonly aa: boolean
  readonly answer: readonly string[]
  readonly authority: readonly string[]
}

const NS = 2
const CNAME = 5
const SOA = 6
const DNAME = 39
const DS = 43
const RRSIG = 46 // has the TTL of what it covers, so the RRset has several (RFC 4034 §3)
const ANY = 255
const LINKS_MAX = 18

/** Labels from left to right, in lower case, as Latin-1. */
type Labels = readonly string[]

export function labelsOf(name: Uint8Array): Labels {
  const labels: string[] = []
  for (let at = 0; name[at] !== 0; at += (name[at] as number) + 1) {
    const label = name.subarray(at + 1, at + 1 + (name[at] as number))
    labels.push(String.fromCharCode(...label).replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
  }
  return labels
}

/** A record as a line in which case does not count. */
export function twinLine(owner: Labels, ttl: number, type: number, rdata: Uint8Array): string {
  const octets = [...rdata].map((octet) => (octet >= 0x41 && octet <= 0x5a ? octet + 32 : octet))
  return `${JSON.stringify(owner)} ${ttl} ${type} ${octets.join(' ')}`
}

const same = (a: Labels, b: Labels): boolean => a.length === b.length && a.every((label, at) => label === b[at])
const isWithin = (name: Labels, above: Labels): boolean =>
  name.length >= above.length && same(name.slice(name.length - above.length), above)

export function resolve(zones: readonly TwinZone[], question: Name, type: number): TwinAnswer {
  const answer: string[] = []
  const authority: string[] = []
  let aa = false
  let rcode = 0
  let name = labelsOf(question)
  const names: Labels[] = [name]
  const done = (): TwinAnswer => ({
    rcode: rcodeName(rcode),
    aa,
    answer: answer.toSorted(),
    authority: authority.toSorted(),
  })

  for (;;) {
    const first = names.length === 1
    const zone = zoneFor(zones, name, type)
    if (zone === undefined) {
      if (first) rcode = 5
      return done()
    }
    if (zone.state !== 'serving') {
      if (first) rcode = 2
      return done()
    }
    const apex = labelsOf(zone.apex)
    const at = (owner: Labels, wanted: number): DnsRecord[] =>
      zone.records.filter((record) => same(labelsOf(record.owner), owner) && (record.type === wanted || wanted === ANY))
    const exists = (owner: Labels): boolean => zone.records.some((record) => isWithin(labelsOf(record.owner), owner))
    const put = (section: string[], owner: Labels, records: readonly DnsRecord[]): void => {
      for (const record of records) {
        const set = records.filter((other) => other.type === record.type && (other.type !== RRSIG || other === record))
        section.push(twinLine(owner, Math.min(...set.map(({ ttl }) => ttl)), record.type, record.rdata))
      }
    }
    const deny = (code: number): TwinAnswer => {
      rcode = code
      const [soa] = at(apex, SOA) as [DnsRecord]
      const minimum = new DataView(soa.rdata.slice(-4).buffer).getUint32(0)
      authority.push(twinLine(apex, Math.min(soa.ttl, minimum), SOA, soa.rdata))
      return done()
    }

    // "Start matching down, label by label, in the zone."
    let node: Labels | undefined = apex
    let dname: DnsRecord | undefined
    for (let depth = apex.length; ; depth++) {
      const here = name.slice(name.length - depth)
      if (depth > apex.length && at(here, NS).length > 0 && !(type === DS && depth === name.length)) {
        put(authority, here, at(here, NS))
        return done()
      }
      if (first) aa = !isBelowCut(zone, name, type)
      if (depth === name.length) {
        node = here
        break
      }
      dname = at(here, DNAME)[0]
      if (dname !== undefined) break
      const next = name.slice(name.length - depth - 1)
      if (exists(next)) continue
      const wildcard = ['*', ...here]
      node = exists(wildcard) ? wildcard : undefined
      break
    }

    let target: Labels
    if (dname !== undefined) {
      const owner = labelsOf(dname.owner)
      if (names.length > LINKS_MAX) return done()
      const line = twinLine(owner, dname.ttl, DNAME, dname.rdata)
      if (!answer.includes(line)) answer.push(line)
      target = [...name.slice(0, name.length - owner.length), ...labelsOf(dname.rdata)]
      if (target.reduce((sum, label) => sum + label.length + 1, 1) > 255) {
        rcode = 6
        return done()
      }
      answer.push(twinLine(name, dname.ttl, CNAME, wireOf(target)))
      if (type === CNAME || type === ANY) return done()
    } else if (node === undefined) {
      return deny(3)
    } else {
      const found = type === DS && same(name, apex) ? [] : at(node, type)
      if (found.length > 0) {
        put(answer, name, found)
        return done()
      }
      const [cname] = at(node, CNAME)
      if (cname === undefined) return deny(0)
      if (names.length > LINKS_MAX) return done()
      put(answer, name, [cname])
      target = labelsOf(cname.rdata)
    }
    if (names.some((before) => same(before, target))) return done()
    names.push(target)
    name = target
  }
}

/** The zone with the longest apex; for DS the one above its own apex, if that is served. */
function zoneFor(zones: readonly TwinZone[], name: Labels, type: number): TwinZone | undefined {
  const above = zones
    .filter(({ apex }) => isWithin(name, labelsOf(apex)))
    .toSorted((a, b) => labelsOf(b.apex).length - labelsOf(a.apex).length)
  const [longest, next] = above
  if (type === DS && longest !== undefined && next !== undefined && same(labelsOf(longest.apex), name)) return next
  return longest
}

function isBelowCut(zone: TwinZone, name: Labels, type: number): boolean {
  const apex = labelsOf(zone.apex)
  for (let depth = apex.length; depth <= name.length; depth++) {
    const here = name.slice(name.length - depth)
    const types = zone.records.filter(({ owner }) => same(labelsOf(owner), here)).map((record) => record.type)
    if (depth > apex.length && types.includes(NS) && !(type === DS && depth === name.length)) return true
    if (depth < name.length && types.includes(DNAME)) return false
  }
  return false
}

function wireOf(labels: Labels): Name {
  const octets = labels.flatMap((label) => [label.length, ...latin1Octets(label)])
  return nameFromWire(Uint8Array.from([...octets, 0]))
}
