/** The store in one directory: an SQLite database, the lock on it, and the key that seals its secrets. */

import { join } from 'node:path'
import type { Serial } from '../dns/serial.ts'
import { Group } from './group.ts'
import { lockDirectory, type DirectoryLock } from './lock.ts'
import type { Change, ObjectKind, StoredAuditLine, StoredObject, Where } from './objects.ts'
import { makeSeal, sealFromDirectory, sealFromText, type Seal } from './seal.ts'
import type { Secret } from './secret.ts'
import { guarded, openDatabase, prepare, type Database, type Statement } from './sqlite.ts'
import { checkSeal, SqliteObjects } from './sqlite-objects.ts'
import { SqliteAudit } from './sqlite-audit.ts'
import { SqliteSecrets } from './sqlite-secrets.ts'
import { pruneAll } from './sqlite-prune.ts'
import { SqliteQuestions } from './sqlite-questions.ts'
import { SqliteTransfers } from './sqlite-transfers.ts'
import { SqliteVersions } from './sqlite-versions.ts'
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

/** Where the store is, and the base64 of the seal key if the directory is not to hold it. */
export interface StoreOptions {
  readonly directory: string
  readonly sealKey?: string | undefined
}

type Values = Readonly<Record<string, string>> | undefined

const QUESTIONS = {
  meta: 'SELECT value FROM meta WHERE key = ?',
  setMeta: 'INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)',
}

/** Opens the store of a directory, or makes it. Throws a StoreError if that cannot be; then nothing was changed. */
export function openSqliteStore({ directory, sealKey }: StoreOptions): SqliteStore {
  const lock = lockDirectory(directory)
  const path = join(directory, 'twinzone.db')
  try {
    const database = openDatabase(path)
    try {
      return new SqliteStore({ database, path, lock, seal: guarded(path, () => sealFor(database, directory, sealKey)) })
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** The key given, or that of the directory. A new one is made only if nothing was sealed with another. */
function sealFor(database: Database, directory: string, text: string | undefined): Seal {
  const seal = text === undefined ? sealFromDirectory(directory) : sealFromText(text)
  checkSeal(database, seal)
  return seal ?? makeSeal(directory)
}

/** The store, run by the thread it was opened in. */
export class SqliteStore implements Store {
  readonly #database: Database
  readonly #lock: DirectoryLock
  readonly #group: Group
  readonly #objects: SqliteObjects
  readonly #versions: SqliteVersions
  readonly #transfers: SqliteTransfers
  readonly #questions: SqliteQuestions
  readonly #audit: SqliteAudit
  readonly #secrets: SqliteSecrets
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>

  constructor({ database, path, lock, seal }: { database: Database; path: string; lock: DirectoryLock; seal: Seal }) {
    this.#database = database
    this.#lock = lock
    this.#group = new Group(database, path)
    this.#objects = new SqliteObjects(database, seal)
    this.#versions = new SqliteVersions(database)
    this.#transfers = new SqliteTransfers(database)
    this.#questions = new SqliteQuestions(database)
    this.#audit = new SqliteAudit(database)
    this.#secrets = new SqliteSecrets(database, seal)
    this.#ask = prepare(database, QUESTIONS)
  }

  objects<K extends ObjectKind>(kind: K, where?: Where<K>): Promise<StoredObject<K>[]> {
    return this.#group.run(() => this.#objects.list(kind, where as Values) as StoredObject<K>[])
  }

  change(changes: readonly Change[]): Promise<void> {
    return this.#group.run(() => this.#change(changes))
  }

  stage(stage: Stage, segments: readonly Segment[]): Promise<KnownSegment[]> {
    return this.#group.run(() => this.#versions.stage(stage, segments))
  }

  unstage(stage: Stage): Promise<void> {
    return this.#group.run(() => this.#versions.unstage(stage))
  }

  commitVersion(commit: VersionCommit): Promise<Committed> {
    return this.#group.run(() => {
      const committed = this.#versions.commit(commit)
      if (commit.changes !== undefined) this.#change(commit.changes)
      if (commit.transfer !== undefined) this.#transfers.add(commit.transfer)
      return committed
    })
  }

  checkpoint(checkpoint: Checkpoint): Promise<Committed> {
    return this.#group.run(() => this.#versions.checkpoint(checkpoint))
  }

  version(zoneId: string): Promise<StoredVersion | undefined> {
    return this.#group.run(() => this.#versions.load(zoneId))
  }

  octetsOf(hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return this.#group.run(() => this.#versions.octetsOf(hashes))
  }

  versions(): Promise<VersionSummary[]> {
    return this.#group.run(() => this.#versions.summaries())
  }

  history(zoneId: string): Promise<DifferenceSummary[]> {
    return this.#group.run(() => this.#versions.history(zoneId))
  }

  differences(
    zoneId: string,
    from: Serial,
    { octetsMax } = { octetsMax: Infinity },
  ): Promise<StoredDifference[] | undefined> {
    return this.#group.run(() => this.#versions.differences(zoneId, from, octetsMax))
  }

  removeZone(zoneId: string): Promise<void> {
    return this.change([{ removeContents: zoneId }])
  }

  pruneHistory(policy: HistoryPolicy, now: number): Promise<number> {
    return pruneAll(this.#group, -1, (start) => this.#versions.prune(start, policy, now))
  }

  addTransfer(transfer: TransferRecord): Promise<number> {
    return this.#group.run(() => this.#transfers.add(transfer))
  }

  listTransfers(query: TransferQuery): Promise<StoredTransfer[]> {
    return this.#group.run(() => this.#transfers.list(query))
  }

  async pruneTransfers(policy: TransferPolicy, now: number): Promise<number> {
    const oldest = now - policy.ageMsMax
    const old = await pruneAll(this.#group, oldest, (before) => this.#transfers.pruneByAge(before))
    return old + (await pruneAll(this.#group, '', (start) => this.#transfers.pruneByCount(start, policy)))
  }

  putQuestions(hours: readonly QuestionHour[]): Promise<void> {
    return this.#group.run(() => this.#questions.put(hours))
  }

  listQuestions(query: QuestionQuery): Promise<QuestionHour[]> {
    return this.#group.run(() => this.#questions.list(query))
  }

  pruneQuestions(policy: QuestionPolicy, now: number): Promise<number> {
    return pruneAll(this.#group, now - policy.ageMsMax, (oldest) => this.#questions.prune(oldest, policy))
  }

  listAudit(query: AuditQuery): Promise<StoredAuditLine[]> {
    return this.#group.run(() => this.#audit.list(query))
  }

  pruneAudit(oldest: number): Promise<number> {
    return pruneAll(this.#group, oldest, (before) => this.#audit.prune(before))
  }

  meta(key: string): Promise<string | undefined> {
    return this.#group.run(() => (this.#ask.meta.get(key) as { value: string } | undefined)?.value)
  }

  setMeta(key: string, value: string): Promise<void> {
    return this.#group.run(() => void this.#ask.setMeta.run(key, value))
  }

  secret(name: string): Promise<Secret | undefined> {
    return this.#group.run(() => this.#secrets.get(name))
  }

  setSecret(name: string, secret: Secret): Promise<void> {
    return this.#group.run(() => this.#secrets.set(name, secret))
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    this.#group.close()
    this.#database.close()
    this.#lock.release()
  }

  #change(changes: readonly Change[]): void {
    for (const change of changes) {
      if ('put' in change) this.#objects.put(change)
      else if ('remove' in change) this.#objects.remove(change.remove, change.id)
      else if ('audit' in change) this.#audit.add(change.audit)
      else if ('endBacklog' in change) this.#versions.endBacklog(change.endBacklog)
      else this.#removeContents(change.removeContents)
    }
  }

  #removeContents(zoneId: string): void {
    this.#versions.remove(zoneId)
    this.#transfers.remove(zoneId)
    this.#questions.remove(zoneId)
  }
}
