/** By what questions can be told apart, and what can be said of those that are alike: Cloudflare's words, our counts. */

import { rcodeName } from '../dns/code.ts'
import { typeMnemonic } from '../dns/record-types.ts'
import type { Instant } from '../engine/object-id.ts'
import { OTHER, OTHER_NUMBER, SIZE_STEP_OCTETS, timeQuantile } from '../engine/question-row.ts'
import type { QuestionRow, Tally } from '../engine/question-row.ts'

/** A row, and what it does not know itself. */
export interface QuestionSeen {
  readonly row: QuestionRow
  /** When its minute or hour began. */
  readonly at: Instant
  /** What this server is called. */
  readonly coloName: string
}

interface DimensionRow {
  readonly read: (seen: QuestionSeen) => string
  /** How people may write a value that is the same. */
  readonly form?: (value: string) => string
}

const upper = (value: string): string => value.toUpperCase()

/** What Cloudflare knows of its cache and its origins does not exist here: every answer is made when it is asked for. */
const DIMENSION_ROWS = {
  queryName: { read: ({ row }) => row.name, form: (value) => value.toLowerCase().replace(/\.$/, '') },
  queryType: { read: ({ row }) => (row.type === OTHER_NUMBER ? OTHER : typeMnemonic(row.type)), form: upper },
  responseCode: { read: ({ row }) => rcodeName(row.rcode), form: upper },
  responseCached: { read: () => 'Uncached' },
  coloName: { read: ({ coloName }) => coloName },
  origin: { read: () => '' },
  dayOfWeek: { read: ({ at }) => String(new Date(at).getUTCDay() || 7) },
  tcp: { read: ({ row }) => (row.tcp ? '1' : '0') },
  ipVersion: { read: ({ row }) => (row.ipv6 ? '6' : '4') },
  querySizeBucket: { read: ({ row }) => sizeText(row.requestStep) },
  responseSizeBucket: { read: ({ row }) => sizeText(row.answerStep) },
} as const satisfies Record<string, DimensionRow>

export type Dimension = keyof typeof DIMENSION_ROWS
export const DIMENSIONS = Object.keys(DIMENSION_ROWS) as readonly Dimension[]
export const isDimension = (word: string): word is Dimension => Object.hasOwn(DIMENSION_ROWS, word)

/** What a row has there. */
export const valueOf = (dimension: Dimension, seen: QuestionSeen): string => DIMENSION_ROWS[dimension].read(seen)

/** A value that somebody gave, as rows have it. */
export function formOf(dimension: Dimension, value: string): string {
  const row: DimensionRow = DIMENSION_ROWS[dimension]
  return value === OTHER ? value : (row.form?.(value) ?? value)
}

/** The order of values: by the numbers they begin with where both do, so that `16-31` comes before `128-143`. */
export function compareValues(a: string, b: string): number {
  const difference = Number.parseInt(a, 10) - Number.parseInt(b, 10)
  if (!Number.isNaN(difference) && difference !== 0) return difference
  return a < b ? -1 : a > b ? 1 : 0
}

/** Times are milliseconds. */
const METRIC_ROWS = {
  queryCount: ({ count }) => count,
  uncachedCount: ({ count }) => count,
  staleCount: () => 0,
  responseTimeAvg: ({ count, microseconds }) => (count === 0 ? 0 : milliseconds(microseconds / count)),
  responseTimeMedian: (tally) => milliseconds(timeQuantile(tally, 0.5)),
  responseTime90th: (tally) => milliseconds(timeQuantile(tally, 0.9)),
  responseTime99th: (tally) => milliseconds(timeQuantile(tally, 0.99)),
} as const satisfies Record<string, (tally: Tally) => number>

export type Metric = keyof typeof METRIC_ROWS
export const METRICS = Object.keys(METRIC_ROWS) as readonly Metric[]
export const isMetric = (word: string): word is Metric => Object.hasOwn(METRIC_ROWS, word)

export const figureOf = (metric: Metric, tally: Tally): number => METRIC_ROWS[metric](tally)

function sizeText(step: number): string {
  if (step === OTHER_NUMBER) return OTHER
  const least = step * SIZE_STEP_OCTETS
  return `${least}-${least + SIZE_STEP_OCTETS - 1}`
}

/** To the microsecond: what is counted is not finer. */
const milliseconds = (microseconds: number): number => Math.round(microseconds) / 1000
