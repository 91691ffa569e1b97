/** The threads that answer DNS, as the main thread sees them. */

import { availableParallelism } from 'node:os'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { TsigKey } from '../dns/tsig.ts'
import { loadLibc } from '../net/libc.ts'
import type { SharedMemory } from '../zone/directory-reader.ts'
import { ServeError } from './serve-error.ts'
import type { Settings } from './settings.ts'
import type { AnswerOrder, AnswerReport, AnswerThreadData, TransferOutFacts, UdpAnswered } from './thread-messages.ts'
import { Tickets } from './tickets.ts'
import type { RuleChanges } from './transfer-rules.ts'

/** A NOTIFY that came in, to be judged by somebody who knows who may send one. */
export interface IncomingNotify {
  readonly octets: Uint8Array
  readonly client: { readonly address: string; readonly port: number }
  readonly transport: 'udp' | 'tcp'
}

export type PeerAsked = Extract<AnswerReport, { type: 'asked' }>

export interface DnsThreadsWorld {
  readonly settings: Settings
  readonly counters: SharedArrayBuffer
  readonly cookieSecrets: readonly Uint8Array[]
  /** The response to a NOTIFY; undefined stays silent. */
  readonly judge: (notify: IncomingNotify) => Uint8Array | undefined
  readonly transferredOut: (facts: TransferOutFacts) => void
  /** Questions that were answered, as `readSamples` reads them. */
  readonly sampled: (samples: Uint8Array) => void
  /** A peer asked for the SOA record of a zone that is handed on to it. */
  readonly asked: (asked: PeerAsked) => void
  /** A port to the store, for each thread. */
  readonly connectStore: () => MessagePort
  /** What a thread must know before it answers. */
  readonly first: () => readonly AnswerOrder[]
  /** A bug cost a connection. */
  readonly fault: (text: string) => void
  /** A thread is gone. */
  readonly failed: (error: Error) => void
}

/** Threads that are started for UDP where nobody says how many, however many processors there are. */
const UDP_THREADS_MAX = 8
const PROCESSORS = availableParallelism()

const udpThreadCount = ({ threads }: Pick<Settings, 'threads'>): number =>
  threads.answer === 0 ? Math.min(PROCESSORS, UDP_THREADS_MAX) : threads.answer

/** How many threads answer: some for UDP, and one for TCP and transfers out. */
export const dnsThreadCount = (settings: Pick<Settings, 'threads'>): number => udpThreadCount(settings) + 1

interface Answering {
  readonly worker: Worker
  readonly gone: Promise<unknown>
  readonly tickets: Tickets
}

export class DnsThreads {
  readonly #world: DnsThreadsWorld
  readonly #channels: readonly MessageChannel[]
  readonly #workers: Answering[] = []
  readonly #udp: UdpAnswered[] = []
  #stopping = false

  constructor(world: DnsThreadsWorld) {
    this.#world = world
    this.#channels = Array.from({ length: dnsThreadCount(world.settings) }, () => new MessageChannel())
  }

  /** Where new chunks of shared memory are to be announced, one port per thread. */
  get chunkPorts(): readonly MessagePort[] {
    return this.#channels.map(({ port1 }) => port1)
  }

  /** Which way each thread for UDP answers; complete once all are started. */
  get udp(): readonly UdpAnswered[] {
    return this.#udp
  }

  /** Starts the threads and binds the addresses; resolves to those bound, or rejects if one cannot be. */
  async start(memory: SharedMemory): Promise<readonly string[]> {
    const { settings } = this.#world
    if (settings.udp !== 'plain') await loadLibc() // for the threads, which may end in any way they like (see there)
    const udpThreads = udpThreadCount(settings)
    const bound = await Promise.all(
      this.#channels.map(({ port2 }, thread) => {
        const program = thread < udpThreads ? './answer-thread.ts' : './stream-thread.ts'
        return this.#startOne(program, thread, port2, memory)
      }),
    )
    return [...new Set(bound.flat())]
  }

  /** All keys by which messages may be signed. */
  setKeys(keys: readonly TsigKey[]): void {
    for (const { worker } of this.#workers) order(worker, { type: 'keys', keys })
  }

  /** To whom zones are handed on has changed. Resolves when all threads go by it. */
  async setRules(changes: RuleChanges): Promise<void> {
    await this.#askAll((ticket) => ({ type: 'rules', changes, ticket }))
  }

  /** Has all questions told that were answered until now; resolves when they have been. One that is gone told before. */
  async gather(): Promise<void> {
    await this.#askAll((ticket) => ({ type: 'sample', ticket }))
  }

  /** Stops answering; what is being answered is finished first. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const { worker } of this.#workers) order(worker, { type: 'stop' })
    await Promise.all(this.#workers.map(({ gone }) => gone))
  }

  #startOne(program: string, thread: number, chunks: MessagePort, memory: SharedMemory): Promise<readonly string[]> {
    const { settings, counters, cookieSecrets, failed, connectStore, first } = this.#world
    const udpThreads = udpThreadCount(settings)
    const shared = thread < udpThreads && udpThreads > 1
    const store = connectStore()
    const common = { settings, memory, counters, cookieSecrets }
    const data: AnswerThreadData = { ...common, chunks, store, thread, shared }
    const worker = new Worker(new URL(program, import.meta.url), {
      workerData: data,
      transferList: [chunks, store],
      name: program === './answer-thread.ts' ? `answer-${thread}` : 'stream',
    })
    const gone = new Promise((resolve) => worker.once('exit', resolve))
    const tickets = new Tickets(gone)
    this.#workers.push({ worker, gone, tickets })
    for (const known of first()) order(worker, known)
    worker.on('error', (error) => failed(error as Error))
    worker.on('exit', () => {
      if (!this.#stopping) failed(new Error(`the thread of ${program} ended`))
    })
    return new Promise((resolve, reject) => {
      worker.on('message', (report: AnswerReport) => {
        if (report.type === 'bound') {
          if (report.udp !== undefined) this.#udp.push(report.udp)
          resolve(report.addresses)
        } else if (report.type === 'failed') reject(new ServeError(report.text))
        else this.#hear({ worker, tickets }, report)
      })
      void gone.then(() => reject(new ServeError(`the thread of ${program} ended while it started`)))
    })
  }

  async #askAll(question: (ticket: number) => AnswerOrder): Promise<void> {
    await Promise.all(
      this.#workers.map(({ worker, tickets }) => tickets.ask((ticket) => order(worker, question(ticket)))),
    )
  }

  #judge(notify: IncomingNotify): Uint8Array | undefined {
    try {
      return this.#world.judge(notify)
    } catch (error) {
      this.#world.fault((error as Error).stack ?? String(error))
      return undefined
    }
  }

  #hear(
    { worker, tickets }: Pick<Answering, 'worker' | 'tickets'>,
    report: Exclude<AnswerReport, { type: 'bound' | 'failed' }>,
  ): void {
    switch (report.type) {
      case 'transfer out':
        return this.#world.transferredOut(report.facts)
      case 'ruled':
        return tickets.answered(report.ticket)
      case 'asked':
        return this.#world.asked(report)
      case 'fault':
        return this.#world.fault(report.text)
      case 'samples':
        if (report.octets.length > 0) this.#world.sampled(report.octets)
        return report.ticket === undefined ? undefined : tickets.answered(report.ticket)
      case 'notify':
        return order(worker, { type: 'judged', ticket: report.ticket, octets: this.#judge(report) })
      default:
        return report satisfies never
    }
  }
}

function order(worker: Worker, said: AnswerOrder): void {
  worker.postMessage(said)
}
