/**
 * What is remembered of a primary, so that one that is down, does not know IXFR, or has a broken zone is not asked for
 * the same again and again. Each memory has an end, and a person can end them all.
 */

import type { Serial } from '../dns/serial.ts'
import { kindOf, type Reason } from './reason.ts'
import { rejectedSeconds, type Instant, type RefreshPolicy, type SoaFacts } from './refresh-policy.ts'

export interface PrimaryMemory {
  /** The serial it last told us. */
  readonly serial: Serial | undefined
  readonly answeredAt: Instant | undefined
  /** What has been wrong with it, without interruption since when. */
  readonly failure: Failure | undefined
  /** No connection is tried without a sign of life before then. */
  readonly hold: Hold | undefined
  /** IXFR is not asked for before then. */
  readonly axfrOnlyUntil: Instant | undefined
  /** Contents that were fetched in full and refused. */
  readonly rejected: Rejected | undefined
  /** What came from it last was differences, as they are asked for at first: nothing has gone wrong since. */
  readonly givesDifferences: boolean
}

interface Failure {
  readonly reason: Reason
  readonly during: 'check' | 'transfer'
  readonly since: Instant
  readonly at: Instant
  readonly times: number
}

interface Hold {
  readonly until: Instant
  readonly ms: number
}

interface Rejected {
  readonly serial: Serial
  readonly until: Instant
  readonly times: number
}

const HOLD_MS_MIN = 10_000
const HOLD_MS_MAX = 640_000

/** A failure this soon after a hold ended is the same trouble and doubles the hold. */
const HOLD_MEMORY_MS = 120_000

/** Of a primary never asked. */
export const NOTHING_REMEMBERED: PrimaryMemory = {
  serial: undefined,
  answeredAt: undefined,
  failure: undefined,
  hold: undefined,
  axfrOnlyUntil: undefined,
  rejected: undefined,
  givesDifferences: false,
}

/** It told us its serial. That mends a failed check; a failed transfer only if there is nothing to transfer. */
export function afterAnswer(memory: PrimaryMemory, serial: Serial, now: Instant, current: boolean): PrimaryMemory {
  const mended = current || memory.failure?.during === 'check'
  return { ...memory, serial, answeredAt: now, hold: undefined, failure: mended ? undefined : memory.failure }
}

/** A transfer from it succeeded. */
export function afterTransfer(
  memory: PrimaryMemory,
  { serial, givesDifferences }: Pick<PrimaryMemory, 'serial' | 'givesDifferences'>,
  now: Instant,
): PrimaryMemory {
  const mended = { hold: undefined, failure: undefined, rejected: undefined }
  return { ...memory, ...mended, serial, answeredAt: now, givesDifferences }
}

/** A check or a transfer failed. */
export function afterFailure(
  memory: PrimaryMemory,
  reason: Reason,
  during: 'check' | 'transfer',
  now: Instant,
): PrimaryMemory {
  const before = memory.failure
  const failure = { reason, during, since: before?.since ?? now, at: now, times: (before?.times ?? 0) + 1 }
  const kind = kindOf(reason)
  const answered = kind !== 'unreachable' && kind !== 'silent'
  return { ...memory, failure, answeredAt: answered ? now : memory.answeredAt, givesDifferences: false }
}

/** It could not be reached by TCP: 10 s without trying, doubling to 640 s while it goes on. */
export function held(memory: PrimaryMemory, now: Instant): PrimaryMemory {
  const { hold } = memory
  const again = hold !== undefined && now < hold.until + HOLD_MEMORY_MS
  const ms = again ? Math.min(hold.ms * 2, HOLD_MS_MAX) : HOLD_MS_MIN
  return { ...memory, hold: { until: now + ms, ms } }
}

/** Its contents at this serial were fetched and refused: the same are not fetched again at once. */
export function afterRejection(
  memory: PrimaryMemory,
  serial: Serial,
  facts: { readonly soa: SoaFacts | undefined; readonly policy: RefreshPolicy },
  now: Instant,
): PrimaryMemory {
  const times = memory.rejected?.serial === serial ? memory.rejected.times + 1 : 1
  const until = now + 1000 * rejectedSeconds(facts.soa, facts.policy, times)
  return { ...memory, rejected: { serial, until, times } }
}

/** Whether contents of this serial were refused and must rest. */
export function isRejected(memory: PrimaryMemory, serial: Serial, now: Instant): boolean {
  return memory.rejected?.serial === serial && now < memory.rejected.until
}

/** The same memory on a clock that went back or forth by so much. */
export function shiftedMemory(memory: PrimaryMemory, byMs: number): PrimaryMemory {
  const moved = (at: Instant | undefined) => (at === undefined ? undefined : at + byMs)
  const { hold, rejected, failure } = memory
  return {
    ...memory,
    answeredAt: moved(memory.answeredAt),
    axfrOnlyUntil: moved(memory.axfrOnlyUntil),
    failure: failure && { ...failure, since: failure.since + byMs, at: failure.at + byMs },
    hold: hold && { ...hold, until: hold.until + byMs },
    rejected: rejected && { ...rejected, until: rejected.until + byMs },
  }
}
