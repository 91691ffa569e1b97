/**
 * Connections to primaries that rest between two requests (RFC 7766 §6.2.1, RFC 9103 §6.3.1).
 *
 * A SOA check by TCP and the transfer after it share one connection, and so do the zones of one primary one after the
 * other. Requests do not share a connection at the same time: the answers would wait for one another at the primary.
 */

import { printEndpoint, type Endpoint } from '../net/address.ts'
import { PrimaryConnection, type ConnectionLimits, type ConnectionRequest, type RequestOutcome } from '../net/client.ts'
import { systemTimers, type Alarm, type Timers } from '../net/timers.ts'

const REST_MS = 3000
const RESTING_MAX_PER_PRIMARY = 4
/** Those beyond rest until the next zone of the primary has had its turn, which takes other threads, busy with many zones. */
const TURN_MS = 1000

export interface PoolOptions {
  readonly limits: ConnectionLimits
  readonly localAddress: (endpoint: Endpoint) => string | undefined
  readonly timers?: Timers
}

export interface PooledRequest extends ConnectionRequest {
  /** Ends the request, and the connection with it. */
  readonly signal: AbortSignal
}

/** A connection, and what closes it if nobody needs it in time. */
interface Resting {
  readonly connection: PrimaryConnection
  readonly alarm: Alarm
}

export class ConnectionPool {
  readonly #options: PoolOptions
  readonly #resting = new Map<string, Resting[]>()

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Asks a primary, over a connection that rests or over a new one. */
  async request(endpoint: Endpoint, request: PooledRequest): Promise<RequestOutcome> {
    const key = printEndpoint(endpoint)
    const rested = this.#take(key)
    if (rested === undefined) return this.#ask(key, this.#connect(key, endpoint), request)
    let heard = false
    const outcome = await this.#ask(key, rested, {
      ...request,
      onMessage(message) {
        heard = true
        return request.onMessage(message)
      },
    })
    // A primary may close what rests at any time, and then this says nothing about the request.
    const lost = outcome.type === 'closed' || outcome.type === 'reset'
    return lost && !heard ? this.#ask(key, this.#connect(key, endpoint), request) : outcome
  }

  close(): void {
    for (const resting of this.#resting.values())
      for (const { connection, alarm } of resting) {
        alarm.cancel()
        connection.close()
      }
    this.#resting.clear()
  }

  async #ask(key: string, connection: PrimaryConnection, request: PooledRequest): Promise<RequestOutcome> {
    const { signal } = request
    const abort = () => connection.close()
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    try {
      const outcome = await connection.request(request)
      if (outcome.type === 'done') this.#rest(key, connection)
      else connection.close()
      return outcome
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  #connect(key: string, endpoint: Endpoint): PrimaryConnection {
    const { limits, localAddress, timers } = this.#options
    const from = localAddress(endpoint)
    const connection = new PrimaryConnection({
      endpoint,
      limits,
      ...(from === undefined ? {} : { localAddress: from }),
      ...(timers === undefined ? {} : { timers }),
    })
    void connection.ended.then(() => this.#leave(key, connection))
    return connection
  }

  #take(key: string): PrimaryConnection | undefined {
    const last = this.#resting.get(key)?.pop()
    last?.alarm.cancel()
    return last?.connection
  }

  #rest(key: string, connection: PrimaryConnection): void {
    const resting = this.#resting.get(key) ?? []
    const restMs = resting.length < RESTING_MAX_PER_PRIMARY ? REST_MS : TURN_MS
    const alarm = (this.#options.timers ?? systemTimers).after(restMs, () => {
      this.#leave(key, connection)
      connection.close()
    })
    resting.push({ connection, alarm })
    this.#resting.set(key, resting)
  }

  #leave(key: string, connection: PrimaryConnection): void {
    const resting = this.#resting.get(key) ?? []
    const at = resting.findIndex((one) => one.connection === connection)
    if (at < 0) return
    resting[at]?.alarm.cancel()
    resting.splice(at, 1)
    if (resting.length === 0) this.#resting.delete(key)
  }
}
