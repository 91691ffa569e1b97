/** Looks up all addresses of a host, only so many hosts at once. */

import type { Name } from '../dns/name.ts'
import { parseEndpoint } from '../net/address.ts'
import { Resolver, systemResolvers } from '../net/resolver.ts'
import type { Resolution } from '../protocol/resolution.ts'
import type { AddressSet } from '../zone/zone-frame.ts'
import { Quota, ROUTINE } from './quota.ts'
import type { Settings } from './settings.ts'

const A = 1
const AAAA = 28

export type LookedUp =
  /** A host without addresses, or none at all, has none: that is an answer. */
  { readonly type: 'found'; readonly addresses: AddressSet } | { readonly type: 'failed'; readonly why: string }

/** The resolver of the settings. */
export function resolverOf({ resolvers, limits }: Pick<Settings, 'resolvers' | 'limits'>): Resolver {
  return new Resolver({
    servers: resolvers.length === 0 ? systemResolvers() : resolvers.map((text) => parseEndpoint(text)),
    timeoutMs: limits.lookupSeconds * 1000,
    tries: limits.lookupTries,
  })
}

export class HostAddresses {
  readonly #resolver: Pick<Resolver, 'resolve'>
  readonly #quota: Quota
  readonly #stopped = new AbortController()
  readonly #counted: (outcome: LookedUp['type']) => void

  constructor(
    resolver: Pick<Resolver, 'resolve'>,
    { limits }: Pick<Settings, 'limits'>,
    counted: (outcome: LookedUp['type']) => void = () => {},
  ) {
    this.#resolver = resolver
    this.#quota = new Quota({ inAll: limits.lookups, perKey: limits.lookups })
    this.#counted = counted
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#stopped.abort()
  }

  async find(name: Name): Promise<LookedUp> {
    const { promise: turn, resolve } = Promise.withResolvers<() => void>()
    this.#quota.request('', ROUTINE, resolve)
    const release = await turn
    try {
      const [ipv4, ipv6] = await Promise.all(
        [A, AAAA].map((type) => this.#resolver.resolve({ name, type }, this.#stopped.signal)),
      )
      const found = join(ipv4 as Resolution, ipv6 as Resolution)
      this.#counted(found.type)
      return found
    } finally {
      release()
    }
  }
}

/** Half an answer is none: who had addresses of both families must not lose one to a lost packet. */
function join(ipv4: Resolution, ipv6: Resolution): LookedUp {
  if (ipv4.type === 'failed') return ipv4
  if (ipv6.type === 'failed') return ipv6
  const rdatas = (found: Resolution) => (found.type === 'found' ? found.rdatas : [])
  const withData = [ipv4, ipv6].filter(({ type }) => type === 'found')
  const ttl = Math.min(...(withData.length > 0 ? withData : [ipv4, ipv6]).map((each) => each.ttl))
  return { type: 'found', addresses: { ipv4: rdatas(ipv4), ipv6: rdatas(ipv6), ttl } }
}
