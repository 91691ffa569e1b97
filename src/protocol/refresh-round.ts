/**
 * One round of the secondary's machine: ask all primaries, fetch the newest serial, and say when the next round is.
 *
 * All are asked in every round, because one that has what we have does not prove that no other has more. They are
 * asked at the same time, so that a dead one costs no more than its own silence, and a newer serial waits for the
 * others only a moment.
 */

import { compareSerials, type Serial } from '../dns/serial.ts'
import { nextCheckSeconds } from './lease.ts'
import { notice, type Notice } from './notice.ts'
import { firstRetrySeconds, ixfrPolicyOf, jittered, notifyGapMs, retrySeconds, type Instant } from './refresh-policy.ts'
import {
  primaryOf,
  type Answer,
  type Ask,
  type PrimaryId,
  type RefreshEffect,
  type Remembered,
  type Round,
  type Secondary,
  type Step,
  type Transfer,
  type Trigger,
} from './refresh-state.ts'

/** How a round is wanted. */
export interface RoundWish {
  readonly trigger: Trigger
  readonly full?: boolean
  readonly forced?: boolean
  readonly from?: PrimaryId | undefined
}

/**
 * Starts a round: asks every primary for its SOA, the notifier first. One that has news and is known to give differences is
 * asked for them at once: its answer begins with its SOA, and is no more than that if there is nothing newer (RFC 1995 §4).
 */
export function begin(zone: Secondary, wish: RoundWish, now: Instant): Step {
  const { trigger, full = false, forced = false } = wish
  if (zone.primaries.length === 0) return [zone, report(trigger, notice('no-primaries', {}))]
  const notifier = zone.primaries.find(({ id }) => id === wish.from)?.id
  const ids = zone.primaries.map(({ id }) => id)
  const order = notifier === undefined ? ids : [notifier, ...ids.filter((id) => id !== notifier)]
  const isFetched = notifier !== undefined && !full && trigger === 'notify' && givesDifferences(zone, notifier, now)
  const asks = order.map((primary, at): Ask => {
    const isAsked = at > 0 || !isFetched
    const answer: Answer = isAsked ? { type: 'awaited', transport: 'udp' } : { type: 'unclear' }
    return { primary, attempt: zone.attempt + 1 + at, edns: true, answer }
  })
  const nothing = { decideAt: undefined, confirmed: false, missed: undefined, brought: false }
  const round: Round = { trigger, full, forced, notifier, asks, startedAt: now, ...nothing }
  const after: Secondary = {
    ...zone,
    phase: { type: 'asking', round },
    attempt: zone.attempt + asks.length,
    notifiedAt: trigger === 'notify' ? now : zone.notifiedAt,
  }
  const probes = asks.slice(isFetched ? 1 : 0).map(({ primary, attempt }): RefreshEffect => ({
    type: 'probe',
    primary,
    attempt,
    transport: 'udp',
    edns: true,
    trigger,
  }))
  if (!isFetched) return [after, ...probes]
  const [fetching, ...effects] = fetchFrom(after, round, asks[0] as Ask, now)
  return [fetching, ...effects, ...probes]
}

/** Whether a primary may be asked for differences before it has told its serial. */
function givesDifferences(zone: Secondary, id: PrimaryId, now: Instant): boolean {
  if (zone.soa === undefined || zone.expired || incrementalForm(zone, id, now) === 'AXFR') return false
  return primaryOf(zone, id)?.memory.givesDifferences === true
}

/** Does what the answers so far call for: fetch, wait for more answers, or end the round. */
export function decide(zone: Secondary, round: Round, now: Instant, roll: number): Step {
  const awaiting = round.asks.some(({ answer }) => answer.type === 'awaited')
  const best = bestCandidate(zone, round)
  if (best !== undefined && (!awaiting || isUrgent(zone, round, best, now))) return fetchFrom(zone, round, best, now)
  if (awaiting) {
    const decideAt = best === undefined ? undefined : (round.decideAt ?? now + zone.policy.patienceMs)
    return [{ ...zone, phase: { type: 'asking', round: { ...round, decideAt } } }]
  }
  const unclear = round.asks.find(({ answer }) => answer.type === 'unclear')
  if (unclear !== undefined) return fetchFrom(zone, round, unclear, now)
  const back = lastResort(zone, round)
  return back === undefined ? end(zone, round, now, roll) : fetchFrom(zone, round, back, now)
}

/** Puts one primary's answer into the round. */
export function answered(round: Round, primary: PrimaryId, answer: Answer): Round {
  return { ...round, asks: round.asks.map((ask) => (ask.primary === primary ? { ...ask, answer } : ask)) }
}

/** Whether a serial that is not newer would be taken now; an expired zone has nothing to lose. */
export function followsBack(zone: Secondary): boolean {
  return zone.policy.lowerSerial === 'follow' || zone.expired
}

/** The newest of the serials worth a transfer; among equals the first asked. */
function bestCandidate(zone: Secondary, round: Round): Ask | undefined {
  return newestOf(round.asks.filter(({ answer }) => answer.type === 'has' && isWanted(zone, round, answer.serial)))
}

function isWanted(zone: Secondary, round: Round, theirs: Serial): boolean {
  return zone.soa === undefined || round.full || compareSerials(theirs, zone.soa.serial) === 'newer'
}

/**
 * The primaries went back, and we with them: only when nobody has what we have, and every primary has said so. A zone
 * that has expired has nothing to lose and takes what there is.
 */
function lastResort(zone: Secondary, round: Round): Ask | undefined {
  const behind = round.asks.filter(({ answer }) => answer.type === 'has')
  const all = behind.length === round.asks.length
  return round.confirmed || !followsBack(zone) || !(all || zone.expired) ? undefined : newestOf(behind)
}

function newestOf(asks: readonly Ask[]): Ask | undefined {
  let newest: Ask | undefined
  let best: Serial | undefined
  for (const ask of asks) {
    if (ask.answer.type !== 'has') continue
    if (best !== undefined && compareSerials(ask.answer.serial, best) !== 'newer') continue
    newest = ask
    best = ask.answer.serial
  }
  return newest
}

/** The notifier's news, the announced serial, and a serial that has waited long enough need not wait for the others. */
function isUrgent(zone: Secondary, round: Round, { primary, answer }: Ask, now: Instant): boolean {
  if (round.decideAt !== undefined && now >= round.decideAt) return true
  if (answer.type !== 'has' || round.full) return false
  if (primary === round.notifier) return true
  const order = zone.hint && compareSerials(answer.serial, zone.hint.serial)
  return order === 'newer' || order === 'same'
}

function fetchFrom(zone: Secondary, round: Round, ask: Ask, now: Instant): Step {
  const { primary, answer, edns } = ask
  const { trigger } = round
  const claimed = answer.type === 'has' ? answer.serial : undefined
  const order = claimed === undefined || zone.soa === undefined ? 'newer' : compareSerials(claimed, zone.soa.serial)
  const since = round.full || order !== 'newer' ? undefined : zone.soa?.serial
  const form = since === undefined ? 'AXFR' : incrementalForm(zone, primary, now)
  const over = form === 'udp first' ? 'udp' : 'tcp'
  const plan = { form: form === 'AXFR' ? 'AXFR' : 'IXFR', over, edns, since, claimed, primary } as const
  const [after, ...effects] = startTransfer(zone, round, plan)
  if (round.full || zone.soa === undefined || order === 'newer') return [after, ...effects]
  const facts = { theirs: claimed ?? '?', ours: zone.soa.serial }
  return [after, report(trigger, notice('following-back', facts, primary)), ...effects]
}

function incrementalForm(zone: Secondary, id: PrimaryId, now: Instant): 'AXFR' | 'on' | 'udp first' {
  const primary = primaryOf(zone, id)
  const policy = ixfrPolicyOf(zone.policy.ixfr, primary?.ixfr ?? 'off')
  const axfrOnly = (primary?.memory.axfrOnlyUntil ?? now) > now
  return policy === 'off' || axfrOnly ? 'AXFR' : policy
}

/** Starts a transfer under a new number. */
export function startTransfer(zone: Secondary, round: Round, plan: Omit<Transfer, 'attempt'>): Step {
  const attempt = zone.attempt + 1
  const { primary, form, since, over, edns } = plan
  const after: Secondary = { ...zone, attempt, phase: { type: 'transferring', round, transfer: { ...plan, attempt } } }
  return [after, { type: 'transfer', primary, attempt, form, since, over, edns, trigger: round.trigger }]
}

/** All is asked and fetched: sets the next round, and starts it at once if one is remembered. */
function end(zone: Secondary, round: Round, now: Instant, roll: number): Step {
  const current = isCurrent(zone, round)
  const failures = current ? 0 : zone.failures + 1
  const seconds = current && zone.soa ? nextCheckSeconds(zone, zone.soa, now) : retryIn(zone, failures)
  const delayMs = jittered(seconds, zone.policy, roll)
  const answeredBy = zone.primaries.filter(({ memory }) => (memory.answeredAt ?? -1) >= round.startedAt).length
  const facts = { answered: answeredBy, primaries: zone.primaries.length, seconds: Math.round(delayMs / 1000) }
  const fruitless = round.brought ? 0 : zone.fruitless + (round.trigger === 'notify' ? 1 : 0)
  const rested: Secondary = {
    ...zone,
    phase: { type: 'waiting' },
    failures,
    fruitless,
    refreshAt: now + delayMs,
    dueAs: current ? 'timer' : 'retry',
  }
  const said = report(round.trigger, notice(current ? 'round-ended' : 'round-failed', facts))
  const [hinted, ...hints] = judgeHint(rested, now)
  const [after, ...effects] = beginRemembered(hinted, now)
  return [after, said, ...hints, ...effects]
}

/** A forced full transfer that did not come about, or a serial known and not fetched, calls for RETRY. */
function isCurrent(zone: Secondary, { confirmed, full, missed }: Round): boolean {
  if (!confirmed || full || zone.soa === undefined) return false
  return missed === undefined || compareSerials(missed, zone.soa.serial) !== 'newer'
}

function retryIn(zone: Secondary, failures: number): number {
  return zone.soa === undefined ? firstRetrySeconds(failures, zone.policy) : retrySeconds(zone.soa, zone.policy)
}

/** A serial announced ahead of what the primaries have is looked for once more, soon, and then forgotten. */
function judgeHint(zone: Secondary, now: Instant): Step {
  const { hint, soa, policy } = zone
  if (hint === undefined) return [zone]
  if (soa === undefined || compareSerials(hint.serial, soa.serial) !== 'newer') return [{ ...zone, hint: undefined }]
  if (hint.rounds < 0) return [{ ...zone, hint: { ...hint, rounds: 0 } }]
  if (hint.rounds > 0) {
    return [{ ...zone, hint: undefined }, report('notify', notice('hint-given-up', { hint: hint.serial }))]
  }
  const at = Math.min(zone.refreshAt ?? Infinity, now + policy.hintRetrySeconds * 1000)
  const said = notice('hint-retry', { hint: hint.serial, seconds: Math.round((at - now) / 1000) })
  return [{ ...zone, hint: { ...hint, rounds: 1 }, refreshAt: at, dueAs: 'retry' }, report('notify', said)]
}

/** Begins what was remembered during a round, unless it was overtaken or must keep its distance from the last one. */
export function beginRemembered(zone: Secondary, now: Instant): Step {
  const { remembered } = zone
  if (remembered === undefined) return [zone]
  if (isOvertaken(zone, remembered)) {
    return [{ ...zone, remembered: undefined }, report('notify', notice('notify-overtaken', {}))]
  }
  const waitMs = rememberedAt(zone, remembered) - now
  if (waitMs > 0) return [zone, report('notify', notice('notify-spaced', { seconds: Math.ceil(waitMs / 1000) }))]
  const { trigger, full, from } = remembered
  return begin({ ...zone, remembered: undefined }, { trigger, full, from, forced: trigger === 'api' }, now)
}

/** When a remembered round may begin: NOTIFYs that bring nothing must come ever slower. */
export function rememberedAt(zone: Secondary, { trigger }: Remembered): Instant {
  return trigger === 'api' || zone.notifiedAt === undefined ? 0 : zone.notifiedAt + notifyGapMs(zone.fruitless)
}

function isOvertaken(zone: Secondary, { trigger, hinted }: Remembered): boolean {
  return trigger === 'notify' && hinted && zone.hint === undefined && zone.soa !== undefined && !zone.expired
}

/** Says something. */
export function report(trigger: Trigger, said: Notice): RefreshEffect {
  return { type: 'report', notice: said, trigger }
}
