/** The contents thread as the main thread sees it: orders go out, promises come back. */

import { Worker, type MessagePort } from 'node:worker_threads'
import type { Name } from '../dns/name.ts'
import type { SharedMemory } from '../zone/directory-reader.ts'
import type { Overlay } from '../zone/overlay.ts'
import type { EditOutcome, EditRequest } from './edit-port.ts'
import { gathering } from './gathering.ts'
import { ServeError } from './serve-error.ts'
import type { Adopted, ContentsOrder, ContentsReport, ContentsThreadData } from './thread-messages.ts'
import type {
  ProbeOutcome,
  ProbeRequest,
  TransferCounts,
  TransferOutcome,
  TransferPort,
  TransferRequest,
} from './transfer-port.ts'

export class ContentsClient implements TransferPort {
  readonly memory: SharedMemory
  readonly #worker: Worker
  readonly #order: (order: ContentsOrder) => void
  readonly #fault: (text: string) => void
  readonly #adopting = new Map<number, (adopted: Adopted) => void>()
  readonly #probing = new Map<number, (outcome: ProbeOutcome) => void>()
  readonly #transferring = new Map<
    number,
    { end: (outcome: TransferOutcome) => void; progress: (counts: TransferCounts) => void }
  >()
  readonly #editing = new Map<number, (outcome: EditOutcome) => void>()
  readonly #covering = new Map<number, () => void>()
  #edits = 0
  #octets = 0
  #stopped: (() => void) | undefined

  private constructor(worker: Worker, memory: SharedMemory, fault: (text: string) => void) {
    this.#worker = worker
    this.#order = gathering((orders) => worker.postMessage(orders))
    this.#fault = fault
    this.memory = memory
    this.#octets = memory.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    worker.on('message', (reports: readonly ContentsReport[]) => {
      for (const report of reports) this.#hear(report)
    })
    worker.on('exit', () => this.#stopped?.())
  }

  /** Starts the thread; `failed` is called if it ever dies, `fault` when a bug cost an order, as a check or a transfer. */
  static start(
    data: ContentsThreadData,
    { failed, fault }: { failed: (error: Error) => void; fault: (text: string) => void },
  ): Promise<ContentsClient> {
    const ports: MessagePort[] = [data.store, ...data.readers]
    const worker = new Worker(new URL('./contents-thread.ts', import.meta.url), {
      workerData: data,
      transferList: ports,
      name: 'contents',
    })
    worker.on('error', (error) => failed(error as Error))
    return new Promise((resolve, reject) => {
      worker.once('message', (reports: readonly ContentsReport[]) => {
        const ready = reports.find(({ type }) => type === 'ready')
        if (ready?.type === 'ready') resolve(new ContentsClient(worker, ready.memory, fault))
      })
      worker.on('exit', () => reject(new ServeError('the contents thread ended while it started')))
    })
  }

  /** How much shared memory the contents of all zones take. */
  get octets(): number {
    return this.#octets
  }

  adopt(zone: { number: number; id: string; apex: Name; overlays: readonly Overlay[] }): Promise<Adopted> {
    const { number, id, apex, overlays } = zone
    this.#order({ type: 'adopt', zone: number, zoneId: id, apex, overlays })
    return new Promise((resolve) => this.#adopting.set(zone.number, resolve))
  }

  /**
   * Answers other records in place of what was transferred. Resolves when it is so, unless a transfer, an edit or a
   * conversion is under way that builds on what is answered: then it is so when that has ended.
   */
  cover(zone: number, overlays: readonly Overlay[]): Promise<void> {
    const task = ++this.#edits
    this.#order({ type: 'cover', task, zone, overlays })
    return new Promise((resolve) => this.#covering.set(task, resolve))
  }

  /** Takes a zone out of service and forgets it. */
  drop(zone: number): void {
    this.#order({ type: 'drop', zone })
  }

  probe(request: ProbeRequest): Promise<ProbeOutcome> {
    this.#order({ type: 'probe', request })
    return new Promise((resolve) => this.#probing.set(request.task, resolve))
  }

  transfer(request: TransferRequest, progress: (counts: TransferCounts) => void): Promise<TransferOutcome> {
    this.#order({ type: 'transfer', request })
    return new Promise((end) => this.#transferring.set(request.task, { end, progress }))
  }

  cancel(task: number): void {
    this.#order({ type: 'cancel', task })
  }

  show(zone: number, state: 'serving' | 'expired'): void {
    this.#order({ type: 'show', zone, state })
  }

  lease(zone: number, expirySeconds: number): void {
    this.#order({ type: 'lease', zone, expirySeconds })
  }

  /** Edits a zone: one version, or nothing. Resolves when the version is on the disk and served. */
  edit(zone: number, request: EditRequest): Promise<EditOutcome> {
    const task = ++this.#edits
    this.#order({ type: 'edit', task, zone, request })
    return new Promise((resolve) => this.#editing.set(task, resolve))
  }

  /** Ends what is under way and the thread with it. */
  async stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve
    })
    this.#order({ type: 'stop' })
    await stopped
    await this.#worker.terminate()
  }

  #hear(report: ContentsReport): void {
    switch (report.type) {
      case 'ready':
        return
      case 'adopted':
        return take(this.#adopting, report.zone)?.(report.adopted)
      case 'probed':
        return take(this.#probing, report.task)?.(report.outcome)
      case 'progress':
        return this.#transferring.get(report.task)?.progress(report.counts)
      case 'transferred':
        return take(this.#transferring, report.task)?.end(report.outcome)
      case 'edited':
        return take(this.#editing, report.task)?.(report.outcome)
      case 'covered':
        return take(this.#covering, report.task)?.()
      case 'grown':
        this.#octets = report.octets
        return
      case 'fault':
        return this.#fault(report.text)
      case 'stopped':
        return this.#stopped?.()
      default:
        return report satisfies never
    }
  }
}

function take<Key, Value>(map: Map<Key, Value>, key: Key): Value | undefined {
  const value = map.get(key)
  map.delete(key)
  return value
}
