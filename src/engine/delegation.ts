/**
 * Who a zone is delegated to: what the nameservers of its parent say.
 *
 * They are found by the resolver, and asked themselves, because everybody else may know only what the zone says of itself
 * (RFC 1034 §4.2.2). Where they cannot be reached, as behind many a firewall, the resolver's word has to do.
 */

import { lowerName, nameFromWire, parentName, printName, sameName, type Name } from '../dns/name.ts'
import type { Message } from '../dns/message.ts'
import type { Resolver } from '../net/resolver.ts'
import { SERVERS_MAX, serverAddresses } from './server-addresses.ts'
import { TYPE } from '../zone/stored-record.ts'

const DNS_PORT = 53
const NXDOMAIN = 3

export type Delegation =
  /** In lower case, without the final dot. */
  | { readonly type: 'delegated'; readonly nameServers: readonly string[] }
  /** The parent knows no such zone. */
  | { readonly type: 'not delegated' }
  | { readonly type: 'unclear'; readonly why: string }

export class Delegations {
  readonly #resolver: Pick<Resolver, 'resolve' | 'askServer'>
  readonly #port: number

  constructor(resolver: Pick<Resolver, 'resolve' | 'askServer'>, { port = DNS_PORT } = {}) {
    this.#resolver = resolver
    this.#port = port
  }

  async find(apex: Name): Promise<Delegation> {
    for (const address of await this.#parentServers(apex)) {
      const answer = await this.#resolver.askServer({ address, port: this.#port }, { name: apex, type: TYPE.NS })
      const said = typeof answer === 'string' ? undefined : delegationIn(answer, apex)
      if (said !== undefined) return said
    }
    return this.#hearsay(apex)
  }

  /** Addresses of the servers of the closest zone above. */
  async #parentServers(apex: Name): Promise<readonly string[]> {
    for (let parent = parentName(apex); parent !== undefined; parent = parentName(parent)) {
      const found = await this.#resolver.resolve({ name: parent, type: TYPE.NS })
      if (found.type === 'failed') return []
      if (found.type !== 'found') continue
      const names = found.rdatas.map((rdata) => nameFromWire(rdata))
      return (await serverAddresses(this.#resolver, names)).slice(0, SERVERS_MAX)
    }
    return []
  }

  async #hearsay(apex: Name): Promise<Delegation> {
    const found = await this.#resolver.resolve({ name: apex, type: TYPE.NS })
    if (found.type === 'found') return delegated(found.rdatas)
    return found.type === 'failed' ? { type: 'unclear', why: found.why } : { type: 'not delegated' }
  }
}

/** What a server of the parent says: a referral, or, if it has the zone itself, an answer. */
function delegationIn({ rcode, answer, authority, aa }: Message, apex: Name): Delegation | undefined {
  const named = [...answer, ...authority].filter(({ type, owner }) => type === TYPE.NS && sameName(owner, apex))
  if (named.length > 0) return delegated(named.map(({ rdata }) => rdata))
  const denies = aa && (rcode === 0 || rcode === NXDOMAIN)
  return denies ? { type: 'not delegated' } : undefined
}

function delegated(rdatas: readonly Uint8Array[]): Delegation {
  const names = rdatas.map((rdata) => printName(lowerName(nameFromWire(rdata))).slice(0, -1))
  return { type: 'delegated', nameServers: names.sort() }
}
