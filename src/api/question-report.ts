/** Reports: rows of many minutes and hours, gathered by what they have in common, as a whole or by intervals of time. */

import type { Instant } from '../engine/object-id.ts'
import type { QuestionBucket } from '../engine/question-counts.ts'
import { addTally, newTally, OTHER, type Tally } from '../engine/question-row.ts'
import { compareValues, figureOf, valueOf, type Dimension, type Metric } from './question-dimensions.ts'
import type { QuestionTest } from './question-filter.ts'

/** Combinations of values that are told apart; what comes after them is summed up under `(other)`. */
const GROUPS_MAX = 100_000

export interface ReportOrder {
  readonly by: Dimension | Metric
  readonly descending: boolean
}

export interface ReportQuestion {
  readonly dimensions: readonly Dimension[]
  readonly filter: QuestionTest | undefined
  readonly coloName: string
  /** When intervals begin, in order; one for a report as a whole. */
  readonly starts: readonly Instant[]
}

/** Questions that have the same values in all dimensions asked for. */
export interface ReportGroup {
  readonly values: readonly string[]
  readonly sum: Tally
  /** By interval, those that have any. */
  readonly parts: ReadonlyMap<number, Tally>
}

interface Gathering extends ReportGroup {
  readonly parts: Map<number, Tally>
}

export class QuestionReport {
  readonly total = newTally()
  readonly #question: ReportQuestion
  readonly #groups = new Map<string, Gathering>()

  constructor(question: ReportQuestion) {
    this.#question = question
    // Without dimensions there is one combination of values, the empty one, even if nothing was asked.
    if (question.dimensions.length === 0) this.#group([])
  }

  add({ at, rows }: QuestionBucket): void {
    const { dimensions, filter, coloName, starts } = this.#question
    const interval = intervalAt(starts, at)
    for (const row of rows) {
      const seen = { row, at, coloName }
      if (filter !== undefined && !filter(seen)) continue
      const { sum, parts } = this.#group(dimensions.map((dimension) => valueOf(dimension, seen)))
      addTally(this.total, row.tally)
      addTally(sum, row.tally)
      if (starts.length > 1) addTally(partOf(parts, interval), row.tally)
    }
  }

  /** The groups in the order asked for; what it leaves open is decided by the values. */
  groups(order: readonly ReportOrder[]): ReportGroup[] {
    const { dimensions } = this.#question
    const whole = [...order, ...dimensions.map((by): ReportOrder => ({ by, descending: false }))]
    const comparisons = whole.map(({ by, descending }) => {
      const place = dimensions.indexOf(by as Dimension)
      const compare =
        place < 0
          ? (a: ReportGroup, b: ReportGroup) => figureOf(by as Metric, a.sum) - figureOf(by as Metric, b.sum)
          : (a: ReportGroup, b: ReportGroup) => compareValues(a.values[place] as string, b.values[place] as string)
      return descending ? (a: ReportGroup, b: ReportGroup) => compare(b, a) : compare
    })
    return [...this.#groups.values()].sort((a, b) => {
      for (const compare of comparisons) {
        const difference = compare(a, b)
        if (difference !== 0) return difference
      }
      return 0
    })
  }

  #group(values: readonly string[]): Gathering {
    const key = values.join('\0')
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    if (this.#groups.size >= GROUPS_MAX && values.some((value) => value !== OTHER))
      return this.#group(values.map(() => OTHER))
    const group = { values, sum: newTally(), parts: new Map<number, Tally>() }
    this.#groups.set(key, group)
    return group
  }
}

/** The interval that an instant is in; what began before the first, as the hour it is in the middle of, is in the first. */
function intervalAt(starts: readonly Instant[], at: Instant): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((starts[middle] as Instant) <= at) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

function partOf(parts: Map<number, Tally>, interval: number): Tally {
  let part = parts.get(interval)
  if (part === undefined) parts.set(interval, (part = newTally()))
  return part
}
