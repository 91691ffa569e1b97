/** Counts of questions in SQLite: one row per zone and hour, replaced as long as the hour runs. */

import { pack, unpack } from './pack.ts'
import type { Pruned } from './sqlite-prune.ts'
import { prepare, type Database, type Statement } from './sqlite.ts'
import type { QuestionHour, QuestionQuery } from './store.ts'

const QUESTIONS = {
  put: `INSERT INTO question_hour (zone_id, at, octets, contents) VALUES (?, ?, ?, ?)
      ON CONFLICT (zone_id, at) DO UPDATE SET octets = excluded.octets, contents = excluded.contents`,
  ofAll: `SELECT zone_id AS zoneId, at, octets, contents FROM question_hour
      WHERE at >= ? AND at < ? ORDER BY at, zone_id`,
  ofZone: `SELECT zone_id AS zoneId, at, octets, contents FROM question_hour
      WHERE zone_id = ? AND at >= ? AND at < ? ORDER BY at`,
  removeOfZone: 'DELETE FROM question_hour WHERE zone_id = ?',
  removeOld: 'DELETE FROM question_hour WHERE id IN (SELECT id FROM question_hour WHERE at < ? ORDER BY at LIMIT ?)',
  removeBeyond: `DELETE FROM question_hour WHERE id IN
      (SELECT id FROM question_hour ORDER BY at DESC, id DESC LIMIT ? OFFSET ?)`,
}

/** How many hours one transaction prunes. */
const SLICE = 5000

interface Row {
  readonly zoneId: string
  readonly at: number
  readonly octets: number
  readonly contents: Uint8Array
}

/** Reads and writes the counts; the caller holds the transaction. */
export class SqliteQuestions {
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>

  constructor(database: Database) {
    this.#ask = prepare(database, QUESTIONS)
  }

  put(hours: readonly QuestionHour[]): void {
    for (const { zoneId, at, rows } of hours) {
      const octets = Buffer.from(rows)
      this.#ask.put.run(zoneId, at, octets.length, pack(octets))
    }
  }

  list({ zoneId, from, until }: QuestionQuery): QuestionHour[] {
    const { ofAll, ofZone } = this.#ask
    const rows = zoneId === undefined ? ofAll.all(from, until) : ofZone.all(zoneId, from, until)
    return (rows as unknown as Row[]).map(hourOf)
  }

  remove(zoneId: string): void {
    this.#ask.removeOfZone.run(zoneId)
  }

  /** Some of those from before an instant, and once there are no more of those, some of those beyond the count. */
  prune(oldest: number, { countMax }: { readonly countMax: number }): Pruned<number> {
    const { removeOld, removeBeyond } = this.#ask
    const old = Number(removeOld.run(oldest, SLICE).changes)
    if (old === SLICE) return { removed: old, next: oldest }
    const many = Number(removeBeyond.run(SLICE, countMax).changes)
    return { removed: old + many, next: many < SLICE ? undefined : oldest }
  }
}

function hourOf({ zoneId, at, octets, contents }: Row): QuestionHour {
  const what = `the questions to zone ${zoneId} in the hour from ${new Date(at).toISOString()}`
  return { zoneId, at, rows: Buffer.from(unpack(contents, octets, what)).toString() }
}
