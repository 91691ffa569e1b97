/**
 * How often what was asked of which zone: by the minute for some hours, and by the hour for as long as the store keeps it.
 *
 * Every question is counted twice, in its minute and in its hour. Minutes live here only, and go when they are old or
 * their rows too many. Hours go once they are over and stored. A question about the past is answered from minutes as far
 * back as all of them are there, and from whole hours before.
 */

import type { Id, Instant } from './object-id.ts'
import { QuestionPeriod, type RowLimits, type ZoneQuestions } from './question-period.ts'
import type { QuestionRow } from './question-row.ts'
import type { Sample } from './sample.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** Hours that wait for the store; if it has failed for so long, the oldest are given up. */
const HOURS_MAX = 3

/** Rows of one zone from one stretch of time, which begins at an instant. */
export interface QuestionBucket {
  readonly at: Instant
  readonly rows: Iterable<QuestionRow>
}

export interface QuestionCountsOptions extends RowLimits {
  /** How long minutes are kept. */
  readonly minutesMs: number
}

/** One zone's hour that has changed since it was stored. */
export interface ChangedHour {
  readonly at: Instant
  readonly zoneId: Id
}

export class QuestionCounts {
  readonly #options: QuestionCountsOptions
  readonly #minutes = new Map<Instant, QuestionPeriod>()
  readonly #hours = new Map<Instant, QuestionPeriod>()
  readonly #changed = new Map<Instant, Set<Id>>()
  /** Of how many zones an hour is on its way to the store. */
  readonly #storing = new Map<Instant, number>()
  /** All minutes from here on are there. */
  #minutesFrom: Instant
  /** Rows of all minutes. */
  #minuteRows = 0

  /** Begins to count. What an hour had before is restored, and its minutes are not known. */
  constructor(options: QuestionCountsOptions, now: Instant, restored: readonly RestoredHour[] = []) {
    this.#options = options
    for (const { at, zoneId, rows } of restored) periodOf(this.#hours, at, options).restore(zoneId, rows)
    this.#minutesFrom = restored.length === 0 ? floorTo(HOUR_MS, now) : floorTo(MINUTE_MS, now) + MINUTE_MS
  }

  /** Counts a sample of the questions to a zone; false if it had to be summed up with others. */
  add(zoneId: Id, sample: Sample, now: Instant): boolean {
    const minute = this.#minuteOf(now)
    const before = minute.rowCount
    const fits = minute.add(zoneId, sample)
    this.#minuteRows += minute.rowCount - before
    const hour = periodOf(this.#hours, floorTo(HOUR_MS, now), this.#options)
    const fitsHour = hour.add(zoneId, sample)
    this.#change(hour.at, zoneId)
    return fits && fitsHour
  }

  /** Forgets minutes that are too old or whose rows are too many; returns how many went before their time. */
  moveOn(now: Instant): number {
    const oldest = floorTo(MINUTE_MS, now) - this.#options.minutesMs
    let early = 0
    for (const at of [...this.#minutes.keys()].sort((a, b) => a - b)) {
      const tooMany = this.#minuteRows > this.#options.rowsMax && this.#minutes.size > 1
      if (at >= oldest && !tooMany) break
      if (at >= oldest) early++
      this.#minuteRows -= this.#minutes.get(at)?.rowCount ?? 0
      this.#minutes.delete(at)
      this.#minutesFrom = Math.max(this.#minutesFrom, at + MINUTE_MS)
    }
    this.#minutesFrom = Math.max(this.#minutesFrom, oldest)
    this.#dropStoredHours(floorTo(HOUR_MS, now))
    return early
  }

  /** Some zones' hours that are not stored yet, with about so many rows. Say `settle` when it is known what became of them. */
  takeChanged(rowsMax: number): ChangedHour[] {
    const taken: ChangedHour[] = []
    let rows = 0
    for (const [at, zones] of this.#changed)
      for (const zoneId of zones) {
        if (rows >= rowsMax) return taken
        rows += this.hourOf(zoneId, at)?.rows.size ?? 0
        zones.delete(zoneId)
        taken.push({ at, zoneId })
        this.#storing.set(at, (this.#storing.get(at) ?? 0) + 1)
      }
    return taken
  }

  /** They are stored, or could not be and remain to be. */
  settle(taken: readonly ChangedHour[], outcome: 'stored' | 'failed'): void {
    for (const { at, zoneId } of taken) {
      const left = (this.#storing.get(at) ?? 0) - 1
      if (left > 0) this.#storing.set(at, left)
      else this.#storing.delete(at)
      if (outcome === 'failed' && this.hourOf(zoneId, at) !== undefined) this.#change(at, zoneId)
    }
  }

  forget(zoneId: Id): void {
    for (const period of this.#hours.values()) period.forget(zoneId)
    for (const zones of this.#changed.values()) zones.delete(zoneId)
    for (const period of this.#minutes.values()) {
      this.#minuteRows -= period.zones.get(zoneId)?.rows.size ?? 0
      period.forget(zoneId)
    }
  }

  /** From where on a question about the time since an instant is answered by minutes; before it are whole hours. */
  minutesSince(since: Instant): Instant {
    if (since >= this.#minutesFrom) return floorTo(MINUTE_MS, since)
    return floorTo(HOUR_MS, this.#minutesFrom + HOUR_MS - 1)
  }

  /** What was asked of a zone, minute by minute. */
  *minutesOf(zoneId: Id, from: Instant, until: Instant): Generator<QuestionBucket> {
    for (const { at, zones } of this.#minutes.values()) {
      const zone = at >= from && at < until ? zones.get(zoneId) : undefined
      if (zone !== undefined) yield { at, rows: zone.rows.values() }
    }
  }

  /** What was asked of a zone in an hour that is still here. */
  hourOf(zoneId: Id, at: Instant): ZoneQuestions | undefined {
    return this.#hours.get(at)?.zones.get(zoneId)
  }

  /** When the hours begin that are still here. */
  get hours(): readonly Instant[] {
    return [...this.#hours.keys()].sort((a, b) => a - b)
  }

  /** The zones with the most questions in the minute before the one that runs, and how many those were. */
  topZones(now: Instant, countMax: number): readonly (readonly [Id, number])[] {
    const top: [Id, number][] = []
    const minute = this.#minutes.get(floorTo(MINUTE_MS, now) - MINUTE_MS)
    for (const [zoneId, { count }] of minute?.zones ?? []) {
      if (top.length >= countMax && count <= (top.at(-1)?.[1] ?? Infinity)) continue
      top.splice(top.findLastIndex(([, more]) => more >= count) + 1, 0, [zoneId, count])
      if (top.length > countMax) top.pop()
    }
    return top
  }

  /** How many rows there are. */
  get rows(): { readonly minute: number; readonly hour: number } {
    const hour = [...this.#hours.values()].reduce((sum, { rowCount }) => sum + rowCount, 0)
    return { minute: this.#minuteRows, hour }
  }

  #minuteOf(now: Instant): QuestionPeriod {
    return periodOf(this.#minutes, floorTo(MINUTE_MS, now), this.#options)
  }

  #change(at: Instant, zoneId: Id): void {
    const zones = this.#changed.get(at)
    if (zones === undefined) this.#changed.set(at, new Set([zoneId]))
    else zones.add(zoneId)
  }

  #dropStoredHours(current: Instant): void {
    for (const at of this.hours) {
      const stored = at < current && (this.#changed.get(at)?.size ?? 0) === 0 && !this.#storing.has(at)
      if (!stored && this.#hours.size <= HOURS_MAX) continue
      this.#hours.delete(at)
      this.#changed.delete(at)
    }
  }
}

/** Rows of a zone's hour that were stored. */
export interface RestoredHour extends ChangedHour {
  readonly rows: readonly QuestionRow[]
}

/** When the stretch of time begins that an instant is in. */
export const floorTo = (ms: number, instant: Instant): Instant => Math.floor(instant / ms) * ms

function periodOf(periods: Map<Instant, QuestionPeriod>, at: Instant, limits: RowLimits): QuestionPeriod {
  let period = periods.get(at)
  if (period === undefined) periods.set(at, (period = new QuestionPeriod(at, limits)))
  return period
}
