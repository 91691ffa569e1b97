/**
 * What a kind of RDATA field is, and the plainest kinds: numbers.
 *
 * A record type is a row of fields, and each field's kind knows how to read and write it on the wire, in a master
 * file and in JSON, and how the hot paths step over it. All else is derived from that (`record-type.ts`).
 */

import { OP } from './layout-program.ts'
import type { Name } from './name.ts'
import { TextError, quoteForPeople, unexpected } from './text.ts'
import { parseTtl } from './ttl.ts'
import type { Reader, Writer } from './wire.ts'
import { Lexer } from './zonefile/lexer.ts'

/** What JSON can say of a field. */
export type Json = string | number | readonly Json[] | { readonly [key: string]: Json }

/** The part of JSON Schema that describes fields. `format` names the kind, for forms as well as for readers. */
export interface JsonSchema {
  readonly type: 'integer' | 'number' | 'string' | 'array' | 'object'
  readonly title?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly enum?: readonly (string | number)[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
}

/** One piece of RDATA and its forms. */
export interface Field<T> {
  /** Reads the value from RDATA that was checked and expanded before. */
  read(reader: Reader): T
  write(writer: Writer, value: T): void
  /** Takes as many tokens as it needs; names that are not absolute are completed with the origin. */
  parse(lexer: Lexer, origin: Name | undefined): T
  /** The value as tokens; undefined if no text stands for it, so that only RFC 3597's form remains. */
  print(value: T): string | undefined
  toJson(value: T): Json | undefined
  fromJson(json: Json): T
  readonly schema: JsonSchema
  /** The operations of `layout-program.ts` that step over the field, each with its operand. */
  readonly layout: readonly number[]
}

/** A field whose JSON form is a string with its tokens. */
export function fieldOfText<T>(
  title: string,
  format: string,
  rest: Pick<Field<T>, 'read' | 'write' | 'parse' | 'print' | 'layout'>,
): Field<T> {
  return {
    ...rest,
    toJson: (value) => rest.print(value),
    fromJson: (json) => parseWhole(json, format, rest),
    schema: { type: 'string', title, format },
  }
}

function parseWhole<T>(json: Json, format: string, { parse }: Pick<Field<T>, 'parse'>): T {
  if (typeof json !== 'string') throw new TextError(`expected a string (${format}), found ${describe(json)}`)
  const lexer = new Lexer(json)
  const value = parse(lexer, undefined)
  endText(lexer)
  return value
}

/** Makes sure that a lexer has come to the end of its text. */
export function endText(lexer: Lexer): void {
  lexer.endEntry()
  if (lexer.startEntry()) throw new TextError('expected one line, found more')
}

/** What a JSON value is, for an error message. */
export function describe(json: Json): string {
  if (typeof json === 'number') return String(json)
  if (typeof json === 'string') return quoteForPeople(json)
  return Array.isArray(json) ? 'an array' : 'an object'
}

/** An octet as a number. */
export const u8 = (title: string): Field<number> => integer(title, 1)

/** Two octets as a number. */
export const u16 = (title: string): Field<number> => integer(title, 2)

/** Four octets as a number. */
export const u32 = (title: string): Field<number> => integer(title, 4)

/** Four octets of seconds; master files may have units, as in `1h30m`. */
export function seconds(title: string): Field<number> {
  return { ...integer(title, 4), parse: (lexer) => parseSeconds(lexer.word(title.toLowerCase())) }
}

function integer(title: string, octets: 1 | 2 | 4): Field<number> {
  const maximum = 2 ** (octets * 8) - 1
  return {
    read: (reader) => (octets === 1 ? reader.u8() : octets === 2 ? reader.u16() : reader.u32()),
    write: (writer, value) => (octets === 1 ? writer.u8(value) : octets === 2 ? writer.u16(value) : writer.u32(value)),
    parse: (lexer) => parseInteger(lexer.word(`a number (${title.toLowerCase()})`), maximum),
    print: String,
    toJson: (value) => value,
    fromJson: (json) => integerOfJson(json, maximum),
    schema: { type: 'integer', title, minimum: 0, maximum },
    layout: [OP.SKIP, octets],
  }
}

/** The number that a token is, digits only; what is too large is refused, never wrapped. */
export function parseInteger(token: string, maximum: number): number {
  const { length } = token
  let value = 0
  for (let at = 0; at < length; at++) {
    const digit = token.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) throw unexpected(`a number up to ${maximum}`, token)
    value = value * 10 + digit
  }
  if (length === 0 || value > maximum) throw unexpected(`a number up to ${maximum}`, token)
  return value
}

/** An integer in JSON; digits in a string are taken too, as many clients send them. */
export function integerOfJson(json: Json, maximum: number): number {
  if (typeof json === 'string') return parseInteger(json, maximum)
  const fits = typeof json === 'number' && Number.isInteger(json) && json >= 0 && json <= maximum
  if (!fits) throw new TextError(`expected a number up to ${maximum}, found ${describe(json)}`)
  return json
}

/** SOA's timers and RRSIG's original TTL use all 32 bits, unlike the TTL of a record. */
function parseSeconds(token: string): number {
  const last = token.charCodeAt(token.length - 1)
  if (last >= 0x30 && last <= 0x39 && !/[a-z]/i.test(token)) return parseInteger(token, 0xffff_ffff)
  const seconds = parseTtl(token)
  if (seconds === undefined) throw unexpected('a number of seconds', token)
  return seconds
}
