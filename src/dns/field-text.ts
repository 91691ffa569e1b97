/** Fields that hold character-strings: a length octet and up to 255 octets of any kind (RFC 1035 §3.3). */

import { type Field, type Json, describe, fieldOfText } from './field.ts'
import { OP } from './layout-program.ts'
import { TextError, escapeOctets, unescapeOctets, unexpected } from './text.ts'
import type { Reader, Writer } from './wire.ts'
import type { Lexer } from './zonefile/lexer.ts'

/** What a character-string can hold. */
export const STRING_OCTETS_MAX = 255

/** One character-string. In JSON it stands without quotes, with its escapes. */
export function text(title: string): Field<Uint8Array> {
  return {
    read: readString,
    write: writeString,
    parse: takeString,
    print: (octets) => `"${escapeOctets(octets)}"`,
    toJson: (octets) => escapeOctets(octets),
    fromJson: (json) => short(unescapeOctets(stringOfJson(json))),
    schema: { type: 'string', title, format: 'text' },
    layout: [OP.STRING, 0],
  }
}

/** One or more character-strings up to the end of the RDATA. */
export function texts(title: string, countMax = 0): Field<readonly Uint8Array[]> {
  return {
    read: (reader) => {
      const strings: Uint8Array[] = []
      while (reader.remaining > 0) strings.push(readString(reader))
      return strings
    },
    write: (writer, strings) => {
      for (const string of strings) writeString(writer, string)
    },
    parse: (lexer) => {
      const strings = [takeString(lexer)]
      while (strings.length !== countMax && lexer.more()) strings.push(takeString(lexer))
      return strings
    },
    print: (strings) => strings.map((octets) => `"${escapeOctets(octets)}"`).join(' '),
    toJson: (strings) => strings.map((octets) => escapeOctets(octets)),
    fromJson: (json) => stringsOfJson(json),
    schema: { type: 'array', title, format: 'texts', items: { type: 'string', format: 'text' } },
    layout: [OP.STRINGS, countMax],
  }
}

/** One text without a length octet: all that is left of the RDATA, such as the target of a URI record. */
export function longText(title: string, lengthMin: number): Field<Uint8Array> {
  return {
    read: (reader) => reader.take(reader.remaining).slice(),
    write: (writer, octets) => writer.octets(octets),
    parse: (lexer) => long(unescapeOctets(lexer.string('a text')), lengthMin),
    print: (octets) => `"${escapeOctets(octets)}"`,
    toJson: (octets) => escapeOctets(octets),
    fromJson: (json) => long(unescapeOctets(stringOfJson(json)), lengthMin),
    schema: { type: 'string', title, format: 'text', minLength: lengthMin },
    layout: [OP.REST, lengthMin],
  }
}

/** A word of letters and digits with a length octet: the tag of CAA. Never quoted. */
export function tag(title: string): Field<string> {
  const parse = (token: string): string => {
    if (/^[0-9A-Za-z]{1,255}$/.test(token)) return token
    throw unexpected('letters and digits', token)
  }
  return fieldOfText(title, 'tag', {
    read: (reader) => escapeOctets(readString(reader)),
    write: (writer, value) => writeString(writer, unescapeOctets(value)),
    parse: (lexer) => parse(lexer.word('a property tag')),
    print: (value) => value,
    layout: [OP.TAG, 0],
  })
}

function readString(reader: Reader): Uint8Array {
  return reader.take(reader.u8()).slice()
}

function writeString(writer: Writer, octets: Uint8Array): void {
  writer.u8(octets.length)
  writer.octets(octets)
}

function takeString(lexer: Lexer): Uint8Array {
  return short(unescapeOctets(lexer.string('a text')))
}

function short(octets: Uint8Array): Uint8Array {
  if (octets.length <= STRING_OCTETS_MAX) return octets
  throw new TextError(`expected a text of at most ${STRING_OCTETS_MAX} octets, found ${octets.length}`)
}

function long(octets: Uint8Array, lengthMin: number): Uint8Array {
  if (octets.length >= lengthMin) return octets
  throw new TextError('expected a text, found an empty one')
}

function stringOfJson(json: Json): string {
  if (typeof json === 'string') return json
  throw new TextError(`expected a text, found ${describe(json)}`)
}

function stringsOfJson(json: Json): Uint8Array[] {
  const strings = Array.isArray(json) ? (json as readonly Json[]) : [json]
  if (strings.length === 0) throw new TextError('expected at least one text, found none')
  return strings.map((string) => short(unescapeOctets(stringOfJson(string))))
}
