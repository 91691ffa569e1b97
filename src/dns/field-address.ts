/** Fields that hold addresses, and other numbers that are written like addresses. */

import { parseIpv4, parseIpv6, printIpv4, printIpv6 } from './address.ts'
import { type Field, fieldOfText } from './field.ts'
import { OP } from './layout-program.ts'
import { hexOctets, hexText } from './octets.ts'
import { unexpected } from './text.ts'

/** An IPv4 address, four octets. */
export const ipv4 = (title: string): Field<Uint8Array> =>
  fixedOctets(title, { format: 'ipv4', octets: 4, expected: 'an IPv4 address', parse: parseIpv4, print: printIpv4 })

/** An IPv6 address, sixteen octets, printed as RFC 5952 has it. */
export const ipv6 = (title: string): Field<Uint8Array> =>
  fixedOctets(title, { format: 'ipv6', octets: 16, expected: 'an IPv6 address', parse: parseIpv6, print: printIpv6 })

/** Four groups of hex digits between colons: locators and node ids (RFC 6742 §2.1.2). */
export const locator64 = (title: string): Field<Uint8Array> =>
  fixedOctets(title, {
    format: 'locator64',
    octets: 8,
    expected: 'four groups of hex digits',
    parse: parseLocator,
    print: printLocator,
  })

/** Hardware addresses: pairs of hex digits between hyphens (RFC 7043 §3.2, §4.2). */
export const hardwareAddress = (title: string, octets: 6 | 8): Field<Uint8Array> =>
  fixedOctets(title, {
    format: `eui${octets * 8}`,
    octets,
    expected: `${octets} pairs of hex digits between hyphens`,
    parse: (token) => (isPairs(token, octets) ? hexOctets(token.replaceAll('-', '')) : undefined),
    print: (value) => Array.from(value, (_, at) => hexText(value.subarray(at, at + 1))).join('-'),
  })

interface FixedOctets {
  readonly format: string
  readonly octets: number
  readonly expected: string
  readonly parse: (token: string) => Uint8Array | undefined
  readonly print: (value: Uint8Array) => string
}

function fixedOctets(title: string, { format, octets, expected, parse, print }: FixedOctets): Field<Uint8Array> {
  return fieldOfText<Uint8Array>(title, format, {
    read: (reader) => reader.take(octets).slice(),
    write: (writer, value) => writer.octets(value),
    parse: (lexer) => {
      const token = lexer.word(expected)
      const value = parse(token)
      if (value === undefined) throw unexpected(expected, token)
      return value
    },
    print: (value) => print(value),
    layout: [OP.SKIP, octets],
  })
}

function isPairs(token: string, octets: number): boolean {
  return token.length === octets * 3 - 1 && /^[0-9a-f]{2}(-[0-9a-f]{2})*$/i.test(token)
}

function parseLocator(token: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/i.test(token)) return undefined
  return hexOctets(
    token
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
  )
}

function printLocator(value: Uint8Array): string {
  const groups = [0, 2, 4, 6].map((at) => ((value[at] as number) << 8) | (value[at + 1] as number))
  return groups.map((group) => group.toString(16).padStart(4, '0')).join(':') // Knot wants all four digits.
}
