/**
 * The store as seen from other threads: the same promises, kept by the store's thread.
 *
 * Each thread that uses the store has a port of its own; calls made in one turn travel in one message.
 */

import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { Serial } from '../dns/serial.ts'
import { StoreError } from './error.ts'
import type { Change, ObjectKind, StoredAuditLine, StoredObject, Where } from './objects.ts'
import { packArgs, unpackValue, type Act, type Answer, type Call, type Opened, type Transfers } from './port.ts'
import type { Secret } from './secret.ts'
import type { StoreOptions } from './sqlite-store.ts'
import type {
  AuditQuery,
  Checkpoint,
  Committed,
  DifferenceSummary,
  HistoryPolicy,
  KnownSegment,
  QuestionHour,
  QuestionPolicy,
  QuestionQuery,
  Segment,
  Stage,
  Store,
  StoredDifference,
} from './store.ts'
import type { StoredTransfer, StoredVersion, TransferPolicy, TransferQuery, TransferRecord } from './store.ts'
import type { VersionCommit, VersionSummary } from './store.ts'

/** The store in its thread, for the one that started it. */
export interface StoreThread {
  readonly store: Store
  /** A port for another thread, which makes a `StoreClient` of it. */
  connect(): MessagePort
  /** Ends what was begun, then the thread. The other users must have ended before. */
  close(): Promise<void>
  /** Resolves if the thread ends without having been told to: nothing can be stored any more. */
  readonly died: Promise<StoreError>
}

/** A store that is being opened. What is asked of it meanwhile waits. */
export interface OpeningStore extends StoreThread {
  /** Rejects with a StoreError if it cannot be opened. */
  readonly opened: Promise<void>
}

/** Opens the store of a directory in a thread of its own. Rejects with a StoreError if it cannot be opened. */
export async function startStore(options: StoreOptions): Promise<StoreThread> {
  const store = beginStore(options)
  await store.opened
  return store
}

/** Begins to open the store of a directory in a thread of its own. */
export function beginStore(options: StoreOptions): OpeningStore {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: options, name: 'store' })
  let closing = false
  const gone = new Promise<StoreError>((resolve) => {
    let cause: unknown
    worker.on('error', (error) => (cause = error))
    worker.on('exit', (code) =>
      resolve(new StoreError('closed', `the store thread ended with code ${code}${whyOf(cause)}`, { cause })),
    )
  })
  const answered = new Promise<Opened>((resolve) => worker.once('message', resolve))
  const opened = Promise.race([answered, gone]).then((outcome) => {
    if (outcome instanceof StoreError) throw outcome
    if (!outcome.opened) throw errorOf(outcome)
  })

  const connect = (): MessagePort => {
    const { port1, port2 } = new MessageChannel()
    worker.postMessage({ connect: port2 }, [port2])
    return port1
  }
  const store = new StoreClient(connect())
  const died = new Promise<StoreError>((resolve) => {
    const mourn = async () => {
      const error = await gone
      if (!closing) resolve(error)
    }
    opened.then(mourn, () => {})
  })
  return {
    store,
    connect,
    opened,
    died,
    async close() {
      if (!closing) {
        closing = true
        await store.close()
        worker.postMessage({ close: true })
      }
      await gone
    },
  }
}

/** A call on its way. */
interface Waiting extends Pick<Call, 'act' | 'args'> {
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** The store at the other end of a port. */
export class StoreClient implements Store {
  readonly #port: MessagePort
  readonly #waiting = new Map<number, Waiting>()
  #calls: Call[] = []
  #transfers: Transfers = new Set()
  #lastId = 0
  #closed = false
  #idle: (() => void) | undefined

  constructor(port: MessagePort) {
    this.#port = port
    port.on('message', (answers: readonly Answer[]) => {
      for (const answer of answers) this.#settle(answer)
    })
    port.on('close', () => this.#lose())
  }

  objects<K extends ObjectKind>(kind: K, where?: Where<K>): Promise<StoredObject<K>[]> {
    return this.#call('objects', kind, where)
  }

  change(changes: readonly Change[]): Promise<void> {
    return this.#call('change', changes)
  }

  stage(stage: Stage, segments: readonly Segment[]): Promise<KnownSegment[]> {
    return this.#call('stage', stage, segments)
  }

  unstage(stage: Stage): Promise<void> {
    return this.#call('unstage', stage)
  }

  commitVersion(commit: VersionCommit): Promise<Committed> {
    return this.#call('commitVersion', commit)
  }

  checkpoint(checkpoint: Checkpoint): Promise<Committed> {
    return this.#call('checkpoint', checkpoint)
  }

  version(zoneId: string): Promise<StoredVersion | undefined> {
    return this.#call('version', zoneId)
  }

  octetsOf(hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return this.#call('octetsOf', hashes)
  }

  versions(): Promise<VersionSummary[]> {
    return this.#call('versions')
  }

  history(zoneId: string): Promise<DifferenceSummary[]> {
    return this.#call('history', zoneId)
  }

  differences(zoneId: string, from: Serial, limits?: { octetsMax: number }): Promise<StoredDifference[] | undefined> {
    return this.#call('differences', zoneId, from, limits)
  }

  removeZone(zoneId: string): Promise<void> {
    return this.#call('removeZone', zoneId)
  }

  pruneHistory(policy: HistoryPolicy, now: number): Promise<number> {
    return this.#call('pruneHistory', policy, now)
  }

  addTransfer(transfer: TransferRecord): Promise<number> {
    return this.#call('addTransfer', transfer)
  }

  listTransfers(query: TransferQuery): Promise<StoredTransfer[]> {
    return this.#call('listTransfers', query)
  }

  pruneTransfers(policy: TransferPolicy, now: number): Promise<number> {
    return this.#call('pruneTransfers', policy, now)
  }

  putQuestions(hours: readonly QuestionHour[]): Promise<void> {
    return this.#call('putQuestions', hours)
  }

  listQuestions(query: QuestionQuery): Promise<QuestionHour[]> {
    return this.#call('listQuestions', query)
  }

  pruneQuestions(policy: QuestionPolicy, now: number): Promise<number> {
    return this.#call('pruneQuestions', policy, now)
  }

  listAudit(query: AuditQuery): Promise<StoredAuditLine[]> {
    return this.#call('listAudit', query)
  }

  pruneAudit(oldest: number): Promise<number> {
    return this.#call('pruneAudit', oldest)
  }

  meta(key: string): Promise<string | undefined> {
    return this.#call('meta', key)
  }

  setMeta(key: string, value: string): Promise<void> {
    return this.#call('setMeta', key, value)
  }

  secret(name: string): Promise<Secret | undefined> {
    return this.#call('secret', name)
  }

  setSecret(name: string, secret: Secret): Promise<void> {
    return this.#call('setSecret', name, secret)
  }

  /** Waits for the answers on their way and gives the port up; the store itself stays open for others. */
  async close(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    this.#closed = true
    this.#port.close()
  }

  #call<T>(act: Act, ...args: readonly unknown[]): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreError('closed', 'the store is closed'))
    const id = ++this.#lastId
    if (this.#calls.length === 0) queueMicrotask(() => this.#send())
    this.#calls.push({ id, act, args: packArgs(act, args, this.#transfers) })
    return new Promise<T>((resolve, reject) => {
      // Only what the answer is unpacked by: contents that were given away are not held.
      const [kind] = act === 'objects' ? args : []
      this.#waiting.set(id, { act, args: [kind], resolve: resolve as (value: unknown) => void, reject })
    })
  }

  #send(): void {
    const calls = this.#calls
    const transfers = this.#transfers
    this.#calls = []
    this.#transfers = new Set()
    this.#port.postMessage(calls, [...transfers])
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    if (waiting === undefined) return
    this.#waiting.delete(answer.id)
    if ('value' in answer) waiting.resolve(unpackValue(waiting, answer.value))
    else waiting.reject(errorOf(answer))
    if (this.#waiting.size === 0) this.#idle?.()
  }

  #lose(): void {
    this.#closed = true
    const reason = new StoreError('closed', 'the store thread ended before it answered')
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
    this.#idle?.()
  }
}

const whyOf = (cause: unknown): string => (cause instanceof Error ? `: ${cause.message}` : '')

function errorOf({ fault, message }: { fault: StoreError['code'] | undefined; message: string }): Error {
  return fault === undefined ? new Error(message) : new StoreError(fault, message)
}
