/**
 * What an answering thread does with a request, whichever way it came: answers at once, verifies a signature first, or
 * hands a NOTIFY to the main thread and remembers who waits for the verdict.
 */

import { nameKey, type Name } from '../dns/name.ts'
import { copyOctets } from '../dns/octets.ts'
import type { TsigKey } from '../dns/tsig.ts'
import { addressOctets, type Endpoint } from '../net/address.ts'
import type { Asker } from '../net/asker.ts'
import { NEEDS_NOTIFY, NEEDS_TSIG, Responder, SILENCE, type Client } from '../protocol/answer.ts'
import { respondSlowly } from '../protocol/slow.ts'
import { serialOf } from '../zone/contents.ts'
import type { ZoneHandle } from '../zone/directory-layout.ts'
import type { DirectoryReader } from '../zone/directory-reader.ts'
import { countAnswer, counterIndex, type Counters } from './counters.ts'
import { hmac } from './keys.ts'
import type { Question, Sampler } from './sampler.ts'
import type { AnswerReport } from './thread-messages.ts'
import { peerAt, type RuleBook } from './transfer-rules.ts'

/** Peers that are remembered to have asked; more than that and all are forgotten. */
const ASKED_MAX = 4096

const QUERIES = { udp: counterIndex('udpQueries'), tcp: counterIndex('tcpQueries') } as const
const FAULT_MS = 1000
const ASKED_MS = 1000
const IPV6_OCTETS = 16
const UNKNOWN = new Uint8Array(4)
const SILENT = counterIndex('silent')

export interface AnswerDeskWorld {
  readonly transport: 'udp' | 'tcp'
  readonly directory: DirectoryReader
  readonly counters: Counters
  readonly cookieSecrets: readonly Uint8Array[]
  readonly udpSizeMax: number
  /** NOTIFY messages that may wait for their verdict. */
  readonly pendingMax: number
  /** To whom zones are handed on: peers that ask for their SOA records are told of. */
  readonly rules: RuleBook
  /** Takes some of the questions, to be counted by zone; undefined if nobody wants them counted. */
  readonly sampler?: Sampler | undefined
  readonly report: (report: AnswerReport) => void
}

export class AnswerDesk {
  readonly #world: AnswerDeskWorld
  readonly #responder: Responder
  readonly #client: Client
  /** When which peer was told of to have asked. */
  readonly #asked = new Map<string, number>()
  readonly #waiting = new Map<number, (octets: Uint8Array) => void>()
  readonly #question: Question = { rcode: 0, ipv6: false, octets: 0, microseconds: 0 }
  #keys = new Map<string, readonly TsigKey[]>()
  #tickets = 0
  #faultAt = 0

  constructor(world: AnswerDeskWorld) {
    const { directory, udpSizeMax, cookieSecrets } = world
    this.#world = world
    this.#responder = new Responder(directory, { udpSizeMax, cookieSecrets })
    this.#client = { transport: world.transport, address: new Uint8Array(4), now: 0, reservedOctets: 0 }
  }

  /** All keys by which messages may be signed. */
  setKeys(keys: readonly TsigKey[]): void {
    this.#keys = Map.groupBy(keys, ({ name }) => nameKey(name))
  }

  /** The keys with a name: one for each account that calls a key so. */
  readonly keyOf = (name: Name): readonly TsigKey[] | undefined => this.#keys.get(nameKey(name))

  /** Requests come that are answered at one time, and from what is there at this time. Not for long, and then `end`. */
  begin(): void {
    this.#client.now = Date.now()
    this.#world.directory.enter()
  }

  /** What was found since `begin` need not stay. */
  end(): void {
    this.#world.directory.leave()
  }

  /** Answers one request that comes alone; see `answer`. */
  answerAlone(request: Uint8Array, asker: Asker, out: Uint8Array): number {
    this.begin()
    try {
      return this.answer(request, request.length, asker, out)
    } finally {
      this.end()
    }
  }

  /**
   * Between `begin` and `end`, answers the request in the first `length` octets into `out`; returns the octets of the answer, 0 for silence, or what
   * else the request needs. Hot.
   */
  answer(request: Uint8Array, length: number, asker: Asker, out: Uint8Array): number {
    const { counters, transport, sampler } = this.#world
    counters.addAt(QUERIES[transport])
    let octets = SILENCE
    const startedAt = sampler?.isNextDue === true ? performance.now() : 0
    const client = this.#client
    client.address = asker.octets
    try {
      octets = this.#responder.respond(request, length, out, client)
      if (this.#responder.soaZone !== 0) this.#noteSoa(this.#responder.soaZone, asker.octets)
    } catch (error) {
      this.fault(error)
    }
    if (octets > 0) countAnswer(counters, out)
    else if (octets === 0) counters.addAt(SILENT)
    if (octets > 0 && sampler?.isDue() === true) this.#sample(out, octets, length, startedAt)
    return octets
  }

  /** Goes on where `answer` returned a negative number, except for transfers (see transfers-out.ts). */
  goOn(code: number, request: Uint8Array, from: Endpoint, respond: (octets: Uint8Array) => void): void {
    if (code === NEEDS_NOTIFY) this.#handOn(request, from, respond)
    else if (code === NEEDS_TSIG) this.#answerSigned(request, from, respond)
  }

  /** Tells of a bug that cost one answer. A flood of the same is told of once a second. */
  fault(error: unknown): void {
    const now = Date.now()
    if (now - this.#faultAt < FAULT_MS) return
    this.#faultAt = now
    this.#world.report({ type: 'fault', text: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }

  /** The main thread has judged a NOTIFY. */
  judged(ticket: number, octets: Uint8Array | undefined): void {
    const respond = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    if (octets !== undefined) respond?.(octets)
  }

  #sample(answer: Uint8Array, octets: number, requestOctets: number, startedAt: number): void {
    const question = this.#question
    question.rcode = this.#responder.rcode
    question.ipv6 = this.#client.address.length === IPV6_OCTETS
    question.octets = requestOctets
    question.microseconds = Math.round((performance.now() - startedAt) * 1000)
    this.#world.sampler?.take(answer, octets, question)
  }

  #answerSigned(request: Uint8Array, from: Endpoint, respond: (octets: Uint8Array) => void): void {
    const { counters, sampler } = this.#world
    const client = this.#client
    const address = addressOctets(from.address) ?? UNKNOWN
    const context = { responder: this.#responder, client, keys: this.keyOf, hmac }
    const startedAt = performance.now()
    this.begin()
    client.address = address
    try {
      const { octets } = respondSlowly(copyOctets(request), context)
      countAnswer(counters, octets)
      if (this.#responder.soaZone !== 0) this.#noteSoa(this.#responder.soaZone, address)
      if (sampler?.isDue() === true) this.#sample(octets, octets.length, request.length, startedAt)
      respond(octets)
    } catch (error) {
      this.fault(error)
    } finally {
      this.end()
    }
  }

  /** So many may wait and no more: a flood of NOTIFY costs its senders their answers, and nobody else anything. */
  #handOn(request: Uint8Array, from: Endpoint, respond: (octets: Uint8Array) => void): void {
    const { counters, pendingMax, report, transport } = this.#world
    if (this.#waiting.size >= pendingMax) return counters.add('notificationsDropped')
    const ticket = ++this.#tickets
    this.#waiting.set(ticket, respond)
    counters.add('notifications')
    const client = { address: from.address, port: from.port }
    report({ type: 'notify', ticket, octets: copyOctets(request), client, transport })
  }

  /** Tells that a peer has asked for the SOA record of a zone; once a second is often enough. Within `enter` only. */
  #noteSoa(zone: ZoneHandle, address: Uint8Array): void {
    const { directory, rules, report } = this.#world
    const own = rules.of(directory.idOf(zone))
    if (own?.access === undefined || own.access.peers.length === 0) return
    const peer = peerAt(own, address)
    if (peer === undefined) return
    const serial = serialOf({ arena: directory.arena, version: directory.versionOf(zone) })
    const now = Date.now()
    const key = `${own.zoneId} ${peer} ${serial}`
    if (now - (this.#asked.get(key) ?? 0) < ASKED_MS) return
    if (this.#asked.size >= ASKED_MAX) this.#asked.clear()
    this.#asked.set(key, now)
    report({ type: 'asked', zoneId: own.zoneId, peerId: peer, serial })
  }
}
