/**
 * Shared memory as those see it who only read.
 *
 * The memory is made of chunks of 16 MiB that every thread maps. A pointer counts units of 16 octets: its upper twelve
 * bits are the chunk, the others the place in it; so 32 bits reach 64 GiB, and 0 can mean "nothing". Every page stands
 * on a multiple of its unit, hence each chunk can be read as octets, as halves (16 bits) and as words (32 bits); all
 * threads share one machine and with it the order of octets in a word.
 */

import { assert } from '../dns/assert.ts'

/** Where a page begins, in units of 16 octets; 0 is no page. May be negative: compare pointers for equality only. */
export type Pointer = number

export const UNIT_OCTETS = 16
export const CHUNK_OCTETS = 2 ** 24

/** A pointer's chunk is `pointer >>> CHUNK_SHIFT`. */
const CHUNK_SHIFT = 20
/** A pointer's first octet in its chunk is `(pointer & CHUNK_MASK) << 4`, its first word `(pointer & CHUNK_MASK) << 2`. */
export const CHUNK_MASK = 0xf_ffff

/** Shared memory, read in place. Each thread has one view of the one arena. */
export class ArenaView {
  /** The chunks as octets, by number. A chunk this thread has not heard of yet is missing: ask `octetsOf`. */
  readonly octets: Uint8Array[] = []
  readonly halves: Uint16Array[] = []
  readonly words: Int32Array[] = []
  readonly #fetchChunk: (index: number) => void

  /** `fetchChunk` is called for a chunk not adopted yet and must adopt it before it returns. */
  constructor(fetchChunk: (index: number) => void = () => {}) {
    this.#fetchChunk = fetchChunk
  }

  /** Makes a chunk readable in this thread. To adopt one twice does no harm. */
  adopt(index: number, chunk: SharedArrayBuffer): void {
    if (this.octets[index] !== undefined) return
    this.octets[index] = new Uint8Array(chunk)
    this.halves[index] = new Uint16Array(chunk)
    this.words[index] = new Int32Array(chunk)
  }

  /** The chunk a page lies in, as octets. Hot: once per page of every descent. */
  octetsOf(pointer: Pointer): Uint8Array {
    return this.octets[pointer >>> CHUNK_SHIFT] ?? this.#missing(pointer, this.octets)
  }

  /** The chunk a page lies in, as halves. Hot. */
  halvesOf(pointer: Pointer): Uint16Array {
    return this.halves[pointer >>> CHUNK_SHIFT] ?? this.#missing(pointer, this.halves)
  }

  /** The chunk a page lies in, as words. Hot. */
  wordsOf(pointer: Pointer): Int32Array {
    return this.words[pointer >>> CHUNK_SHIFT] ?? this.#missing(pointer, this.words)
  }

  #missing<T>(pointer: Pointer, kind: T[]): T {
    const index = pointer >>> CHUNK_SHIFT
    this.#fetchChunk(index)
    const chunk = kind[index]
    assert(chunk !== undefined, `chunk ${index} of the shared memory was never handed to this thread`)
    return chunk
  }
}

/** A page's first octet in its chunk. */
export function offsetOf(pointer: Pointer): number {
  return (pointer & CHUNK_MASK) << 4
}
