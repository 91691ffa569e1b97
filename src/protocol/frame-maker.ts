/**
 * Makes messages out of runs of stored records, as pieces that lie where they are: no record is copied.
 *
 * Head and question are the same in all messages, and so is the OPT record at the end. Messages are made a few at a time, and
 * those few are lent: what they are made of is used again for the next.
 */

import { FLAG } from '../dns/message.ts'
import { CLASS, OPCODE, RCODE } from '../dns/code.ts'
import { optOctets, writeOpt, type Edns } from '../dns/edns.ts'
import type { Name } from '../dns/name.ts'
import { MESSAGE_OCTETS_MAX, Writer } from '../dns/wire.ts'
import type { Stored } from '../zone/contents.ts'
import { recordEnd } from '../zone/stored-record.ts'

/** Octets that lie somewhere. */
export interface Piece {
  readonly octets: Uint8Array
  readonly at: number
  readonly end: number
}

/** Messages one behind the other, each with its length before it (RFC 1035 §4.2.2). */
export interface Frames {
  /** The octets of them all, in this order. */
  readonly pieces: readonly Piece[]
  readonly messages: number
  readonly records: number
  /** With the lengths. */
  readonly octets: number
}

export interface FrameOptions {
  readonly id: number
  readonly rd: boolean
  /** The question as it was asked: the apex in the asker's case, and the type. */
  readonly name: Name
  readonly type: number
  /** The OPT record of every message; undefined if the request had none (RFC 9103 §6.3.4). */
  readonly edns: Edns | undefined
  readonly messageOctetsMax?: number
  /** What `sign` adds to a message. */
  readonly signatureOctets?: number
  /**
   * Signs each message in turn, given its parts, the head first; gives the record that goes behind it (RFC 8945 §5.3.1),
   * which the head counts from then on.
   */
  readonly sign?: (parts: readonly Uint8Array[]) => Uint8Array
}

/** So many messages make up what a sender writes at once. */
export const MESSAGES_AT_ONCE = 4

const PREFIX_OCTETS = 2
const NOTHING = new Uint8Array(0)

export class FrameMaker {
  readonly #head: Uint8Array
  /** The same, once for each message that is lent, with the length before it. */
  readonly #heads: Uint8Array
  readonly #headOctets: number
  readonly #opt: Uint8Array
  /** Where the records of a message must end, from the start of its frame. */
  readonly #recordsEnd: number
  readonly #sign: FrameOptions['sign']
  /** Of the messages made so far. */
  #pieces: Piece[] = []
  #messages = 0
  #records = 0
  #octets = 0
  /** Of the message at hand: its first piece, its octets with the length before it, its records. */
  #first = 0
  #to = 0
  #count = 0

  constructor(options: FrameOptions) {
    const { messageOctetsMax = MESSAGE_OCTETS_MAX, signatureOctets = 0, edns } = options
    const head = headOf(options)
    const opt = optOf(edns)
    this.#head = head
    this.#headOctets = PREFIX_OCTETS + head.length
    this.#heads = new Uint8Array(MESSAGES_AT_ONCE * this.#headOctets)
    this.#opt = opt
    this.#recordsEnd = PREFIX_OCTETS + messageOctetsMax - signatureOctets - opt.length
    this.#sign = options.sign
  }

  /** Whether the message at hand has no record yet. */
  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** How many messages are made and not taken; no more than `MESSAGES_AT_ONCE` may be. */
  get messages(): number {
    return this.#messages
  }

  /** Adds as many records of a run as fit; returns the offset of the first that does not. Hot. */
  fill({ octets, at: first, end, records }: Stored, start: number): number {
    this.#begin()
    const last = start + this.#recordsEnd - this.#to
    let at = start
    let count = 0
    if (records !== undefined && start === first && end <= last) {
      at = end
      count = records
    }
    while (at < end) {
      const next = recordEnd(octets, at)
      if (next > last) break
      at = next
      count++
    }
    if (at > start) this.#pieces.push({ octets, at: start, end: at })
    this.#to += at - start
    this.#count += count
    return at
  }

  /** The message at hand is complete; it is signed now. */
  finish(rcode: number): void {
    this.#begin()
    this.#addPiece(this.#opt)
    const prefix = this.#messages * this.#headOctets
    const head = prefix + PREFIX_OCTETS
    this.#heads[head + 3] = rcode
    writeU16(this.#heads, head + 6, this.#count)
    if (this.#sign !== undefined) this.#addPiece(this.#sign(this.#partsFrom(head)))
    writeU16(this.#heads, prefix, this.#to - PREFIX_OCTETS)
    this.#messages++
    this.#records += this.#count
    this.#octets += this.#to
    this.#first = this.#pieces.length
    this.#to = 0
    this.#count = 0
  }

  /** The messages made so far. They are lent until the next one begins. */
  take(): Frames {
    const taken = { pieces: this.#pieces, messages: this.#messages, records: this.#records, octets: this.#octets }
    this.#pieces = []
    this.#first = 0
    this.#messages = 0
    this.#records = 0
    this.#octets = 0
    return taken
  }

  #begin(): void {
    if (this.#to > 0) return
    const at = this.#messages * this.#headOctets
    this.#to = this.#headOctets
    this.#heads.set(this.#head, at + PREFIX_OCTETS)
    this.#pieces.push({ octets: this.#heads, at, end: at + this.#headOctets })
  }

  #addPiece(octets: Uint8Array): void {
    if (octets.length > 0) this.#pieces.push({ octets, at: 0, end: octets.length })
    this.#to += octets.length
  }

  /** What the message at hand is made of, its head first. */
  #partsFrom(head: number): Uint8Array[] {
    const parts: Uint8Array[] = [this.#heads.subarray(head, head + this.#head.length)]
    for (let piece = this.#first + 1; piece < this.#pieces.length; piece++) {
      const { octets, at, end } = this.#pieces[piece] as Piece
      parts.push(octets.subarray(at, end))
    }
    return parts
  }
}

/** Header and question; the counts of answers and the RCODE are put in later (RFC 5936 §2.2.1, §2.2.2). */
function headOf({ id, rd, name, type, edns }: FrameOptions): Uint8Array {
  const writer = new Writer()
  writer.u16(id)
  writer.u16(FLAG.QR | (OPCODE.QUERY << 11) | FLAG.AA | (rd ? FLAG.RD : 0))
  writer.u16(1)
  writer.u16(0)
  writer.u16(0)
  writer.u16(edns === undefined ? 0 : 1)
  writer.name(name)
  writer.u16(type)
  writer.u16(CLASS.IN)
  return writer.toOctets()
}

function optOf(edns: Edns | undefined): Uint8Array {
  if (edns === undefined) return NOTHING
  const writer = new Writer({ capacity: optOctets(edns) })
  writeOpt(writer, edns, RCODE.NOERROR)
  return writer.toOctets()
}

function writeU16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8
  octets[at + 1] = value
}

/** The octets of frames in one run of their own. */
export function octetsOf({ pieces, octets }: Pick<Frames, 'pieces' | 'octets'>, from = 0): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(octets - from)
  let skip = from
  let to = 0
  for (const piece of pieces) {
    const start = Math.min(piece.end, piece.at + skip)
    skip -= start - piece.at
    whole.set(piece.octets.subarray(start, piece.end), to)
    to += piece.end - start
  }
  return whole
}
