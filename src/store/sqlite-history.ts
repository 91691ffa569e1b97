/** Differences in SQLite, numbered per zone without gaps. */

import type { Serial } from '../dns/serial.ts'
import { pack, unpack } from './pack.ts'
import type { Pruned } from './sqlite-prune.ts'
import { prepare, type Database, type Statement } from './sqlite.ts'
import type { DifferenceSummary, DifferenceVersion, FullVersion, HistoryPolicy, StoredDifference } from './store.ts'

const QUESTIONS = {
  addDifference: `INSERT INTO difference
      (base_id, number, from_serial, to_serial, record_count, octets, count_since, octets_since, at, soa, contents)
    VALUES (:base, :number, :from, :to, :recordCount, :octets, :countSince, :octetsSince, :at, :soa, :contents)`,
  historyOf: `SELECT number, from_serial AS "from", to_serial AS "to", octets, at
    FROM difference WHERE base_id = ? ORDER BY number`,
  differencesAfter: `SELECT from_serial AS "from", to_serial AS "to", record_count AS recordCount, octets, at, soa, contents
    FROM difference WHERE base_id = ? AND number > ? ORDER BY number`,
  startAt: 'SELECT max(number) AS number FROM difference WHERE base_id = ? AND from_serial = ?',
  octetsFrom: 'SELECT sum(octets) AS octets FROM difference WHERE base_id = ? AND number >= ?',
  removeDifferences: 'DELETE FROM difference WHERE base_id = ?',
  basesWithHistory: 'SELECT DISTINCT base_id AS base FROM difference WHERE base_id > ? ORDER BY base_id LIMIT ?',
  // What the base does not contain yet stays, whatever the policy says.
  removeHistory: `DELETE FROM difference WHERE base_id = :base
      AND number <= (SELECT difference_number FROM base WHERE id = :base)
      AND number <= (SELECT max(number) FROM
        (SELECT number, at, row_number() OVER newest AS rank, sum(octets) OVER newest AS total
          FROM difference WHERE base_id = :base WINDOW newest AS (ORDER BY number DESC))
        WHERE rank > :countMax OR total > :octetsMax OR at < :oldest)`,
}

/** How many zones one transaction prunes. */
const SLICE = 500

/** Where a difference stands: in which chain, at which place, and what lies between it and the base. */
export interface Place {
  readonly base: number
  readonly number: number
  readonly countSince: number
  readonly octetsSince: number
}

/** A difference with the version it leads to. */
export interface LoadedDifference extends StoredDifference {
  readonly recordCount: number
  readonly at: number
  readonly soa: Uint8Array
}

interface DifferenceRow {
  readonly from: Serial
  readonly to: Serial
  readonly recordCount: number
  readonly octets: number
  readonly at: number
  readonly soa: Uint8Array
  readonly contents: Uint8Array
}

/** Reads and writes differences; the caller holds the transaction. */
export class SqliteHistory {
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>

  constructor(database: Database) {
    this.#ask = prepare(database, QUESTIONS)
  }

  add(version: DifferenceVersion | (FullVersion & Pick<DifferenceVersion, 'difference'>), place: Place): void {
    const { from, octets } = version.difference
    const { serial: to, recordCount, at, soa } = version
    const row = { from, to, recordCount, at, soa, octets: octets.length, contents: pack(octets) }
    this.#ask.addDifference.run({ ...place, ...row })
  }

  /** The differences after the one with a number, oldest first. */
  after(base: number, number: number): LoadedDifference[] {
    return (this.#ask.differencesAfter.all(base, number) as unknown as DifferenceRow[]).map((row) => {
      const { from, to, recordCount, at, soa } = row
      return { from, to, recordCount, at, soa, octets: unpack(row.contents, row.octets, `difference ${from} to ${to}`) }
    })
  }

  /** All differences, oldest first. */
  list(base: number): (DifferenceSummary & { readonly number: number })[] {
    return this.#ask.historyOf.all(base) as unknown as (DifferenceSummary & { readonly number: number })[]
  }

  /** The number of the newest difference that begins at a serial: one may come round again. */
  startAt(base: number, from: Serial): number | undefined {
    return (this.#ask.startAt.get(base, from) as { number: number | null }).number ?? undefined
  }

  /** The octets of a difference and of all that follow it. */
  octetsFrom(base: number, number: number): number {
    return (this.#ask.octetsFrom.get(base, number) as { octets: number | null }).octets ?? 0
  }

  removeAll(base: number): void {
    this.#ask.removeDifferences.run(base)
  }

  /** The differences that are too many, too large or too old in some zones, those after `start`. */
  prune(start: number, policy: HistoryPolicy, now: number): Pruned<number> {
    const bases = this.#ask.basesWithHistory.all(start, SLICE) as { base: number }[]
    const { countMax, octetsMax, ageMsMax } = policy
    let removed = 0
    for (const { base } of bases)
      removed += Number(this.#ask.removeHistory.run({ base, countMax, octetsMax, oldest: now - ageMsMax }).changes)
    return { removed, next: bases.length < SLICE ? undefined : bases.at(-1)?.base }
  }
}
