/**
 * The way out of a connection: what was written and not yet read, and when there is room for more.
 *
 * Node counts writes that the kernel has not taken whole; what the kernel took is out of our hands and memory.
 */

import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { octetsOf, type Frames } from '../protocol/frame-maker.ts'
import { PREFIX_OCTETS, prefixOf } from './framing.ts'
import type { Gather } from './gather.ts'
import type { TcpCounters, TcpLimits } from './tcp-limits.ts'
import type { Timers } from './timers.ts'

/** A stream lets the others have a turn after so many octets, even if its client reads as fast as we write. */
const TURN_OCTETS = 256 * 1024

/** What the ways out of all connections share. */
export interface OutletHost {
  readonly limits: TcpLimits
  readonly counters: TcpCounters
  readonly timers: Timers
  /** Writes frames from where they lie; without it they are copied first. */
  readonly gather: Gather | undefined
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

  /** Messages that are lent: none of them is looked at after this. */
  sendLent(frames: Frames): void {
    if (this.#closed) return
    this.#host.counters.sent += frames.messages
    const gone = this.#unread === 0 ? this.#sendInPlace(frames) : 0
    if (gone < frames.octets) this.sendFrames(octetsOf(frames, gone))
  }

  /** Gives the kernel what it takes at once, from where it lies. */
  #sendInPlace({ pieces }: Frames): number {
    const gone = this.#host.gather?.write(handleOf(this.#socket)?.fd ?? -1, pieces) ?? 0
    this.#host.counters.sentOctets += gone
    this.#thisTurn += gone
    return gone
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
    while (!this.#closed && this.#mustWait()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return !this.#closed
  }

  /** What lies somewhere is better left there than copied, so all that was copied goes first. */
  #mustWait(): boolean {
    return this.#host.gather === undefined ? this.isFull() : this.#unread > 0
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
  return socket.writableLength + (handleOf(socket)?.writeQueueSize ?? 0)
}

/** What Node.js has of a socket and does not tell; null once it is closed. */
function handleOf(socket: Socket): { readonly writeQueueSize?: number; readonly fd?: number } | null | undefined {
  return (socket as Socket & { _handle?: { writeQueueSize?: number; fd?: number } | null })._handle
}
