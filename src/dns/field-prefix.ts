/** Fields that hold parts of addresses: the list of APL (RFC 3123) and the chain link of A6 (RFC 2874). */

import { parseIpv4, parseIpv6, printIpv4, printIpv6 } from './address.ts'
import { type Field, fieldOfText, parseInteger } from './field.ts'
import { takeName } from './field-name.ts'
import { OP } from './layout-program.ts'
import { type Name, printName } from './name.ts'
import { TextError, unexpected } from './text.ts'
import type { Lexer } from './zonefile/lexer.ts'

/** One item of APL. `address` lacks its trailing zero octets. */
export interface AddressPrefix {
  readonly family: number
  readonly prefix: number
  readonly negated: boolean
  readonly address: Uint8Array
}

const NEGATED = 0x80
const IPV4_FAMILY = 1
const IPV6_FAMILY = 2

/** Address prefixes up to the end of the RDATA; there may be none. */
export function addressPrefixes(title: string): Field<readonly AddressPrefix[]> {
  return fieldOfText(title, 'address-prefixes', {
    read: (reader) => {
      const items: AddressPrefix[] = []
      while (reader.remaining > 0) {
        const [family, prefix, length] = [reader.u16(), reader.u8(), reader.u8()]
        items.push({ family, prefix, negated: length >= NEGATED, address: reader.take(length & 0x7f).slice() })
      }
      return items
    },
    write: (writer, items) => {
      for (const { family, prefix, negated, address } of items) {
        writer.u16(family)
        writer.u8(prefix)
        writer.u8(address.length | (negated ? NEGATED : 0))
        writer.octets(address)
      }
    },
    parse: (lexer) => {
      const items: AddressPrefix[] = []
      while (lexer.more()) items.push(parsePrefix(lexer.word('an address prefix')))
      return items
    },
    print: (items) => {
      const texts = items.map(printPrefix)
      return texts.includes(undefined) ? undefined : texts.join(' ')
    },
    layout: [OP.PREFIXES, 0],
  })
}

/** Reads `1:192.0.2.0/24` or `!2:2001:db8::/32`. */
function parsePrefix(token: string): AddressPrefix {
  const [, not, familyText, addressText, prefixText] = /^(!?)(\d+):([^/]+)\/(\d+)$/.exec(token) ?? []
  const family = Number(familyText)
  const address = family === IPV4_FAMILY ? parseIpv4(addressText as string) : parseIpv6(addressText ?? '')
  const known = family === IPV4_FAMILY || family === IPV6_FAMILY
  if (!known || address === undefined) throw unexpected('an address prefix as in 1:192.0.2.0/24', token)
  const prefix = parseInteger(prefixText as string, address.length * 8)
  return { family, prefix, negated: not === '!', address: withoutTrailingZeros(address) }
}

function printPrefix({ family, prefix, negated, address }: AddressPrefix): string | undefined {
  if (family !== IPV4_FAMILY && family !== IPV6_FAMILY) return undefined
  const whole = new Uint8Array(family === IPV4_FAMILY ? 4 : 16)
  whole.set(address)
  const text = family === IPV4_FAMILY ? printIpv4(whole) : printIpv6(whole)
  return `${negated ? '!' : ''}${family}:${text}/${prefix}`
}

function withoutTrailingZeros(octets: Uint8Array): Uint8Array {
  let end = octets.length
  while (end > 0 && octets[end - 1] === 0) end--
  return octets.slice(0, end)
}

/** What A6 says of an address: all bits but the first `prefix`, and the name where those are found. */
export interface AddressLink {
  readonly prefix: number
  /** The octets that hold the other bits; the first may hold bits of the prefix, which should be zero. */
  readonly suffix: Uint8Array
  readonly prefixName: Name | undefined
}

const BITS = 128

/** Prefix length, address suffix and prefix name, as far as each is needed. */
export function addressLink(title: string): Field<AddressLink> {
  return fieldOfText(title, 'address-link', {
    read: (reader) => {
      const prefix = reader.u8()
      const suffix = reader.take(suffixOctets(prefix)).slice()
      return { prefix, suffix, prefixName: prefix === 0 ? undefined : reader.plainName() }
    },
    write: (writer, { prefix, suffix, prefixName }) => {
      writer.u8(prefix)
      writer.octets(suffix)
      if (prefixName !== undefined) writer.name(prefixName)
    },
    parse: parseLink,
    print: ({ prefix, suffix, prefixName }) => {
      if (holdsPrefixBits(suffix, prefix)) return undefined
      const address = new Uint8Array(16)
      address.set(suffix, 16 - suffix.length)
      const tokens = [String(prefix)]
      if (prefix < BITS) tokens.push(printIpv6(address))
      if (prefixName !== undefined) tokens.push(printName(prefixName))
      return tokens.join(' ')
    },
    layout: [OP.A6, 0],
  })
}

function parseLink(lexer: Lexer, origin: Name | undefined): AddressLink {
  const prefix = parseInteger(lexer.word('a prefix length'), BITS)
  let suffix: Uint8Array = new Uint8Array(0)
  if (prefix < BITS) {
    const token = lexer.word('an IPv6 address')
    const address = parseIpv6(token)
    if (address === undefined) throw unexpected('an IPv6 address', token)
    suffix = address.slice(16 - suffixOctets(prefix))
    const covered = address.subarray(0, 16 - suffix.length).some((octet) => octet !== 0)
    if (covered || holdsPrefixBits(suffix, prefix)) throw new TextError('expected zeros where the prefix stands')
  }
  return { prefix, suffix, prefixName: prefix === 0 ? undefined : takeName(lexer, origin) }
}

function suffixOctets(prefix: number): number {
  return (BITS - prefix + 7) >> 3
}

function holdsPrefixBits(suffix: Uint8Array, prefix: number): boolean {
  return suffix.length > 0 && (suffix[0] as number) >> (8 - (prefix & 7)) !== 0
}
