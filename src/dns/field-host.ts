/** Fields that hold a host by address or by name, told apart by a type: IPSECKEY (RFC 4025), AMTRELAY (RFC 8777). */

import { parseIpv4, parseIpv6, printIpv4, printIpv6 } from './address.ts'
import { type Field, fieldOfText, parseInteger } from './field.ts'
import { takeName } from './field-name.ts'
import { OP } from './layout-program.ts'
import { type Name, printName } from './name.ts'
import { unexpected } from './text.ts'
import type { Reader, Writer } from './wire.ts'
import type { Lexer } from './zonefile/lexer.ts'

/** Where something is. `unknown` is a type that the RFCs do not have; it is kept as it came. */
type Host =
  | { readonly type: 'none' }
  | { readonly type: 'ipv4'; readonly address: Uint8Array }
  | { readonly type: 'ipv6'; readonly address: Uint8Array }
  | { readonly type: 'name'; readonly name: Name }
  | { readonly type: 'unknown'; readonly code: number; readonly octets: Uint8Array }

/** IPSECKEY's middle: the gateway, and before it the algorithm of the key that follows. */
export interface Gateway {
  readonly algorithm: number
  readonly host: Host
}

/** Type, algorithm and gateway, written `1 2 192.0.2.38`. */
export function gateway(title: string): Field<Gateway> {
  return fieldOfText(title, 'gateway', {
    read: (reader) => {
      const code = reader.u8()
      const algorithm = reader.u8()
      return { algorithm, host: readHost(reader, code) }
    },
    write: (writer, { algorithm, host }) => {
      writer.u8(codeOfHost(host))
      writer.u8(algorithm)
      writeHost(writer, host)
    },
    parse: (lexer, origin) => {
      const code = takeHostCode(lexer)
      const algorithm = parseInteger(lexer.word('an algorithm number'), 255)
      return { algorithm, host: parseHost(lexer, code, origin) }
    },
    print: ({ algorithm, host }) => {
      const text = printHost(host)
      return text === undefined ? undefined : `${codeOfHost(host)} ${algorithm} ${text}`
    },
    layout: [OP.GATEWAY, 0],
  })
}

/** AMTRELAY's relay, and whether a relay found by other means may be used instead. */
export interface Relay {
  readonly discoveryOptional: boolean
  readonly host: Host
}

const DISCOVERY_OPTIONAL = 0x80

/** Discovery bit, type and relay, written `0 1 203.0.113.15`. */
export function relay(title: string): Field<Relay> {
  return fieldOfText(title, 'relay', {
    read: (reader) => {
      const octet = reader.u8()
      return { discoveryOptional: octet >= DISCOVERY_OPTIONAL, host: readHost(reader, octet & 0x7f) }
    },
    write: (writer, { discoveryOptional, host }) => {
      writer.u8((discoveryOptional ? DISCOVERY_OPTIONAL : 0) | codeOfHost(host))
      writeHost(writer, host)
    },
    parse: (lexer, origin) => {
      const discoveryOptional = parseInteger(lexer.word('a discovery bit, 0 or 1'), 1) === 1
      return { discoveryOptional, host: parseHost(lexer, takeHostCode(lexer), origin) }
    },
    print: ({ discoveryOptional, host }) => {
      const text = printHost(host)
      return text === undefined ? undefined : `${discoveryOptional ? 1 : 0} ${codeOfHost(host)} ${text}`
    },
    layout: [OP.RELAY, 0],
  })
}

const HOST_TYPES = ['none', 'ipv4', 'ipv6', 'name'] as const

function codeOfHost(host: Host): number {
  return host.type === 'unknown' ? host.code : HOST_TYPES.indexOf(host.type)
}

function readHost(reader: Reader, code: number): Host {
  const type = HOST_TYPES[code]
  switch (type) {
    case 'none':
      return { type }
    case 'ipv4':
      return { type, address: reader.take(4).slice() }
    case 'ipv6':
      return { type, address: reader.take(16).slice() }
    case 'name':
      return { type, name: reader.plainName() }
    default:
      return { type: 'unknown', code, octets: reader.take(reader.remaining).slice() }
  }
}

function writeHost(writer: Writer, host: Host): void {
  if (host.type === 'name') writer.name(host.name)
  else if (host.type === 'unknown') writer.octets(host.octets)
  else if (host.type !== 'none') writer.octets(host.address)
}

function takeHostCode(lexer: Lexer): number {
  return parseInteger(lexer.word('a type from 0 to 3'), HOST_TYPES.length - 1)
}

function parseHost(lexer: Lexer, code: number, origin: Name | undefined): Host {
  const type = HOST_TYPES[code] ?? 'none'
  if (type === 'name') return { type, name: takeName(lexer, origin) }
  const expected = type === 'none' ? '"."' : type === 'ipv4' ? 'an IPv4 address' : 'an IPv6 address'
  const token = lexer.word(expected)
  if (type === 'none') {
    if (token !== '.') throw unexpected(expected, token)
    return { type }
  }
  const address = type === 'ipv4' ? parseIpv4(token) : parseIpv6(token)
  if (address === undefined) throw unexpected(expected, token)
  return { type, address }
}

function printHost(host: Host): string | undefined {
  switch (host.type) {
    case 'none':
      return '.'
    case 'ipv4':
      return printIpv4(host.address)
    case 'ipv6':
      return printIpv6(host.address)
    case 'name':
      return printName(host.name)
    case 'unknown':
      return undefined
  }
}
