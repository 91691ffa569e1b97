/** Sends NOTIFY messages and believes their answers only as far as they are signed (RFC 1996, RFC 8945). */

import type { ConnectionEnd } from '../net/connection-end.ts'
import { PrimaryConnection } from '../net/client.ts'
import { udpExchange } from '../net/exchange.ts'
import { isIpv6 } from '../net/address.ts'
import { notifyMessage, refusalInAnswer } from '../protocol/notify-message.ts'
import { outgoingReason, type OutgoingReason } from '../protocol/outgoing-reason.ts'
import { sentenceOf } from '../protocol/reason.ts'
import type { NotifyPort, NotifyRequest } from './notify-port.ts'
import type { Settings } from './settings.ts'
import { signatureOf, type Signature } from './transfer-signature.ts'

export class NotifyClient implements NotifyPort {
  readonly #sources: readonly string[]
  readonly #now: () => number

  constructor({ primary }: Pick<Settings, 'primary'>, now: () => number) {
    this.#sources = primary.notifySource
    this.#now = now
  }

  send(request: NotifyRequest): Promise<OutgoingReason | undefined> {
    return request.transport === 'udp' ? this.#sendByUdp(request) : this.#sendByTcp(request)
  }

  async #sendByUdp(request: NotifyRequest): Promise<OutgoingReason | undefined> {
    const { endpoint, timeoutMs, signal } = request
    const signed = this.#signing(request)
    const options = { timeoutMs, tries: 1, signal, ...this.#from(endpoint.address) }
    const outcome = await udpExchange(endpoint, signed.message, options)
    switch (outcome.type) {
      case 'answered':
        return signed.judge(outcome.octets)
      case 'timeout':
        return outgoingReason('notify-unanswered', { seconds: timeoutMs / 1000 })
      case 'refused':
        return outgoingReason('notify-unreachable', { error: 'port unreachable' })
      case 'unreachable':
        return outgoingReason('notify-unreachable', { error: outcome.code })
      case 'stopped':
        return outgoingReason('notify-unanswered', { seconds: 0 })
      default:
        return outcome satisfies never
    }
  }

  /** By TCP where UDP does not get through (RFC 1996 §3.2). A connection for one message: this is the last try. */
  async #sendByTcp(request: NotifyRequest): Promise<OutgoingReason | undefined> {
    const { endpoint, timeoutMs, signal } = request
    const signed = this.#signing(request)
    const limits = { connectMs: timeoutMs, idleMs: timeoutMs }
    const connection = new PrimaryConnection({ endpoint, limits, ...this.#from(endpoint.address) })
    const abort = () => connection.close()
    signal.addEventListener('abort', abort)
    let verdict: { readonly against: OutgoingReason | undefined } | undefined
    try {
      const end = await connection.request({
        message: signed.message,
        totalMs: timeoutMs,
        onMessage(octets) {
          verdict = { against: signed.judge(octets) }
          return 'done'
        },
      })
      return verdict === undefined ? reasonOfEnd(end as ConnectionEnd, timeoutMs) : verdict.against
    } finally {
      signal.removeEventListener('abort', abort)
      connection.close()
    }
  }

  #signing({ apex, soa, key }: NotifyRequest) {
    let signature: Signature | undefined
    return {
      message: (id: number): Uint8Array => {
        signature = signatureOf(notifyMessage(id, apex, soa), key, this.#now)
        return signature.request
      },
      judge: (octets: Uint8Array): OutgoingReason | undefined => {
        const believed = (signature as Signature).believe(octets)
        if (believed.type === 'believed') return refusalInAnswer(believed.octets)
        // An error that is not signed is told as the error it is: it can do no more harm than no answer.
        const refusal = believed.unsigned ? refusalInAnswer(octets) : undefined
        return refusal ?? outgoingReason('notify-not-believed', { error: sentenceOf(believed.reason) })
      },
    }
  }

  #from(address: string): { readonly localAddress?: string } {
    const localAddress = this.#sources.find((own) => isIpv6(own) === isIpv6(address))
    return localAddress === undefined ? {} : { localAddress }
  }
}

function reasonOfEnd(end: ConnectionEnd, timeoutMs: number): OutgoingReason {
  switch (end.type) {
    case 'timeout':
    case 'stopped':
      return outgoingReason('notify-unanswered', { seconds: timeoutMs / 1000 })
    case 'refused':
      return outgoingReason('notify-unreachable', { error: 'connection refused' })
    case 'unreachable':
      return outgoingReason('notify-unreachable', { error: end.code })
    case 'closed':
    case 'reset':
      return outgoingReason('notify-unreachable', { error: 'the connection was closed before an answer' })
    case 'malformed':
      return outgoingReason('notify-unreadable', { error: end.detail })
    default:
      return end satisfies never
  }
}
