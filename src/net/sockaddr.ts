/** Addresses as the kernel of Linux has them: `struct sockaddr_in` and `struct sockaddr_in6`. */

import { networkInterfaces } from 'node:os'
import { printIpv4, printIpv6 } from '../dns/address.ts'
import { addressOctets, isIpv6, type Endpoint } from './address.ts'

export const AF_INET = 2
export const AF_INET6 = 10

const IPV4_OCTETS = 16
const IPV6_OCTETS = 28

/** Where the port and the address stand, and the scope of IPv6. */
export const PORT_AT = 2
export const IPV4_AT = 4
export const IPV6_AT = 8
const SCOPE_AT = 24

/** The octets of an address and a port. */
export function socketAddress({ address, port }: Endpoint): Uint8Array<ArrayBuffer> {
  const v6 = isIpv6(address)
  const octets = new Uint8Array(v6 ? IPV6_OCTETS : IPV4_OCTETS)
  const view = new DataView(octets.buffer)
  view.setUint16(0, v6 ? AF_INET6 : AF_INET, true)
  view.setUint16(PORT_AT, port)
  octets.set(addressOctets(address) ?? [], v6 ? IPV6_AT : IPV4_AT)
  if (v6) view.setUint32(SCOPE_AT, scopeNumber(address.split('%', 2)[1]), true)
  return octets
}

/** The address and the port that stand at `at`. */
export function endpointAt(octets: Uint8Array, at: number): Endpoint {
  const view = new DataView(octets.buffer, octets.byteOffset + at)
  const port = view.getUint16(PORT_AT)
  if (view.getUint16(0, true) !== AF_INET6) return { address: printIpv4(octets, at + IPV4_AT), port }
  const scope = view.getUint32(SCOPE_AT, true)
  return { address: printIpv6(octets, at + IPV6_AT) + (scope === 0 ? '' : `%${scopeName(scope)}`), port }
}

/** The number of an interface by its name (RFC 4007 §11), or by its number; 0 for none. */
function scopeNumber(name: string | undefined): number {
  if (name === undefined) return 0
  const known = networkInterfaces()[name]?.find((one) => one.family === 'IPv6' && one.scopeid > 0)
  return known?.family === 'IPv6' ? known.scopeid : Number(name) || 0
}

function scopeName(scope: number): string {
  for (const [name, addresses = []] of Object.entries(networkInterfaces()))
    if (addresses.some((one) => one.family === 'IPv6' && one.scopeid === scope)) return name
  return String(scope)
}
