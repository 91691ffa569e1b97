/** Where nameservers are reached that are known by their names. */

import { printIpv4, printIpv6 } from '../dns/address.ts'
import type { Name } from '../dns/name.ts'
import { TYPE } from '../zone/stored-record.ts'

/** So many servers of a zone are asked: with more of them there is mostly more of the same. */
export const SERVERS_MAX = 4

/** Who can be asked for addresses. */
export interface AddressResolver {
  resolve(
    lookup: { readonly name: Name; readonly type: number },
    signal?: AbortSignal,
  ): Promise<
    | { readonly type: 'found'; readonly rdatas: readonly Uint8Array[] }
    | { readonly type: 'no data' | 'no such name' | 'failed' }
  >
}

/** The addresses of the first few servers; IPv4 first, since not every host has a way to the other. */
export async function serverAddresses(
  resolver: AddressResolver,
  names: readonly Name[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const lookups = names.slice(0, SERVERS_MAX).flatMap((name) => [TYPE.A, TYPE.AAAA].map((type) => ({ name, type })))
  const found = await Promise.all(lookups.map((lookup) => resolver.resolve(lookup, signal)))
  const addresses = found.flatMap((each) => (each.type === 'found' ? each.rdatas : []))
  const sorted = addresses.toSorted((a, b) => a.length - b.length)
  return sorted.map((octets) => (octets.length === 4 ? printIpv4(octets) : printIpv6(octets)))
}
