/** Fields that hold octets without a meaning of their own here: keys, digests, signatures. */

import { type Field, describe, fieldOfText } from './field.ts'
import { OP } from './layout-program.ts'
import { CodingError, base32hexOctets, base32hexText, base64Octets, base64Text, hexOctets, hexText } from './octets.ts'
import { TextError, unexpected } from './text.ts'
import type { Reader, Writer } from './wire.ts'
import type { Lexer } from './zonefile/lexer.ts'

/** All that is left of the RDATA, in base64 that blanks may cut into pieces. */
export const base64 = (title: string, lengthMin = 1): Field<Uint8Array> =>
  restField(title, { format: 'base64', lengthMin, octetsOf: base64Octets, textOf: base64Text })

/** All that is left of the RDATA, in hex that blanks may cut into pieces. */
export const hex = (title: string, lengthMin = 1): Field<Uint8Array> =>
  restField(title, { format: 'hex', lengthMin, octetsOf: hexOctets, textOf: hexText })

/** All that is left of the RDATA, in hex after `0x`, with dots wherever one likes (RFC 1706 §5). */
export const nsapAddress = (title: string): Field<Uint8Array> =>
  restField(title, {
    format: 'nsap',
    lengthMin: 1,
    octetsOf: (token) => {
      if (!/^0x/i.test(token)) throw unexpected('an NSAP address that starts with 0x', token)
      return hexOctets(token.slice(2).replaceAll('.', ''))
    },
    textOf: (octets) => `0x${hexText(octets)}`,
  })

interface Spelling {
  readonly format: string
  readonly lengthMin: number
  readonly octetsOf: (text: string) => Uint8Array
  readonly textOf: (octets: Uint8Array) => string
}

/** Nothing at all has no text: it would leave the record a token short. */
function restField(title: string, { format, lengthMin, octetsOf, textOf }: Spelling): Field<Uint8Array> {
  return fieldOfText<Uint8Array>(title, format, {
    read: (reader) => reader.take(reader.remaining).slice(),
    write: (writer, octets) => writer.octets(octets),
    parse: (lexer) => {
      const token = joinedTokens(lexer, true, format)
      const octets = decoded(token, format, octetsOf)
      if (octets.length < lengthMin)
        throw new TextError(`expected at least ${lengthMin} octets, found ${octets.length}`)
      return octets
    },
    print: (octets) => (octets.length === 0 ? undefined : textOf(octets)),
    layout: [OP.REST, lengthMin],
  })
}

/** A length octet and octets, in hex as one token; a hyphen stands for none: NSEC3's salt (RFC 5155 §3.3). */
export function salt(title: string): Field<Uint8Array> {
  return fieldOfText(title, 'hex', {
    read: readCounted,
    write: writeCounted,
    parse: (lexer) => {
      const token = lexer.word('a salt or "-"')
      return token === '-' ? new Uint8Array(0) : counted(decoded(token, 'hex', hexOctets))
    },
    print: (octets) => (octets.length === 0 ? '-' : hexText(octets)),
    layout: [OP.STRING, 0],
  })
}

/** A length octet and octets, in base32hex as one token: NSEC3's next hashed owner name (RFC 5155 §3.3). */
export function hashedName(title: string): Field<Uint8Array> {
  return fieldOfText(title, 'base32hex', {
    read: readCounted,
    write: writeCounted,
    parse: (lexer) => counted(decoded(lexer.word('a hashed name in base32hex'), 'base32hex', base32hexOctets)),
    print: (octets) => base32hexText(octets),
    layout: [OP.STRING, 1],
  })
}

function readCounted(reader: Reader): Uint8Array {
  return reader.take(reader.u8()).slice()
}

function writeCounted(writer: Writer, octets: Uint8Array): void {
  writer.u8(octets.length)
  writer.octets(octets)
}

function counted(octets: Uint8Array): Uint8Array {
  if (octets.length >= 1 && octets.length <= 255) return octets
  throw new TextError(`expected 1 to 255 octets, found ${octets.length}`)
}

/** The tokens up to the end of the record as one. */
export function joinedTokens(lexer: Lexer, needed: boolean, format: string): string {
  let joined = needed ? lexer.word(format) : ''
  while (lexer.more()) joined += lexer.word(format)
  return joined
}

/** The octets that a token spells. */
export function decoded(token: string, format: string, octetsOf: (text: string) => Uint8Array): Uint8Array {
  try {
    return octetsOf(token)
  } catch (error) {
    if (error instanceof CodingError) throw unexpected(format, token)
    throw error
  }
}

/** RDATA of which nothing is known: only RFC 3597's form can stand for it. */
export function opaque(title: string): Field<Uint8Array> {
  const expected = 'RDATA as in "\\# 4 c0000201"'
  return {
    read: (reader) => reader.take(reader.remaining).slice(),
    write: (writer, octets) => writer.octets(octets),
    parse: (lexer) => {
      throw unexpected(expected, lexer.string(expected))
    },
    print: () => undefined,
    toJson: hexText,
    fromJson: (json) => {
      if (typeof json !== 'string') throw new TextError(`expected hex, found ${describe(json)}`)
      return decoded(json, 'hex', hexOctets)
    },
    schema: { type: 'string', title, format: 'hex' },
    layout: [OP.REST, 0],
  }
}
