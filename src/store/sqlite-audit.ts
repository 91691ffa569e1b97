/** The audit log in SQLite: lines are added and, once they are old, forgotten; never changed. */

import type { AuditLine, StoredAuditLine } from './objects.ts'
import type { Pruned } from './sqlite-prune.ts'
import { prepare, type Database, type Statement } from './sqlite.ts'
import type { AuditQuery } from './store.ts'

const QUESTIONS = {
  add: 'INSERT INTO audit (at, account_id, zone_id, object) VALUES (?, ?, ?, ?)',
  ofAccount: 'SELECT id, object FROM audit WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
  ofZone: 'SELECT id, object FROM audit WHERE zone_id = ? AND account_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
  removeOld: 'DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?)',
}

/** How many lines one transaction prunes. */
const SLICE = 5000

/** Reads and writes the log; the caller holds the transaction. */
export class SqliteAudit {
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>

  constructor(database: Database) {
    this.#ask = prepare(database, QUESTIONS)
  }

  add(line: AuditLine): void {
    this.#ask.add.run(line.at, line.accountId, line.zoneId ?? null, JSON.stringify(line))
  }

  list({ accountId, zoneId, before = Number.MAX_SAFE_INTEGER, limit }: AuditQuery): StoredAuditLine[] {
    const { ofAccount, ofZone } = this.#ask
    const rows =
      zoneId === undefined ? ofAccount.all(accountId, before, limit) : ofZone.all(zoneId, accountId, before, limit)
    return (rows as { id: number; object: string }[]).map(({ id, object }) => ({
      ...(JSON.parse(object) as AuditLine),
      id,
    }))
  }

  /** Some of those from before an instant. */
  prune(oldest: number): Pruned<number> {
    const removed = Number(this.#ask.removeOld.run(oldest, SLICE).changes)
    return { removed, next: removed < SLICE ? undefined : oldest }
  }
}
