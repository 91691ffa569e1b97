/**
 * Makes odd octets of good ones.
 *
 * Most random octets are refused at the first look. What gets deep into a reader is what was valid but for one thing:
 * a bit, a length, a pointer, a record too many. So every input is something valid with one to a few such changes, and
 * those that know the shape of a message (counts, lengths, whole records) are as likely as those that do not.
 */

import { skipName } from '../../src/dns/name.ts'
import { WireError } from '../../src/dns/wire.ts'
import type { Chance } from '../random-rdata.ts'

/** One of several. */
export function pick<T>(from: readonly T[], chance: Chance): T {
  return from[chance(from.length)] as T
}

/** A message with one or a few things wrong. `donors` give pieces to splice in. */
export function mutate(octets: Uint8Array, donors: readonly Uint8Array[], chance: Chance): Uint8Array {
  let mutant: Uint8Array = octets.slice()
  for (let changes = 1 + chance(1 + chance(6)); changes > 0; changes--) {
    mutant = pick(CHANGES, chance)(mutant, chance, donors)
    if (mutant.length > OCTETS_MAX) mutant = mutant.subarray(0, OCTETS_MAX)
  }
  return mutant
}

const OCTETS_MAX = 65_535

type Change = (octets: Uint8Array, chance: Chance, donors: readonly Uint8Array[]) => Uint8Array

const CHANGES: readonly Change[] = [
  flipBit,
  flipBit,
  setOctet,
  setNumber,
  putWord,
  truncate,
  remove,
  repeat,
  swap,
  splice,
  setLength,
  setLength,
  setCount,
  moveRecord,
  moveRecord,
  pointSomewhere,
]

/** Octets with a meaning somewhere: pointers, labels of odd lengths, types, classes, lengths and numbers at an edge. */
const WORDS: readonly (readonly number[])[] = [
  [0xc0, 0x0c],
  [0xc0, 0x00],
  [0xc0, 0x0d],
  [0xff, 0xff],
  [0x3f],
  [0x40],
  [0x80],
  [0x41, 0x08], // the binary label of RFC 2673
  [0x00],
  [0x01, 0x2a, 0xc0, 0x0c],
  [0x00, 0x00, 0x29, 0x10, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00], // a whole OPT record
  [0x00, 0x0a, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8], // the COOKIE option
  [0x00, 0x0c, 0x00, 0x00], // the PADDING option
  [0x00, 0x09, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01], // the EXPIRE option
  [0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00], // TSIG, class ANY, TTL 0
  ...[0, 1, 2, 5, 6, 12, 16, 28, 33, 35, 39, 41, 43, 46, 47, 50, 64, 65, 128, 249, 250, 251, 252, 255, 65_280].map(
    (type) => [type >> 8, type & 0xff, 0x00, 0x01],
  ),
  [0x00, 0x03],
  [0x00, 0xfe],
  [0x80, 0x00, 0x00, 0x00],
  [0x7f, 0xff, 0xff, 0xff],
]

const NUMBERS = [0, 1, 2, 3, 4, 11, 12, 13, 63, 64, 127, 128, 191, 192, 254, 255, 256, 512, 0x3fff, 0xc00c, 0xffff]

function flipBit(octets: Uint8Array, chance: Chance): Uint8Array {
  const at = chance(octets.length)
  octets[at] = (octets[at] ?? 0) ^ (1 << chance(8))
  return octets
}

function setOctet(octets: Uint8Array, chance: Chance): Uint8Array {
  octets[chance(octets.length)] = chance(2) === 0 ? chance(256) : pick(NUMBERS, chance)
  return octets
}

function setNumber(octets: Uint8Array, chance: Chance): Uint8Array {
  putNumber(octets, chance(octets.length), chance(2) === 0 ? pick(NUMBERS, chance) : chance(0x1_0000))
  return octets
}

function putWord(octets: Uint8Array, chance: Chance): Uint8Array {
  const word = Uint8Array.from(pick(WORDS, chance))
  const at = chance(octets.length + 1)
  return joined(octets.subarray(0, at), word, octets.subarray(chance(2) === 0 ? at : at + word.length))
}

function truncate(octets: Uint8Array, chance: Chance): Uint8Array {
  return octets.subarray(0, chance(octets.length + 1))
}

function remove(octets: Uint8Array, chance: Chance): Uint8Array {
  const [from, to] = range(octets, chance)
  return joined(octets.subarray(0, from), octets.subarray(to))
}

function repeat(octets: Uint8Array, chance: Chance): Uint8Array {
  const [from, to] = range(octets, chance)
  const times = 1 + chance(chance(10) === 0 ? 500 : 3)
  return joined(
    octets.subarray(0, to),
    ...Array.from({ length: times }, () => octets.subarray(from, to)),
    octets.subarray(to),
  )
}

function swap(octets: Uint8Array, chance: Chance): Uint8Array {
  const [from, to] = range(octets, chance)
  const middle = from + chance(to - from + 1)
  return joined(
    octets.subarray(0, from),
    octets.subarray(middle, to),
    octets.subarray(from, middle),
    octets.subarray(to),
  )
}

function splice(octets: Uint8Array, chance: Chance, donors: readonly Uint8Array[]): Uint8Array {
  const donor = pick(donors, chance)
  const [from, to] = range(donor, chance)
  const at = chance(octets.length + 1)
  return joined(
    octets.subarray(0, at),
    donor.subarray(from, to),
    octets.subarray(chance(2) === 0 ? at : at + to - from),
  )
}

/** A length of RDATA, of an option or of a label that is a little, or far, too large or too small. */
function setLength(octets: Uint8Array, chance: Chance): Uint8Array {
  const records = recordsOf(octets)
  if (records.length === 0) return flipBit(octets, chance)
  const { rdata, end } = pick(records, chance)
  const right = end - rdata
  const wrong = pick([right - 1, right + 1, 0, 1, 0xffff, octets.length - rdata, octets.length - rdata + 1], chance)
  if (chance(3) > 0) putNumber(octets, rdata - 2, wrong & 0xffff)
  else if (right > 0) octets[rdata + chance(right)] = wrong
  return octets
}

function setCount(octets: Uint8Array, chance: Chance): Uint8Array {
  const at = 4 + 2 * chance(4)
  const count = ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)
  putNumber(octets, at, pick([count + 1, count - 1, 0, 1, 2, 0xffff], chance) & 0xffff)
  return octets
}

/** A whole record left out, repeated, or moved behind another; the counts follow in most cases. */
function moveRecord(octets: Uint8Array, chance: Chance): Uint8Array {
  const records = recordsOf(octets)
  if (records.length === 0) return setCount(octets, chance)
  const { start, end, section } = pick(records, chance)
  const target = pick(records, chance)
  const record = octets.slice(start, end)
  const kept = chance(3)
  if (kept === 0) {
    const mutant = joined(octets.subarray(0, start), octets.subarray(end))
    if (chance(4) > 0) addToCount(mutant, section, -1)
    return mutant
  }
  const mutant = joined(octets.subarray(0, target.end), record, octets.subarray(target.end))
  if (chance(4) > 0) addToCount(mutant, target.section, 1)
  return mutant
}

/** A name's place taken by a pointer, to anywhere. */
function pointSomewhere(octets: Uint8Array, chance: Chance): Uint8Array {
  const records = recordsOf(octets)
  const at = records.length > 0 && chance(2) === 0 ? pick(records, chance).start : chance(octets.length)
  putNumber(octets, at, 0xc000 | chance(Math.min(0x4000, octets.length + 20)))
  return octets
}

/** A record in a message: where it and its RDATA begin, where it ends, and the section that counts it. */
export interface RecordSpan {
  readonly start: number
  readonly rdata: number
  readonly end: number
  /** 1 for answer, 2 for authority, 3 for additional. */
  readonly section: number
}

/** The records of a message, as far as it can be walked. */
export function recordsOf(octets: Uint8Array): RecordSpan[] {
  const spans: RecordSpan[] = []
  if (octets.length < 12) return spans
  const number = (at: number): number => ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)
  try {
    let at = 12
    for (let left = number(4); left > 0; left--) at = skipName(octets, at) + 4
    for (let section = 1; section <= 3; section++) {
      for (let left = number(4 + 2 * section); left > 0; left--) {
        const start = at
        const rdata = skipName(octets, at) + 10
        at = rdata + number(rdata - 2)
        if (at > octets.length) return spans
        spans.push({ start, rdata, end: at, section })
      }
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
  return spans
}

function addToCount(octets: Uint8Array, section: number, step: number): void {
  const at = 4 + 2 * section
  putNumber(octets, at, ((((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)) + step) & 0xffff)
}

function putNumber(octets: Uint8Array, at: number, number: number): void {
  octets[at] = number >> 8
  octets[at + 1] = number
}

/** A piece, short in most cases. */
function range(octets: Uint8Array, chance: Chance): readonly [from: number, to: number] {
  const from = chance(octets.length + 1)
  const longest = chance(4) === 0 ? octets.length - from : Math.min(24, octets.length - from)
  return [from, from + chance(longest + 1)]
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    Math.min(
      OCTETS_MAX * 2,
      parts.reduce((sum, { length }) => sum + length, 0),
    ),
  )
  let at = 0
  for (const part of parts) {
    const fitting = part.subarray(0, whole.length - at)
    whole.set(fitting, at)
    at += fitting.length
  }
  return whole
}
