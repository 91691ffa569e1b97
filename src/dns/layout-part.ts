/**
 * Where the parts of RDATA end that are neither a fixed number of octets nor a name.
 *
 * Each function is given the octets, where the part starts and where the RDATA ends. It returns where the part ends
 * or throws `WireError`; what it accepts can be decoded, stored and sent on without a further look. Hot: no
 * allocation.
 */

import { Reader, WireError } from './wire.ts'

const reader = new Reader(new Uint8Array(0))
const scratch = new Uint8Array(256)

function need(count: number, at: number, end: number): void {
  if (count > end - at) throw new WireError(`expected ${count} octets, found ${end - at}`, at)
}

/** A name in whose place no pointer may stand. */
export function plainNameEnd(octets: Uint8Array, at: number, end: number): number {
  reader.reset(octets, at, end)
  const length = reader.nameInto(scratch, 0)
  if (reader.at - at !== length) throw new WireError('compressed name where none may be', at)
  return reader.at
}

/** Names up to the end of the RDATA. */
export function plainNamesEnd(octets: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end) at = plainNameEnd(octets, at, end)
  return at
}

/** A character-string (RFC 1035 §3.3). */
export function stringEnd(octets: Uint8Array, at: number, end: number, lengthMin: number): number {
  need(1, at, end)
  const length = octets[at] as number
  if (length < lengthMin) throw new WireError(`expected at least ${lengthMin} octets, found ${length}`, at)
  need(length, at + 1, end)
  return at + 1 + length
}

/** One or more character-strings up to the end of the RDATA; `countMax` 0 is no limit. */
export function stringsEnd(octets: Uint8Array, start: number, end: number, countMax: number): number {
  let at = start
  let count = 0
  do {
    at = stringEnd(octets, at, end, 0)
    if (++count === countMax) break
  } while (at < end)
  return at
}

/** Windows in order, each with 1 to 32 octets of which the last has a bit (RFC 4034 §4.1.2); may be empty. */
export function bitmapEnd(octets: Uint8Array, start: number, end: number): number {
  let at = start
  let last = -1
  while (at < end) {
    need(2, at, end)
    const window = octets[at] as number
    const length = octets[at + 1] as number
    if (window <= last) throw new WireError(`window ${window} of a type bitmap after window ${last}`, at)
    if (length < 1 || length > 32) throw new WireError(`window of a type bitmap with ${length} octets`, at)
    need(length, at + 2, end)
    at += 2 + length
    if (octets[at - 1] === 0) throw new WireError('window of a type bitmap that ends in a zero', at - 1)
    last = window
  }
  return at
}

/** Address prefixes of known families must fit and not end in a zero octet (RFC 3123 §4); may be empty. */
export function addressPrefixesEnd(octets: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end) {
    need(4, at, end)
    const family = ((octets[at] as number) << 8) | (octets[at + 1] as number)
    const prefix = octets[at + 2] as number
    const length = (octets[at + 3] as number) & 0x7f
    need(length, at + 4, end)
    const addressOctets = family === 1 ? 4 : family === 2 ? 16 : 127
    if (length > addressOctets) throw new WireError(`address of ${length} octets in family ${family}`, at + 3)
    if (family <= 2 && family > 0 && prefix > addressOctets * 8) {
      throw new WireError(`prefix of ${prefix} bits in family ${family}`, at + 2)
    }
    at += 4 + length
    if (length > 0 && octets[at - 1] === 0) throw new WireError('address prefix that ends in a zero octet', at - 1)
  }
  return at
}

/** Gateway type, algorithm, gateway. A type that RFC 4025 does not know may hold anything up to the end. */
export function gatewayEnd(octets: Uint8Array, at: number, end: number): number {
  need(2, at, end)
  return hostEnd(octets[at] as number, octets, at + 2, end)
}

/** Discovery bit and relay type in one octet, then the relay (RFC 8777 §4.1). */
export function relayEnd(octets: Uint8Array, at: number, end: number): number {
  need(1, at, end)
  return hostEnd((octets[at] as number) & 0x7f, octets, at + 1, end)
}

/** Nothing (0), an IPv4 address (1), an IPv6 address (2) or a name (3). */
function hostEnd(type: number, octets: Uint8Array, at: number, end: number): number {
  if (type === 3) return plainNameEnd(octets, at, end)
  if (type > 3) return end
  const length = type === 0 ? 0 : type === 1 ? 4 : 16
  need(length, at, end)
  return at + length
}

/** Both lengths first, then algorithm, host identity tag and key; neither of the two may be empty. */
export function hostIdentityEnd(octets: Uint8Array, at: number, end: number): number {
  need(4, at, end)
  const tagLength = octets[at] as number
  const keyLength = ((octets[at + 2] as number) << 8) | (octets[at + 3] as number)
  if (tagLength === 0 || keyLength === 0) throw new WireError('host identity without tag or key', at)
  need(tagLength + keyLength, at + 4, end)
  return at + 4 + tagLength + keyLength
}

/** A property tag has letters and digits only, and at least one (RFC 8659 §4.1). */
export function propertyTagEnd(octets: Uint8Array, start: number, end: number): number {
  const next = stringEnd(octets, start, end, 1)
  for (let at = start + 1; at < next; at++) {
    const octet = octets[at] as number
    const digit = octet >= 0x30 && octet <= 0x39
    const letter = (octet | 0x20) >= 0x61 && (octet | 0x20) <= 0x7a
    if (!digit && !letter) throw new WireError('property tag with more than letters and digits', at)
  }
  return next
}

/** The octets of the address that the prefix does not cover, then the name of the prefix unless it has no bits. */
export function ipv6ChainEnd(octets: Uint8Array, at: number, end: number): number {
  need(1, at, end)
  const prefix = octets[at] as number
  if (prefix > 128) throw new WireError(`prefix of ${prefix} bits`, at)
  const suffixEnd = at + 1 + ((128 - prefix + 7) >> 3)
  need(suffixEnd - at, at, end)
  return prefix === 0 ? suffixEnd : plainNameEnd(octets, suffixEnd, end)
}
