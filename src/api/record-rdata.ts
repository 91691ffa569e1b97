/** The RDATA that a body means: its `content`, or its `data`, and `priority`, over what the record has already. */

import { cloudflareSchema, fromCloudflare, toCloudflare, type CloudflareContent } from '../dns/cloudflare-record.ts'
import { endText, type Json, type JsonSchema } from '../dns/field.ts'
import { NAME_FORMAT } from '../dns/field-name.ts'
import { PARAMETERS_FORMAT } from '../dns/field-svcparams.ts'
import type { Name } from '../dns/name.ts'
import type { RecordType } from '../dns/record-type.ts'
import { TextError } from '../dns/text.ts'
import { Lexer } from '../dns/zonefile/lexer.ts'
import { TYPE } from '../zone/stored-record.ts'
import type { ErrorCode } from './errors.ts'
import { toAscii } from './idn.ts'
import { fault } from './record-faults.ts'

const A = 1
const AAAA = 28
const TXT = 16

/** What a body says of the RDATA. */
export interface RdataBody {
  readonly content?: unknown
  readonly data?: unknown
  readonly priority?: unknown
}

/** The RDATA of the record as it was, if it was of the same type. */
export interface RdataBefore {
  readonly rdata: Uint8Array
  readonly content?: string | undefined
}

/** Whether the members of `data` that are not named are those of before, or missing. */
export type DataWay = 'whole' | 'merged'

/** `content` only where the text that was sent is not the one we would write. */
export interface RdataRead {
  readonly rdata: Uint8Array
  readonly content?: string | undefined
}

export function readRdata(
  type: RecordType,
  body: RdataBody,
  { before, way, apex }: { readonly before: RdataBefore | undefined; readonly way: DataWay; readonly apex: Name },
): RdataRead {
  const isNamed = body.content !== undefined || hasMembers(body.data) || body.priority !== undefined
  if (before !== undefined && !isNamed) return before
  const shown = before && toCloudflare(type, before.rdata)
  const input = inputOf(type, body, { shown, way })
  const rdata = octetsOf(type, input, apex)
  if (type.code !== TXT) return { rdata }
  const sent = body.content === undefined ? before?.content : input.content
  return sent === undefined || sent === toCloudflare(type, rdata).content ? { rdata } : { rdata, content: sent }
}

interface Input {
  readonly content?: string
  readonly data?: Readonly<Record<string, Json>>
  readonly priority?: Json
}

/** What of the body counts: `data` for the types that have it, else `content`, else what was there before. */
function inputOf(
  type: RecordType,
  body: RdataBody,
  { shown, way }: { readonly shown: CloudflareContent | undefined; readonly way: DataWay },
): Input {
  const members = cloudflareSchema(type).data?.properties
  const priority = (body.priority ?? shown?.priority) as Json | undefined
  const rest = priority === undefined ? {} : { priority }
  if (members !== undefined && hasMembers(body.data)) {
    return { data: dataOf(members, body, way === 'merged' ? shown?.data : undefined), ...rest }
  }
  if (body.content !== undefined) return { content: contentOf(type, body.content), ...rest }
  // Only the priority is new.
  if (members !== undefined && shown?.data !== undefined)
    return { data: dataOf(members, { ...body, data: {} }, shown.data), ...rest }
  return shown === undefined ? rest : { content: shown.content, ...rest }
}

type Data = Readonly<Record<string, Json>>

function dataOf(members: Readonly<Record<string, JsonSchema>>, { data, priority }: RdataBody, before: Data = {}): Data {
  const own = data as Data
  const given: Record<string, Json> = { ...before, ...own }
  // Of a record whose priority is shown in both places, either may be changed.
  if (own['priority'] === undefined && priority !== undefined && 'priority' in members)
    given['priority'] = priority as Json
  // An alias has no parameters (RFC 9460 §2.4.2), and clients leave out what is empty.
  if (members['value']?.format === PARAMETERS_FORMAT) given['value'] ??= ''
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string' && members[name]?.format === NAME_FORMAT) given[name] = toAscii(value)
  }
  return given
}

function contentOf(type: RecordType, content: unknown): string {
  if (typeof content !== 'string') {
    const seen = Array.isArray(content) ? 'a list' : typeof content
    throw fault('record-content-invalid', `expected a text, found ${seen}`, '/content')
  }
  if (!content.isWellFormed()) throw fault('record-content-invalid', 'expected whole Unicode characters', '/content')
  const isName = (place: string): boolean => type.fields[place]?.schema.format === NAME_FORMAT
  return Object.keys(type.fields).some(isName) ? content.split(' ').map(toAscii).join(' ') : content
}

function octetsOf(type: RecordType, input: Input, apex: Name): Uint8Array {
  try {
    if (type.cloudflare !== undefined) return fromCloudflare(type, { ...input, apex })
    return parseWhole(type, input.content ?? '')
  } catch (error) {
    if (!(error instanceof TextError)) throw error
    const field = error.field ?? 'content'
    throw fault(codeFor(type.code, field), error.message, `/${field.replaceAll('.', '/')}`)
  }
}

/** Types that the Cloudflare API does not have are written as in a master file, with all names absolute. */
function parseWhole(type: RecordType, content: string): Uint8Array {
  const lexer = new Lexer(content)
  const rdata = type.parseRdata(lexer)
  endText(lexer)
  return rdata
}

function codeFor(type: number, field: string): ErrorCode {
  if (field !== 'content') return 'record-content-invalid'
  if (type === A) return 'record-ipv4-invalid'
  if (type === AAAA) return 'record-ipv6-invalid'
  return type === TYPE.CNAME ? 'record-target-invalid' : 'record-content-invalid'
}

function hasMembers(data: unknown): boolean {
  if (data === undefined || data === null) return false
  if (typeof data === 'object' && !Array.isArray(data)) return Object.keys(data).length > 0
  const seen = Array.isArray(data) ? 'a list' : typeof data
  throw fault('record-content-invalid', `expected an object, found ${seen}`, '/data')
}
