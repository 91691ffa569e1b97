/**
 * A TCP connection to a primary: questions and transfers, several at once (RFC 7766 §6.2.1, RFC 5936 §4.1).
 *
 * Each request has an id of its own and gets the messages that carry it. A primary that is slow is not waited for
 * without end: there is a limit for connecting, for silence, for a rate that is too low, and for the whole request.
 */

import { connect, type Socket } from 'node:net'
import { HEADER_OCTETS } from '../dns/wire.ts'
import type { Endpoint } from './address.ts'
import { endOf, type ConnectionEnd } from './connection-end.ts'
import { FrameReader, frameOf, FramingError } from './framing.ts'
import { freshId, idOf, isResponse, withId, type Outgoing } from './message-id.ts'
import { systemTimers, type Alarm, type Timers } from './timers.ts'

/** How slow a primary may be. */
export interface ConnectionLimits {
  readonly connectMs: number
  /** Time without an octet while something is asked. */
  readonly idleMs: number
  /** At least so many octets in each such time while something is asked. */
  readonly rate?: { readonly octets: number; readonly windowMs: number }
}

export interface ConnectionOptions {
  readonly endpoint: Endpoint
  readonly limits: ConnectionLimits
  /** The address to connect from. */
  readonly localAddress?: string
  readonly timers?: Timers
}

/** How a request ended: it got all it wanted, or the connection ended before. */
export type RequestOutcome = { readonly type: 'done' } | ConnectionEnd

export interface ConnectionRequest {
  readonly message: Outgoing
  /** Takes each message of the answer, which is valid during the call only; says whether more are wanted. */
  readonly onMessage: (message: Uint8Array) => 'more' | 'done'
  readonly totalMs?: number
}

interface Pending {
  readonly onMessage: ConnectionRequest['onMessage']
  readonly deadline: number
  readonly resolve: (outcome: RequestOutcome) => void
  readonly reject: (error: unknown) => void
}

/** A read takes up to so much: most connections are for a short question, a big transfer needs few and long reads. */
const READ_OCTETS = { first: 64 * 1024, later: 1024 * 1024 }

/** Of all connections: what is read has been looked at, or copied, before the next read of any of them. */
const FIRST_ROOM = new Uint8Array(READ_OCTETS.first)

/** Messages that nobody waits for any more are endured only so often. */
const STRAYS_MAX = 1000

/** So many ended requests are remembered, of which the last ones matter. */
const PAST_MAX = 10_000

/** Connects at once; requests may be made at once too. */
export class PrimaryConnection {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<ConnectionEnd>
  readonly #socket: Socket
  readonly #limits: ConnectionLimits
  readonly #timers: Timers
  readonly #reader = new FrameReader({ octetsMin: HEADER_OCTETS })
  readonly #pending = new Map<number, Pending>()
  /** IDs of requests that have ended, perhaps before their answers did. */
  readonly #past = new Set<number>()
  readonly #connectBy: number
  #connected = false
  #end: ConnectionEnd | undefined
  #resolveEnded: (end: ConnectionEnd) => void = () => {}
  #heardAt = 0
  #windowAt = 0
  #windowOctets = 0
  #strays = 0
  #octets = 0
  #alarm: Alarm | undefined
  #alarmAt = Infinity

  constructor({ endpoint, limits, localAddress, timers = systemTimers }: ConnectionOptions) {
    this.#limits = limits
    this.#timers = timers
    this.#connectBy = timers.now() + limits.connectMs
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve))
    let room = FIRST_ROOM
    const onread = {
      buffer: () => {
        if (this.#octets > READ_OCTETS.later && room.length < READ_OCTETS.later)
          room = new Uint8Array(READ_OCTETS.later)
        return room
      },
      callback: (octets: number, buffer: Uint8Array) => this.#receive(buffer.subarray(0, octets)),
    }
    const place = { host: endpoint.address, port: endpoint.port, noDelay: true, onread }
    this.#socket = connect(localAddress === undefined ? place : { ...place, localAddress })
    this.#socket.on('connect', () => {
      this.#connected = true
      this.#listen()
    })
    this.#socket.on('end', () => this.#finish({ type: 'closed', midMessage: this.#reader.midMessage }))
    this.#socket.on('error', (error) => this.#finish(endOf(error, this.#connected)))
    this.#socket.on('close', () => this.#finish({ type: 'closed', midMessage: this.#reader.midMessage }))
    this.#arm()
  }

  /** Octets that came so far. */
  get octets(): number {
    return this.#octets
  }

  /** Asks, and gives each message of the answer to `onMessage` until that is done. */
  request({ message, onMessage, totalMs = Infinity }: ConnectionRequest): Promise<RequestOutcome> {
    if (this.#end !== undefined) return Promise.resolve(this.#end)
    const id = freshId({ has: (taken) => this.#pending.has(taken) || this.#past.has(taken) })
    const deadline = this.#timers.now() + totalMs
    return new Promise((resolve, reject) => {
      if (this.#pending.size === 0) this.#listen()
      this.#pending.set(id, { onMessage, deadline, resolve, reject })
      this.#socket.write(frameOf(withId(message, id)))
      this.#arm()
    })
  }

  /** Ends the connection; what is asked ends as `stopped`. */
  close(): void {
    this.#finish({ type: 'stopped' })
  }

  /** From here on the primary is expected to say something. */
  #listen(): void {
    this.#heardAt = this.#windowAt = this.#timers.now()
    this.#windowOctets = 0
    this.#arm()
  }

  #receive(chunk: Uint8Array): boolean {
    this.#octets += chunk.length
    this.#windowOctets += chunk.length
    this.#heardAt = this.#timers.now()
    this.#reader.push(chunk)
    try {
      while (this.#end === undefined) {
        const message = this.#reader.next()
        if (message === undefined) break
        this.#dispatch(message)
      }
    } catch (error) {
      if (!(error instanceof FramingError)) throw error
      this.#finish({ type: 'malformed', detail: error.message })
    }
    return true
  }

  #dispatch(message: Uint8Array): void {
    const id = idOf(message)
    const pending = this.#pending.get(id)
    if (pending === undefined) this.#strayed(id)
    else if (!isResponse(message)) this.#finish({ type: 'malformed', detail: 'a query instead of a response' })
    else this.#give(message, id, pending)
  }

  #give(message: Uint8Array, id: number, { onMessage, resolve, reject }: Pending): void {
    try {
      if (onMessage(message) === 'more') return
      this.#forget(id)
      resolve({ type: 'done' })
    } catch (error) {
      this.#forget(id)
      reject(error)
      this.close() // a bug of whoever reads; the stream is of no use any more
    }
  }

  /**
   * The rest of an answer nobody waits for is passed over. An ID that was never asked with means that a message of some
   * answer is lost, and an answer that lacks a message must not look whole (RFC 5936 §2.2.1).
   */
  #strayed(id: number): void {
    if (!this.#past.has(id)) this.#finish({ type: 'malformed', detail: 'a message with an ID that was not asked with' })
    else if (++this.#strays > STRAYS_MAX)
      this.#finish({ type: 'malformed', detail: 'messages that nobody waits for any more' })
  }

  #forget(id: number): void {
    this.#pending.delete(id)
    if (this.#past.size === PAST_MAX) this.#past.clear()
    this.#past.add(id)
  }

  /** Sets the alarm to the earliest limit. Limits move ahead as octets come, so it may ring for nothing. */
  #arm(): void {
    const at = this.#end === undefined ? this.#nextLimit() : Infinity
    if (at >= this.#alarmAt) return
    this.#alarm?.cancel()
    this.#alarmAt = at
    this.#alarm = this.#timers.after(at - this.#timers.now(), () => {
      this.#alarmAt = Infinity
      this.#check(this.#timers.now())
      this.#arm()
    })
  }

  #nextLimit(): number {
    if (!this.#connected) return Math.min(this.#connectBy, this.#earliestDeadline())
    if (this.#pending.size === 0) return Infinity
    const { idleMs, rate } = this.#limits
    const window = rate === undefined ? Infinity : this.#windowAt + rate.windowMs
    return Math.min(this.#heardAt + idleMs, window, this.#earliestDeadline())
  }

  #earliestDeadline(): number {
    let earliest = Infinity
    for (const { deadline } of this.#pending.values()) earliest = Math.min(earliest, deadline)
    return earliest
  }

  /** Ends what is over its limit. */
  #check(now: number): void {
    const { idleMs, rate } = this.#limits
    if (!this.#connected) {
      if (now >= this.#connectBy) this.#finish({ type: 'timeout', of: 'connect' })
    } else if (this.#pending.size > 0) {
      if (now >= this.#heardAt + idleMs) this.#finish({ type: 'timeout', of: 'idle' })
      else if (rate !== undefined && now >= this.#windowAt + rate.windowMs) {
        if (this.#windowOctets < rate.octets) this.#finish({ type: 'timeout', of: 'rate' })
        this.#windowAt = now
        this.#windowOctets = 0
      }
    }
    this.#checkDeadlines(now)
  }

  /** A request that took too long ends alone, unless it was the last. */
  #checkDeadlines(now: number): void {
    const end: ConnectionEnd = { type: 'timeout', of: 'total' }
    for (const [id, { deadline, resolve }] of this.#pending) {
      if (now < deadline) continue
      this.#forget(id)
      resolve(end)
      if (this.#pending.size === 0) this.#finish(end)
    }
  }

  #finish(end: ConnectionEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#alarm?.cancel()
    this.#socket.destroy()
    for (const { resolve } of this.#pending.values()) resolve(end)
    this.#pending.clear()
    this.#resolveEnded(end)
  }
}
