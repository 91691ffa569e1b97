/**
 * What a record type is, and everything that is derived from its one definition.
 *
 * A definition is a row: code, mnemonic, RFC and named fields. From the fields follow the checks of what strangers
 * send, the wire codec, both text forms, JSON and its schema, and the layout that the hot paths walk. RDATA that has
 * no text of its own (a LOC of another version, say) prints as RFC 3597 §5 says, so everything accepted prints, and
 * what was printed reads back as the same octets.
 */

import { type Field, type Json, type JsonSchema, describe } from './field.ts'
import { opaque } from './field-octets.ts'
import { parseGeneric, printGeneric } from './generic-rdata.ts'
import { checkBy, expandBy, EXPANSION_OCTETS_MAX, layoutProgram } from './layout-program.ts'
import type { Name } from './name.ts'
import { TextError } from './text.ts'
import { nameType } from './type-mnemonics.ts'
import { Reader, WireError, WriteOverflow, Writer } from './wire.ts'
import type { Lexer } from './zonefile/lexer.ts'

/** The fields of a type by name, in the order of the wire. */
export type Fields = Readonly<Record<string, Field<unknown>>>

/** The decoded RDATA for some fields. */
type RdataOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never
}

/** The decoded RDATA of a type: `Rdata<typeof MX>`. */
export type Rdata<T> = T extends RecordType<infer F> ? RdataOf<F> : never

/** A field that is several members of `data` in the Cloudflare API. */
export interface Spread<T> {
  readonly properties: Readonly<Record<string, JsonSchema>>
  readonly required: readonly string[]
  toData(value: T): Readonly<Record<string, Json>>
  fromData(data: Readonly<Record<string, Json>>): T
}

/** Where a field stands there: it is the content, the priority beside it, a member of `data`, or both of these. */
export type Place<T> = 'content' | 'priority' | `data.${string}` | 'priority and data.priority' | Spread<T>

/** The place of every field of a type. */
type CloudflareMapping<F extends Fields> = {
  readonly [K in keyof F]: Place<F[K] extends Field<infer T> ? T : never>
}

/** The row that defines a type. */
export interface Definition<F extends Fields> {
  readonly code: number
  readonly mnemonic: string
  /** The RFC to read, where there is one. */
  readonly rfc?: number
  readonly fields: F
  /** Where each field stands in a record of the Cloudflare API, for the types that it has. */
  readonly cloudflare?: CloudflareMapping<F>
  /** What is allowed and yet surely not meant. */
  warn?(rdata: RdataOf<F>): string | undefined
}

/** A record type with all that follows from its definition. */
export interface RecordType<F extends Fields = Fields> extends Definition<F> {
  /** Types of questions, of messages or of nothing: never data in a zone (RFC 6895 §3.1). */
  readonly meta: boolean
  /** See `layout-program.ts`. */
  readonly layout: Uint8Array
  readonly schema: JsonSchema
  /** Throws `WireError` unless these octets, which stand by themselves, are RDATA of this type. */
  checkRdata(rdata: Uint8Array): void
  /** Reads RDATA out of a message, checked and with its names expanded. */
  readRdata(reader: Reader, rdlength: number): Uint8Array
  decode(rdata: Uint8Array): RdataOf<F>
  encode(value: RdataOf<F>): Uint8Array
  printRdata(rdata: Uint8Array): string
  /** Takes tokens up to the end of the RDATA, `\#` included; throws `TextError`. */
  parseRdata(lexer: Lexer, origin?: Name): Uint8Array
  /** The fields as JSON; undefined if only RFC 3597's form stands for the RDATA. */
  toJson(rdata: Uint8Array): Readonly<Record<string, Json>> | undefined
  fromJson(json: Json): Uint8Array
}

const writer = new Writer()
const expanded = new Uint8Array(0xffff + EXPANSION_OCTETS_MAX)

/** Makes a record type of its definition. */
export function recordType<const F extends Fields>(definition: Definition<F>): RecordType<F> {
  nameType(definition.code, definition.mnemonic)
  return derive(definition, false)
}

/** A type that is known by name and never data. */
export function metaType(code: number, mnemonic: string, rfc: number): RecordType {
  nameType(code, mnemonic)
  return derive({ code, mnemonic, rfc, fields: { rdata: opaque('RDATA') } }, true)
}

const UNKNOWN = { code: 0, mnemonic: '', rfc: 3597, fields: { rdata: opaque('RDATA') } }
const unknownData = derive(UNKNOWN, false)
const unknownMeta = derive(UNKNOWN, true)

/** A type of which nothing is known: any octets will do (RFC 3597). There may be 65,000 of them, so all share one. */
export function unknownType(code: number, options: { readonly meta: boolean }): RecordType {
  return { ...(options.meta ? unknownMeta : unknownData), code, mnemonic: `TYPE${code}` }
}

function derive<F extends Fields>(definition: Definition<F>, meta: boolean): RecordType<F> {
  const { fields } = definition
  const names = Object.keys(fields)
  const kinds = Object.values(fields)
  const layout = layoutProgram(kinds.flatMap((kind) => kind.layout))

  const checkedReader = (rdata: Uint8Array): Reader => {
    checkBy(layout, rdata)
    return new Reader(rdata)
  }

  const parseFields = (lexer: Lexer, origin: Name | undefined): void => {
    for (const kind of kinds) kind.write(writer, kind.parse(lexer, origin))
  }

  return {
    ...definition,
    meta,
    layout,
    schema: {
      type: 'object',
      properties: Object.fromEntries(kinds.map((kind, index) => [names[index] as string, kind.schema])),
      required: names,
    },
    checkRdata: (rdata) => checkBy(layout, rdata),
    readRdata: (reader, rdlength) => {
      const start = reader.skip(rdlength)
      const length = expandBy(layout, 0, reader.octets, start, rdlength, expanded, 0)
      return expanded.slice(0, length)
    },
    decode: (rdata) => {
      const reader = checkedReader(rdata)
      const value: Record<string, unknown> = {}
      for (const [index, kind] of kinds.entries()) value[names[index] as string] = kind.read(reader)
      return value as RdataOf<F>
    },
    encode: (value) =>
      written(layout, () => {
        for (const [index, kind] of kinds.entries()) kind.write(writer, value[names[index] as string])
      }),
    printRdata: (rdata) => printFields(kinds, checkedReader(rdata)) ?? printGeneric(rdata),
    parseRdata: (lexer, origin) => {
      if (meta) throw new TextError('expected a type of data, found one of questions and messages')
      return written(layout, () => {
        if (!parseGeneric(lexer, writer)) parseFields(lexer, origin)
      })
    },
    toJson: (rdata) => jsonOf(names, kinds, checkedReader(rdata)),
    fromJson: (json) => written(layout, () => writeJson(names, kinds, json)),
  }
}

function printFields(kinds: readonly Field<unknown>[], reader: Reader): string | undefined {
  let text = ''
  for (const kind of kinds) {
    const token = kind.print(kind.read(reader))
    if (token === undefined) return undefined
    if (token !== '') text += text === '' ? token : ` ${token}`
  }
  return text === '' ? undefined : text
}

function jsonOf(
  names: readonly string[],
  kinds: readonly Field<unknown>[],
  reader: Reader,
): Record<string, Json> | undefined {
  const object: Record<string, Json> = {}
  for (const [index, kind] of kinds.entries()) {
    const json = kind.toJson(kind.read(reader))
    if (json === undefined) return undefined
    object[names[index] as string] = json
  }
  return object
}

function writeJson(names: readonly string[], kinds: readonly Field<unknown>[], json: Json): void {
  if (typeof json !== 'object' || Array.isArray(json))
    throw new TextError(`expected an object, found ${describe(json)}`)
  for (const [index, kind] of kinds.entries()) {
    const name = names[index] as string
    blame(name, () => kind.write(writer, kind.fromJson(present((json as Readonly<Record<string, Json>>)[name]))))
  }
}

/** The value, if there is one. */
export function present(json: Json | undefined): Json {
  if (json === undefined || json === null) throw new TextError('expected a value, found none')
  return json
}

/** Marks what goes wrong as the fault of one field. */
export function blame<T>(field: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof TextError) error.field ??= field
    throw error
  }
}

/** The octets that an act writes to the shared writer, checked as if a stranger had sent them. */
function written(layout: Uint8Array, write: () => void): Uint8Array {
  writer.reset()
  try {
    write()
    const rdata = writer.toOctets()
    checkBy(layout, rdata)
    return rdata
  } catch (error) {
    if (error instanceof WireError) throw new TextError(error.reason)
    if (error instanceof WriteOverflow) throw new TextError('expected at most 65535 octets, found more')
    throw error
  }
}
