/**
 * Records in the shape of the Cloudflare API: `content`, and for some types `data` and `priority`.
 *
 * Which field stands where is part of a type's definition. Names have no final dot there, and are always absolute;
 * `@` is the apex.
 */

import { type Field, type Json, type JsonSchema, endText } from './field.ts'
import { NAME_FORMAT } from './field-name.ts'
import { STRING_OCTETS_MAX } from './field-text.ts'
import { printGeneric } from './generic-rdata.ts'
import type { Name } from './name.ts'
import { type Place, type RecordType, blame, present } from './record-type.ts'
import { unescapeOctets } from './text.ts'
import { Lexer } from './zonefile/lexer.ts'

/** What a record of the API says of the RDATA. */
export interface CloudflareContent {
  readonly content: string
  readonly data?: Readonly<Record<string, Json>>
  readonly priority?: number
}

/** What a client of the API says of the RDATA: `data` for the types that have it, else `content`. */
export interface CloudflareInput {
  readonly content?: string | undefined
  readonly data?: Readonly<Record<string, Json>> | undefined
  readonly priority?: Json | undefined
  /** What `@` stands for. */
  readonly apex?: Name | undefined
}

const BOTH = 'priority and data.priority'

/** The RDATA as the API shows it. Types that the API does not have are shown by their text alone. */
export function toCloudflare(type: RecordType, rdata: Uint8Array): CloudflareContent {
  if (type.cloudflare === undefined) return { content: type.printRdata(rdata) }
  const value = type.decode(rdata)
  const data: Record<string, Json> = {}
  const content: string[] = []
  let priority: number | undefined
  for (const [name, field] of Object.entries(type.fields)) {
    const place = placeOf(type, name)
    const text = bareText(field, value[name])
    if (text === undefined) return { content: printGeneric(rdata) }
    if (place === 'priority' || place === BOTH) priority = value[name] as number
    else if (text !== '') content.push(text)
    if (typeof place === 'object') Object.assign(data, place.toData(value[name]))
    const member = memberOf(place)
    if (member !== undefined) data[member] = isName(field) ? text : (field.toJson(value[name]) as Json)
  }
  return {
    content: content.join(' '),
    ...(Object.keys(data).length > 0 && { data }),
    ...(priority !== undefined && { priority }),
  }
}

/** The RDATA that a client means; throws `TextError`, whose `field` is the path to what is wrong. */
export function fromCloudflare(type: RecordType, input: CloudflareInput): Uint8Array {
  const { content, data, priority, apex } = input
  const lexer = data === undefined ? new Lexer(blame('content', () => present(content)) as string) : undefined
  const value: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(type.fields)) {
    const place = placeOf(type, name)
    const member = memberOf(place)
    if (place === 'content')
      value[name] = blame('content', () => fieldOfContent(field, present(content) as string, apex))
    else if (place === 'priority' || (place === BOTH && data?.['priority'] === undefined)) {
      value[name] = blame('priority', () => field.fromJson(present(priority)))
    } else if (lexer !== undefined || data === undefined) {
      value[name] = blame('content', () => field.parse(lexer as Lexer, undefined))
    } else if (typeof place === 'object') value[name] = place.fromData(data)
    else if (member !== undefined) {
      value[name] = blame(`data.${member}`, () => fieldOfMember(field, present(data[member]), apex))
    }
  }
  return blame(data === undefined ? 'content' : 'data', () => {
    if (lexer !== undefined && !holdsContent(type)) endText(lexer)
    return type.encode(value)
  })
}

/** How the API describes the RDATA of a type: the schema of each of the three members that it uses. */
export function cloudflareSchema(type: RecordType): Partial<Record<'content' | 'data' | 'priority', JsonSchema>> {
  const schema: Partial<Record<'content' | 'data' | 'priority', JsonSchema>> = {}
  const properties: Record<string, JsonSchema> = {}
  const required: string[] = []
  for (const [name, field] of Object.entries(type.fields)) {
    const place = placeOf(type, name)
    const member = memberOf(place)
    if (place === 'content') schema.content = { type: 'string', title: field.schema.title ?? name }
    if (place === 'priority' || place === BOTH) schema.priority = field.schema
    if (typeof place === 'object') Object.assign(properties, place.properties)
    if (typeof place === 'object') required.push(...place.required)
    if (member === undefined) continue
    properties[member] = field.schema
    required.push(member)
  }
  if (required.length > 0) schema.data = { type: 'object', properties, required }
  return schema
}

function placeOf(type: RecordType, name: string): Place<unknown> {
  return type.cloudflare?.[name] ?? `data.${name}`
}

function memberOf(place: Place<unknown>): string | undefined {
  if (typeof place === 'object') return undefined
  if (place === BOTH) return 'priority'
  return place.startsWith('data.') ? place.slice('data.'.length) : undefined
}

function holdsContent(type: RecordType): boolean {
  return Object.values(type.cloudflare ?? {}).includes('content')
}

function isName(field: Field<unknown>): boolean {
  return field.schema.format === NAME_FORMAT
}

/** The text of a field, names without their final dot. */
function bareText(field: Field<unknown>, value: unknown): string | undefined {
  const text = field.print(value)
  return isName(field) && text !== undefined && text !== '.' ? text.slice(0, -1) : text
}

function fieldOfMember(field: Field<unknown>, json: Json, apex: Name | undefined): unknown {
  return isName(field) && json === '@' && apex !== undefined ? apex : field.fromJson(json)
}

function fieldOfContent(field: Field<unknown>, content: string, apex: Name | undefined): unknown {
  return field.schema.format === 'texts' ? textsOfContent(content) : fieldOfMember(field, content.trim(), apex)
}

/** Quotes may be left out, and what is too long for one character-string becomes several. */
function textsOfContent(content: string): Uint8Array[] {
  if (!content.trimStart().startsWith('"')) return pieces(unescapeOctets(content))
  const lexer = new Lexer(content)
  const strings: Uint8Array[] = []
  while (lexer.more()) strings.push(...pieces(unescapeOctets(lexer.string('a text'))))
  endText(lexer)
  return strings
}

function pieces(octets: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(octets.length / STRING_OCTETS_MAX))
  return Array.from({ length: count }, (_, at) => octets.slice(at * STRING_OCTETS_MAX, (at + 1) * STRING_OCTETS_MAX))
}
