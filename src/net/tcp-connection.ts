/**
 * One connection of a client that asks by TCP (RFC 7766).
 *
 * Questions are taken as they come, many to a chunk, and answered at once where that can be; the answers to one chunk
 * leave in one write. Questions that others answer are in flight meanwhile, so answers may leave in any order. A zone
 * transfer is a stream of messages that is pulled as fast as the client reads, with other answers in between. A client
 * that does not read is not read from.
 */

import type { Socket } from 'node:net'
import { HEADER_OCTETS, MESSAGE_OCTETS_MAX } from '../dns/wire.ts'
import type { Frames } from '../protocol/frame-maker.ts'
import type { Endpoint } from './address.ts'
import { FRAME_OCTETS_MAX, FrameReader, FramingError, PREFIX_OCTETS } from './framing.ts'
import { Outlet, type OutletHost } from './tcp-outlet.ts'

/** Who asks. */
export interface TcpClient extends Endpoint {
  /** Aborted when the connection ends: nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** Writes the answer into `out` and returns its length; 0 stays silent, below 0 hands the request on. Hot. */
export type AnswerMessage = (request: Uint8Array, client: TcpClient, out: Uint8Array) => number

/**
 * The answer of somebody who takes longer: one message, none, or a stream of them. Messages are given away, frames lent until
 * the next are asked for.
 */
export type LaterAnswer = Promise<Uint8Array | undefined> | AsyncIterable<Uint8Array | Frames>

/** Takes a request that `AnswerMessage` did not want, with the number it said. */
export type HandOn = (request: Uint8Array, client: TcpClient, code: number) => LaterAnswer

/** What connections share. */
export interface ConnectionHost extends OutletHost {
  readonly answer: AnswerMessage
  readonly handOn: HandOn | undefined
  /** Where answers are put together; free between two calls. */
  readonly scratch: Uint8Array
  readonly failed: (error: unknown) => void
  /** A question came. */
  readonly used: (connection: TcpConnection) => void
  readonly closed: (connection: TcpConnection) => void
}

/** Why we close a connection; the name of its counter. */
export type CloseReason = 'evicted' | 'idle' | 'stalled' | 'unanswered' | 'malformed'

export class TcpConnection {
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #client: TcpClient
  readonly #reader = new FrameReader({ octetsMin: HEADER_OCTETS })
  readonly #outlet: Outlet
  readonly #abort = new AbortController()
  /** When a question was taken, or answered. */
  #usedAt: number
  #inFlight = 0
  #paused = false
  /** The client asks no more; we take no more; nothing can be sent any more. */
  #ended = false
  #finishing = false
  #closed = false

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket
    this.#host = host
    this.#usedAt = host.timers.now()
    this.#outlet = new Outlet(socket, host, () => this.#goOn())
    const { remoteAddress: address = '', remotePort: port = 0 } = socket
    this.#client = { address, port, signal: this.#abort.signal }
    socket.on('data', (chunk: Uint8Array) => {
      host.counters.receivedOctets += chunk.length
      this.#reader.push(chunk)
      this.#work()
    })
    socket.on('end', () => {
      this.#ended = true
      this.#endIfDone()
    })
    socket.on('error', () => this.close()) // resets are the client's right
    socket.on('close', () => this.#forget())
  }

  /** Nothing is asked, answered or unread. */
  get atRest(): boolean {
    return this.#inFlight === 0 && this.#outlet.unread === 0
  }

  /** Closes what has rested, stalled or waited for too long. */
  sweep(now: number, idleMs: number): void {
    if (this.#outlet.isStalled(now)) this.close('stalled')
    else if (this.atRest) {
      if (now - this.#usedAt > idleMs) this.close('idle')
    } else if (this.#outlet.unread === 0 && now - this.#usedAt > this.#host.limits.answerMs) this.close('unanswered')
  }

  close(reason?: CloseReason): void {
    if (this.#closed) return
    if (reason !== undefined) this.#host.counters[reason]++
    this.#socket.destroy()
    this.#forget()
  }

  /** Takes no more questions; closes once those taken are answered. */
  finish(): void {
    this.#finishing = true
    this.#socket.pause()
    this.#endIfDone()
  }

  /** Takes questions until there are no more, or no room for their answers. Hot. */
  #work(): void {
    const { counters } = this.#host
    let at = 0
    try {
      while (!this.#mustWait(at)) {
        const request = this.#reader.next()
        if (request === undefined) break
        counters.received++
        at = this.#answer(request, at)
      }
    } catch (error) {
      this.#flush(at)
      this.#fail(error)
      return
    }
    this.#flush(at)
    this.#hold(this.#mustWait(0))
    this.#endIfDone()
  }

  /** Answers into the scratch buffer at `at`, and returns where the next answer goes. Hot. */
  #answer(request: Uint8Array, at: number): number {
    const { answer, scratch, counters } = this.#host
    const room = scratch.length - at < FRAME_OCTETS_MAX ? this.#flush(at) : at
    const start = room + PREFIX_OCTETS
    const octets = answer(request, this.#client, scratch.subarray(start, start + MESSAGE_OCTETS_MAX))
    if (octets < 0) void this.#handOn(request.slice(), octets)
    if (octets <= 0) return room
    this.#used()
    scratch[room] = octets >> 8
    scratch[room + 1] = octets
    counters.sent++
    return start + octets
  }

  /** Writes what was put together; the scratch buffer is free again, from 0. */
  #flush(at: number): number {
    if (at > 0) this.#outlet.sendFrames(this.#host.scratch.slice(0, at))
    return 0
  }

  /** Only a question that is answered keeps a connection open. */
  #used(): void {
    this.#usedAt = this.#host.timers.now()
    this.#host.used(this)
  }

  async #handOn(request: Uint8Array, code: number): Promise<void> {
    const { handOn, counters } = this.#host
    if (handOn === undefined) return
    this.#inFlight++
    counters.inFlight++
    this.#used()
    try {
      await this.#sendLater(handOn(request, this.#client, code))
    } catch (error) {
      this.#fail(error)
    }
    this.#inFlight--
    counters.inFlight--
    this.#used()
    this.#goOn()
  }

  async #sendLater(later: LaterAnswer): Promise<void> {
    if (!(Symbol.asyncIterator in later)) {
      const message = await later
      if (message !== undefined) this.#outlet.send(message)
      return
    }
    for await (const answer of later) {
      if (answer instanceof Uint8Array) this.#outlet.send(answer)
      else this.#outlet.sendLent(answer)
      if (!(await this.#outlet.room())) return
      this.#used()
    }
  }

  /** Half a transfer must not look like a whole one, so whatever goes wrong ends the connection. */
  #fail(error: unknown): void {
    if (error instanceof FramingError) {
      this.close('malformed')
      return
    }
    if (!this.#closed) this.#host.failed(error)
    this.close()
  }

  #mustWait(unwritten: number): boolean {
    return this.#outlet.isFull(unwritten) || this.#inFlight >= this.#host.limits.inFlightMax
  }

  #hold(hold: boolean): void {
    if (hold === this.#paused) return
    this.#paused = hold
    if (hold) this.#socket.pause()
    else this.#socket.resume()
  }

  /** There may be room again. */
  #goOn(): void {
    if (this.#closed) return
    if (this.#paused && !this.#finishing) this.#work()
    else this.#endIfDone()
  }

  /** A client that asks no more may still read (RFC 7766 §6.2.4); one that we are done with need not. */
  #endIfDone(): void {
    if (this.#closed || !this.atRest) return
    if (this.#finishing) this.#socket.destroySoon()
    else if (this.#ended && !this.#paused) this.#socket.end()
  }

  #forget(): void {
    if (this.#closed) return
    this.#closed = true
    this.#outlet.close()
    this.#abort.abort()
    this.#host.closed(this)
  }
}
