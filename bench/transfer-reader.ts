/**
 * Finds the end of a zone transfer in a stream of octets, and does nothing else with it: whoever measures a sender must
 * take less time than the sender does.
 *
 * A transfer ends with the SOA record it began with. The last 20 octets of its RDATA, from the serial to the minimum,
 * are those of no other record; so of every message only its header and the end of its answer section are looked at.
 */

import { afterName } from '../test/interop/ask.ts'

const LENGTH_OCTETS = 2
const HEADER_OCTETS = 12
const RECORD_HEAD_OCTETS = 10
const SOA = 6
const SOA_NUMBERS_OCTETS = 20

/** Reads one transfer. */
export class TransferReader {
  messages = 0
  /** With the length before each message. */
  octets = 0
  records = 0
  ended = false
  readonly #partial = new Uint8Array(LENGTH_OCTETS + 65_535)
  #partialOctets = 0
  readonly #soaNumbers = new Uint8Array(SOA_NUMBERS_OCTETS)
  /** Of what stands behind the answer section in a message that is signed. */
  #tsigOctets = 0

  /** Takes in the next octets of the stream. Throws if they are no answer to a transfer, or go on behind its end. */
  read(chunk: Uint8Array, length = chunk.length): void {
    let at = 0
    while (at < length) {
      if (this.ended) throw new Error('octets behind the end of a transfer')
      if (this.#partialOctets > 0) {
        at = this.#complete(chunk, at, length)
        continue
      }
      const end = at + LENGTH_OCTETS < length ? at + LENGTH_OCTETS + readUint16(chunk, at) : Infinity
      if (end > length) {
        this.#partial.set(chunk.subarray(at, length))
        this.#partialOctets = length - at
        return
      }
      this.#message(chunk, at + LENGTH_OCTETS, end)
      at = end
    }
  }

  /** Adds to the message that has begun as many octets as it lacks; gives where the next one begins. */
  #complete(chunk: Uint8Array, start: number, length: number): number {
    const partial = this.#partial
    let at = start
    if (this.#partialOctets < LENGTH_OCTETS) partial[this.#partialOctets++] = chunk[at++] as number
    if (this.#partialOctets < LENGTH_OCTETS) return at
    const wanted = LENGTH_OCTETS + readUint16(partial, 0) - this.#partialOctets
    const taken = Math.min(wanted, length - at)
    partial.set(chunk.subarray(at, at + taken), this.#partialOctets)
    this.#partialOctets += taken
    if (taken < wanted) return at + taken
    const end = this.#partialOctets
    this.#partialOctets = 0
    this.#message(partial, LENGTH_OCTETS, end)
    return at + taken
  }

  #message(octets: Uint8Array, start: number, end: number): void {
    const rcode = (octets[start + 3] as number) & 15
    if (end - start < HEADER_OCTETS || rcode !== 0) throw new Error(`a transfer was answered with RCODE ${rcode}`)
    const first = this.messages === 0
    this.messages++
    this.octets += LENGTH_OCTETS + end - start
    this.records += readUint16(octets, start + 6)
    if (first) this.#begin(Buffer.from(octets.buffer, octets.byteOffset + start, end - start))
    const signed = readUint16(octets, start + 10) > 0
    const tail = end - (signed ? this.#tsigOctets : 0) - SOA_NUMBERS_OCTETS
    // A message that holds the first SOA record alone ends like the last one.
    if (first && this.records < 2) return
    for (let at = 0; at < SOA_NUMBERS_OCTETS; at++) if (octets[tail + at] !== this.#soaNumbers[at]) return
    this.ended = true
  }

  /** Learns from the first message how the last one ends. */
  #begin(message: Buffer): void {
    let at = HEADER_OCTETS
    for (let left = message.readUInt16BE(4); left > 0; left--) at = afterName(message, at) + 4
    for (let record = 0; record < message.readUInt16BE(6); record++) {
      const head = afterName(message, at)
      at = head + RECORD_HEAD_OCTETS + message.readUInt16BE(head + 8)
      if (record > 0) continue
      if (message.readUInt16BE(head) !== SOA) throw new Error('a transfer does not begin with an SOA record')
      this.#soaNumbers.set(message.subarray(at - SOA_NUMBERS_OCTETS, at))
    }
    this.#tsigOctets = message.length - at
  }
}

function readUint16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number)
}
