/** Stretches of time that reports are asked for, and their division into minutes, hours, days and so on, in UTC. */

import type { Instant } from '../engine/object-id.ts'
import type { Span } from '../engine/analytics.ts'
import { ApiError } from './errors.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How far back a report goes that does not say it. */
const SINCE_MS = 6 * HOUR_MS

const UNIT_MS = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const

const RELATIVE = /^-(\d{1,9})([smhdw])$/
const ISO_8601 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}))?$/

/** The stretch between `since` and `until`: the last six hours if neither is given. */
export function readSpan({ since, until }: { since?: string; until?: string }, now: Instant): Span {
  const end = until === undefined ? now : readInstant('until', until, now)
  const start = since === undefined ? end - SINCE_MS : readInstant('since', since, now)
  if (start < end) return { since: start, until: end }
  throw queryFault(`since must be before until, found ${isoText(start)} and ${isoText(end)}`)
}

/** `now`, `-6h`, or a date with or without a time of day. A `+` of the time zone arrives as a space from some clients. */
function readInstant(name: string, text: string, now: Instant): Instant {
  if (text === 'now') return now
  const [, amount, unit] = RELATIVE.exec(text) ?? []
  if (amount !== undefined) return Math.max(0, now - Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS])
  const instant = ISO_8601.test(text.replace(' ', '+')) ? Date.parse(text.replace(' ', '+')) : Number.NaN
  if (!Number.isNaN(instant)) return Math.max(0, instant)
  throw queryFault(`${name} must be a time as 2026-11-29T10:00:00Z, or -6h, or now, found "${text}"`)
}

/** A query parameter that cannot be used; the text begins with its name. */
export const queryFault = (text: string): ApiError => new ApiError('query-invalid', { text })

/** RFC 3339 in UTC, to the second. */
export const isoText = (instant: Instant): string => `${new Date(instant).toISOString().slice(0, 19)}Z`

/** Where the unit begins that an instant is in, and where the one after it does. */
interface Unit {
  readonly floor: (instant: Instant) => Instant
  readonly next: (start: Instant) => Instant
}

const even = (ms: number, offset = 0): Unit => ({
  floor: (instant) => Math.floor((instant - offset) / ms) * ms + offset,
  next: (start) => start + ms,
})

const months = (count: number): Unit => ({
  floor: (instant) => {
    const date = new Date(instant)
    return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / count) * count)
  },
  next: (start) => {
    const date = new Date(start)
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count)
  },
})

/** 1970 began on a Thursday, weeks begin on Mondays (ISO 8601). */
const FIRST_MONDAY = 4 * DAY_MS

const UNITS = {
  minute: even(MINUTE_MS),
  dekaminute: even(10 * MINUTE_MS),
  hour: even(HOUR_MS),
  day: even(DAY_MS),
  week: even(7 * DAY_MS, FIRST_MONDAY),
  month: months(1),
  quarter: months(3),
  year: months(12),
} as const satisfies Record<string, Unit>

export const TIME_DELTAS = ['all', 'auto', ...(Object.keys(UNITS) as (keyof typeof UNITS)[])] as const
export type TimeDelta = (typeof TIME_DELTAS)[number]

/** The finest unit that `auto` takes for stretches up to a length. */
const AUTOMATIC: readonly (readonly [number, keyof typeof UNITS])[] = [
  [2 * HOUR_MS, 'minute'],
  [12 * HOUR_MS, 'dekaminute'],
  [7 * DAY_MS, 'hour'],
  [92 * DAY_MS, 'day'],
  [366 * DAY_MS, 'week'],
]

/** A day of minutes. */
const INTERVALS_MAX = 1440

/** The intervals of a stretch of time. The first and the last are cut off where it begins and ends. */
export function intervalsOf({ since, until }: Span, delta: TimeDelta): readonly Span[] {
  if (delta === 'all') return [{ since, until }]
  const unit = UNITS[delta === 'auto' ? automatic(until - since) : delta]
  const intervals: Span[] = []
  for (let start = since; start < until;) {
    const end = Math.min(unit.next(unit.floor(start)), until)
    if (intervals.length >= INTERVALS_MAX)
      throw queryFault(`time_delta must divide the time into ${INTERVALS_MAX} intervals at most, found "${delta}"`)
    intervals.push({ since: start, until: end })
    start = end
  }
  return intervals
}

function automatic(ms: number): keyof typeof UNITS {
  return AUTOMATIC.find(([most]) => ms <= most)?.[1] ?? 'month'
}
