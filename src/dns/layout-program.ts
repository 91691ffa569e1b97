/**
 * The layout of RDATA as a little program, derived from a type's fields: "skip 2, name", "strings", "rest".
 *
 * Hot: runs once per record of every transfer, in and out. Three things are done by walking the layout and never the
 * fields: checking what a stranger sent, expanding compressed names, and comparing in canonical order. A program is a
 * run of pairs, operation and operand, up to `END`. Its first octet says how many operations lie before the end of
 * the last name that canonical form folds (RFC 4034 §6.2 with RFC 6840 §5.1); behind them octets are compared as
 * they are. One tiny language for all types means that what checks and what decodes cannot disagree.
 */

import {
  addressPrefixesEnd,
  bitmapEnd,
  gatewayEnd,
  hostIdentityEnd,
  ipv6ChainEnd,
  plainNameEnd,
  plainNamesEnd,
  propertyTagEnd,
  relayEnd,
  stringEnd,
  stringsEnd,
} from './layout-part.ts'
import { svcParamsEnd } from './layout-svcparams.ts'
import { Reader, WireError } from './wire.ts'

/** The operations. Each has one operand, 0 where it needs none. */
export const OP = {
  /** Nothing may be left. */
  END: 0,
  /** A name that may come compressed; folded in canonical form. */
  NAME: 1,
  /** A name that may not; folded in canonical form. */
  NAME_FOLDED: 2,
  /** A name that may not, and keeps its case. */
  NAME_KEPT: 3,
  /** The same, as many as there are. */
  NAMES: 4,
  /** As many octets as the operand says. */
  SKIP: 5,
  /** A length octet and so many octets; the operand is the least length. */
  STRING: 6,
  /** One or more of these up to the end; the operand is the largest number of them, 0 for any. */
  STRINGS: 7,
  /** All that is left; the operand is the least length. */
  REST: 8,
  /** Windows of type bits (RFC 4034 §4.1.2). */
  BITMAP: 9,
  /** SvcParams (RFC 9460 §2.2). */
  SVC_PARAMS: 10,
  /** Address prefixes (RFC 3123 §4). */
  PREFIXES: 11,
  /** Type, algorithm and gateway (RFC 4025 §2.1). */
  GATEWAY: 12,
  /** Discovery bit, type and relay (RFC 8777 §4.1). */
  RELAY: 13,
  /** Lengths, algorithm, host identity tag and public key (RFC 8005 §5). */
  HOST_IDENTITY: 14,
  /** A length octet and letters or digits (RFC 8659 §4.1). */
  TAG: 15,
  /** Prefix length, the part of an IPv6 address behind it, and the name of the prefix (RFC 2874 §3.1). */
  A6: 16,
} as const

/** How much longer expansion can make RDATA: no type has more than two compressible names. */
export const EXPANSION_OCTETS_MAX = 2 * 255

export const RDATA_OCTETS_MAX = 65_535

/** Below this many octets a loop is faster than making a view for `set`. */
const LOOP_OCTETS_MAX = 64

const PAIR = 2
const FIRST = 1

const reader = new Reader(new Uint8Array(0))

/** Joins the operations of a type's fields to its program: neighbouring skips become one. */
export function layoutProgram(operations: readonly number[]): Uint8Array {
  const program = [0]
  for (let at = 0; at < operations.length; at += PAIR) {
    const [op, operand] = [operations[at] as number, operations[at + 1] as number]
    const last = program.length - PAIR
    const skipped = op === OP.SKIP && last >= FIRST && program[last] === OP.SKIP ? (program[last + 1] as number) : 256
    if (skipped + operand <= 0xff) program[last + 1] = skipped + operand
    else program.push(op, operand)
    if (op === OP.NAME || op === OP.NAME_FOLDED) program[0] = (program.length - FIRST) / PAIR
  }
  program.push(OP.END, 0)
  return Uint8Array.from(program)
}

/**
 * Checks the RDATA at `at` of a message and writes it to `out` with its names expanded; returns its length there.
 * `out` needs room for `rdlength + EXPANSION_OCTETS_MAX` octets from `outAt` on.
 */
export function expandBy(
  program: Uint8Array,
  start: number,
  message: Uint8Array,
  at: number,
  rdlength: number,
  out: Uint8Array,
  outAt: number,
): number {
  const end = at + rdlength
  let from = at
  let to = outAt
  for (let pc = start + FIRST; ; pc += PAIR) {
    const op = program[pc] as number
    if (op === OP.END) break
    if (op <= OP.NAME_KEPT) {
      reader.reset(message, from, end)
      const length = reader.nameInto(out, to)
      if (op !== OP.NAME && reader.at - from !== length) throw new WireError('compressed name where none may be', from)
      from = reader.at
      to += length
      continue
    }
    const next = stepOver(op, program[pc + 1] as number, message, from, end)
    if (next - from > LOOP_OCTETS_MAX) {
      out.set(message.subarray(from, next), to)
      to += next - from
      from = next
    } else while (from < next) out[to++] = message[from++] as number
  }
  if (from !== end) throw new WireError(`${end - from} octets behind the last field`, from)
  if (to - outAt > RDATA_OCTETS_MAX) throw new WireError('record data of more than 65535 octets when expanded', at)
  return to - outAt
}

/** Checks RDATA that stands by itself, where no name can be compressed. */
export function checkBy(program: Uint8Array, rdata: Uint8Array): void {
  const end = rdata.length
  if (end > RDATA_OCTETS_MAX) throw new WireError('record data of more than 65535 octets', 0)
  let at = 0
  for (let pc = FIRST; ; pc += PAIR) {
    const op = program[pc] as number
    if (op === OP.END) break
    at = op <= OP.NAME_KEPT ? plainNameEnd(rdata, at, end) : stepOver(op, program[pc + 1] as number, rdata, at, end)
  }
  if (at !== end) throw new WireError(`${end - at} octets behind the last field`, at)
}

/** Orders checked, expanded RDATA of one type as RFC 4034 §6.3 does: as octets, with folded names. */
export function compareBy(
  program: Uint8Array,
  start: number,
  a: Uint8Array,
  aAt: number,
  aLength: number,
  b: Uint8Array,
  bAt: number,
  bLength: number,
): number {
  const aEnd = aAt + aLength
  const bEnd = bAt + bLength
  let i = aAt
  let j = bAt
  const behind = start + FIRST + PAIR * (program[start] as number)
  for (let pc = start + FIRST; pc < behind; pc += PAIR) {
    const op = program[pc] as number
    const folded = op === OP.NAME || op === OP.NAME_FOLDED
    const next = folded ? nameEnd(a, i) : stepOver(op, program[pc + 1] as number, a, i, aEnd)
    while (i < next) {
      if (j === bEnd) return 1
      const x = a[i++] as number
      const y = b[j++] as number
      if (x === y) continue
      const order = folded ? fold(x) - fold(y) : x - y
      if (order !== 0) return order
    }
  }
  while (i < aEnd && j < bEnd) {
    const order = (a[i++] as number) - (b[j++] as number)
    if (order !== 0) return order
  }
  return aEnd - i - (bEnd - j)
}

/** Length octets are below any letter, so a whole name can be folded octet by octet. */
function fold(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet
}

/** Where a name ends that was checked before. */
function nameEnd(octets: Uint8Array, start: number): number {
  let at = start
  while (octets[at] !== 0) at += (octets[at] as number) + 1
  return at + 1
}

/** Where the octets of one operation end that is no name; throws `WireError` if they are not what it says. */
function stepOver(op: number, operand: number, octets: Uint8Array, at: number, end: number): number {
  switch (op) {
    case OP.SKIP:
      if (operand > end - at) throw new WireError(`expected ${operand} octets, found ${end - at}`, at)
      return at + operand
    case OP.STRING:
      return stringEnd(octets, at, end, operand)
    case OP.STRINGS:
      return stringsEnd(octets, at, end, operand)
    case OP.REST:
      if (operand > end - at) throw new WireError(`expected at least ${operand} octets, found ${end - at}`, at)
      return end
    default:
      return stepOverOdd(op, octets, at, end)
  }
}

/** The operations of a few rare types: apart, so that the common ones stay small enough to be inlined. */
function stepOverOdd(op: number, octets: Uint8Array, at: number, end: number): number {
  switch (op) {
    case OP.NAMES:
      return plainNamesEnd(octets, at, end)
    case OP.BITMAP:
      return bitmapEnd(octets, at, end)
    case OP.SVC_PARAMS:
      return svcParamsEnd(octets, at, end)
    case OP.PREFIXES:
      return addressPrefixesEnd(octets, at, end)
    case OP.GATEWAY:
      return gatewayEnd(octets, at, end)
    case OP.RELAY:
      return relayEnd(octets, at, end)
    case OP.HOST_IDENTITY:
      return hostIdentityEnd(octets, at, end)
    case OP.TAG:
      return propertyTagEnd(octets, at, end)
    default:
      return ipv6ChainEnd(octets, at, end)
  }
}
