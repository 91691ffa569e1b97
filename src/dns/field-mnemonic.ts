/** Fields that hold numbers with names, and points in time. They print the form that every reader knows. */

import { type Field, fieldOfText, integerOfJson, parseInteger, u16, u8 } from './field.ts'
import { OP } from './layout-program.ts'
import { unexpected } from './text.ts'
import { codeOf, mnemonicOf } from './type-mnemonics.ts'

/** A record type by its name: what an RRSIG covers, what a DSYNC is about. */
export function recordTypeName(title: string): Field<number> {
  return fieldOfText(title, 'record-type', {
    read: (reader) => reader.u16(),
    write: (writer, code) => writer.u16(code),
    parse: (lexer) => typeOfToken(lexer.word('a record type')),
    print: mnemonicOf,
    layout: [OP.SKIP, 2],
  })
}

/** The code of the type that a token names. */
export function typeOfToken(token: string): number {
  const code = codeOf(token)
  if (code === undefined) throw unexpected('a record type', token)
  return code
}

const ALGORITHMS = {
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  ECC: 4,
  RSASHA1: 5,
  'DSA-NSEC3-SHA1': 6,
  'RSASHA1-NSEC3-SHA1': 7,
  RSASHA256: 8,
  RSASHA512: 10,
  'ECC-GOST': 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
  SM2SM3: 17,
  'ECC-GOST12': 23,
  INDIRECT: 252,
  PRIVATEDNS: 253,
  PRIVATEOID: 254,
} as const

/** A DNSSEC algorithm: read as number or name (RFC 4034 appendix A.1), printed as number. */
export const algorithm = (title: string): Field<number> => numberOrName(u8(title), ALGORITHMS)

const CERTIFICATE_TYPES = {
  PKIX: 1,
  SPKI: 2,
  PGP: 3,
  IPKIX: 4,
  ISPKI: 5,
  IPGP: 6,
  ACPKIX: 7,
  IACPKIX: 8,
  URI: 253,
  OID: 254,
}

/** A kind of certificate: read as number or name (RFC 4398 §2.1), printed as number. */
export const certificateType = (title: string): Field<number> => numberOrName(u16(title), CERTIFICATE_TYPES)

const INTERNET_PROTOCOLS = { ICMP: 1, TCP: 6, UDP: 17 }

/** A protocol above IP: read as number or as one of the usual names (RFC 1035 §3.4.2), printed as number. */
export const internetProtocol = (title: string): Field<number> => numberOrName(u8(title), INTERNET_PROTOCOLS)

const NOTIFY_SCHEME = { NOTIFY: 1 }

/** A scheme of DSYNC: read as number or name, and printed as its name where it has one (RFC 9859 §3.1). */
export function syncScheme(title: string): Field<number> {
  return { ...numberOrName(u8(title), NOTIFY_SCHEME), print: (value) => (value === 1 ? 'NOTIFY' : String(value)) }
}

function numberOrName(number: Field<number>, names: Readonly<Record<string, number>>): Field<number> {
  const maximum = number.schema.maximum as number
  const valueOf = (token: string): number => names[token.toUpperCase()] ?? parseInteger(token, maximum)
  return {
    ...number,
    parse: (lexer) => valueOf(lexer.word(`a number up to ${maximum} or a name`)),
    fromJson: (json) => (typeof json === 'string' ? valueOf(json) : integerOfJson(json, maximum)),
  }
}

/** Seconds since 1970 in 32 bits, as `YYYYMMDDHHmmSS` or as a number (RFC 4034 §3.2). */
export function time(title: string): Field<number> {
  return fieldOfText(title, 'dnssec-time', {
    read: (reader) => reader.u32(),
    write: (writer, value) => writer.u32(value),
    parse: (lexer) => parseTime(lexer.word('a time as YYYYMMDDHHmmSS')),
    print: (value) => new Date(value * 1000).toISOString().replaceAll(/\D/g, '').slice(0, 14),
    layout: [OP.SKIP, 4],
  })
}

function parseTime(token: string): number {
  if (/^\d{1,10}$/.test(token)) return parseInteger(token, 0xffff_ffff)
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(token)
  if (parts === null) throw unexpected('a time as YYYYMMDDHHmmSS', token)
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const value = Date.UTC(year, month - 1, day, hour, minute, second) / 1000
  const exists =
    month >= 1 && day >= 1 && new Date(value * 1000).getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  if (!exists || value < 0 || value > 0xffff_ffff) throw unexpected('a time between 1970 and 2106', token)
  return value
}
