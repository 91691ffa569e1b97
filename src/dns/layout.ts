/**
 * RDATA on its way through, by type: expanded when it comes in, compared when it is filed.
 *
 * Hot: runs once per record of every transfer. The programs of all types lie in one array, so that going from a type
 * to its program is one look into a table. See `layout-program.ts`.
 */

import { compareBy, expandBy, layoutProgram, OP } from './layout-program.ts'
import { RECORD_TYPES } from './record-types.ts'

/** The commonest type has a way of its own: no name to expand, and only its length to check. */
const A = 1

const OPAQUE = layoutProgram([OP.REST, 0])

/** Where the program of each type starts; 0, the opaque one, for all that have none. */
const starts = new Uint16Array(0x1_0000)

const programs = joinPrograms()

function joinPrograms(): Uint8Array {
  const joined = [...OPAQUE]
  for (const { code, layout } of RECORD_TYPES) {
    starts[code] = joined.length
    joined.push(...layout)
  }
  return Uint8Array.from(joined)
}

/**
 * Checks the RDATA at `at` of a message and writes it to `out` from `outAt` on, its names expanded; returns how many
 * octets it has there. Throws `WireError` for what is not RDATA of the type. `out` needs room for `rdlength +
 * EXPANSION_OCTETS_MAX` octets; what is written before an error is of no meaning.
 */
export function expandRdata(
  type: number,
  message: Uint8Array,
  at: number,
  rdlength: number,
  out: Uint8Array,
  outAt: number,
): number {
  if (type === A && rdlength === 4) {
    out[outAt] = message[at] as number
    out[outAt + 1] = message[at + 1] as number
    out[outAt + 2] = message[at + 2] as number
    out[outAt + 3] = message[at + 3] as number
    return 4
  }
  return expandBy(programs, starts[type] as number, message, at, rdlength, out, outAt)
}

/**
 * Orders two pieces of checked, expanded RDATA of one type in canonical order (RFC 4034 §6.3): octet by octet, the
 * letters of names folded in the types where RFC 4034 §6.2 and RFC 6840 §5.1 say so.
 */
export function compareRdata(
  type: number,
  a: Uint8Array,
  aAt: number,
  aLength: number,
  b: Uint8Array,
  bAt: number,
  bLength: number,
): number {
  return compareBy(programs, starts[type] as number, a, aAt, aLength, b, bAt, bLength)
}

/** Whether two pieces of RDATA are the same record: a transfer that brings the second brings nothing new. */
export function rdataEqual(type: number, a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareRdata(type, a, 0, a.length, b, 0, b.length) === 0
}
