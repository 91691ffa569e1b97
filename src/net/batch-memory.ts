/**
 * Memory for a batch of datagrams, laid out once as `recvmmsg` and `sendmmsg` want it on 64-bit Linux.
 *
 * Each slot has a header for what comes and one for what goes, a place for the other side's address, one for what the
 * kernel says beside it, and room for a request and its answer. One slot more than the batch has takes what is sent alone.
 *
 *     struct mmsghdr, 64 octets, as sixteen words:
 *        0      2         4            6            8         10               12      14
 *        name │ octets │ its vector │ vectors: 1 │ control │ control octets │ flags │ octets of the datagram
 *     struct iovec, 16 octets, as four words:
 *        0      2
 *        start │ octets
 */

import type { Libc } from './libc.ts'

/** A request of more octets is cut; whoever reads it will find that something is missing. */
const REQUEST_OCTETS_MAX = 4096
/** No answer by UDP is larger (see the setting `udpSizeMax`). */
export const ANSWER_OCTETS_MAX = 4096

/** Words of a header, and of a vector. */
export const HEADER = {
  words: 16,
  name: 0,
  nameOctets: 2,
  vector: 4,
  vectors: 6,
  control: 8,
  controlOctets: 10,
  octets: 14,
}
export const VECTOR = { words: 4, octets: 2 }

export const WORD_OCTETS = 4
export const NAME_OCTETS_MAX = 32
export const CONTROL_OCTETS_MAX = 64

const HEADER_OCTETS = HEADER.words * WORD_OCTETS
const VECTOR_OCTETS = VECTOR.words * WORD_OCTETS
/** Buffers that lie a page apart would all want the same few lines of the processor's cache. */
const BUFFER_OCTETS = 4096 + 64
const ADDRESS_WORD = 2 ** 32

export class BatchMemory {
  /** How many datagrams a batch has. */
  readonly size: number
  readonly octets: Uint8Array<ArrayBuffer>
  /** The same as words of 32 bits. */
  readonly words: Uint32Array<ArrayBuffer>
  /** Where this lies in the process. */
  readonly address: number
  /** Where things begin in `octets`, one behind the other for all slots. */
  readonly inAt: number
  readonly outAt: number
  readonly answerVectorsAt: number
  readonly namesAt: number
  readonly controlsAt: number
  /** One `struct pollfd`. */
  readonly pollAt: number
  readonly requests: readonly Uint8Array[]
  readonly answers: readonly Uint8Array[]

  constructor(libc: Libc, size: number) {
    const slots = size + 1
    let octets = 0
    const take = (count: number): number => (octets += count) - count
    this.size = size
    this.inAt = take(slots * HEADER_OCTETS)
    this.outAt = take(slots * HEADER_OCTETS)
    const requestVectorsAt = take(slots * VECTOR_OCTETS)
    this.answerVectorsAt = take(slots * VECTOR_OCTETS)
    this.namesAt = take(slots * NAME_OCTETS_MAX)
    this.controlsAt = take(slots * CONTROL_OCTETS_MAX)
    this.pollAt = take(VECTOR_OCTETS)
    const requestsAt = take(slots * BUFFER_OCTETS)
    const answersAt = take(slots * BUFFER_OCTETS)
    const memory = new ArrayBuffer(octets)
    this.octets = new Uint8Array(memory)
    this.words = new Uint32Array(memory)
    this.address = libc.addressOf(memory)
    const buffers = (at: number, length: number) =>
      Array.from({ length: slots }, (_, slot) => new Uint8Array(memory, at + slot * BUFFER_OCTETS, length))
    this.requests = buffers(requestsAt, REQUEST_OCTETS_MAX)
    this.answers = buffers(answersAt, ANSWER_OCTETS_MAX)
    for (let slot = 0; slot < slots; slot++) {
      this.#layOut(this.inAt, slot, requestVectorsAt, requestsAt)
      this.#layOut(this.outAt, slot, this.answerVectorsAt, answersAt)
      this.words[requestVectorsAt / WORD_OCTETS + slot * VECTOR.words + VECTOR.octets] = REQUEST_OCTETS_MAX
    }
  }

  #layOut(headersAt: number, slot: number, vectorsAt: number, buffersAt: number): void {
    const header = headersAt / WORD_OCTETS + slot * HEADER.words
    this.point(header + HEADER.name, this.namesAt + slot * NAME_OCTETS_MAX)
    this.point(header + HEADER.vector, vectorsAt + slot * VECTOR_OCTETS)
    this.words[header + HEADER.vectors] = 1
    this.point(header + HEADER.control, this.controlsAt + slot * CONTROL_OCTETS_MAX)
    this.point(vectorsAt / WORD_OCTETS + slot * VECTOR.words, buffersAt + slot * BUFFER_OCTETS)
  }

  /** Makes the two words at `word` point to where `at` is in this memory. */
  point(word: number, at: number): void {
    pointTo(this.words, word, this.address + at)
  }
}

/** Makes the two words at `word` a pointer to an address. Hot. */
export function pointTo(words: Uint32Array, word: number, address: number): void {
  words[word] = address % ADDRESS_WORD
  words[word + 1] = Math.floor(address / ADDRESS_WORD)
}
