/** The log of transfers in SQLite. */

import type { Pruned } from './sqlite-prune.ts'
import { prepare, type Database, type Statement } from './sqlite.ts'
import type { StoredTransfer, TransferPolicy, TransferQuery, TransferRecord } from './store.ts'

const QUESTIONS = {
  addTransfer: 'INSERT INTO transfer (zone_id, at, object) VALUES (?, ?, ?)',
  newest: `SELECT id, object FROM transfer
    WHERE id < :before AND (:direction IS NULL OR object ->> 'direction' = :direction) ORDER BY id DESC LIMIT :limit`,
  newestOfZone: `SELECT id, object FROM transfer
    WHERE zone_id = :zoneId AND id < :before AND (:direction IS NULL OR object ->> 'direction' = :direction)
    ORDER BY id DESC LIMIT :limit`,
  removeOfZone: 'DELETE FROM transfer WHERE zone_id = ?',
  removeOld: 'DELETE FROM transfer WHERE id IN (SELECT id FROM transfer WHERE at < ? ORDER BY at LIMIT ?)',
  zonesAfter: 'SELECT DISTINCT zone_id AS zoneId FROM transfer WHERE zone_id > ? ORDER BY zone_id LIMIT ?',
  removeBeyond: `DELETE FROM transfer WHERE zone_id = :zoneId AND id <=
      (SELECT id FROM transfer WHERE zone_id = :zoneId ORDER BY id DESC LIMIT 1 OFFSET :countMax)`,
}

/** How much one transaction prunes. */
const SLICE = { zones: 500, transfers: 5000 }

/** Reads and writes the log; the caller holds the transaction. */
export class SqliteTransfers {
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>

  constructor(database: Database) {
    this.#ask = prepare(database, QUESTIONS)
  }

  add(transfer: TransferRecord): number {
    const { lastInsertRowid } = this.#ask.addTransfer.run(transfer.zoneId, transfer.at, JSON.stringify(transfer))
    return Number(lastInsertRowid)
  }

  list({ zoneId, before = Number.MAX_SAFE_INTEGER, direction, limit }: TransferQuery): StoredTransfer[] {
    const { newest, newestOfZone } = this.#ask
    const page = { before, limit, direction: direction ?? null }
    const rows = zoneId === undefined ? newest.all(page) : newestOfZone.all({ ...page, zoneId })
    return (rows as { id: number; object: string }[]).map(({ id, object }) => ({
      ...(JSON.parse(object) as TransferRecord),
      id,
    }))
  }

  remove(zoneId: string): void {
    this.#ask.removeOfZone.run(zoneId)
  }

  /** Some of those from before an instant. */
  pruneByAge(oldest: number): Pruned<number> {
    const removed = Number(this.#ask.removeOld.run(oldest, SLICE.transfers).changes)
    return { removed, next: removed < SLICE.transfers ? undefined : oldest }
  }

  /** Those beyond the count in some zones, after the zone `start`. */
  pruneByCount(start: string, { countMax }: TransferPolicy): Pruned<string> {
    const zones = this.#ask.zonesAfter.all(start, SLICE.zones) as { zoneId: string }[]
    let removed = 0
    for (const { zoneId } of zones) removed += Number(this.#ask.removeBeyond.run({ zoneId, countMax }).changes)
    return { removed, next: zones.length < SLICE.zones ? undefined : zones.at(-1)?.zoneId }
  }
}
