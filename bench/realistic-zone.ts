/**
 * A zone like those providers have, of any size, the same on every run: hosts, sites of customers with mail and keys,
 * aliases, services, HTTPS records, delegations with glue.
 *
 * The zones of the interop tests hold every oddity there is; this one holds what is common, in the numbers in which it is.
 */

import { dice } from '../test/zone-model.ts'

const WORDS =
  'alpha bravo cedar delta ember frost grove harbor iris jade kite lark maple north opal pine quartz river stone tide umber vale willow xenon yarrow zephyr atlas birch coral dune elm fern glade heron ivory juniper'.split(
    ' ',
  )
const SERVICES =
  'api app auth blog cdn chat dev docs edge ftp git img lab login mail media news pay portal proxy shop sso static status store test vpn web wiki'.split(
    ' ',
  )

/** Owner, TTL, type, and RDATA in presentation format. */
export type Line = readonly [owner: string, ttl: number, type: string, rdata: string]

/** A choice below a limit. */
type Roll = (limit: number) => number

/** What to make; the zone ends as soon as it has the records, or the names, that are asked for. */
export interface RealisticShape {
  /** Absolute, with the trailing dot. */
  readonly apex: string
  /** How many records, the SOA and the rest of the apex included. */
  readonly records?: number
  /** How many owners, about. */
  readonly names?: number
  readonly seed?: number
}

/** The SOA record; it alone tells versions apart. */
export function soaLine(apex: string, serial: number, refreshSeconds = 86_400): Line {
  return [apex, 3600, 'SOA', `ns1.${apex} hostmaster.${apex} ${serial} ${refreshSeconds} 3600 1209600 300`]
}

/** One record of a master file, with its line end. */
export function printLine([owner, ttl, type, rdata]: Line): string {
  return `${owner}\t${ttl}\tIN\t${type}\t${rdata}\n`
}

/** All records but the SOA. */
export function* realisticLines({
  apex,
  records = Infinity,
  names = Infinity,
  seed = 1,
}: RealisticShape): Generator<Line> {
  if (records === Infinity && names === Infinity) throw new Error('expected a number of records or of names')
  const roll = dice(seed)
  let left = records - 1
  let owners = 0
  for (let index = 0; left > 0 && owners < names; index++) {
    const group = index === 0 ? apexLines(apex) : groupOf(index, apex, roll)
    // The last group is cut short by single hosts, so that the count is exact.
    const lines = group.length <= left ? group : [fillLine(index, apex, roll)]
    left -= lines.length
    owners += new Set(lines.map(([owner]) => owner)).size
    yield* lines
  }
}

function apexLines(apex: string): Line[] {
  return [
    [apex, 86_400, 'NS', `ns1.${apex}`],
    [apex, 86_400, 'NS', `ns2.${apex}`],
    [`ns1.${apex}`, 86_400, 'A', '127.0.0.1'],
    [`ns2.${apex}`, 86_400, 'A', '127.0.0.2'],
    [apex, 3600, 'MX', `10 mx1.${apex}`],
    [apex, 3600, 'TXT', '"v=spf1 ip4:10.0.0.0/8 mx -all"'],
    [`mx1.${apex}`, 3600, 'A', '10.0.0.25'],
    [`mx2.${apex}`, 3600, 'A', '10.0.1.25'],
    [`*.wild.${apex}`, 300, 'A', '10.0.0.80'],
  ]
}

function fillLine(index: number, apex: string, roll: Roll): Line {
  return [`fill${index}.${apex}`, 300, 'A', ipv4(roll)]
}

/** Of a hundred groups 42 are hosts, 20 sites, 18 aliases, 6 services, 4 HTTPS, 10 delegations. */
function groupOf(index: number, apex: string, roll: Roll): Line[] {
  const word = WORDS[roll(WORDS.length)] as string
  const kind = roll(100)
  if (kind < 42) return hostLines(`${word}${index}.dc${roll(40)}.${apex}`, roll)
  if (kind < 62) return siteLines(`${word}-${index}.cust.${apex}`, apex, roll)
  if (kind < 80) {
    const owner = `${SERVICES[roll(SERVICES.length)]}-${index}.svc.${apex}`
    return [[owner, 60, 'CNAME', `${word}${roll(5000)}.lb.${apex}`]]
  }
  if (kind < 86) return serviceLines(`${word}${index}.voip.${apex}`, roll)
  if (kind < 90) {
    const owner = `${word}${index}.edge.${apex}`
    const hints = `1 . alpn=h2,h3 ipv4hint=${ipv4(roll)} ipv6hint=${ipv6(roll)}`
    return [
      [owner, 300, 'HTTPS', hints],
      [owner, 300, 'A', ipv4(roll)],
    ]
  }
  return delegationLines(`${word}${index}.child.${apex}`, roll)
}

function hostLines(owner: string, roll: Roll): Line[] {
  const lines: Line[] = [[owner, 300, 'A', ipv4(roll)]]
  if (roll(100) < 50) lines.push([owner, 300, 'AAAA', ipv6(roll)])
  if (roll(100) < 15) lines.push([owner, 3600, 'TXT', `"owner=${roll(1000)}" "rack=${hex(roll, 2)}"`])
  return lines
}

function siteLines(owner: string, apex: string, roll: Roll): Line[] {
  const lines: Line[] = [[owner, 300, 'A', ipv4(roll)]]
  const mailTo = `mailto:sec@${owner.slice(0, -1)}`
  if (roll(100) < 40) lines.push([owner, 300, 'A', ipv4(roll).replace('10.', '11.')])
  if (roll(100) < 50) lines.push([owner, 300, 'AAAA', ipv6(roll)])
  lines.push([owner, 3600, 'MX', `10 mx1.${apex}`], [owner, 3600, 'MX', `20 mx2.${apex}`])
  lines.push([owner, 3600, 'TXT', `"v=spf1 include:_spf.${apex} ~all"`])
  if (roll(100) < 30) lines.push([owner, 3600, 'HTTPS', `1 . alpn=h2,h3 ipv4hint=${ipv4(roll)}`])
  if (roll(100) < 20)
    lines.push([owner, 3600, 'CAA', `0 issue "ca${roll(9)}.example"`], [owner, 3600, 'CAA', `0 iodef "${mailTo}"`])
  lines.push([`www.${owner}`, 300, 'CNAME', owner])
  if (roll(100) < 20) {
    const key = `"v=DKIM1; k=rsa; p=${hex(roll, 100)}" "${hex(roll, 96)}"`
    lines.push([`s${roll(99)}._domainkey.${owner}`, 3600, 'TXT', key])
  }
  if (roll(100) < 20) lines.push([`_dmarc.${owner}`, 3600, 'TXT', `"v=DMARC1; p=none; rua=${mailTo}"`])
  return lines
}

function serviceLines(owner: string, roll: Roll): Line[] {
  return [
    [`_sip._tcp.${owner}`, 600, 'SRV', `10 60 5060 a.${owner}`],
    [`_sip._udp.${owner}`, 600, 'SRV', `10 60 5060 a.${owner}`],
    [`a.${owner}`, 600, 'A', ipv4(roll)],
  ]
}

function delegationLines(cut: string, roll: Roll): Line[] {
  const elsewhere = roll(100) < 20
  const lines: Line[] = [
    [cut, 86_400, 'NS', `ns1.${cut}`],
    [cut, 86_400, 'NS', elsewhere ? `ns${roll(9)}.example.net.` : `ns2.${cut}`],
    [`ns1.${cut}`, 86_400, 'A', ipv4(roll)],
  ]
  if (roll(100) < 40) lines.push([`ns1.${cut}`, 86_400, 'AAAA', ipv6(roll)])
  if (!elsewhere) lines.push([`ns2.${cut}`, 86_400, 'A', ipv4(roll)])
  return lines
}

function ipv4(roll: Roll): string {
  return `10.${roll(256)}.${roll(256)}.${1 + roll(254)}`
}

function ipv6(roll: Roll): string {
  return `2001:db8:${roll(65_536).toString(16)}:${roll(65_536).toString(16)}::${(1 + roll(65_535)).toString(16)}`
}

function hex(roll: Roll, octets: number): string {
  let text = ''
  for (let left = octets; left > 0; left--) text += (256 + roll(256)).toString(16).slice(1)
  return text
}
