/** The store in memory: the disk of the simulator and of tests. It survives whoever uses it, so it can be crashed. */

import type { Serial } from '../dns/serial.ts'
import { StoreError } from './error.ts'
import { MemoryVersions } from './memory-versions.ts'
import type { Secret } from './secret.ts'
import { idOf, OBJECT_FIELDS, OBJECT_KINDS } from './objects.ts'
import type { Change, ObjectKind, StoredAuditLine, StoredObject, Tsig, Where } from './objects.ts'
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

type Shelf = Map<string, StoredObject>

/** Does what it is asked at once and answers in order, the same every time. */
export class MemoryStore implements Store {
  readonly #objects = new Map<ObjectKind, Shelf>(OBJECT_KINDS.map((kind) => [kind, new Map()]))
  readonly #versions = new MemoryVersions()
  readonly #meta = new Map<string, string>()
  readonly #secrets = new Map<string, Secret>()
  #transfers: StoredTransfer[] = []
  #lastTransfer = 0
  #questions: QuestionHour[] = []
  #audit: StoredAuditLine[] = []
  #lastAudit = 0
  #closed = false

  /** What a new process finds on the same disk after `close`. */
  reopen(): this {
    this.#closed = false
    this.#versions.unstageAll()
    return this
  }

  async objects<K extends ObjectKind>(kind: K, where: Where<K> = {}): Promise<StoredObject<K>[]> {
    this.#open()
    const { key, searched } = OBJECT_FIELDS[kind]
    const wanted = Object.entries(where)
    for (const [field] of wanted)
      if (field !== key && !(searched as readonly string[]).includes(field))
        throw new TypeError(`objects of kind ${kind} cannot be found by ${field}`)
    return [...this.#shelf(kind)]
      .filter(([, object]) =>
        wanted.every(([field, value]) => (object as unknown as Record<string, unknown>)[field] === value),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => copyOf(kind, object) as StoredObject<K>)
  }

  async change(changes: readonly Change[]): Promise<void> {
    this.#open()
    for (const change of changes) {
      if ('put' in change)
        this.#shelf(change.put).set(idOf(change.put, change.object), copyOf(change.put, change.object))
      else if ('remove' in change) this.#shelf(change.remove).delete(change.id)
      else if ('audit' in change) this.#audit.push({ ...structuredClone(change.audit), id: ++this.#lastAudit })
      else if ('endBacklog' in change) this.#versions.endBacklog(change.endBacklog)
      else this.#removeContents(change.removeContents)
    }
  }

  async stage(stage: Stage, segments: readonly Segment[]): Promise<KnownSegment[]> {
    this.#open()
    return this.#versions.stage(stage, segments)
  }

  async unstage(stage: Stage): Promise<void> {
    this.#open()
    this.#versions.unstage(stage)
  }

  async commitVersion(commit: VersionCommit): Promise<Committed> {
    this.#open()
    const committed = this.#versions.commit(commit)
    await this.change(commit.changes ?? [])
    if (commit.transfer !== undefined) this.#addTransfer(commit.transfer)
    return committed
  }

  async checkpoint(checkpoint: Checkpoint): Promise<Committed> {
    this.#open()
    return this.#versions.checkpoint(checkpoint)
  }

  async version(zoneId: string): Promise<StoredVersion | undefined> {
    this.#open()
    return this.#versions.load(zoneId)
  }

  async octetsOf(hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
    this.#open()
    return this.#versions.octetsOf(hashes)
  }

  async versions(): Promise<VersionSummary[]> {
    this.#open()
    return this.#versions.summaries()
  }

  async history(zoneId: string): Promise<DifferenceSummary[]> {
    this.#open()
    return this.#versions.history(zoneId)
  }

  async differences(
    zoneId: string,
    from: Serial,
    { octetsMax } = { octetsMax: Infinity },
  ): Promise<StoredDifference[] | undefined> {
    this.#open()
    return this.#versions.differences(zoneId, from, octetsMax)
  }

  removeZone(zoneId: string): Promise<void> {
    return this.change([{ removeContents: zoneId }])
  }

  async pruneHistory(policy: HistoryPolicy, now: number): Promise<number> {
    this.#open()
    return this.#versions.prune(policy, now)
  }

  async addTransfer(transfer: TransferRecord): Promise<number> {
    this.#open()
    return this.#addTransfer(transfer)
  }

  async listTransfers({ zoneId, before = Infinity, direction, limit }: TransferQuery): Promise<StoredTransfer[]> {
    this.#open()
    const asked = this.#transfers.filter(
      (each) =>
        each.id < before &&
        (zoneId === undefined || each.zoneId === zoneId) &&
        (direction === undefined || each.direction === direction),
    )
    return structuredClone(asked.toReversed().slice(0, limit))
  }

  async pruneTransfers({ countMax, ageMsMax }: TransferPolicy, now: number): Promise<number> {
    this.#open()
    const seen = new Map<string, number>()
    const kept = this.#transfers.toReversed().filter(({ zoneId, at }) => {
      if (at < now - ageMsMax) return false
      const count = (seen.get(zoneId) ?? 0) + 1
      seen.set(zoneId, count)
      return count <= countMax
    })
    const removed = this.#transfers.length - kept.length
    this.#transfers = kept.toReversed()
    return removed
  }

  async putQuestions(hours: readonly QuestionHour[]): Promise<void> {
    this.#open()
    for (const hour of hours) {
      const at = this.#questions.findIndex((each) => each.zoneId === hour.zoneId && each.at === hour.at)
      if (at < 0) this.#questions.push({ ...hour })
      else this.#questions[at] = { ...hour }
    }
  }

  async listQuestions({ zoneId, from, until }: QuestionQuery): Promise<QuestionHour[]> {
    this.#open()
    const asked = this.#questions.filter(
      (hour) => hour.at >= from && hour.at < until && (zoneId === undefined || hour.zoneId === zoneId),
    )
    return structuredClone(asked.toSorted((a, b) => a.at - b.at))
  }

  async pruneQuestions({ countMax, ageMsMax }: QuestionPolicy, now: number): Promise<number> {
    this.#open()
    const young = this.#questions.filter(({ at }) => at >= now - ageMsMax).toSorted((a, b) => b.at - a.at)
    const kept = young.slice(0, countMax)
    const removed = this.#questions.length - kept.length
    this.#questions = kept
    return removed
  }

  async listAudit({ accountId, zoneId, before = Infinity, limit }: AuditQuery): Promise<StoredAuditLine[]> {
    this.#open()
    const asked = this.#audit.filter(
      (line) => line.id < before && line.accountId === accountId && (zoneId === undefined || line.zoneId === zoneId),
    )
    return structuredClone(asked.toReversed().slice(0, limit))
  }

  async pruneAudit(oldest: number): Promise<number> {
    this.#open()
    const kept = this.#audit.filter(({ at }) => at >= oldest)
    const removed = this.#audit.length - kept.length
    this.#audit = kept
    return removed
  }

  async meta(key: string): Promise<string | undefined> {
    this.#open()
    return this.#meta.get(key)
  }

  async setMeta(key: string, value: string): Promise<void> {
    this.#open()
    this.#meta.set(key, value)
  }

  async secret(name: string): Promise<Secret | undefined> {
    this.#open()
    return this.#secrets.get(name)
  }

  async setSecret(name: string, secret: Secret): Promise<void> {
    this.#open()
    this.#secrets.set(name, secret)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #open(): void {
    if (this.#closed) throw new StoreError('closed', 'the store is closed')
  }

  #shelf(kind: ObjectKind): Shelf {
    return this.#objects.get(kind) as Shelf
  }

  #addTransfer(transfer: TransferRecord): number {
    const id = ++this.#lastTransfer
    this.#transfers.push({ ...structuredClone(transfer), id })
    return id
  }

  #removeContents(zoneId: string): void {
    this.#versions.remove(zoneId)
    this.#transfers = this.#transfers.filter((transfer) => transfer.zoneId !== zoneId)
    this.#questions = this.#questions.filter((hour) => hour.zoneId !== zoneId)
  }
}

/** As it would come back from a disk: without undefined fields, and nobody else's. */
function copyOf(kind: ObjectKind, object: StoredObject): StoredObject {
  const copy = JSON.parse(JSON.stringify(object)) as StoredObject
  return kind === 'tsig' ? { ...(copy as Tsig), secret: (object as Tsig).secret } : copy
}
