/** What the answers to probes and transfers mean for the round of the secondary's machine. */

import { compareSerials, type Serial } from '../dns/serial.ts'
import { EXPIRE_OPTION_SECONDS_MIN, leaseOfConfirmation, renewed } from './lease.ts'
import { notice } from './notice.ts'
import { afterAnswer, afterFailure, isRejected } from './primary-memory.ts'
import type { PrimaryMemory } from './primary-memory.ts'
import { kindOf, reason, sentenceOf, type Reason } from './reason.ts'
import type { Instant } from './refresh-policy.ts'
import { answered, decide, followsBack, report } from './refresh-round.ts'
import {
  andThen,
  primaryOf,
  type Answer,
  type EventOf,
  type PrimaryId,
  type RefreshEvent,
  type Round,
  type Secondary,
  type Step,
} from './refresh-state.ts'

/** Rcodes that some servers give to a question with EDNS, and not to one without. */
const EDNS_TROUBLE: readonly string[] = ['format-error', 'not-implemented', 'server-failure', 'bad-version']

/** A primary told us its SOA. */
export function probed(zone: Secondary, event: EventOf<'probed'>, now: Instant, roll: number): Step {
  const round = roundOfProbe(zone, event)
  if (round === undefined) return late(zone, event)
  if (isSourceExpired(event)) return checkFailed(zone, round, event.primary, reason('primary-expired', {}), now, roll)
  return told(zone, round, event, now, roll)
}

/** A primary did not tell us its SOA. What the failure does not rule out is tried: TCP, without EDNS, a transfer. */
export function probeFailed(zone: Secondary, event: EventOf<'probe failed'>, now: Instant, roll: number): Step {
  const round = roundOfProbe(zone, event)
  const ask = round?.asks.find(({ primary }) => primary === event.primary)
  if (round === undefined || ask?.answer.type !== 'awaited') return late(zone, event)
  const { transport } = ask.answer
  const { edns } = ask
  const { code } = event.reason
  if (code === 'soa-truncated' && transport === 'udp')
    return askAgain(zone, round, event.primary, { transport: 'tcp', edns })
  if (edns && EDNS_TROUBLE.includes(code)) return askAgain(zone, round, event.primary, { transport, edns: false })
  return checkFailed(zone, round, event.primary, event.reason, now, roll)
}

/** Whatever way we learned the serial of a primary: here is what it means. */
export function told(
  zone: Secondary,
  round: Round,
  { primary, soa, expireSeconds }: EventOf<'probed'> | EventOf<'up to date'>,
  now: Instant,
  roll: number,
): Step {
  const { trigger } = round
  const theirs = soa.serial
  const order = zone.soa === undefined ? 'newer' : compareSerials(theirs, zone.soa.serial)
  const wasRejected = primaryOf(zone, primary)?.memory.rejected
  const heard = remember({ ...zone, checkedAt: now }, primary, (memory) =>
    afterAnswer(memory, theirs, now, order === 'same'),
  )
  const has: Answer = { type: 'has', serial: theirs }
  if (round.full) return goOn(heard, answered(round, primary, has), now, roll)
  if (zone.soa !== undefined && order === 'same') {
    const lease = leaseOfConfirmation(heard, zone.soa, expireSeconds, now)
    const confirmed: Round = { ...answered(round, primary, { type: 'done' }), confirmed: true }
    return andThen(renewed(heard, lease, now, trigger), (after) => goOn(after, confirmed, now, roll))
  }
  if (!round.forced && wasRejected !== undefined && isRejectedNow(zone, primary, theirs, now)) {
    const facts = { serial: theirs, seconds: Math.ceil((wasRejected.until - now) / 1000) }
    const held = missing(zone, answered(round, primary, { type: 'done' }), theirs)
    return andThen([heard, report(trigger, notice('content-held', facts, primary))], (after) =>
      goOn(after, held, now, roll),
    )
  }
  if (zone.soa === undefined || order === 'newer') return goOn(heard, answered(round, primary, has), now, roll)
  const facts = { theirs, ours: zone.soa.serial }
  const said = notice(order === 'older' ? 'primary-behind' : 'serial-undefined', facts, primary)
  const next = answered(round, primary, followsBack(zone) ? has : { type: 'done' })
  return andThen([heard, report(trigger, said)], (after) => goOn(after, next, now, roll))
}

function checkFailed(
  zone: Secondary,
  round: Round,
  primary: PrimaryId,
  failed: Reason,
  now: Instant,
  roll: number,
): Step {
  const kind = kindOf(failed)
  const after = remember(zone, primary, (memory) => afterFailure(memory, failed, 'check', now))
  const said = report(round.trigger, notice('primary-failed', { sentence: sentenceOf(failed) }, primary))
  const unclear = failed.code === 'refused' || kind === 'silent' || kind === 'unreachable'
  const hold = primaryOf(zone, primary)?.memory.hold
  if (unclear && !round.forced && hold !== undefined && now < hold.until && failed.code !== 'refused') {
    const rest = notice('unreachable-held', { seconds: Math.ceil((hold.until - now) / 1000) }, primary)
    const next = answered(round, primary, { type: 'done' })
    return andThen([after, said, report(round.trigger, rest)], (state) => goOn(state, next, now, roll))
  }
  const next = answered(round, primary, { type: unclear ? 'unclear' : 'done' })
  return andThen([after, said], (state) => goOn(state, next, now, roll))
}

function askAgain(
  zone: Secondary,
  round: Round,
  primary: PrimaryId,
  { transport, edns }: { readonly transport: 'udp' | 'tcp'; readonly edns: boolean },
): Step {
  const attempt = zone.attempt + 1
  const asks = round.asks.map((ask) =>
    ask.primary === primary ? { ...ask, attempt, edns, answer: { type: 'awaited', transport } as const } : ask,
  )
  const after = withRound({ ...zone, attempt }, { ...round, asks })
  return [after, { type: 'probe', primary, attempt, transport, edns, trigger: round.trigger }]
}

function isRejectedNow(zone: Secondary, id: PrimaryId, serial: Serial, now: Instant): boolean {
  const primary = primaryOf(zone, id)
  return primary !== undefined && isRejected(primary.memory, serial, now)
}

/** Whether a primary says of itself that it has lost the zone (RFC 7314 §4; Knot does the same). */
export function isSourceExpired({ expireSeconds }: { readonly expireSeconds?: number | undefined }): boolean {
  return expireSeconds !== undefined && expireSeconds < EXPIRE_OPTION_SECONDS_MIN
}

/** Notes a serial that was not fetched, if it is newer than ours and than the one noted. */
export function missing(zone: Secondary, round: Round, serial: Serial | undefined): Round {
  if (serial === undefined || (zone.soa && compareSerials(serial, zone.soa.serial) !== 'newer')) return round
  if (round.missed !== undefined && compareSerials(serial, round.missed) !== 'newer') return round
  return { ...round, missed: serial }
}

/** While a transfer runs, answers are only noted. */
function goOn(zone: Secondary, round: Round, now: Instant, roll: number): Step {
  return zone.phase.type === 'transferring' ? [withRound(zone, round)] : decide(zone, round, now, roll)
}

/** Back among the questions, no transfer running. */
export function asking(zone: Secondary, round: Round): Secondary {
  return { ...zone, phase: { type: 'asking', round } }
}

/** The zone with its running round replaced. */
function withRound(zone: Secondary, round: Round): Secondary {
  return zone.phase.type === 'transferring' ? { ...zone, phase: { ...zone.phase, round } } : asking(zone, round)
}

/** Changes what is remembered of one primary. */
export function remember(zone: Secondary, id: PrimaryId, change: (memory: PrimaryMemory) => PrimaryMemory): Secondary {
  const primaries = zone.primaries.map((known) =>
    known.id === id ? { ...known, memory: change(known.memory) } : known,
  )
  return { ...zone, primaries }
}

function roundOfProbe(
  zone: Secondary,
  { primary, attempt }: { primary: PrimaryId; attempt: number },
): Round | undefined {
  if (zone.phase.type === 'waiting') return undefined
  const ask = zone.phase.round.asks.find((one) => one.primary === primary)
  return ask?.attempt === attempt && ask.answer.type === 'awaited' ? zone.phase.round : undefined
}

/** An answer to something that was given up meanwhile. */
export function late(zone: Secondary, event: RefreshEvent): Step {
  return [zone, report('retry', notice('late-answer', { event: event.type }))]
}
