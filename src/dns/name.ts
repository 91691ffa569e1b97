/**
 * Domain names (RFC 1034 §3.1, RFC 4343).
 *
 * A name is its uncompressed wire form, root label included, in the case it was given: up to 127 labels of up to 63
 * octets, 255 octets in all. A label may hold any octet (RFC 2181 §11). Names compare without regard to the case of
 * ASCII letters. Length octets are at most 63 and no letter is as small, so folding a whole name octet by octet never
 * touches a length.
 */

import { copyOctets } from './octets.ts'
import { WireError } from './wire.ts'

declare const brand: unique symbol

/** A domain name in uncompressed wire form, checked. */
export type Name = Uint8Array & { readonly [brand]: 'Name' }

export const LABEL_OCTETS_MAX = 63
export const NAME_OCTETS_MAX = 255

/** The name with no labels. */
export const ROOT = new Uint8Array([0]) as Uint8Array as Name

/** Text that is no domain name. */
export class NameError extends Error {
  override readonly name = 'NameError'
  readonly reason: string

  constructor(reason: string, text: string) {
    super(`${reason} in name "${text}"`)
    this.reason = reason
  }
}

/** Every octet folded to lower case, ASCII only (RFC 4343 §3). */
export const FOLDED = new Uint8Array(256).map((_, octet) => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet))

const DOT = 0x2e
const BACKSLASH = 0x5c

const scratch = new Uint8Array(NAME_OCTETS_MAX + 1)

/**
 * Reads a name in presentation format (RFC 1035 §5.1): `\.` and `\DDD` for odd octets, `@` for the origin. A name
 * without a final dot is completed with the origin; where there is no origin it is taken as absolute.
 */
export function parseName(text: string, origin?: Name): Name {
  if (text === '.') return ROOT
  if (text === '') throw new NameError('nothing', text)
  if (text === '@' && origin !== undefined) return origin
  let labelAt = 0
  let to = 1
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at)
    if (code === DOT) {
      closeLabel(labelAt, to, text)
      labelAt = to++
      at++
    } else if (code === BACKSLASH) {
      scratch[to++] = escapedOctet(text, at + 1)
      at += isDigit(text, at + 1) ? 4 : 2
    } else {
      if (code > 0x7f) throw new NameError(`"${text[at]}", which is not ASCII,`, text)
      scratch[to++] = code
      at++
    }
    if (to > NAME_OCTETS_MAX) throw new NameError('more than 255 octets', text)
  }
  const absolute = to === labelAt + 1
  if (!absolute) closeLabel(labelAt, to, text)
  const rest = absolute || origin === undefined ? ROOT : origin
  const relativeOctets = absolute ? labelAt : to
  if (relativeOctets + rest.length > NAME_OCTETS_MAX) throw new NameError('more than 255 octets', text)
  const name = new Uint8Array(relativeOctets + rest.length)
  name.set(scratch.subarray(0, relativeOctets))
  name.set(rest, relativeOctets)
  return name as Uint8Array as Name
}

function closeLabel(labelAt: number, end: number, text: string): void {
  const length = end - labelAt - 1
  if (length === 0) throw new NameError('empty label', text)
  if (length > LABEL_OCTETS_MAX) throw new NameError('label of more than 63 octets', text)
  scratch[labelAt] = length
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

function escapedOctet(text: string, at: number): number {
  if (!isDigit(text, at)) {
    const code = text.charCodeAt(at)
    if (code <= 0x7f) return code
    throw new NameError('backslash before nothing that can be escaped', text)
  }
  const octet = isDigit(text, at + 1) && isDigit(text, at + 2) ? Number(text.slice(at, at + 3)) : 256
  if (octet > 255) throw new NameError('escape that is not \\000 to \\255', text)
  return octet
}

/**
 * How each octet is printed: as itself, `\X` or `\DDD`. All that is odd is escaped, by number where a reader of master
 * files is known to stumble: Knot takes few characters as they are, NSD has its own views of `\#`, `\[` and of a
 * backslash that ends a name.
 */
const PRINTED: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCharCode(octet)
  if (/[-_*/0-9A-Za-z]/.test(character)) return character
  return '"$().;@'.includes(character) ? `\\${character}` : `\\${String(octet).padStart(3, '0')}`
})

/** The name in presentation format, always with its final dot. */
export function printName(name: Name): string {
  if (name.length === 1) return '.'
  let text = ''
  for (let at = 0; name[at] !== 0;) {
    const end = at + (name[at] as number)
    while (at++ < end) text += PRINTED[name[at] as number]
    text += '.'
  }
  return text
}

/** Copies a name out of octets in which it stands uncompressed. */
export function nameFromWire(octets: Uint8Array, start = 0): Name {
  let at = start
  for (;;) {
    const length = octets[at]
    if (length === undefined) throw new WireError('name runs past its end', at)
    if (length > LABEL_OCTETS_MAX) throw new WireError('label of more than 63 octets', at)
    at += length + 1
    if (at - start > NAME_OCTETS_MAX) throw new WireError('name longer than 255 octets', start)
    if (length === 0) return copyOctets(octets, start, at) as Uint8Array as Name
  }
}

/** The name as a key of a map: the same for all names that are the same. */
export function nameKey(name: Name): string {
  let key = ''
  for (let at = 0; at < name.length; at++) key += String.fromCharCode(FOLDED[name[at] as number] as number)
  return key
}

/** The name with its ASCII letters in lower case, as in canonical RDATA and in TSIG digests. */
export function lowerName(name: Name): Name {
  return name.map((octet) => FOLDED[octet] as number) as Uint8Array as Name
}

/** Whether two names are the same, without regard to case. */
export function sameName(a: Name, b: Name): boolean {
  return a.length === b.length && endsAlike(a, 0, b)
}

/** Whether a name is the apex or lies below it. */
export function isWithin(name: Name, apex: Name): boolean {
  let at = 0
  while (name.length - at > apex.length) at += (name[at] as number) + 1
  return name.length - at === apex.length && endsAlike(name, at, apex)
}

function endsAlike(name: Name, start: number, end: Name): boolean {
  for (let at = 0; at < end.length; at++) {
    if (FOLDED[name[start + at] as number] !== FOLDED[end[at] as number]) return false
  }
  return true
}

/** How many labels a name has, without the root label; a wildcard's asterisk counts. */
export function labelCount(name: Name): number {
  let count = 0
  for (let at = 0; name[at] !== 0; at += (name[at] as number) + 1) count++
  return count
}

/** The name without its first label, as a view; the root has no parent. */
export function parentName(name: Name): Name | undefined {
  const length = name[0] as number
  return length === 0 ? undefined : (name.subarray(length + 1) as Name)
}

const startsOfA = new Uint8Array(128)
const startsOfB = new Uint8Array(128)

/**
 * Canonical order (RFC 4034 §6.1): label by label from the root, letters folded, a name before those below it.
 * Hot: allocates nothing.
 */
export function compareNames(a: Name, b: Name): number {
  let left = labelStarts(a, startsOfA)
  let right = labelStarts(b, startsOfB)
  while (left > 0 && right > 0) {
    const order = compareLabels(a, startsOfA[--left] as number, b, startsOfB[--right] as number)
    if (order !== 0) return order
  }
  return left - right
}

function labelStarts(name: Name, starts: Uint8Array): number {
  let count = 0
  for (let at = 0; name[at] !== 0; at += (name[at] as number) + 1) starts[count++] = at
  return count
}

function compareLabels(a: Name, aAt: number, b: Name, bAt: number): number {
  const aLength = a[aAt] as number
  const bLength = b[bAt] as number
  const shared = Math.min(aLength, bLength)
  for (let at = 1; at <= shared; at++) {
    const difference = (FOLDED[a[aAt + at] as number] as number) - (FOLDED[b[bAt + at] as number] as number)
    if (difference !== 0) return difference
  }
  return aLength - bLength
}

/** Steps over a name, compressed or not, without following pointers. Hot: runs once per record of every transfer. */
export function skipName(octets: Uint8Array, start: number): number {
  let at = start
  for (;;) {
    const length = octets[at]
    if (length === undefined) throw new WireError('name runs past its end', at)
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    if (length > LABEL_OCTETS_MAX) throw new WireError(`label of unknown type ${length >> 6}`, at)
    at += length + 1
  }
}
