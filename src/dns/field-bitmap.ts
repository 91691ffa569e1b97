/** Fields that hold sets of small numbers as bits: types (NSEC, NXT) and ports (WKS). */

import { type Field, fieldOfText, parseInteger } from './field.ts'
import { typeOfToken } from './field-mnemonic.ts'
import { OP } from './layout-program.ts'
import { unexpected } from './text.ts'
import { mnemonicOf } from './type-mnemonics.ts'
import type { Writer } from './wire.ts'
import type { Lexer } from './zonefile/lexer.ts'

/** Record types in windows of 256 (RFC 4034 §4.1.2), in order; there may be none. */
export function typeBitmap(title: string): Field<readonly number[]> {
  return fieldOfText(title, 'record-types', {
    read: (reader) => {
      const types: number[] = []
      while (reader.remaining > 0) {
        const window = reader.u8()
        appendBits(types, reader.take(reader.u8()), window * 256)
      }
      return types
    },
    write: writeWindows,
    parse: (lexer) => takeSet(lexer, typeOfToken),
    print: (types) => types.map(mnemonicOf).join(' '),
    layout: [OP.BITMAP, 0],
  })
}

function writeWindows(writer: Writer, set: readonly number[]): void {
  const types = inOrder(set)
  for (let at = 0; at < types.length;) {
    const window = (types[at] as number) >> 8
    const bits = new Uint8Array(32)
    let last = 0
    for (; at < types.length && (types[at] as number) >> 8 === window; at++) {
      last = (types[at] as number) & 0xff
      setBit(bits, last)
    }
    writer.u8(window)
    writer.u8((last >> 3) + 1)
    writer.octets(bits.subarray(0, (last >> 3) + 1))
  }
}

const NXT_TYPE_MAX = 127

/** The types of NXT: one bitmap of up to 16 octets, up to the end of the RDATA (RFC 2535 §5.2). */
export function plainTypeBitmap(title: string): Field<Uint8Array> {
  return bitsField(title, {
    format: 'record-types',
    bitMax: NXT_TYPE_MAX,
    parse: (token) => {
      const type = typeOfToken(token)
      if (type > NXT_TYPE_MAX) throw unexpected(`a record type up to ${NXT_TYPE_MAX}`, token)
      return type
    },
    print: mnemonicOf,
  })
}

/** The ports of a WKS record (RFC 1035 §3.4.2). */
export function ports(title: string): Field<Uint8Array> {
  const bitMax = 0xffff
  return bitsField(title, { format: 'ports', bitMax, parse: (token) => parseInteger(token, bitMax), print: String })
}

interface Bits {
  readonly format: string
  readonly bitMax: number
  readonly parse: (token: string) => number
  readonly print: (bit: number) => string
}

/** Bits up to the end of the RDATA, kept as they are. No text stands for those that end in a zero octet. */
function bitsField(title: string, { format, bitMax, parse, print }: Bits): Field<Uint8Array> {
  return fieldOfText(title, format, {
    read: (reader) => reader.take(reader.remaining).slice(),
    write: (writer, bits) => writer.octets(bits),
    parse: (lexer) => {
      const set = takeSet(lexer, parse)
      const bits = new Uint8Array(set.length === 0 ? 0 : ((set.at(-1) as number) >> 3) + 1)
      for (const bit of set) setBit(bits, bit)
      return bits
    },
    print: (bits) => {
      if (bits.at(-1) === 0 || bits.length > (bitMax + 1) / 8) return undefined
      const set: number[] = []
      appendBits(set, bits, 0)
      return set.map(print).join(' ')
    },
    layout: [OP.REST, 0],
  })
}

function setBit(bits: Uint8Array, bit: number): void {
  bits[bit >> 3] = (bits[bit >> 3] as number) | (0x80 >> (bit & 7))
}

function appendBits(set: number[], bits: Uint8Array, first: number): void {
  for (let at = 0; at < bits.length; at++) {
    for (let bit = 0; bit < 8; bit++) if ((bits[at] as number) & (0x80 >> bit)) set.push(first + at * 8 + bit)
  }
}

/** The numbers that the tokens up to the end stand for, each once, in order. */
function takeSet(lexer: Lexer, parse: (token: string) => number): number[] {
  const set: number[] = []
  while (lexer.more()) set.push(parse(lexer.word('a member of the set')))
  return inOrder(set)
}

function inOrder(set: readonly number[]): number[] {
  return [...new Set(set)].sort((a, b) => a - b)
}
