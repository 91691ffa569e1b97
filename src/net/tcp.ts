/** Answers by TCP: who may connect, and when a connection has to go (RFC 7766 §6.2, RFC 9210 §4). */

import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { clientOf, isIpv6, type Endpoint } from './address.ts'
import { FRAME_OCTETS_MAX } from './framing.ts'
import type { Gather } from './gather.ts'
import { TcpConnection, type AnswerMessage, type ConnectionHost, type HandOn } from './tcp-connection.ts'
import { idleMsUnderLoad, type TcpCounters, type TcpLimits } from './tcp-limits.ts'
import { systemTimers, type Alarm, type Timers } from './timers.ts'

/** How often connections are looked at; a limit of time is kept to within this. */
const SWEEP_MS = 500

export interface TcpOptions {
  readonly endpoint: Endpoint
  readonly answer: AnswerMessage
  readonly handOn?: HandOn
  readonly limits: TcpLimits
  readonly counters: TcpCounters
  readonly timers?: Timers
  /** Where calls of the C library can be made. */
  readonly gather?: Gather | undefined
  /** Lets several threads share the address; the kernel deals the connections out. */
  readonly reusePort?: boolean
  /** Hears of an exception of whoever answers, after which the connection is closed, and of the listening socket. */
  readonly failed: (error: unknown) => void
}

/** A listening socket and its connections. */
export interface TcpServer {
  readonly endpoint: Endpoint
  /** How long a connection may rest as things are: what the keepalive option says (RFC 7828 §3.3.2). */
  readonly idleMs: number
  /** Accepts nobody any more, lets answers in the making finish for `graceMs`, then closes all connections. */
  close(graceMs?: number): Promise<void>
}

/** Binds and answers. Rejects if the address cannot be bound. */
export async function listenTcp(options: TcpOptions): Promise<TcpServer> {
  const { address, port } = options.endpoint
  const listener = new Listener(options)
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => listener.accept(socket))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    const place = { host: address, port, ipv6Only: isIpv6(address), backlog: 511, exclusive: true }
    server.listen({ ...place, reusePort: options.reusePort ?? false }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', options.failed)
  listener.begin()
  return {
    endpoint: { address, port: (server.address() as AddressInfo).port },
    get idleMs() {
      return listener.idleMs
    },
    close: (graceMs = 0) => listener.close(server, graceMs),
  }
}

class Listener {
  readonly #limits: TcpLimits
  readonly #counters: TcpCounters
  readonly #timers: Timers
  readonly #host: ConnectionHost
  /** Whose they are, in the order of their last question: who rests longest comes first. */
  readonly #connections = new Map<TcpConnection, string>()
  readonly #perClient = new Map<string, number>()
  #sweeping: Alarm | undefined
  #allClosed: (() => void) | undefined

  constructor({ answer, handOn, limits, counters, timers = systemTimers, gather, failed }: TcpOptions) {
    this.#limits = limits
    this.#counters = counters
    this.#timers = timers
    const scratch = new Uint8Array(2 * FRAME_OCTETS_MAX)
    const used = (connection: TcpConnection) => this.#used(connection)
    const closed = (connection: TcpConnection) => this.#closed(connection)
    this.#host = { answer, handOn, limits, counters, timers, gather, failed, scratch, used, closed }
  }

  get idleMs(): number {
    return idleMsUnderLoad(this.#limits, this.#connections.size)
  }

  begin(): void {
    this.#sweeping = this.#timers.after(SWEEP_MS, () => {
      const now = this.#timers.now()
      const { idleMs } = this
      for (const connection of this.#connections.keys()) connection.sweep(now, idleMs)
      this.begin()
    })
  }

  /** Takes a new connection; if there are too many, the one that rests longest makes room (RFC 7766 §6.2.2). */
  accept(socket: Socket): void {
    const client = clientOf(socket.remoteAddress ?? '')
    if (!this.#hasRoom(client)) {
      this.#counters.refused++
      socket.on('error', () => {})
      socket.resetAndDestroy()
      return
    }
    this.#counters.accepted++
    this.#counters.open++
    this.#perClient.set(client, (this.#perClient.get(client) ?? 0) + 1)
    this.#connections.set(new TcpConnection(socket, this.#host), client)
  }

  async close(server: Server, graceMs: number): Promise<void> {
    this.#sweeping?.cancel()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    if (graceMs > 0 && this.#connections.size > 0) {
      const finished = new Promise<void>((resolve) => (this.#allClosed = resolve))
      const patience = this.#timers.after(graceMs, () => this.#allClosed?.())
      for (const connection of this.#connections.keys()) connection.finish()
      await finished
      patience.cancel()
    }
    for (const connection of this.#connections.keys()) connection.close()
    await closed
  }

  #hasRoom(client: string): boolean {
    const { connectionsMax, connectionsPerClientMax } = this.#limits
    const ofClient = this.#perClient.get(client) ?? 0
    if (ofClient >= connectionsPerClientMax && !this.#evict(client)) return false
    return this.#connections.size < connectionsMax || this.#evict()
  }

  /** Closes the connection that rests longest, of one client or of all. */
  #evict(client?: string): boolean {
    for (const [connection, owner] of this.#connections) {
      if (!connection.atRest || (client !== undefined && client !== owner)) continue
      connection.close('evicted')
      return true
    }
    return false
  }

  #used(connection: TcpConnection): void {
    const client = this.#connections.get(connection)
    if (client === undefined) return
    this.#connections.delete(connection)
    this.#connections.set(connection, client)
  }

  #closed(connection: TcpConnection): void {
    const client = this.#connections.get(connection) ?? ''
    const left = (this.#perClient.get(client) ?? 0) - 1
    if (left > 0) this.#perClient.set(client, left)
    else this.#perClient.delete(client)
    this.#connections.delete(connection)
    this.#counters.open--
    if (this.#connections.size === 0) this.#allClosed?.()
  }
}
