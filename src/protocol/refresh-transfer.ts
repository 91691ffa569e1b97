/** How transfers end, and what that means for the round of the secondary's machine. */

import { assert } from '../dns/assert.ts'
import { compareSerials, type Serial } from '../dns/serial.ts'
import { leaseOfTransfer, renewed } from './lease.ts'
import { notice } from './notice.ts'
import { afterFailure, afterRejection, afterTransfer, held } from './primary-memory.ts'
import { kindOf, reason, sentenceOf, type Reason } from './reason.ts'
import { asking, isSourceExpired, late, missing, remember, told } from './refresh-answer.ts'
import type { Instant } from './refresh-policy.ts'
import { answered, decide, report, startTransfer } from './refresh-round.ts'
import {
  andThen,
  type EventOf,
  type PrimaryId,
  type Round,
  type Secondary,
  type Step,
  type Transfer,
} from './refresh-state.ts'

/** New contents are served. They are a fact, even when they come from a transfer that was given up meanwhile. */
export function transferred(zone: Secondary, event: EventOf<'transferred'>, now: Instant, roll: number): Step {
  const { primary, soa, form } = event
  const lease = leaseOfTransfer(zone, soa, event.expireSeconds, now)
  const running = roundOfTransfer(zone, event)
  const came = { serial: soa.serial, givesDifferences: form === 'IXFR' && running?.transfer.edns === true }
  const remembering = remember({ ...zone, soa }, primary, (memory) => afterTransfer(memory, came, now))
  const trigger = zone.phase.type === 'waiting' ? 'retry' : zone.phase.round.trigger
  const served = renewed(remembering, lease, now, trigger)
  if (running === undefined) return andThen(served, (after) => late(after, event))
  const round: Round = {
    ...answered(running.round, primary, { type: 'done' }),
    confirmed: true,
    brought: true,
    full: false,
  }
  return andThen(served, (after) => decide(asking(after, round), round, now, roll))
}

/** The transfer found nothing newer than what we have. */
export function upToDate(zone: Secondary, event: EventOf<'up to date'>, now: Instant, roll: number): Step {
  const running = roundOfTransfer(zone, event)
  if (running === undefined) return late(zone, event)
  const { round, transfer } = running
  if (isSourceExpired(event)) return gaveUp(zone, round, transfer, reason('primary-expired', {}), now, roll)
  const order = zone.soa === undefined ? 'newer' : compareSerials(event.soa.serial, zone.soa.serial)
  assert(order !== 'newer', 'a transfer found nothing newer and named a newer serial')
  return told(asking(zone, round), missing(zone, round, transfer.claimed), event, now, roll)
}

/** The answer does not fit into UDP: the same by TCP (RFC 1995 §2). */
export function tooLargeForUdp(zone: Secondary, event: EventOf<'too large for udp'>): Step {
  const running = roundOfTransfer(zone, event)
  return running === undefined ? late(zone, event) : byTcp(zone, running.round, running.transfer)
}

/**
 * A transfer failed. After IXFR comes AXFR from the same primary, whatever the reason, unless the connection was lost
 * before any answer or the fault is ours; after that the next primary.
 */
export function transferFailed(zone: Secondary, event: EventOf<'transfer failed'>, now: Instant, roll: number): Step {
  const running = roundOfTransfer(zone, event)
  if (running === undefined) return late(zone, event)
  const { round, transfer } = running
  const kind = kindOf(event.reason)
  if (transfer.over === 'udp' && kind !== 'local') return byTcp(zone, round, transfer)
  if (transfer.form === 'IXFR' && kind !== 'unreachable' && kind !== 'local') {
    return fallBack(zone, round, transfer, event.reason, now)
  }
  const rejected = kind === 'content' && transfer.form === 'AXFR' ? (event.serial ?? transfer.claimed) : undefined
  const resting = rejected === undefined ? zone : rejecting(zone, transfer.primary, rejected, now)
  return gaveUp(resting, missing(zone, round, event.serial), transfer, event.reason, now, roll)
}

function byTcp(zone: Secondary, round: Round, transfer: Transfer): Step {
  const said = report(round.trigger, notice('retrying-by-tcp', {}, transfer.primary))
  return andThen([zone, said], (after) => startTransfer(after, round, { ...transfer, over: 'tcp' }))
}

function fallBack(zone: Secondary, round: Round, transfer: Transfer, failed: Reason, now: Instant): Step {
  const { primary } = transfer
  const seconds = zone.policy.axfrOnlySeconds
  const said = report(round.trigger, notice('falling-back', { sentence: sentenceOf(failed) }, primary))
  if (kindOf(failed) !== 'no ixfr') {
    return andThen([zone, said], (after) => startTransfer(after, round, { ...transfer, form: 'AXFR' }))
  }
  const after = remember(zone, primary, (memory) => ({ ...memory, axfrOnlyUntil: now + seconds * 1000 }))
  const learned = report(round.trigger, notice('axfr-only', { seconds }, primary))
  return andThen([after, said, learned], (state) => startTransfer(state, round, { ...transfer, form: 'AXFR' }))
}

/** This primary brings nothing more in this round. A fault of ours would spoil the other transfers as well. */
function gaveUp(zone: Secondary, round: Round, transfer: Transfer, failed: Reason, now: Instant, roll: number): Step {
  const { primary, claimed } = transfer
  const kind = kindOf(failed)
  const unreached = kind === 'unreachable' || kind === 'silent'
  const after = remember(zone, primary, (memory) => {
    if (kind === 'local') return memory
    const failing = afterFailure(memory, failed, 'transfer', now)
    return unreached ? held(failing, now) : failing
  })
  const tried = missing(zone, answered(round, primary, { type: 'done' }), claimed)
  const asks = tried.asks.map((ask) =>
    ask.answer.type === 'awaited' ? ask : { ...ask, answer: { type: 'done' } as const },
  )
  const next = kind === 'local' ? { ...tried, asks } : tried
  const said = report(round.trigger, notice('primary-failed', { sentence: sentenceOf(failed) }, primary))
  return andThen([after, said], (state) => decide(asking(state, next), next, now, roll))
}

function rejecting(zone: Secondary, primary: PrimaryId, serial: Serial, now: Instant): Secondary {
  return remember(zone, primary, (memory) => afterRejection(memory, serial, zone, now))
}

function roundOfTransfer(zone: Secondary, { attempt }: { attempt: number }) {
  const { phase } = zone
  return phase.type === 'transferring' && phase.transfer.attempt === attempt ? phase : undefined
}
