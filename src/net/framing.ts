/**
 * Messages in a stream: each has its length before it, in two octets (RFC 1035 §4.2.2).
 *
 * A chunk from the socket may hold a part of a message, or many. What lies whole in the chunk is shown in place; only
 * what is split is copied. Room for a split message grows with what came of it, so a length alone costs us nothing.
 */

import { MESSAGE_OCTETS_MAX } from '../dns/wire.ts'

const NOTHING = new Uint8Array(0)

/** Octets of the length. */
export const PREFIX_OCTETS = 2

/** The largest message with its length. */
export const FRAME_OCTETS_MAX = PREFIX_OCTETS + MESSAGE_OCTETS_MAX

/** The stream cannot be read any further: there is no knowing where the next message begins. */
export class FramingError extends Error {
  override readonly name = 'FramingError'
}

/** A message with its length before it, ready to be written at once (RFC 7766 §8). */
export function frameOf(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX_OCTETS + message.length)
  frame.set(prefixOf(message.length))
  frame.set(message, PREFIX_OCTETS)
  return frame
}

/** The length that goes before a message. */
export function prefixOf(length: number): Uint8Array {
  return Uint8Array.of(length >> 8, length)
}

/** Takes chunks of a stream and gives messages. */
export class FrameReader {
  readonly #octetsMin: number
  #chunk: Uint8Array = NOTHING
  #at = 0
  /** The split message: its length first, then what came of it. */
  #part: Uint8Array = NOTHING
  #partOctets = 0

  /** Shorter messages than `octetsMin` are refused; empty ones always are. */
  constructor({ octetsMin = 1 }: { readonly octetsMin?: number } = {}) {
    this.#octetsMin = octetsMin
  }

  /** Whether the stream stands inside a message. */
  get midMessage(): boolean {
    return this.#partOctets > 0 || this.#at < this.#chunk.length
  }

  /** Takes the next chunk. It must not change until `next` has given all messages in it. */
  push(chunk: Uint8Array): void {
    const rest = this.#chunk.length - this.#at
    if (rest > 0) {
      // Somebody stopped asking for messages and the socket had more: rare, so a copy will do.
      const joined = new Uint8Array(rest + chunk.length)
      joined.set(this.#chunk.subarray(this.#at))
      joined.set(chunk, rest)
      this.#chunk = joined
    } else this.#chunk = plain(chunk)
    this.#at = 0
  }

  /** The next message, valid until the next call; undefined if there is none yet. Throws a FramingError. */
  next(): Uint8Array | undefined {
    if (this.#partOctets > 0) return this.#finishPart()
    const chunk = this.#chunk
    const start = this.#at + PREFIX_OCTETS
    if (start > chunk.length) return this.#keepPart()
    const length = this.#check(((chunk[start - 2] as number) << 8) | (chunk[start - 1] as number))
    if (start + length > chunk.length) return this.#keepPart()
    this.#at = start + length
    return chunk.subarray(start, start + length)
  }

  /** Puts aside what is left of the chunk. */
  #keepPart(): undefined {
    this.#take(this.#chunk.length - this.#at)
    return undefined
  }

  #finishPart(): Uint8Array | undefined {
    if (this.#partOctets < PREFIX_OCTETS) this.#take(PREFIX_OCTETS - this.#partOctets)
    if (this.#partOctets < PREFIX_OCTETS) return undefined
    const part = this.#part
    const length = this.#check(((part[0] as number) << 8) | (part[1] as number))
    this.#take(PREFIX_OCTETS + length - this.#partOctets)
    if (this.#partOctets < PREFIX_OCTETS + length) return undefined
    const message = this.#part.subarray(PREFIX_OCTETS, PREFIX_OCTETS + length)
    this.#part = NOTHING // a connection that rests holds no buffer
    this.#partOctets = 0
    return message
  }

  /** Moves up to `wanted` octets from the chunk to the part. */
  #take(wanted: number): void {
    const octets = Math.min(wanted, this.#chunk.length - this.#at)
    const after = this.#partOctets + octets
    if (after > this.#part.length) {
      const room = Math.min(FRAME_OCTETS_MAX, 8 * Math.max(after, 8))
      const wider = new Uint8Array(room)
      wider.set(this.#part.subarray(0, this.#partOctets))
      this.#part = wider
    }
    this.#part.set(this.#chunk.subarray(this.#at, this.#at + octets), this.#partOctets)
    this.#partOctets = after
    this.#at += octets
    // The chunk may be a buffer that the socket fills again.
    if (this.#at < this.#chunk.length) return
    this.#chunk = NOTHING
    this.#at = 0
  }

  #check(length: number): number {
    if (length >= this.#octetsMin) return length
    throw new FramingError(`expected a message of at least ${this.#octetsMin} octets, found one of ${length}`)
  }
}

/** Not a Buffer: the `slice` of one is no copy, and nobody above expects that. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}
