/** How this server asks primaries: which way, from which address, within which limits, and signed by which key. */

import { isIpv6, type Endpoint } from '../net/address.ts'
import type { RequestOutcome } from '../net/client.ts'
import { udpExchange, type ExchangeOutcome } from '../net/exchange.ts'
import type { TsigKey } from '../dns/tsig.ts'
import { ConnectionPool } from './connection-pool.ts'
import type { Settings } from './settings.ts'
import { signatureOf, type Signature } from './transfer-signature.ts'

/** One question to a primary. */
export interface Question {
  readonly endpoint: Endpoint
  readonly key: TsigKey | undefined
  /** The message with the id it is sent with. */
  readonly message: (id: number) => Uint8Array
  readonly signal: AbortSignal
}

/** A message of an answer, as it came, with what decides whether it is believed. */
export interface Received {
  readonly octets: Uint8Array
  readonly id: number
  readonly signature: Signature
}

export class PrimaryClient {
  readonly #settings: Settings
  readonly #pool: ConnectionPool
  readonly #now: () => number

  constructor(settings: Settings, now: () => number) {
    const { connectSeconds, transferIdleSeconds, transferRateMin } = settings.limits
    this.#settings = settings
    this.#now = now
    this.#pool = new ConnectionPool({
      limits: {
        connectMs: connectSeconds * 1000,
        idleMs: transferIdleSeconds * 1000,
        rate: { octets: transferRateMin.octets, windowMs: transferRateMin.seconds * 1000 },
      },
      localAddress: (endpoint) => this.#localAddress(endpoint),
    })
  }

  /** Asks by UDP, as often as the settings say. */
  async askUdp({
    endpoint,
    key,
    message,
    signal,
  }: Question): Promise<Received | Exclude<ExchangeOutcome, { type: 'answered' }>> {
    const { checkSeconds, checkTries } = this.#settings.limits
    const signatures = new Map<number, Signature>()
    const from = this.#localAddress(endpoint)
    const outcome = await udpExchange(
      endpoint,
      (id) => {
        const signature = signatureOf(message(id), key, this.#now)
        signatures.set(id, signature)
        return signature.request
      },
      {
        timeoutMs: checkSeconds * 1000,
        tries: checkTries,
        signal,
        ...(from === undefined ? {} : { localAddress: from }),
      },
    )
    if (outcome.type !== 'answered') return outcome
    const { octets } = outcome
    const id = ((octets[0] as number) << 8) | (octets[1] as number)
    return { octets, id, signature: signatures.get(id) as Signature }
  }

  /** Asks by TCP; each message of the answer goes to `onMessage` until that is done. */
  askTcp(
    { endpoint, key, message, signal }: Question,
    { totalMs, onMessage }: { totalMs: number; onMessage: (received: Received) => 'more' | 'done' },
  ): Promise<RequestOutcome> {
    let signature: Signature | undefined
    let sentId = 0
    return this.#pool.request(endpoint, {
      message: (id) => {
        sentId = id
        signature = signatureOf(message(id), key, this.#now)
        return signature.request
      },
      onMessage: (octets) => onMessage({ octets, id: sentId, signature: signature as Signature }),
      totalMs,
      signal,
    })
  }

  close(): void {
    this.#pool.close()
  }

  #localAddress({ address }: Endpoint): string | undefined {
    return this.#settings.secondary.localAddress.find((own) => isIpv6(own) === isIpv6(address))
  }
}
