/** The threads that answer DNS, as the main thread sees them. */

import { availableParallelism } from 'node:os'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { TsigKey } from '../dns/tsig.ts'
import { loadLibc } from '../net/libc.ts'
import type { SharedMemory } from '../zone/directory-reader.ts'
import { ServeError } from './serve-error.ts'
import type { Settings } from './settings.ts'
import type {
  AnswerOrder,
  AnswerReport,
  AnswerThreadData,
  BeginAnswering,
  TransferOutFacts,
  UdpAnswered,
} from './thread-messages.ts'
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
  /** A port to the store, for each thread. */
  readonly connectStore: () => MessagePort
  /** A thread is gone. */
  readonly failed: (error: Error) => void
}

/** Who hears of what the threads meet once they answer. */
export interface DnsThreadsHearer {
  /** The response to a NOTIFY; undefined stays silent. */
  readonly judge: (notify: IncomingNotify) => Uint8Array | undefined
  readonly transferredOut: (facts: TransferOutFacts) => void
  /** Questions that were answered, as `readSamples` reads them. */
  readonly sampled: (samples: Uint8Array) => void
  /** A peer asked for the SOA record of a zone that is handed on to it. */
  readonly asked: (asked: PeerAsked) => void
  /** A bug cost a connection. */
  readonly fault: (text: string) => void
}

/** Threads that are started for UDP where nobody says how many, however many processors there are. */
const UDP_THREADS_MAX = 8
const PROCESSORS = availableParallelism()

const udpThreadCount = ({ threads }: Pick<Settings, 'threads'>): number =>
  threads.answer === 0 ? Math.min(PROCESSORS, UDP_THREADS_MAX) : threads.answer

/** How many threads answer: some for UDP, and one for TCP and transfers out. */
export const dnsThreadCount = (settings: Pick<Settings, 'threads'>): number => udpThreadCount(settings) + 1

type Bound = Extract<AnswerReport, { type: 'bound' }>

interface Answering {
  readonly worker: Worker
  readonly name: string
  readonly gone: Promise<unknown>
  readonly tickets: Tickets
}

export class DnsThreads {
  readonly #world: DnsThreadsWorld
  readonly #channels: readonly MessageChannel[]
  #loading: readonly Answering[] = []
  /** Those that were told to answer: what changes is told to them. */
  #workers: readonly Answering[] = []
  readonly #udp: UdpAnswered[] = []
  #stopping = false

  constructor(world: DnsThreadsWorld) {
    this.#world = world
    this.#channels = Array.from({ length: dnsThreadCount(world.settings) }, () => new MessageChannel())
  }

  /** Begins the threads, if that has not been done: loading takes them longer than all they do before they answer. */
  load(): void {
    if (this.#stopping || this.#loading.length > 0) return
    const udpThreads = udpThreadCount(this.#world.settings)
    this.#loading = this.#channels.map(({ port2 }, thread) =>
      this.#load(thread < udpThreads ? './answer-thread.ts' : './stream-thread.ts', thread, port2),
    )
  }

  /** Where new chunks of shared memory are to be announced, one port per thread. */
  get chunkPorts(): readonly MessagePort[] {
    return this.#channels.map(({ port1 }) => port1)
  }

  /** Which way each thread for UDP answers; complete once all answer. */
  get udp(): readonly UdpAnswered[] {
    return this.#udp
  }

  /** Binds the addresses; resolves to those bound, or rejects if one cannot be. `known` is known before the first answer. */
  async start(
    memory: SharedMemory,
    known: readonly AnswerOrder[],
    hearer: DnsThreadsHearer,
  ): Promise<readonly string[]> {
    if (this.#world.settings.udp !== 'plain') await loadLibc() // for the threads, which may end in any way they like (see there)
    if (this.#stopping) return []
    this.load()
    this.#workers = this.#loading
    const begun = await Promise.all(this.#workers.map((one) => begin(one, { type: 'begin', memory, known }, hearer)))
    for (const { udp } of begun) if (udp !== undefined) this.#udp.push(udp)
    const bound = begun.map(({ addresses }) => addresses)
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
    for (const { worker } of this.#loading) order(worker, { type: 'stop' })
    await Promise.all(this.#loading.map(({ gone }) => gone))
  }

  #load(program: string, thread: number, chunks: MessagePort): Answering {
    const { settings, counters, cookieSecrets, failed, connectStore } = this.#world
    const udpThreads = udpThreadCount(settings)
    const shared = thread < udpThreads && udpThreads > 1
    const store = connectStore()
    const data: AnswerThreadData = { settings, counters, cookieSecrets, chunks, store, thread, shared }
    const name = thread < udpThreads ? `answer-${thread}` : 'stream'
    const worker = new Worker(new URL(program, import.meta.url), {
      workerData: data,
      transferList: [chunks, store],
      name,
    })
    const gone = new Promise((resolve) => worker.once('exit', resolve))
    worker.on('error', (error) => failed(error as Error))
    worker.on('exit', () => {
      if (!this.#stopping) failed(new Error(`the thread ${name} ended`))
    })
    return { worker, name, gone, tickets: new Tickets(gone) }
  }

  async #askAll(question: (ticket: number) => AnswerOrder): Promise<void> {
    await Promise.all(
      this.#workers.map(({ worker, tickets }) => tickets.ask((ticket) => order(worker, question(ticket)))),
    )
  }
}

/** Has a thread answer; resolves to the addresses that it has bound. */
function begin(one: Answering, order: BeginAnswering, hearer: DnsThreadsHearer): Promise<Bound> {
  const { worker, gone, name } = one
  return new Promise((resolve, reject) => {
    worker.on('message', (report: AnswerReport) => {
      if (report.type === 'bound') resolve(report)
      else if (report.type === 'failed') reject(new ServeError(report.text))
      else hear(one, report, hearer)
    })
    void gone.then(() => reject(new ServeError(`the thread ${name} ended while it started`)))
    worker.postMessage(order)
  })
}

function hear(
  { worker, tickets }: Answering,
  report: Exclude<AnswerReport, { type: 'bound' | 'failed' }>,
  hearer: DnsThreadsHearer,
): void {
  switch (report.type) {
    case 'transfer out':
      return hearer.transferredOut(report.facts)
    case 'ruled':
      return tickets.answered(report.ticket)
    case 'asked':
      return hearer.asked(report)
    case 'fault':
      return hearer.fault(report.text)
    case 'samples':
      if (report.octets.length > 0) hearer.sampled(report.octets)
      return report.ticket === undefined ? undefined : tickets.answered(report.ticket)
    case 'notify':
      return order(worker, { type: 'judged', ticket: report.ticket, octets: judge(report, hearer) })
    default:
      return report satisfies never
  }
}

function judge(notify: IncomingNotify, hearer: DnsThreadsHearer): Uint8Array | undefined {
  try {
    return hearer.judge(notify)
  } catch (error) {
    hearer.fault((error as Error).stack ?? String(error))
    return undefined
  }
}

function order(worker: Worker, said: AnswerOrder): void {
  worker.postMessage(said)
}
