/**
 * Octets: comparing and joining them, and the text forms they take in master files, keys and logs.
 *
 * The pure floors have neither Buffer nor TextDecoder, so the codings stand here: hex, base64, base64url and
 * base32hex as in RFC 4648, Latin-1 and UTF-8. `xText` makes text of octets, `xOctets` makes octets of text.
 */

/** Text that is not what its coding allows. */
export class CodingError extends Error {
  override readonly name = 'CodingError'
}

/** Whether two runs of octets are the same. For secrets use a comparison that takes constant time. */
export function octetsEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** Orders octets as unsigned, left-justified strings: the order of RDATA in RFC 4034 §6.3. */
export function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] as number) - (b[at] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** A copy. Never call `slice` on octets that came in: on a Buffer it gives a view, which the next datagram overwrites. */
export function copyOctets(octets: Uint8Array, start = 0, end = octets.length): Uint8Array<ArrayBuffer> {
  return new Uint8Array(octets.subarray(start, end))
}

/** The same octets, but never as a Buffer: so that `subarray` and `slice` of them are what they are everywhere else. */
export function plainOctets(octets: Uint8Array): Uint8Array {
  if (octets.constructor === Uint8Array) return octets
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length)
}

/** Joins runs of octets into one. */
export function concatOctets(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** One character for each octet: U+0000 to U+00FF. */
export function latin1Text(octets: Uint8Array): string {
  let text = ''
  for (let at = 0; at < octets.length; at++) text += String.fromCharCode(octets[at] as number)
  return text
}

/** One octet for each character; text beyond U+00FF is refused. */
export function latin1Octets(text: string): Uint8Array<ArrayBuffer> {
  return narrowOctets(text, 0xff, 'Latin-1')
}

/** One octet for each character; text beyond U+007F is refused. */
export function asciiOctets(text: string): Uint8Array<ArrayBuffer> {
  return narrowOctets(text, 0x7f, 'ASCII')
}

function narrowOctets(text: string, codeMax: number, coding: string): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > codeMax) throw new CodingError(`expected ${coding}, found "${text[at]}" at ${at}`)
    octets[at] = code
  }
  return octets
}

/** UTF-8 of a text; a lone surrogate becomes U+FFFD. */
export function utf8Octets(text: string): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(text.length * 3)
  let to = 0
  for (const character of text) {
    let code = character.codePointAt(0) as number
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd
    if (code < 0x80) {
      octets[to++] = code
      continue
    }
    const more = code < 0x800 ? 1 : code < 0x1_0000 ? 2 : 3
    octets[to++] = (0xff00 >> (more + 1)) | (code >> (6 * more)) // 110…, 1110… or 11110…; only the low octet is kept
    for (let left = more - 1; left >= 0; left--) octets[to++] = 0x80 | ((code >> (6 * left)) & 0x3f)
  }
  return octets.slice(0, to)
}

/** The text of UTF-8 octets. What is ill-formed becomes U+FFFD: strangers' octets are shown, never refused. */
export function utf8Text(octets: Uint8Array): string {
  let text = ''
  let at = 0
  while (at < octets.length) {
    const lead = octets[at++] as number
    if (lead < 0x80) {
      text += String.fromCharCode(lead)
      continue
    }
    let more =
      lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0
    let code = more === 0 ? 0xfffd : lead & (0x3f >> more)
    // The second octet is narrower after some leads: no overlong form, no surrogate, nothing above U+10FFFF.
    let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    for (; more > 0; more--) {
      const next = octets[at] ?? 0
      if (next < low || next > high) {
        code = 0xfffd
        break
      }
      code = (code << 6) | (next & 0x3f)
      low = 0x80
      high = 0xbf
      at++
    }
    text += String.fromCodePoint(code)
  }
  return text
}

/** One way of RFC 4648 to spell octets in groups of a few bits. */
interface Coding {
  readonly title: string
  readonly alphabet: string
  readonly bits: number
  readonly padded: boolean
  readonly values: Int8Array
}

function coding(title: string, bits: number, alphabet: string, options: { foldsCase?: true; padded?: true }): Coding {
  const values = new Int8Array(128).fill(-1)
  for (let value = 0; value < alphabet.length; value++) {
    const character = alphabet[value] as string
    values[character.charCodeAt(0)] = value
    if (options.foldsCase) values[character.toUpperCase().charCodeAt(0)] = value
    if (options.foldsCase) values[character.toLowerCase().charCodeAt(0)] = value
  }
  return { title, alphabet, bits, padded: options.padded ?? false, values }
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const DIGITS = '0123456789'
const HEX = coding('hex', 4, `${DIGITS}abcdef`, { foldsCase: true })
const BASE32HEX = coding('base32hex', 5, `${DIGITS}${UPPER.slice(0, 22)}`, { foldsCase: true })
const BASE64 = coding('base64', 6, `${UPPER}${UPPER.toLowerCase()}${DIGITS}+/`, { padded: true })
const BASE64URL = coding('base64url', 6, `${UPPER}${UPPER.toLowerCase()}${DIGITS}-_`, {})

/** Lower-case hex digits. */
export const hexText = (octets: Uint8Array): string => spell(HEX, octets)

/** The octets of hex digits in either case. */
export const hexOctets = (text: string): Uint8Array<ArrayBuffer> => readSpelling(HEX, text)

/** Base64 with padding (RFC 4648 §4), as in DNSKEY and in TSIG secrets. */
export const base64Text = (octets: Uint8Array): string => spell(BASE64, octets)

/** The octets of padded base64; what no encoder would write is refused. */
export const base64Octets = (text: string): Uint8Array<ArrayBuffer> => readSpelling(BASE64, text)

/** Base64 for addresses, without padding (RFC 4648 §5), as in DNS over HTTPS. */
export const base64urlText = (octets: Uint8Array): string => spell(BASE64URL, octets)

/** The octets of unpadded base64url. */
export const base64urlOctets = (text: string): Uint8Array<ArrayBuffer> => readSpelling(BASE64URL, text)

/** Base32 in the alphabet that keeps the order of the octets (RFC 4648 §7), without padding, as in NSEC3. */
export const base32hexText = (octets: Uint8Array): string => spell(BASE32HEX, octets)

/** The octets of unpadded base32hex in either case. */
export const base32hexOctets = (text: string): Uint8Array<ArrayBuffer> => readSpelling(BASE32HEX, text)

function spell({ alphabet, bits, padded }: Coding, octets: Uint8Array): string {
  const mask = (1 << bits) - 1
  let text = ''
  let held = 0
  let heldBits = 0
  for (let at = 0; at < octets.length; at++) {
    held = ((held << 8) | (octets[at] as number)) & 0xffff
    heldBits += 8
    while (heldBits >= bits) {
      heldBits -= bits
      text += alphabet[(held >> heldBits) & mask]
    }
  }
  if (heldBits > 0) text += alphabet[(held << (bits - heldBits)) & mask]
  return padded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text
}

function readSpelling({ title, bits, padded, values }: Coding, text: string): Uint8Array<ArrayBuffer> {
  const length = padded ? lengthWithoutPadding(text) : text.length
  const octets = new Uint8Array((length * bits) >> 3)
  let held = 0
  let heldBits = 0
  let to = 0
  for (let at = 0; at < length; at++) {
    const value = values[text.charCodeAt(at)] ?? -1
    if (value < 0) throw new CodingError(`expected ${title}, found "${text[at]}" at ${at}`)
    held = ((held << bits) | value) & 0xffff
    heldBits += bits
    if (heldBits < 8) continue
    heldBits -= 8
    octets[to++] = held >> heldBits
  }
  if (heldBits >= bits) throw new CodingError(`${title} of ${text.length} characters is cut off`)
  if ((held & ((1 << heldBits) - 1)) !== 0) throw new CodingError(`${title} ends in bits that belong to no octet`)
  return octets
}

function lengthWithoutPadding(text: string): number {
  if (text.length % 4 !== 0)
    throw new CodingError(`base64 of ${text.length} characters is not padded to groups of four`)
  if (text.endsWith('==')) return text.length - 2
  return text.endsWith('=') ? text.length - 1 : text.length
}
