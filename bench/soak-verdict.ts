/**
 * Does something grow? Figures that were taken at rest, after each of several rounds that were all alike, are put on a line.
 *
 * The line's slope is the median of the slopes between every two rounds (Theil–Sen). Memory is measured after garbage was
 * collected, but pages that are half empty make single rounds too high; least squares would follow such a round, and the
 * median does not, as long as most rounds are right. A leak is in all of them: it has the events of one more hour in each.
 */

import { median } from './percentile.ts'

/** Rounds at the beginning that do not count: caches fill, code is compiled, heaps take the size they need. */
export const WARM_UP_ROUNDS = 2
/** A line through fewer says nothing. */
export const ROUNDS_MIN = 4
/** What memory may grow by over all rounds that count: of its median, and less than collectors leave lying about. */
export const GROWTH_MAX = 0.05
/** What descriptors may differ by: a connection that rests, a file that is open for a moment. */
export const DESCRIPTORS_APART_MAX = 6

export interface Trend {
  /** Of one round. */
  readonly slope: number
  /** Over all rounds, as a part of the median of their figures. */
  readonly growth: number
}

/** The line through figures of rounds, the first of them left out. */
export function trendOf(figures: readonly number[]): Trend {
  const counted = figures.slice(WARM_UP_ROUNDS)
  const slopes: number[] = []
  for (const [from, first] of counted.entries())
    for (let to = from + 1; to < counted.length; to++) slopes.push(((counted[to] as number) - first) / (to - from))
  const slope = median(slopes)
  return { slope, growth: (slope * (counted.length - 1)) / median(counted) }
}

/** The figures of one process after each round. */
export interface Series {
  readonly name: string
  readonly memory: readonly number[]
  readonly descriptors: readonly number[]
}

/** What speaks against a process; nothing if it may run on. */
export function complaintsAbout({ name, memory, descriptors }: Series): string[] {
  const counted = descriptors.slice(WARM_UP_ROUNDS)
  if (counted.length < ROUNDS_MIN)
    return [`${name}: ${counted.length} rounds after the first ${WARM_UP_ROUNDS} are too few to tell`]
  const complaints: string[] = []
  const { growth } = trendOf(memory)
  if (growth >= GROWTH_MAX)
    complaints.push(`${name}: memory grows, by ${percent(growth)} over ${counted.length} rounds`)
  const [least, most] = [Math.min(...counted), Math.max(...counted)]
  if (most - least > DESCRIPTORS_APART_MAX) complaints.push(`${name}: file descriptors go from ${least} to ${most}`)
  return complaints
}

export function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`
}
