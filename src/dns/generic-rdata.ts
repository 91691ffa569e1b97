/** RDATA in the form that serves every type (RFC 3597 §5): `\# length hex`. */

import { parseInteger } from './field.ts'
import { decoded, joinedTokens } from './field-octets.ts'
import { hexOctets, hexText } from './octets.ts'
import { TextError } from './text.ts'
import type { Writer } from './wire.ts'
import type { Lexer } from './zonefile/lexer.ts'

/** Reads the generic form if that is what follows; else takes nothing and says no. */
export function parseGeneric(lexer: Lexer, writer: Writer): boolean {
  if (!lexer.take()) return false
  const generic = lexer.end - lexer.start === 2 && !lexer.quoted && lexer.token() === '\\#'
  if (!generic) {
    lexer.back()
    return false
  }
  const length = parseInteger(lexer.word('a length'), 0xffff)
  const octets = decoded(joinedTokens(lexer, length > 0, 'hex'), 'hex', hexOctets)
  if (octets.length !== length) throw new TextError(`expected ${length} octets, found ${octets.length}`)
  writer.octets(octets)
  return true
}

/** The generic form of any RDATA. */
export function printGeneric(rdata: Uint8Array): string {
  return rdata.length === 0 ? '\\# 0' : `\\# ${rdata.length} ${hexText(rdata)}`
}
