/**
 * One question by UDP, and its answer (RFC 1035 §4.2.1).
 *
 * Each exchange has a socket of its own, so the kernel chooses a port nobody can guess, and drops what does not come
 * from the address and port that were asked. What has the wrong id or question is taken for forged and ignored: the
 * right answer may still come (RFC 5452 §9).
 */

import { createSocket } from 'node:dgram'
import { isIpv6, type Endpoint } from './address.ts'
import { answers, freshId, withId, type Outgoing } from './message-id.ts'
import { systemTimers, type Alarm, type Timers } from './timers.ts'

export interface ExchangeOptions {
  /** How long to wait for an answer to each try. */
  readonly timeoutMs: number
  readonly tries: number
  /** The address to ask from. */
  readonly localAddress?: string
  /** Gives up at once when aborted. */
  readonly signal?: AbortSignal
  readonly timers?: Timers
}

/** How an exchange ended. A try is a question sent; an answer to an earlier one counts. */
export type ExchangeOutcome =
  | { readonly type: 'answered'; readonly octets: Uint8Array; readonly tries: number }
  | { readonly type: 'timeout'; readonly tries: number }
  /** Nobody listens there. */
  | { readonly type: 'refused' }
  /** There is no way there, or none from our address; `code` is the name of the system's error. */
  | { readonly type: 'unreachable'; readonly code: string }
  | { readonly type: 'stopped' }

/** Sends a message until it is answered. Every try has an id of its own. */
export function udpExchange(endpoint: Endpoint, message: Outgoing, options: ExchangeOptions): Promise<ExchangeOutcome> {
  return new Promise((resolve) => new Exchange(endpoint, message, options, resolve))
}

class Exchange {
  readonly #message: Outgoing
  readonly #options: ExchangeOptions
  readonly #resolve: (outcome: ExchangeOutcome) => void
  readonly #socket
  readonly #stop = () => this.#end({ type: 'stopped' })
  /** What was sent, by id. */
  readonly #queries = new Map<number, Uint8Array>()
  #alarm: Alarm | undefined
  #ended = false

  constructor(
    endpoint: Endpoint,
    message: Outgoing,
    options: ExchangeOptions,
    resolve: (outcome: ExchangeOutcome) => void,
  ) {
    this.#message = message
    this.#options = options
    this.#resolve = resolve
    this.#socket = createSocket({ type: isIpv6(endpoint.address) ? 'udp6' : 'udp4' })
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('message', ({ buffer, byteOffset, length }: Uint8Array) =>
      this.#receive(new Uint8Array(buffer, byteOffset, length)),
    )
    options.signal?.addEventListener('abort', this.#stop)
    if (options.signal?.aborted === true) this.#stop()
    else this.#open(endpoint)
  }

  #open({ address, port }: Endpoint): void {
    const connect = () => {
      if (this.#ended) return
      this.#socket.connect(port, address, (error?: Error) => {
        if (error === undefined || error === null) this.#try()
        else this.#fail(error)
      })
    }
    const { localAddress } = this.#options
    if (localAddress === undefined) connect()
    else this.#socket.bind({ address: localAddress, port: 0, exclusive: true }, connect)
  }

  #try(): void {
    if (this.#ended) return
    const { timeoutMs, tries, timers = systemTimers } = this.#options
    if (this.#queries.size === tries) {
      this.#end({ type: 'timeout', tries })
      return
    }
    const id = freshId(this.#queries)
    const query = withId(this.#message, id)
    this.#queries.set(id, query)
    this.#alarm = timers.after(timeoutMs, () => this.#try())
    this.#socket.send(query, (error) => error !== null && this.#fail(error))
  }

  #receive(response: Uint8Array): void {
    for (const query of this.#queries.values())
      if (answers(response, query)) {
        this.#end({ type: 'answered', octets: response, tries: this.#queries.size })
        return
      }
  }

  #fail(error: NodeJS.ErrnoException): void {
    const { code = error.message } = error
    this.#end(code === 'ECONNREFUSED' ? { type: 'refused' } : { type: 'unreachable', code })
  }

  #end(outcome: ExchangeOutcome): void {
    if (this.#ended) return
    this.#ended = true
    this.#alarm?.cancel()
    this.#options.signal?.removeEventListener('abort', this.#stop)
    this.#socket.close()
    this.#resolve(outcome)
  }
}
