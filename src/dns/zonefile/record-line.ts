/** The part of a record's entry that stands behind the owner: TTL and class in either order, type, RDATA. */

import { CLASS } from '../code.ts'
import { endText } from '../field.ts'
import type { Name } from '../name.ts'
import type { RecordType } from '../record-type.ts'
import { recordTypeOf, typeCode } from '../record-types.ts'
import { unexpected } from '../text.ts'
import { TTL_MAX, parseTtl } from '../ttl.ts'
import { numberedCode } from '../type-mnemonics.ts'
import { Lexer } from './lexer.ts'

/** What a record's entry says, but for its owner. */
export interface RecordLine {
  readonly type: RecordType
  /** As written; undefined if the line has none. */
  readonly ttl: number | undefined
  readonly rdata: Uint8Array
}

const EXPECTED = 'a TTL, class or type'

/** Takes the rest of an entry. */
export function takeRecordLine(lexer: Lexer, origin: Name): RecordLine {
  return takeLine(lexer, origin, false)
}

/** Takes the rest of an entry that `$GENERATE` made. */
export function takeGeneratedLine(lexer: Lexer, origin: Name): RecordLine {
  return takeLine(lexer, origin, true)
}

function takeLine(lexer: Lexer, origin: Name, generated: boolean): RecordLine {
  let ttl: number | undefined
  let classSeen = false
  let token = lexer.word(EXPECTED)
  for (;;) {
    if (ttl === undefined && startsWithDigit(token)) ttl = ttlOfToken(token)
    else if (!classSeen && isClass(token)) classSeen = true
    else break
    token = lexer.word(ttl === undefined ? 'a TTL or type' : classSeen ? 'a type' : 'a class or type')
  }
  const type = typeOfToken(token, ttl === undefined && !classSeen ? EXPECTED : 'a type')
  const rdata = generated ? generatedRdata(lexer, type, origin) : type.parseRdata(lexer, origin)
  lexer.endEntry()
  return { type, ttl, rdata }
}

/** RDATA of a line of `$GENERATE`: where it has several tokens BIND's way is to quote them all together. */
function generatedRdata(lexer: Lexer, type: RecordType, origin: Name): Uint8Array {
  const firstFormat = Object.values(type.fields)[0]?.schema.format
  const quoted = lexer.take() && lexer.quoted && firstFormat !== 'text' && firstFormat !== 'texts'
  if (!quoted) {
    lexer.back()
    return type.parseRdata(lexer, origin)
  }
  const inner = new Lexer(lexer.token())
  const rdata = type.parseRdata(inner, origin)
  endText(inner)
  return rdata
}

function startsWithDigit(token: string): boolean {
  const code = token.charCodeAt(0)
  return code >= 0x30 && code <= 0x39
}

/** Reads a TTL; plain digits, the usual case, without any regular expression. */
export function ttlOfToken(token: string): number {
  let seconds = 0
  for (let at = 0; at < token.length; at++) {
    const digit = token.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) {
      seconds = parseTtl(token) ?? Number.POSITIVE_INFINITY
      break
    }
    seconds = seconds * 10 + digit
  }
  if (token === '' || seconds > TTL_MAX) throw unexpected(`a TTL up to ${TTL_MAX}`, token)
  return seconds
}

/** Whether a token names a class; only IN has zones here. */
function isClass(token: string): boolean {
  if (token === 'IN') return true
  const upper = token.toUpperCase()
  const named = upper === 'IN' || upper === 'CH' || upper === 'HS'
  const code = named ? CLASS[upper] : numberedCode(token, 'CLASS')
  if (code === undefined) return false
  if (code !== CLASS.IN) throw unexpected('class IN', token)
  return true
}

function typeOfToken(token: string, expected: string): RecordType {
  const code = typeCode(token)
  if (code === undefined) throw unexpected(expected, token)
  return recordTypeOf(code)
}
