/**
 * The way out of a connection: what was written and not yet read, and when there is room for more.
 *
 * Node counts writes that the kernel has not taken whole; what the kernel took is out of our hands and memory.
 */

import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { PREFIX_OCTETS, prefixOf } from './framing.ts'
import type { TcpCounters, TcpLimits } from './tcp-limits.ts'
import type { Timers } from './timers.ts'

/** A stream lets the others have a turn after so many octets, even if its client reads as fast as we write. */
const TURN_OCTETS = 256 * 1024

/** What the ways out of all connections share. */
export interface OutletHost {
  readonly limits: TcpLimits
  readonly counters: TcpCounters
  readonly timers: Timers
}

export class Outlet {
  readonly #socket: Socket
  readonly #host: OutletHost
  readonly #written: () => void
  #unread = 0
  #unsent = 0
  #thisTurn = 0
  #progressAt = 0
  #closed = false
  #waiting: (() => void)[] = []

  /** `written` is called whenever the kernel took something. */
  constructor(socket: Socket, host: OutletHost, written: () => void) {
    this.#socket = socket
    this.#host = host
    this.#written = written
  }

  /** Octets that were written and not taken. */
  get unread(): number {
    return this.#unread
  }

  /** One message with its length, in one write (RFC 7766 §8). The message is given away. */
  send(message: Uint8Array): void {
    if (this.#closed) return
    this.#host.counters.sent++
    this.#socket.cork()
    this.#socket.write(prefixOf(message.length))
    this.#write(message, PREFIX_OCTETS + message.length)
    this.#socket.uncork()
  }

  /** Messages that have their lengths already. The octets are given away. */
  sendFrames(frames: Uint8Array): void {
    if (!this.#closed) this.#write(frames, frames.length)
  }

  /** Whether so much waits, `unwritten` octets more included, that nothing is to be added. */
  isFull(unwritten = 0): boolean {
    const { limits, counters } = this.#host
    const unread = this.#unread + unwritten
    if (unread === 0) return false // whoever has nothing waiting gets a turn, come what may
    return unread >= limits.unreadOctetsMax || counters.unreadOctets + unwritten >= limits.unreadOctetsTotalMax
  }

  /** Resolves once a stream may go on; false if it never may. */
  async room(): Promise<boolean> {
    if (this.#thisTurn >= TURN_OCTETS) {
      this.#thisTurn = 0
      await nextTurn()
    }
    while (!this.#closed && this.isFull()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return !this.#closed
  }

  /** Whether the client took nothing of what waits for it, for too long. */
  isStalled(now: number): boolean {
    if (this.#unread === 0) return false
    const unsent = unsentOctets(this.#socket)
    if (unsent !== this.#unsent) this.#progressAt = now
    this.#unsent = unsent
    return now - this.#progressAt > this.#host.limits.stallMs
  }

  /** What waits is not counted any more. */
  close(): void {
    this.#closed = true
    this.#host.counters.unreadOctets -= this.#unread
    this.#unread = 0
    this.#wake()
  }

  #write(octets: Uint8Array, counted: number): void {
    const { counters, timers } = this.#host
    counters.sentOctets += counted
    counters.unreadOctets += counted
    if (this.#unread === 0) this.#progressAt = timers.now()
    this.#unread += counted
    this.#thisTurn += counted
    this.#socket.write(octets, (error) => {
      if (this.#closed || (error !== null && error !== undefined)) return // nothing went, and the end is near
      this.#unread -= counted
      counters.unreadOctets -= counted
      this.#progressAt = timers.now()
      this.#wake()
      this.#written()
    })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}

/** Octets that the kernel did not take yet. Node counts whole writes only; its handle knows of parts. */
function unsentOctets(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { _handle?: { writeQueueSize?: number } | null }
  return socket.writableLength + (handle?.writeQueueSize ?? 0)
}
