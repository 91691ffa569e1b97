/** The addresses of this host, and those of them that a wildcard stands for. */

import { networkInterfaces } from 'node:os'
import { isIpv6 } from './address.ts'

/** Those of the host's addresses that a wildcard address stands for. */
export function addressesFor(wildcard: string, host: readonly string[]): readonly string[] {
  return [...new Set(host)].filter((address) => isIpv6(address) === isIpv6(wildcard))
}

/** Link-local addresses mean something only with their interface (RFC 4007 §11). */
export function addressesOfHost(): readonly string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address }) => (address.startsWith('fe80:') ? `${address}%${name}` : address)),
  )
}
