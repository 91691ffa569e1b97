/** Addresses of the settings. */

import { isIPv6 } from 'node:net'
import { AddressError } from '../net/address.ts'

/** Where the API listens, as the HTTP server wants it. Throws an AddressError. */
export function parseHttpAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65_535 || (bracketed !== undefined && !isIPv6(bracketed)))
    throw new AddressError(`expected address:port (IPv6 in brackets), found "${text}"`)
  return { host, port }
}
