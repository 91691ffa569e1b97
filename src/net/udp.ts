/** Answers by UDP (RFC 1035 §4.2.1): what both ways of doing it have in common. */

import { HEADER_OCTETS } from '../dns/wire.ts'
import type { Endpoint } from './address.ts'
import type { Asker } from './asker.ts'

/** Room for the kernel to keep datagrams in while we are busy. */
export const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024

/** What happened on the sockets, as plain numbers. */
export interface UdpCounters {
  received: number
  receivedOctets: number
  sent: number
  sentOctets: number
  /** Too short for a header, or a response: never answered, lest two servers talk for ever. */
  ignored: number
  silent: number
  handedOn: number
  sendFailed: number
}

/**
 * Answers the request in the first `length` octets into `out` and returns the length of the answer; 0 stays silent, below
 * 0 hands the request on. Hot: all three are used again for the next datagram.
 */
type AnswerDatagram = (request: Uint8Array, length: number, asker: Asker, out: Uint8Array) => number

export interface UdpOptions {
  readonly endpoint: Endpoint
  readonly answer: AnswerDatagram
  /** Hears when datagrams are about to be answered, one or many, and when that is done. */
  readonly batch?: { begin(): void; end(): void }
  /** Takes requests that `answer` did not want, with the number it said; may respond at once, later, or never. */
  readonly handOn?: (request: Uint8Array, client: Endpoint, respond: (answer: Uint8Array) => void, code: number) => void
  readonly counters: UdpCounters
  /** Lets several threads share the address; the kernel deals the datagrams out. */
  readonly reusePort?: boolean
  readonly receiveBufferOctets?: number
  /** Hears of a socket that failed while it was in use. */
  readonly failed?: (error: Error) => void
  /** The addresses of the host, those that a wildcard stands for. */
  readonly hostAddresses?: () => readonly string[]
}

/** Sockets that answer. */
export interface UdpServer {
  readonly endpoints: readonly Endpoint[]
  /** Binds the addresses that a wildcard stands for by now, and lets go of those that are gone. */
  rescan(): Promise<void>
  close(): Promise<void>
}

/** Counters that begin at zero. */
export function newUdpCounters(): UdpCounters {
  const answers = { received: 0, receivedOctets: 0, sent: 0, sentOctets: 0 }
  return { ...answers, ignored: 0, silent: 0, handedOn: 0, sendFailed: 0 }
}

/** Whether a datagram has a header, is no response, and comes from where an answer can go. Hot. */
export function isAnswerable(request: Uint8Array, length: number, port: number): boolean {
  return length >= HEADER_OCTETS && ((request[2] as number) & 0x80) === 0 && port !== 0
}
