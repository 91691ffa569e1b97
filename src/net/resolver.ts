/**
 * A stub resolver: asks those who look names up for others (RFC 1034 §5.3.1).
 *
 * Servers are asked in order, each by UDP as often as it takes, and by TCP if the answer was cut; the next one is asked if
 * one fails. Nothing is kept: whoever wants answers again knows by their TTLs when.
 */

import { getServers } from 'node:dns'
import type { Message } from '../dns/message.ts'
import type { Name } from '../dns/name.ts'
import {
  CHAIN_MAX,
  isCut,
  lookupQuery,
  meaningOf,
  readAnswer,
  type AnswerMeaning,
  type Resolution,
} from '../protocol/resolution.ts'
import { parseEndpoint, printEndpoint, type Endpoint } from './address.ts'
import { PrimaryConnection } from './client.ts'
import { udpExchange, type ExchangeOutcome } from './exchange.ts'
import type { Timers } from './timers.ts'

export interface ResolverOptions {
  readonly servers: readonly Endpoint[]
  /** How long to wait for an answer to each try by UDP, and for a whole answer by TCP. */
  readonly timeoutMs: number
  /** How often each server is asked by UDP. */
  readonly tries: number
  readonly timers?: Timers
}

/** A name and type; with RD clear for servers that should know by themselves. */
export interface Lookup {
  readonly name: Name
  readonly type: number
}

/** The resolvers of this machine, as /etc/resolv.conf names them. */
export function systemResolvers(): readonly Endpoint[] {
  return getServers().map((text) => parseEndpoint(text))
}

export class Resolver {
  readonly #options: ResolverOptions

  constructor(options: ResolverOptions) {
    this.#options = options
  }

  /** Looks up a name, along all its aliases. */
  async resolve(lookup: Lookup, signal?: AbortSignal): Promise<Resolution> {
    let { name } = lookup
    let ttl = Infinity
    for (let steps = 0; steps < CHAIN_MAX; steps++) {
      const meaning = await this.#askAll({ ...lookup, name }, signal)
      if (meaning.type === 'failed') return meaning
      ttl = Math.min(ttl, meaning.ttl)
      if (meaning.type !== 'alias') return { ...meaning, ttl }
      ;({ name } = meaning)
    }
    return { type: 'failed', why: `there are more than ${CHAIN_MAX} aliases in a row` }
  }

  /** Asks one server, and nobody in its place, what it knows by itself; a sentence if it does not answer. */
  askServer(endpoint: Endpoint, lookup: Lookup, signal?: AbortSignal): Promise<Message | string> {
    return this.#ask(endpoint, (id) => lookupQuery(lookup, { id, recursion: 'not desired' }), signal)
  }

  async #askAll(lookup: Lookup, signal: AbortSignal | undefined): Promise<AnswerMeaning> {
    let why = 'there is no resolver to ask'
    for (const server of this.#options.servers) {
      const answer = await this.#ask(server, (id) => lookupQuery(lookup, { id, recursion: 'desired' }), signal)
      const meaning = typeof answer === 'string' ? answer : meaningOf(answer, lookup)
      if (typeof meaning !== 'string' && meaning.type !== 'failed') return meaning
      why = `${printEndpoint(server)}: ${typeof meaning === 'string' ? meaning : meaning.why}`
      if (signal?.aborted === true) break
    }
    return { type: 'failed', why }
  }

  async #ask(
    server: Endpoint,
    message: (id: number) => Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Message | string> {
    const { timeoutMs, tries, timers } = this.#options
    const patience = { timeoutMs, tries, ...(signal && { signal }), ...(timers && { timers }) }
    const outcome = await udpExchange(server, message, patience)
    if (outcome.type !== 'answered') return sentenceOfExchange(outcome)
    return isCut(outcome.octets) ? this.#askByTcp(server, message, signal) : readAnswer(outcome.octets)
  }

  async #askByTcp(
    server: Endpoint,
    message: (id: number) => Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Message | string> {
    const { timeoutMs, timers } = this.#options
    const limits = { connectMs: timeoutMs, idleMs: timeoutMs }
    const connection = new PrimaryConnection({ endpoint: server, limits, ...(timers && { timers }) })
    const stop = () => connection.close()
    signal?.addEventListener('abort', stop)
    let octets: Uint8Array | undefined
    const end = await connection.request({
      message,
      totalMs: timeoutMs,
      onMessage: (answer) => {
        octets = new Uint8Array(answer)
        return 'done'
      },
    })
    signal?.removeEventListener('abort', stop)
    connection.close()
    return octets === undefined ? `no answer by TCP (${end.type})` : readAnswer(octets)
  }
}

function sentenceOfExchange(outcome: Exclude<ExchangeOutcome, { type: 'answered' }>): string {
  switch (outcome.type) {
    case 'timeout':
      return `no answer to ${outcome.tries} tries`
    case 'refused':
      return 'nobody listens there'
    case 'unreachable':
      return `there is no way there (${outcome.code})`
    case 'stopped':
      return 'the question was given up'
    default:
      return outcome satisfies never
  }
}
