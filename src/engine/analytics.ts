/**
 * What the threads that answer have sampled, counted by zone, kept over restarts, and read by reports.
 *
 * Counts are written once a minute, so a crash costs a minute of them at most. Nothing here is on the way of an answer.
 */

import type { Store } from '../store/store.ts'
import type { Clock } from './alarms.ts'
import type { Log } from './log.ts'
import type { Id, Instant } from './object-id.ts'
import { floorTo, HOUR_MS, MINUTE_MS, QuestionCounts } from './question-counts.ts'
import type { ChangedHour, QuestionBucket, RestoredHour } from './question-counts.ts'
import { packRows, unpackRows } from './question-row.ts'
import { readSamples } from './sample.ts'
import type { Settings } from './settings.ts'
import { zoneOfName, type NamedZones } from './zone-of-name.ts'

/** Rows that go to the store in one transaction: what is packed and written in some milliseconds. */
const SLICE_ROWS = 10_000

/** Hours that are read from the store at once. */
const PAGE_MS = 24 * HOUR_MS
const DAY_MS = 24 * HOUR_MS

/** How often it is told that minutes go before their time: it lasts as long as the traffic does. */
const DROPPED_MS = HOUR_MS

export interface AnalyticsWorld {
  readonly zones: NamedZones & { get(id: Id): unknown }
  readonly store: Pick<Store, 'putQuestions' | 'listQuestions'>
  readonly settings: Pick<Settings, 'analytics' | 'limits'>
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
  /** Has all questions told that were answered until now. */
  readonly gather: () => Promise<void>
  readonly failed: (error: Error) => void
}

/** What is told to monitoring, as sums since the start. */
export interface AnalyticsFigures {
  questions: number
  samples: number
  /** Questions for names in no zone. */
  elsewhere: number
  /** Questions that were too many kinds to be told apart. */
  summedUp: number
  /** Minutes that went before their time. */
  minutesDropped: number
}

export class Analytics {
  readonly figures: AnalyticsFigures = { questions: 0, samples: 0, elsewhere: 0, summedUp: 0, minutesDropped: 0 }
  readonly #world: AnalyticsWorld
  readonly #counts: QuestionCounts
  /** Zones with more kinds of questions than are told apart, since the last log line. */
  readonly #full = new Set<string>()
  #toldDroppedAt = -Infinity
  #timer: { cancel(): void } | undefined

  private constructor(world: AnalyticsWorld, restored: readonly RestoredHour[]) {
    const { settings, clock } = world
    const { analyticsRowsPerZone: rowsPerZoneMax, analyticsRows: rowsMax } = settings.limits
    const minutesMs = settings.analytics.minuteHours * HOUR_MS
    this.#world = world
    this.#counts = new QuestionCounts({ rowsPerZoneMax, rowsMax, minutesMs }, clock.now(), restored)
  }

  /** Goes on with the hour as the store has it. If that cannot be read the hour begins anew: zones are what matters. */
  static async open(world: AnalyticsWorld): Promise<Analytics> {
    const from = floorTo(HOUR_MS, world.clock.now())
    try {
      const hours = await world.store.listQuestions({ from, until: from + HOUR_MS })
      return new Analytics(
        world,
        hours.map(({ zoneId, at, rows }) => ({ zoneId, at, rows: unpackRows(rows) })),
      )
    } catch (error) {
      world.failed(error as Error)
      return new Analytics(world, [])
    }
  }

  /** Writes once a minute from now on. */
  start(): void {
    this.#timer = this.#world.clock.after(MINUTE_MS, () => {
      this.start()
      void this.flush()
    })
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.flush()
  }

  /** Counts what a thread has sampled. */
  take(samples: Uint8Array): void {
    const { zones, clock } = this.#world
    const now = clock.now()
    for (const sample of readSamples(samples)) {
      this.figures.samples++
      this.figures.questions += sample.weight
      const zone = zoneOfName(sample.name, zones)
      if (zone === undefined) this.figures.elsewhere += sample.weight
      else if (!this.#counts.add(zone.id, sample, now)) {
        this.figures.summedUp += sample.weight
        this.#full.add(zone.name)
      }
    }
  }

  /** The zone is gone, and so is what was asked of it. */
  forget(zoneId: Id): void {
    this.#counts.forget(zoneId)
  }

  /** What was asked of a zone, until this moment: whole hours first, then minutes, as far as they are kept. */
  async *questions(zoneId: Id, { since, until }: Span): AsyncGenerator<QuestionBucket> {
    const { gather, clock, settings } = this.#world
    await gather()
    const counts = this.#counts
    const now = clock.now()
    this.figures.minutesDropped += counts.moveOn(now)
    const hoursFrom = floorTo(HOUR_MS, Math.max(since, now - settings.analytics.hourDays * DAY_MS))
    const minutesFrom = counts.minutesSince(since)
    const hoursUntil = minutesFrom > since ? Math.min(minutesFrom, until) : hoursFrom
    // Minutes and hours that are here are taken down before anybody is waited for: they may be in the store afterwards.
    const here = new Map(counts.hours.map((at) => [at, counts.hourOf(zoneId, at)?.rows]))
    const minutes = [...counts.minutesOf(zoneId, minutesFrom, until)]
    for (let at = hoursFrom; at < hoursUntil; at += PAGE_MS) {
      const page = { zoneId, from: at, until: Math.min(at + PAGE_MS, hoursUntil) }
      for (const hour of await this.#world.store.listQuestions(page))
        if (!here.has(hour.at)) yield { at: hour.at, rows: unpackRows(hour.rows) }
    }
    for (const [at, rows] of here)
      if (rows !== undefined && at >= hoursFrom && at < hoursUntil) yield { at, rows: rows.values() }
    yield* minutes
  }

  /** The zones with the most questions in the last full minute, and how many those were. */
  topZones(): readonly (readonly [Id, number])[] {
    return this.#counts.topZones(this.#world.clock.now(), this.#world.settings.analytics.metricZones)
  }

  get rows(): QuestionCounts['rows'] {
    return this.#counts.rows
  }

  /** Writes what has changed, a slice at a time so that nobody waits for long, and forgets what is old. */
  async flush(): Promise<void> {
    const counts = this.#counts
    for (let taken = counts.takeChanged(SLICE_ROWS); taken.length > 0; taken = counts.takeChanged(SLICE_ROWS)) {
      const outcome = await this.#write(taken)
      counts.settle(taken, outcome)
      if (outcome === 'failed') break
    }
    const early = counts.moveOn(this.#world.clock.now())
    this.figures.minutesDropped += early
    this.#tellLimits(early)
  }

  async #write(taken: readonly ChangedHour[]): Promise<'stored' | 'failed'> {
    const { zones, store, failed } = this.#world
    const hours = taken.flatMap(({ at, zoneId }) => {
      const rows = zones.get(zoneId) === undefined ? undefined : this.#counts.hourOf(zoneId, at)?.rows
      return rows === undefined ? [] : [{ zoneId, at, rows: packRows(rows.values()) }]
    })
    try {
      await store.putQuestions(hours)
      return 'stored'
    } catch (error) {
      failed(error as Error)
      return 'failed'
    }
  }

  #tellLimits(minutesDropped: number): void {
    const { log, settings, clock } = this.#world
    const { analyticsRowsPerZone, analyticsRows } = settings.limits
    const now = clock.now()
    if (minutesDropped > 0 && now - this.#toldDroppedAt >= DROPPED_MS) {
      this.#toldDroppedAt = now
      log.warn({ minutes: minutesDropped, analyticsRows }, 'analytics.minutes.dropped')
    }
    const [zone] = this.#full
    if (zone === undefined) return
    log.warn({ zones: this.#full.size, zone, analyticsRowsPerZone, analyticsRows }, 'analytics.full')
    this.#full.clear()
  }
}

/** From one instant until before another. */
export interface Span {
  readonly since: Instant
  readonly until: Instant
}
