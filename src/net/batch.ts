/**
 * Datagrams by the batch: taken with one call, answered in place, and sent with another, each to whom, and from the
 * address at which, its request came.
 *
 * Hot: nothing is allocated per batch or packet. A request stays where the kernel put it, and its answer is written where
 * the kernel takes it from. One batch does for all sockets of a thread.
 */

import type { Endpoint } from './address.ts'
import type { Asker } from './asker.ts'
import {
  ANSWER_OCTETS_MAX,
  BatchMemory,
  CONTROL_OCTETS_MAX,
  HEADER,
  NAME_OCTETS_MAX,
  VECTOR,
  WORD_OCTETS,
} from './batch-memory.ts'
import type { Libc } from './libc.ts'
import { AF_INET6, endpointAt, IPV4_AT, IPV6_AT, PORT_AT } from './sockaddr.ts'

/**
 * What the kernel says of where a datagram arrived: `struct cmsghdr`, then `struct in_pktinfo` (interface, address to
 * answer from, address that was asked) or `struct in6_pktinfo` (address, interface).
 */
const INFO_AT = 16
const IPV4_INFO_OCTETS = 32
const IPV6_INFO_OCTETS = 40
const IPV4_INTERFACE_AT = INFO_AT
const IPV6_INTERFACE_AT = INFO_AT + 16

const MSG_DONTWAIT = 0x40
const POLLIN = 1
const POLLOUT = 4
const EINTR = 4
const EAGAIN = 11
/** How long a socket is waited for that takes no more, once per batch. */
const FULL_MS = 10

/** Where an answer goes that is not there yet. */
export interface ReturnAddress {
  readonly name: Uint8Array
  readonly control: Uint8Array
}

export class Batch implements Asker {
  readonly size: number
  /** Datagrams that came, each in its slot, and room for their answers. */
  readonly requests: readonly Uint8Array[]
  readonly answers: readonly Uint8Array[]
  /** The address of the asker told of last. */
  octets: Uint8Array
  readonly #ipv4 = new Uint8Array(4)
  readonly #ipv6 = new Uint8Array(16)
  readonly #libc: Libc
  readonly #memory: BatchMemory
  readonly #octets: Uint8Array
  readonly #words: Uint32Array
  /** The first word of all headers, and of the vectors of answers. */
  readonly #in: number
  readonly #out: number
  readonly #vectors: number
  /** The words of pointers to those vectors. */
  readonly #toVectors: Uint32Array
  #asker = 0
  #received: number
  #queued = 0

  constructor(libc: Libc, size = 64) {
    const memory = new BatchMemory(libc, size)
    this.size = size
    this.requests = memory.requests
    this.answers = memory.answers
    this.octets = this.#ipv4
    this.#libc = libc
    this.#memory = memory
    this.#octets = memory.octets
    this.#words = memory.words
    this.#in = memory.inAt / WORD_OCTETS
    this.#out = memory.outAt / WORD_OCTETS
    this.#vectors = memory.answerVectorsAt / WORD_OCTETS
    this.#toVectors = new Uint32Array(2 * (size + 1))
    for (let slot = 0; slot <= size; slot++)
      for (const word of [0, 1])
        this.#toVectors[2 * slot + word] = this.#words[this.#out + slot * HEADER.words + HEADER.vector + word] as number
    this.#received = size
  }

  /** Takes what has come, without waiting: how many datagrams, or minus an error number. Hot. */
  receive(fd: number): number {
    const words = this.#words
    let header = this.#in
    for (let slot = 0; slot < this.#received; slot++, header += HEADER.words) {
      words[header + HEADER.nameOctets] = NAME_OCTETS_MAX
      words[header + HEADER.controlOctets] = CONTROL_OCTETS_MAX
    }
    const count = this.#libc.recvmmsg(fd, this.#memory.address + this.#memory.inAt, this.size, MSG_DONTWAIT, 0)
    if (count > 0) return (this.#received = count)
    this.#received = 0
    const error = this.#libc.errno()
    return error === EAGAIN || error === EINTR ? 0 : -error
  }

  /** How many octets the datagram has, or is left with (see `REQUEST_OCTETS_MAX`). Hot. */
  lengthAt(slot: number): number {
    return this.#words[this.#in + slot * HEADER.words + HEADER.octets] as number
  }

  /** The port that the datagram came from. Hot. */
  portAt(slot: number): number {
    const at = this.#memory.namesAt + slot * NAME_OCTETS_MAX + PORT_AT
    return ((this.#octets[at] as number) << 8) | (this.#octets[at + 1] as number)
  }

  /** Who sent the datagram: this same object each time. Hot. */
  askerAt(slot: number): Asker {
    const memory = this.#octets
    const name = this.#memory.namesAt + slot * NAME_OCTETS_MAX
    const v6 = memory[name] === AF_INET6
    const octets = v6 ? this.#ipv6 : this.#ipv4
    const from = name + (v6 ? IPV6_AT : IPV4_AT)
    for (let at = 0; at < octets.length; at++) octets[at] = memory[from + at] as number
    this.octets = octets
    this.#asker = slot
    return this
  }

  get endpoint(): Endpoint {
    return endpointAt(this.#octets, this.#memory.namesAt + this.#asker * NAME_OCTETS_MAX)
  }

  /** The answer in a slot has so many octets and is to be sent. Hot. */
  queue(slot: number, octets: number): void {
    const words = this.#words
    const request = this.#in + slot * HEADER.words
    const answer = this.#out + this.#queued++ * HEADER.words
    words[this.#vectors + slot * VECTOR.words + VECTOR.octets] = octets
    words[answer + HEADER.vector] = this.#toVectors[2 * slot] as number
    words[answer + HEADER.vector + 1] = this.#toVectors[2 * slot + 1] as number
    words[answer + HEADER.name] = words[request + HEADER.name] as number
    words[answer + HEADER.name + 1] = words[request + HEADER.name + 1] as number
    words[answer + HEADER.nameOctets] = words[request + HEADER.nameOctets] as number
    words[answer + HEADER.control] = words[request + HEADER.control] as number
    words[answer + HEADER.control + 1] = words[request + HEADER.control + 1] as number
    words[answer + HEADER.controlOctets] = this.#sourceAt(slot)
  }

  /**
   * Makes where an answer leaves of where its request arrived: the address stays; the interface is left to the routes,
   * unless the address means nothing elsewhere (RFC 4007 §6). Returns the octets it takes, 0 if there are none. Hot.
   */
  #sourceAt(slot: number): number {
    const octets = this.#words[this.#in + slot * HEADER.words + HEADER.controlOctets] as number
    const control = this.#memory.controlsAt + slot * CONTROL_OCTETS_MAX
    if (octets < IPV4_INFO_OCTETS) return 0
    if (this.#octets[this.#memory.namesAt + slot * NAME_OCTETS_MAX] !== AF_INET6) {
      this.#words[(control + IPV4_INTERFACE_AT) / WORD_OCTETS] = 0
      return IPV4_INFO_OCTETS
    }
    if (octets < IPV6_INFO_OCTETS) return 0
    const first = ((this.#octets[control + INFO_AT] as number) << 8) | (this.#octets[control + INFO_AT + 1] as number)
    if ((first & 0xffc0) !== 0xfe80) this.#words[(control + IPV6_INTERFACE_AT) / WORD_OCTETS] = 0
    return IPV6_INFO_OCTETS
  }

  /** Sends what was queued, and returns how much of it could not be. What fails takes nothing else with it. Hot. */
  flush(fd: number): number {
    const count = this.#queued
    const headers = this.#memory.address + this.#memory.outAt
    let failed = 0
    let waited = false
    this.#queued = 0
    for (let at = 0; at < count;) {
      const sent = this.#libc.sendmmsg(fd, headers + at * HEADER.words * WORD_OCTETS, count - at, MSG_DONTWAIT)
      if (sent > 0) {
        at += sent
        continue
      }
      const error = this.#libc.errno()
      if (error === EINTR) continue
      if (error === EAGAIN) {
        if (waited || !this.#wait(fd, POLLOUT, FULL_MS)) return failed + count - at
        waited = true
        continue
      }
      failed++
      at++
    }
    return failed
  }

  /** Where the answer to a datagram goes, to be kept for later. */
  returnOf(slot: number): ReturnAddress {
    const request = this.#in + slot * HEADER.words
    const nameAt = this.#memory.namesAt + slot * NAME_OCTETS_MAX
    const controlAt = this.#memory.controlsAt + slot * CONTROL_OCTETS_MAX
    return {
      name: this.#octets.slice(nameAt, nameAt + (this.#words[request + HEADER.nameOctets] as number)),
      control: this.#octets.slice(controlAt, controlAt + this.#sourceAt(slot)),
    }
  }

  /** Sends one datagram, outside of any batch; false if it could not be sent. */
  send(fd: number, octets: Uint8Array, { name, control }: ReturnAddress): boolean {
    if (octets.length > ANSWER_OCTETS_MAX) return false
    const slot = this.size
    const request = this.#in + slot * HEADER.words
    this.answers[slot]?.set(octets)
    this.#octets.set(name, this.#memory.namesAt + slot * NAME_OCTETS_MAX)
    this.#octets.set(control, this.#memory.controlsAt + slot * CONTROL_OCTETS_MAX)
    this.#words[request + HEADER.nameOctets] = name.length
    this.#words[request + HEADER.controlOctets] = control.length
    this.queue(slot, octets.length)
    return this.flush(fd) === 0
  }

  /** Waits until there is something to be read; false if nothing comes in time. Nothing else happens meanwhile. */
  waitFor(fd: number, timeoutMs: number): boolean {
    return this.#wait(fd, POLLIN, timeoutMs)
  }

  #wait(fd: number, events: number, timeoutMs: number): boolean {
    const { address, pollAt } = this.#memory
    this.#words[pollAt / WORD_OCTETS] = fd
    this.#words[pollAt / WORD_OCTETS + 1] = events
    return this.#libc.poll(address + pollAt, 1, timeoutMs) > 0
  }
}
