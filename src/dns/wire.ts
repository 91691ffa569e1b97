/**
 * Reading and writing what is on the wire: one cursor for each way (RFC 1035 §4.1).
 *
 * A reader of part of a message is given the whole message and the part's ends, because compression pointers count
 * from the start of the message. Hot: every record of every transfer passes through here.
 */

import type { Name } from './name.ts'
import { NameTable } from './name-table.ts'
import { plainOctets } from './octets.ts'

/** Octets that are not what a DNS message may hold, and where. The one error that reading throws. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly reason: string
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(`${reason} at octet ${offset}`)
    this.reason = reason
    this.offset = offset
  }
}

/** A message that would be longer than the writer's limit. */
export class WriteOverflow extends Error {
  override readonly name = 'WriteOverflow'
}

/** The header of every message (RFC 1035 §4.1.1). */
export const HEADER_OCTETS = 12

/** The largest message: TCP counts its octets in 16 bits (RFC 1035 §4.2.2). */
export const MESSAGE_OCTETS_MAX = 65_535

const NAME_OCTETS_MAX = 255
const POINTERS_MAX = 127 // as many as a name can have labels

const scratch = new Uint8Array(NAME_OCTETS_MAX)

/** A cursor over octets. What lies at or behind `end` is never read. */
export class Reader {
  octets: Uint8Array
  at: number
  end: number

  constructor(octets: Uint8Array, start = 0, end = octets.length) {
    this.octets = plainOctets(octets)
    this.at = start
    this.end = end
  }

  /** Turns to other octets, so that a loop over messages needs one reader only. */
  reset(octets: Uint8Array, start = 0, end = octets.length): void {
    this.octets = plainOctets(octets)
    this.at = start
    this.end = end
  }

  get remaining(): number {
    return this.end - this.at
  }

  /** The one bounds check: steps over octets and says where they start. */
  skip(count: number): number {
    const start = this.at
    if (count > this.end - start) throw new WireError(`expected ${count} octets, found ${this.end - start}`, start)
    this.at = start + count
    return start
  }

  u8(): number {
    const at = this.skip(1)
    return this.octets[at] as number
  }

  u16(): number {
    const at = this.skip(2)
    const { octets } = this
    return ((octets[at] as number) << 8) | (octets[at + 1] as number)
  }

  u32(): number {
    const high = this.u16()
    return high * 0x1_0000 + this.u16()
  }

  u48(): number {
    const high = this.u16()
    return high * 0x1_0000_0000 + this.u32()
  }

  /** The next octets: a view that lives as long as the message, not a copy. */
  take(count: number): Uint8Array {
    const start = this.skip(count)
    return this.octets.subarray(start, start + count)
  }

  /** A name, decompressed. */
  name(): Name {
    const length = this.nameInto(scratch, 0)
    return scratch.slice(0, length) as Uint8Array as Name
  }

  /** A name in whose place no compression pointer is allowed, such as in RDATA that left its message. */
  plainName(): Name {
    const start = this.at
    const length = this.nameInto(scratch, 0)
    if (this.at - start !== length) throw new WireError('compressed name where none is allowed', start)
    return scratch.slice(0, length) as Uint8Array as Name
  }

  /**
   * Writes a name, decompressed, at `outAt` of `out` and returns how many octets it has; `out` needs room for 255.
   *
   * Pointers go strictly backwards, and what one leads to must end before the labels that used it began. So every
   * hop makes the rest of the message smaller: there is no loop, and nothing outside the message is read.
   */
  nameInto(out: Uint8Array, outAt: number): number {
    const { octets } = this
    let at = this.at
    let end = this.end
    let segment = at
    let to = outAt
    let hops = 0
    for (;;) {
      if (at >= end) throw new WireError('name runs past its end', at)
      const length = octets[at] as number
      if (length === 0) break
      if (length < 0x40) {
        const next = at + 1 + length
        if (next > end) throw new WireError('label runs past its end', at)
        if (to - outAt + length + 2 > NAME_OCTETS_MAX) throw new WireError('name longer than 255 octets', at)
        while (at < next) out[to++] = octets[at++] as number
        continue
      }
      if (length < 0xc0) throw new WireError(`label of unknown type ${length >> 6}`, at)
      if (at + 2 > end) throw new WireError('compression pointer is cut off', at)
      const target = ((length & 0x3f) << 8) | (octets[at + 1] as number)
      if (target >= segment) throw new WireError('compression pointer does not go backwards', at)
      if (target < HEADER_OCTETS) throw new WireError('compression pointer into the header', at)
      if (++hops > POINTERS_MAX) throw new WireError('too many compression pointers', at)
      if (hops === 1) this.at = at + 2
      end = segment
      segment = target
      at = target
    }
    out[to++] = 0
    if (hops === 0) this.at = at + 1
    return to - outAt
  }
}

/** Builds octets in one buffer that grows up to a limit. */
export class Writer {
  at = 0
  limit: number
  #buffer: Uint8Array<ArrayBuffer>
  readonly #names = new NameTable()

  constructor(options: { limit?: number; capacity?: number } = {}) {
    this.limit = options.limit ?? MESSAGE_OCTETS_MAX
    this.#buffer = new Uint8Array(options.capacity ?? 512)
  }

  /** Starts afresh in the same buffer. */
  reset(limit: number = MESSAGE_OCTETS_MAX): void {
    this.at = 0
    this.limit = limit
    this.#names.clear()
  }

  u8(value: number): void {
    const at = this.#claim(1)
    this.#buffer[at] = value
  }

  u16(value: number): void {
    const at = this.#claim(2)
    this.#buffer[at] = value >>> 8
    this.#buffer[at + 1] = value
  }

  u32(value: number): void {
    const at = this.#claim(4)
    this.#buffer[at] = value >>> 24
    this.#buffer[at + 1] = value >>> 16
    this.#buffer[at + 2] = value >>> 8
    this.#buffer[at + 3] = value
  }

  u48(value: number): void {
    this.u16(Math.floor(value / 0x1_0000_0000))
    this.u32(value % 0x1_0000_0000)
  }

  octets(octets: Uint8Array): void {
    const at = this.#claim(octets.length)
    this.#buffer.set(octets, at)
  }

  /** A name without compression. */
  name(name: Name): void {
    this.octets(name)
  }

  /**
   * A name, of which the part that already stands in the message becomes a pointer (RFC 1035 §4.1.4). Only a part of
   * the very same case is used, so that what was stored is what is read (RFC 4343 §4.1).
   */
  compressedName(name: Name): void {
    const start = this.at
    const pointer = this.#names.place(this.#buffer, start, name)
    if (pointer === undefined) return this.octets(name)
    this.octets(name.subarray(0, pointer.labelsOctets))
    this.u16(0xc000 | pointer.target)
  }

  /** Leaves room for a 16-bit number that is known later, and says where; see `patchU16` and `patchLength`. */
  reserveU16(): number {
    return this.#claim(2)
  }

  /** Fills reserved room. */
  patchU16(at: number, value: number): void {
    this.#buffer[at] = value >>> 8
    this.#buffer[at + 1] = value
  }

  /** Fills reserved room with the number of octets written since. */
  patchLength(at: number): void {
    this.patchU16(at, this.at - at - 2)
  }

  /** What was written so far: a view, good until the next write. */
  octetsSoFar(): Uint8Array {
    return this.#buffer.subarray(0, this.at)
  }

  /** A copy of what was written. */
  toOctets(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.at)
  }

  #claim(count: number): number {
    const start = this.at
    const end = start + count
    if (end > this.limit) throw new WriteOverflow(`${end} octets where ${this.limit} are allowed`)
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, this.#buffer.length * 2))
      larger.set(this.#buffer.subarray(0, start))
      this.#buffer = larger
    }
    this.at = end
    return start
  }
}
