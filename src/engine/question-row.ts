/**
 * Questions of one kind, counted: those of one name, type, RCODE, transport, IP version, and of about the same size.
 *
 * How long answers took is kept as a count per power of two of microseconds, from which quantiles are told to within a
 * factor of two.
 */

import type { Sample } from './sample.ts'

/** Stands where kinds were too many to be told apart. No name is printed like this: its brackets would be escaped. */
export const OTHER = '(other)'

/** The same for what is a number. */
export const OTHER_NUMBER = -1

/** Sizes are told apart by multiples of this. */
export const SIZE_STEP_OCTETS = 16

export interface QuestionRow {
  /** In lower case without the final dot. */
  readonly name: string
  readonly type: number
  readonly rcode: number
  readonly tcp: boolean
  readonly ipv6: boolean
  /** Sizes in steps of 16 octets. */
  readonly requestStep: number
  readonly answerStep: number
  readonly tally: Tally
}

/** How many questions, and how long their answers took. */
export interface Tally {
  count: number
  /** In all. */
  microseconds: number
  /** Answers that took less than 2ⁿ microseconds and are not counted before; may end early. */
  readonly times: number[]
}

export const newTally = (): Tally => ({ count: 0, microseconds: 0, times: [] })

/** What tells a sample's kind from all others; `other` leaves out what can have any number of values. */
export const kindKey = (sample: Sample): string =>
  `${shortKey(sample)} ${sample.type} ${stepOf(sample.requestOctets)} ${stepOf(sample.answerOctets)} ${sample.name}`

export const otherKey = (sample: Sample): string => `${shortKey(sample)} ${OTHER}`

const shortKey = ({ rcode, tcp, ipv6 }: Sample): string => `${rcode}${tcp ? 't' : 'u'}${ipv6 ? 6 : 4}`

const stepOf = (octets: number): number => Math.floor(octets / SIZE_STEP_OCTETS)

export function rowOf({ name, type, rcode, tcp, ipv6, requestOctets, answerOctets }: Sample): QuestionRow {
  const steps = { requestStep: stepOf(requestOctets), answerStep: stepOf(answerOctets) }
  return { name, type, rcode, tcp, ipv6, ...steps, tally: newTally() }
}

export function otherRowOf({ rcode, tcp, ipv6 }: Sample): QuestionRow {
  const steps = { requestStep: OTHER_NUMBER, answerStep: OTHER_NUMBER }
  return { name: OTHER, type: OTHER_NUMBER, rcode, tcp, ipv6, ...steps, tally: newTally() }
}

export function addSample(tally: Tally, { weight, microseconds }: Sample): void {
  tally.count += weight
  tally.microseconds += weight * microseconds
  addTime(tally.times, 32 - Math.clz32(microseconds), weight)
}

export function addTally(sum: Tally, { count, microseconds, times }: Tally): void {
  sum.count += count
  sum.microseconds += microseconds
  for (const [power, amount] of times.entries()) if (amount > 0) addTime(sum.times, power, amount)
}

function addTime(times: number[], power: number, amount: number): void {
  while (times.length <= power) times.push(0)
  times[power] = (times[power] as number) + amount
}

/** The time that this share of the answers did not exceed, in microseconds; 0 without any. */
export function timeQuantile({ count, times }: Tally, share: number): number {
  let left = count * share
  for (const [power, amount] of times.entries()) {
    if (amount > 0 && left <= amount) {
      const least = power === 0 ? 0 : 2 ** (power - 1)
      const most = power === 0 ? 0 : 2 ** power
      return least + (most - least) * (left / amount)
    }
    left -= amount
  }
  return 0
}

type PackedRow = readonly [string, number, number, number, number, number, number, number, ...number[]]

const FLAG = { tcp: 1, ipv6: 2 } as const

/** Rows as the store keeps them. */
export function packRows(rows: Iterable<QuestionRow>): string {
  const packed = Array.from(rows, ({ name, type, rcode, tcp, ipv6, requestStep, answerStep, tally }): PackedRow => {
    const flags = (tcp ? FLAG.tcp : 0) | (ipv6 ? FLAG.ipv6 : 0)
    return [name, type, rcode, flags, requestStep, answerStep, tally.count, tally.microseconds, ...tally.times]
  })
  return JSON.stringify(packed)
}

export function unpackRows(text: string): QuestionRow[] {
  return (JSON.parse(text) as PackedRow[]).map(
    ([name, type, rcode, flags, requestStep, answerStep, count, microseconds, ...times]) => ({
      name,
      type,
      rcode,
      tcp: (flags & FLAG.tcp) !== 0,
      ipv6: (flags & FLAG.ipv6) !== 0,
      requestStep,
      answerStep,
      tally: { count, microseconds, times },
    }),
  )
}

/** The key of a row that was read back. */
export function keyOfRow({ name, type, rcode, tcp, ipv6, requestStep, answerStep }: QuestionRow): string {
  const short = `${rcode}${tcp ? 't' : 'u'}${ipv6 ? 6 : 4}`
  return name === OTHER ? `${short} ${OTHER}` : `${short} ${type} ${requestStep} ${answerStep} ${name}`
}
