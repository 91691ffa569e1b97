/**
 * Writes octets to a socket from where they lie, many pieces with one call (`writev`), so that they are copied once, by the
 * kernel. Node.js would want them put together first, in memory that it keeps until they have left.
 *
 * Hot: nothing is allocated per piece.
 */

import type { Piece } from '../protocol/frame-maker.ts'
import { pointTo, VECTOR } from './batch-memory.ts'
import type { Libc } from './libc.ts'

/** The most that one call takes (`IOV_MAX`). */
const VECTORS_MAX = 1024
const EINTR = 4

export class Gather {
  readonly #libc: Libc
  readonly #words: Uint32Array<ArrayBuffer>
  readonly #address: number
  /** Where memory lies. */
  readonly #addresses = new WeakMap<ArrayBufferLike, number>()
  #lastOctets: Uint8Array | undefined
  #lastAddress = 0

  constructor(libc: Libc) {
    this.#libc = libc
    this.#words = new Uint32Array(VECTORS_MAX * VECTOR.words)
    this.#address = libc.addressOf(this.#words.buffer)
  }

  /** Writes without waiting. Returns how many octets went, from the first on: fewer than there are if there was no room. */
  write(fd: number, pieces: readonly Piece[]): number {
    let written = 0
    for (let first = 0; first < pieces.length;) {
      let octets = 0
      let count = 0
      for (; count < VECTORS_MAX && first + count < pieces.length; count++)
        octets += this.#point(count, pieces[first + count] as Piece)
      const taken = this.#libc.writev(fd, this.#address, count)
      if (taken < 0 && this.#libc.errno() === EINTR) continue
      if (taken > 0) written += taken
      if (taken < octets) break
      first += count
    }
    this.#lastOctets = undefined
    return written
  }

  /** Points a vector to a piece; returns its octets. Hot. */
  #point(vector: number, { octets, at, end }: Piece): number {
    if (octets !== this.#lastOctets) {
      this.#lastOctets = octets
      this.#lastAddress = this.#addressOf(octets.buffer) + octets.byteOffset
    }
    const word = vector * VECTOR.words
    pointTo(this.#words, word, this.#lastAddress + at)
    this.#words[word + VECTOR.octets] = end - at
    return end - at
  }

  #addressOf(memory: ArrayBufferLike): number {
    let address = this.#addresses.get(memory)
    if (address === undefined) {
      address = this.#libc.addressOf(memory)
      this.#addresses.set(memory, address)
    }
    return address
  }
}
