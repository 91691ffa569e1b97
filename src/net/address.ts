/** Where a socket is: an IP address and a port, and how both are written. */

import { parseIpv4, parseIpv6, printIpv4, printIpv6 } from '../dns/address.ts'

/** An IP address in its one canonical form, and a port. IPv4 in IPv6 (RFC 4291 §2.5.5.2) never stands here. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** The port of DNS (RFC 1035 §4.2). */
const DNS_PORT = 53

/** Text that is no address; the message says what was seen and what was expected. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
}

const FORMS = 'an address as 192.0.2.1, 192.0.2.1:53, 2001:db8::1 or [2001:db8::1]:53'

/** Reads `192.0.2.1:53` or `[2001:db8::1]:53`; the port may be left out, and then the brackets too. */
export function parseEndpoint(text: string, defaultPort = DNS_PORT): Endpoint {
  const [, written, digits] = (formOf(text).exec(text) ?? []) as (string | undefined)[]
  const address = written === undefined ? undefined : parseAddress(written)
  if (address === undefined) throw new AddressError(`expected ${FORMS}, found "${text}"`)
  return { address, port: digits === undefined ? defaultPort : parsePort(digits, text) }
}

/** IPv6 stands in brackets, or alone: else its last group could be a port (RFC 3986 §3.2.2). */
function formOf(text: string): RegExp {
  if (text.startsWith('[')) return /^\[([^\]]*:[^\]]*)\](?::(.*))?$/
  return text.indexOf(':') === text.lastIndexOf(':') ? /^([^:]*)(?::(.*))?$/ : /^(.*)$/
}

/** The canonical form of an IP address (RFC 5952), with its scope if it has one; undefined if the text is none. */
export function parseAddress(text: string): string | undefined {
  const [plain = '', scope] = text.split('%', 2)
  if (scope === '') return undefined
  const octets = addressOctets(plain)
  if (octets === undefined) return undefined
  if (octets.length === 4) return scope === undefined ? printIpv4(octets) : undefined
  return scope === undefined ? printIpv6(octets) : `${printIpv6(octets)}%${scope}`
}

/** The 4 or 16 octets of an IP address without its scope; those of an IPv4 address that is mapped into IPv6 are 4. */
export function addressOctets(text: string): Uint8Array | undefined {
  const short = parseIpv4(text)
  if (short !== undefined) return short
  const scope = text.indexOf('%')
  const octets = parseIpv6(scope < 0 ? text : text.slice(0, scope))
  return octets !== undefined && isMapped(octets) ? octets.subarray(12) : octets
}

export function printEndpoint({ address, port }: Endpoint): string {
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`
}

/** Of an address that has been read. */
export function isIpv6(address: string): boolean {
  return address.includes(':')
}

/** Whether this stands for all addresses of the host. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** Who shares limits with an address: the address itself, or the /64 that one IPv6 host may use as it likes. */
export function clientOf(address: string): string {
  if (!isIpv6(address)) return address
  const octets = addressOctets(address)
  return octets === undefined || octets.length === 4 ? address : `${printIpv6(octets.fill(0, 8))}/64`
}

function parsePort(digits: string, text: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : Infinity
  if (port <= 65_535) return port
  throw new AddressError(`expected a port from 0 to 65535, found "${digits}" in "${text}"`)
}

function isMapped(octets: Uint8Array): boolean {
  for (let at = 0; at < 10; at++) if (octets[at] !== 0) return false
  return octets[10] === 0xff && octets[11] === 0xff
}
