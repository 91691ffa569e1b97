/**
 * Reads master files (RFC 1035 §5, RFC 2308 §4, RFC 3597 §5).
 *
 * Where the RFCs leave room this reader does as BIND does: the TTL of a line without one is that of `$TTL`, else the
 * last one written, else the SOA's MINIMUM with a warning; `$TTL` outlives the included file in which it stands,
 * `$ORIGIN` and the last owner do not. Owners outside the zone are skipped with a warning. Other files are read only
 * through the caller's `include`; without one `$INCLUDE` is refused, since text from strangers must not reach files.
 * An error says what was seen, what was expected and where, and quotes one token at most.
 *
 * Hot: a zone of a million lines passes through here, record by record.
 */

import { assert } from '../assert.ts'
import { CLASS } from '../code.ts'
import { nameOfToken } from '../field-name.ts'
import type { DnsRecord } from '../message.ts'
import { type Name, isWithin, printName } from '../name.ts'
import { SOA } from '../records/soa.ts'
import { TextError, quoteForPeople, unexpected } from '../text.ts'
import { TTL_MAX } from '../ttl.ts'
import { ZoneFileError } from './error.ts'
import { type GenerateAllowance, generatedRecords } from './generate.ts'
import { Lexer } from './lexer.ts'
import { type RecordLine, takeGeneratedLine, takeRecordLine, ttlOfToken } from './record-line.ts'

/** Text that an `$INCLUDE` brings in, and the name by which errors call it. */
interface IncludedText {
  readonly text: string
  readonly file: string
}

/** What the reader must be told. */
export interface ZoneFileOptions {
  /** What relative names are relative to at first; the apex, if none is given. */
  readonly origin: Name
  /** Owners outside are skipped. */
  readonly apex?: Name
  /** What errors and warnings call the text. */
  readonly file?: string
  /** The TTL of records without one, as if the text began with `$TTL`. */
  readonly defaultTtl?: number
  /** Fetches the text for an `$INCLUDE` that stands in `from`; undefined if there is none to be had. */
  readonly include?: (path: string, from: string) => IncludedText | undefined
  /** How many records all `$GENERATE` lines together may make. */
  readonly generateMax?: number
}

/** What comes out of a master file, in its order. */
export type ZoneFileItem =
  | {
      readonly type: 'record'
      readonly record: DnsRecord
      /** The comment at the end of the record's last line, if it has one. */
      readonly comment: string | undefined
      readonly file: string
      readonly line: number
    }
  | { readonly type: 'warning'; readonly text: string; readonly file: string; readonly line: number }

const GENERATE_MAX = 100_000
const INCLUDE_DEPTH_MAX = 10
const DOLLAR = 0x24

/** What all files of one reading share. */
interface Reading {
  readonly apex: Name
  readonly include: ZoneFileOptions['include']
  readonly allowance: GenerateAllowance
  /** Of `$TTL`, or of the options. */
  defaultTtl: number | undefined
  lastTtl: number | undefined
  soaMinimum: number | undefined
  /** Warnings that the record just read gave rise to. */
  readonly warnings: string[]
}

/** Where the reader stands in one file. */
interface Place {
  readonly file: string
  /** The files that led here, this one last. */
  readonly files: readonly string[]
  origin: Name
  owner: Name | undefined
  ownerToken: string
  ownerWithin: boolean
}

/** Reads records and warnings one by one; throws `ZoneFileError` at the first thing that is wrong. */
export function parseZoneFile(text: string, options: ZoneFileOptions): Generator<ZoneFileItem, undefined> {
  const { origin, apex = origin, file = 'zone file', defaultTtl, include, generateMax = GENERATE_MAX } = options
  const allowance = { left: generateMax }
  const reading = { apex, include, allowance, defaultTtl, lastTtl: undefined, soaMinimum: undefined, warnings: [] }
  return parseText(text, reading, startOf([file], origin))
}

/** The start of a file; one that is included takes on the owner of the record before it. */
function startOf(files: readonly string[], origin: Name, before?: Place): Place {
  const { owner, ownerWithin = true } = before ?? {}
  return { file: files.at(-1) as string, files, origin, owner, ownerToken: '', ownerWithin }
}

function* parseText(text: string, reading: Reading, place: Place): Generator<ZoneFileItem, undefined> {
  const { file } = place
  const lexer = new Lexer(text)
  try {
    while (lexer.startEntry()) {
      const { line } = lexer
      if (!lexer.indented && lexer.take()) {
        if (text.charCodeAt(lexer.start) === DOLLAR && !lexer.quoted) {
          yield* parseDirective(lexer, reading, place)
          continue
        }
        setOwner(lexer, reading, place)
      } else if (place.owner === undefined) throw ownerMissing(lexer)
      const record = recordOf(takeRecordLine(lexer, place.origin), reading, place)
      for (const text of reading.warnings.splice(0)) yield { type: 'warning', text, file, line }
      if (record !== undefined) yield { type: 'record', record, comment: lexer.comment, file, line }
    }
  } catch (error) {
    if (!(error instanceof TextError)) throw error
    throw new ZoneFileError(error.message, { file, line: lexer.line, column: lexer.column })
  }
  return undefined
}

/** Makes the token just taken the owner of this record, and of those behind it that begin with a blank. */
function setOwner(lexer: Lexer, { apex }: Reading, place: Place): void {
  const token = lexer.token()
  if (lexer.quoted) throw unexpected('an owner name', `"${token}"`)
  if (token === place.ownerToken) return
  place.owner = nameOfToken(token, place.origin)
  place.ownerWithin = isWithin(place.owner, apex)
  place.ownerToken = token
}

function ownerMissing(lexer: Lexer): TextError {
  lexer.take()
  return new TextError('expected an owner name, found a blank at the start of the first record')
}

/** The record of a line; undefined if it does not belong to the zone. */
function recordOf({ type, ttl, rdata }: RecordLine, reading: Reading, place: Place): DnsRecord | undefined {
  const { owner } = place
  assert(owner !== undefined, 'a record line was read without any owner before')
  if (ttl !== undefined) reading.lastTtl = ttl
  if (type.code === SOA.code) reading.soaMinimum ??= minimumOf(rdata)
  const record = { owner, type: type.code, class: CLASS.IN, ttl: ttl ?? missingTtl(reading), rdata }
  if (!place.ownerWithin) {
    reading.warnings.push(`${printName(owner)} lies outside of ${printName(reading.apex)} and is ignored`)
    return undefined
  }
  const warning = type.warn?.(type.decode(rdata))
  if (warning !== undefined) reading.warnings.push(warning)
  return record
}

function missingTtl(reading: Reading): number {
  const ttl = reading.defaultTtl ?? reading.lastTtl
  if (ttl !== undefined) return ttl
  if (reading.soaMinimum === undefined) throw new TextError('expected a TTL, found none here and no $TTL before')
  reading.warnings.push('no TTL here and no $TTL before: the MINIMUM of the SOA record is used')
  reading.lastTtl = reading.soaMinimum
  return reading.soaMinimum
}

/** The last field of SOA, as far as it can be a TTL. */
function minimumOf(rdata: Uint8Array): number {
  const { minimum } = SOA.decode(rdata)
  return Math.min(minimum, TTL_MAX)
}

/** Does what the directive says whose name was just taken. */
function* parseDirective(lexer: Lexer, reading: Reading, place: Place): Generator<ZoneFileItem, undefined> {
  const directive = lexer.token()
  switch (directive.toUpperCase()) {
    case '$ORIGIN':
      place.origin = nameOfToken(lexer.word('a domain name'), place.origin)
      place.ownerToken = '' // The same token is another name from here on.
      lexer.endEntry()
      return undefined
    case '$TTL':
      reading.defaultTtl = ttlOfToken(lexer.word('a TTL'))
      lexer.endEntry()
      return undefined
    case '$INCLUDE':
      return yield* parseInclude(lexer, reading, place)
    case '$GENERATE':
      return yield* parseGenerate(lexer, reading, place)
    default:
      throw unexpected('$ORIGIN, $TTL, $INCLUDE or $GENERATE', directive)
  }
}

function* parseInclude(lexer: Lexer, reading: Reading, place: Place): Generator<ZoneFileItem, undefined> {
  if (reading.include === undefined) throw new TextError('expected records, found $INCLUDE, which is not allowed here')
  const path = lexer.string('a file name')
  const { start } = lexer
  const origin = lexer.more() ? nameOfToken(lexer.word('a domain name'), place.origin) : place.origin
  lexer.endEntry()
  lexer.start = start // What goes wrong from here on is the file's fault.
  if (place.files.length > INCLUDE_DEPTH_MAX) {
    throw new TextError(`expected $INCLUDE to be at most ${INCLUDE_DEPTH_MAX} files deep`)
  }
  const included = reading.include(path, place.file)
  if (included === undefined) throw new TextError(`expected a file, found none at ${quoteForPeople(path)}`)
  if (place.files.includes(included.file)) {
    throw new TextError(`expected another file, found ${quoteForPeople(path)}, which includes itself`)
  }
  return yield* parseText(included.text, reading, startOf([...place.files, included.file], origin, place))
}

/** Reads every line that the directive stands for. What is wrong in one of them is wrong at the directive. */
function* parseGenerate(lexer: Lexer, reading: Reading, place: Place): Generator<ZoneFileItem, undefined> {
  const { file } = place
  const { line } = lexer
  for (const text of generatedRecords(lexer, reading.allowance)) {
    const generated = new Lexer(text)
    if (!generated.startEntry() || !generated.take())
      throw new TextError('expected a template of a record, found nothing')
    setOwner(generated, reading, place)
    const record = recordOf(takeGeneratedLine(generated, place.origin), reading, place)
    for (const text of reading.warnings.splice(0)) yield { type: 'warning', text, file, line }
    if (record !== undefined) yield { type: 'record', record, comment: undefined, file, line }
  }
  return undefined
}
