/** The questions of one stretch of time, a minute or an hour: rows by zone, and no more of them than there is room for. */

import type { Id, Instant } from './object-id.ts'
import { addSample, keyOfRow, kindKey, otherKey, otherRowOf, rowOf, type QuestionRow } from './question-row.ts'
import type { Sample } from './sample.ts'

export interface RowLimits {
  readonly rowsPerZoneMax: number
  /** Of all zones. */
  readonly rowsMax: number
}

/** What was asked of one zone. */
export interface ZoneQuestions {
  readonly rows: Map<string, QuestionRow>
  count: number
}

export class QuestionPeriod {
  readonly at: Instant
  readonly zones = new Map<Id, ZoneQuestions>()
  rowCount = 0
  readonly #limits: RowLimits

  constructor(at: Instant, limits: RowLimits) {
    this.at = at
    this.#limits = limits
  }

  /** Counts a sample; false if it had to be summed up with others. */
  add(zoneId: Id, sample: Sample): boolean {
    const zone = this.#zone(zoneId)
    zone.count += sample.weight
    const key = kindKey(sample)
    const known = zone.rows.get(key)
    if (known !== undefined) {
      addSample(known.tally, sample)
      return true
    }
    const fits = zone.rows.size < this.#limits.rowsPerZoneMax && this.rowCount < this.#limits.rowsMax
    const row = fits ? this.#newRow(zone, key, rowOf(sample)) : this.#otherRow(zone, sample)
    addSample(row.tally, sample)
    return fits
  }

  /** Puts rows back that were stored. */
  restore(zoneId: Id, rows: readonly QuestionRow[]): void {
    const zone = this.#zone(zoneId)
    for (const row of rows) {
      this.#newRow(zone, keyOfRow(row), row)
      zone.count += row.tally.count
    }
  }

  forget(zoneId: Id): void {
    this.rowCount -= this.zones.get(zoneId)?.rows.size ?? 0
    this.zones.delete(zoneId)
  }

  #zone(zoneId: Id): ZoneQuestions {
    let zone = this.zones.get(zoneId)
    if (zone === undefined) this.zones.set(zoneId, (zone = { rows: new Map(), count: 0 }))
    return zone
  }

  #newRow(zone: ZoneQuestions, key: string, row: QuestionRow): QuestionRow {
    zone.rows.set(key, row)
    this.rowCount++
    return row
  }

  /** Such rows are few, for they differ only in what has few values; so they need no room of their own. */
  #otherRow(zone: ZoneQuestions, sample: Sample): QuestionRow {
    const key = otherKey(sample)
    return zone.rows.get(key) ?? this.#newRow(zone, key, otherRowOf(sample))
  }
}
