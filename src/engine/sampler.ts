/**
 * Questions on their way from a thread that answers to the main thread, which counts them (question-counts.ts).
 *
 * A thread takes every question until a second has brought as many as it may take one by one; from there on, and for as
 * long as it stays like that, one in some. A sample weighs as much as the questions since the one before, so the sum of
 * the weights is the number of questions, whatever was left out. How many are left out follows what the last second
 * brought; within a second the interval doubles, and each doubling takes half as many samples as the one before. Which one is taken is left to chance: resolvers ask for
 * A and AAAA in turn, and every second question would always be of the same type.
 *
 * Hot: a thread has one sampler with one buffer, and nothing new is made per packet.
 *
 *      octets   4       2      2      1      1           2         2        4              …
 *             weight │ type │ RCODE │ flags │ name octets │ request │ answer │ microseconds │ name in lower case
 */

import { copyOctets } from '../dns/octets.ts'
import { HEADER_OCTETS } from '../dns/wire.ts'

/** What stands before the name. */
export const SAMPLE_HEAD_OCTETS = 18
export const SAMPLE_FLAG = { tcp: 1, ipv6: 2 } as const

const OPCODE_BITS = 0x78
const UPPER_A = 65
const UPPER_Z = 90
const TO_LOWER = 32

const SAMPLE_OCTETS_MAX = SAMPLE_HEAD_OCTETS + 255

/** Beside twice the samples of a second: as many as a flood may take when the interval doubles with each. */
const SPARE_SAMPLES = 32
const INTERVAL_MAX = 2 ** 30

export interface SamplerOptions {
  /** Questions of one second that are taken one by one. */
  readonly samplesPerSecond: number
  readonly transport: 'udp' | 'tcp'
  /** Where chance begins; not 0. */
  readonly seed: number
}

export class Sampler {
  readonly #perSecond: number
  readonly #transportFlag: number
  readonly #octets: Uint8Array
  #at = 0
  /** Where the last sample begins, if there is one. */
  #lastAt = 0
  /** One question in so many is taken, on average. */
  #interval = 1
  /** Samples to take before the interval doubles. */
  #left: number
  #share: number
  /** Questions since the last sample, this one included, and how many of them there are to be. */
  #passed = 0
  #gap = 1
  /** Questions of this second. */
  #seen = 0
  #random: number

  constructor({ samplesPerSecond, transport, seed }: SamplerOptions) {
    this.#perSecond = samplesPerSecond
    this.#transportFlag = transport === 'tcp' ? SAMPLE_FLAG.tcp : 0
    this.#octets = new Uint8Array((2 * samplesPerSecond + SPARE_SAMPLES) * SAMPLE_OCTETS_MAX)
    this.#left = samplesPerSecond
    this.#share = samplesPerSecond
    this.#random = seed
  }

  /** Whether the next question will be taken, so that it is worth looking at the clock before. */
  get isNextDue(): boolean {
    return this.#passed + 1 >= this.#gap
  }

  /** Counts a question that was answered; whether it is to be taken. */
  isDue(): boolean {
    this.#seen++
    return ++this.#passed >= this.#gap
  }

  /** Takes the question that an answer repeats. What repeats none was no question that could be read. */
  take(answer: Uint8Array, octets: number, request: Question): void {
    if (((answer[2] as number) & OPCODE_BITS) !== 0 || answer[5] !== 1) return this.#skip()
    if (this.#at + SAMPLE_OCTETS_MAX > this.#octets.length) return this.#slowDown()
    const out = this.#octets
    const start = this.#at
    let to = start + SAMPLE_HEAD_OCTETS
    let from = HEADER_OCTETS
    for (let label = -1; label !== 0;) {
      label = answer[from++] as number
      out[to++] = label
      for (let left = label; left > 0; left--) {
        const octet = answer[from++] as number
        out[to++] = octet >= UPPER_A && octet <= UPPER_Z ? octet + TO_LOWER : octet
      }
    }
    put32(out, start, this.#passed)
    out[start + 4] = answer[from] as number
    out[start + 5] = answer[from + 1] as number
    put16(out, start + 6, request.rcode)
    out[start + 8] = this.#transportFlag | (request.ipv6 ? SAMPLE_FLAG.ipv6 : 0)
    out[start + 9] = from - HEADER_OCTETS
    put16(out, start + 10, request.octets)
    put16(out, start + 12, octets)
    put32(out, start + 14, request.microseconds)
    this.#at = to
    this.#lastAt = start
    this.#passed = 0
    if (--this.#left <= 0) this.#slowDown()
    this.#gap = this.#nextGap()
  }

  /** The samples since the last time. */
  drain(): Uint8Array<ArrayBuffer> {
    if (this.#at > 0) this.#closeAccount()
    const samples = copyOctets(this.#octets, 0, this.#at)
    this.#at = 0
    return samples
  }

  /** A second is over: what it brought says how much is left out in the next. */
  renew(): void {
    this.#interval = Math.max(1, Math.ceil(this.#seen / this.#perSecond))
    this.#seen = 0
    this.#share = this.#perSecond
    this.#left = this.#share
    this.#gap = this.#nextGap()
  }

  /** What passed since the last sample counts as more of its kind: a flood must not weigh on what comes after it. */
  #closeAccount(): void {
    put32(this.#octets, this.#lastAt, get32(this.#octets, this.#lastAt) + this.#passed)
    this.#passed = 0
  }

  /** The question is none: the next one is taken in its place. */
  #skip(): void {
    this.#seen--
    this.#passed--
  }

  /** More than was to be expected: one in twice as many from here on, and half as many of those. */
  #slowDown(): void {
    this.#interval = Math.min(2 * this.#interval, INTERVAL_MAX)
    this.#share = Math.max(1, this.#share >> 1)
    this.#left = this.#share
    this.#gap = this.#nextGap()
  }

  /** From 1 to twice the interval less one, all equally likely (xorshift32). */
  #nextGap(): number {
    if (this.#interval === 1) return 1
    let random = this.#random
    random ^= random << 13
    random ^= random >>> 17
    random ^= random << 5
    this.#random = random
    return 1 + ((random >>> 0) % (2 * this.#interval - 1))
  }
}

/** What is known of a question beside its octets. One such object may be used again for every packet. */
export interface Question {
  rcode: number
  ipv6: boolean
  /** Of the request. */
  octets: number
  /** What the answer took. */
  microseconds: number
}

function put16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8
  octets[at + 1] = value
}

function put32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24
  octets[at + 1] = value >>> 16
  octets[at + 2] = value >>> 8
  octets[at + 3] = value
}

function get32(octets: Uint8Array, at: number): number {
  const high = ((octets[at] as number) << 24) >>> 0
  return high + ((octets[at + 1] as number) << 16) + ((octets[at + 2] as number) << 8) + (octets[at + 3] as number)
}
