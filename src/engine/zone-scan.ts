/**
 * Looks for the records that a zone has elsewhere, before it is moved here: asks its present nameservers for names and
 * types that most zones have. A zone cannot be listed from outside, so what has an unusual name is not found.
 */

import type { DnsRecord, Message } from '../dns/message.ts'
import { nameKey, parseName, sameName, type Name } from '../dns/name.ts'
import { hexText } from '../dns/octets.ts'
import { typeCode } from '../dns/record-types.ts'
import type { Endpoint } from '../net/address.ts'
import { serverAddresses, type AddressResolver } from './server-addresses.ts'
import { TYPE } from '../zone/stored-record.ts'

interface Lookup {
  readonly name: Name
  readonly type: number
}

/** Who can be asked about names: anybody, or one server. */
export interface ScanResolver extends AddressResolver {
  /** Asks one server; a sentence if it does not answer. */
  askServer(endpoint: Endpoint, lookup: Lookup, signal?: AbortSignal): Promise<Message | string>
}

export type ScanOutcome =
  | { readonly type: 'scanned'; readonly records: readonly DnsRecord[] }
  /** Nobody else answers for the zone. */
  | { readonly type: 'no servers' }

/** Names that most zones have some of, by the types they are asked for. */
const COMMON: readonly (readonly [types: string, names: string])[] = [
  ['A AAAA MX TXT CAA HTTPS', '@'],
  ['A AAAA TXT', '*'],
  [
    'A AAAA',
    'www www2 m mail mail2 smtp imap pop pop3 mx mx1 mx2 webmail email autodiscover autoconfig ftp sftp ns ns1 ns2 ns3 ' +
      'blog shop store api app dev test stage staging demo beta portal admin login my cdn static assets img images media ' +
      'files download docs wiki help support status git vpn remote cloud server host web cpanel whm webdisk forum news ' +
      'sip lyncdiscover enterpriseregistration enterpriseenrollment mta-sts home office',
  ],
  [
    'TXT',
    '_dmarc _mta-sts _smtp._tls default._domainkey google._domainkey selector1._domainkey selector2._domainkey ' +
      'k1._domainkey k2._domainkey k3._domainkey s1._domainkey s2._domainkey mail._domainkey dkim._domainkey ' +
      '_github-challenge _domainconnect',
  ],
  [
    'SRV',
    '_sip._tcp _sip._udp _sips._tcp _sip._tls _sipfederationtls._tcp _autodiscover._tcp _imap._tcp _imaps._tcp ' +
      '_pop3s._tcp _submission._tcp _submissions._tcp _caldavs._tcp _carddavs._tcp _xmpp-client._tcp _xmpp-server._tcp',
  ],
]

const AT_ONCE = 8
const RECORDS_MAX = 1000

export interface ScanOptions {
  /** Our own nameservers: they know no more than we do. */
  readonly ours: readonly Name[]
  readonly signal?: AbortSignal | undefined
  /** Where nameservers answer. */
  readonly port?: number
}

export async function scanZone(
  resolver: ScanResolver,
  apex: Name,
  { ours, signal, port = 53 }: ScanOptions,
): Promise<ScanOutcome> {
  const servers = (await addressesOf(resolver, apex, { ours, signal })).map((address) => ({ address, port }))
  const found = new Found(apex)
  let answered = 0
  const ask = async (lookup: Lookup): Promise<void> => {
    for (const server of servers) {
      if (signal?.aborted === true) return
      const answer = await resolver.askServer(server, lookup, signal)
      if (typeof answer === 'string' || (answer.rcode !== 0 && answer.rcode !== NXDOMAIN)) continue
      answered++
      return found.take(answer.answer, lookup.name)
    }
  }
  const lookups = commonLookups(apex)
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = lookups.shift(); next !== undefined; next = lookups.shift()) await ask(next)
    }),
  )
  return answered === 0 ? { type: 'no servers' } : { type: 'scanned', records: found.all() }
}

const NXDOMAIN = 3

function commonLookups(apex: Name): Lookup[] {
  return COMMON.flatMap(([types, names]) =>
    names
      .split(' ')
      .flatMap((name) =>
        types.split(' ').map((type): Lookup => ({ name: parseName(name, apex), type: typeCode(type) as number })),
      ),
  )
}

/** Addresses of the nameservers that the zone has now. */
async function addressesOf(
  resolver: ScanResolver,
  apex: Name,
  { ours, signal }: Pick<ScanOptions, 'ours' | 'signal'>,
): Promise<readonly string[]> {
  const servers = await resolver.resolve({ name: apex, type: TYPE.NS }, signal)
  if (servers.type !== 'found') return []
  const names = (servers.rdatas as readonly Name[]).filter((name) => !ours.some((own) => sameName(own, name)))
  return serverAddresses(resolver, names, signal)
}

/** What was found, each record once. */
class Found {
  readonly #apex: Name
  readonly #records = new Map<string, DnsRecord>()

  constructor(apex: Name) {
    this.#apex = apex
  }

  /** Takes the records of the name that was asked for: behind an alias stand those of other names. */
  take(records: readonly DnsRecord[], name: Name): void {
    for (const record of records) {
      if (!sameName(record.owner, name) || record.type === TYPE.RRSIG || this.#records.size >= RECORDS_MAX) continue
      this.#records.set(`${nameKey(record.owner)} ${contentKey(record)}`, { ...record, owner: name })
    }
  }

  /** All, but for names that are answered by the wildcard alone. */
  all(): readonly DnsRecord[] {
    const wildcard = parseName('*', this.#apex)
    const all = [...this.#records.values()]
    const ofWildcard = new Set(all.filter(({ owner }) => sameName(owner, wildcard)).map(contentKey))
    return all.filter(
      (record) =>
        sameName(record.owner, wildcard) || sameName(record.owner, this.#apex) || !ofWildcard.has(contentKey(record)),
    )
  }
}

const contentKey = ({ type, rdata }: DnsRecord): string => `${type} ${hexText(rdata)}`
