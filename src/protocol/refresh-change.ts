/**
 * What changes the secondary's machine from outside a round: a restart, another configuration, a clock that went back.
 */

import { lapseEffect, lapsed, leaseIsOver } from './lease.ts'
import { notice } from './notice.ts'
import { NOTHING_REMEMBERED, shiftedMemory } from './primary-memory.ts'
import { expireSeconds, refreshSeconds, type Instant, type RefreshPolicy, type SoaFacts } from './refresh-policy.ts'
import { begin, decide, report } from './refresh-round.ts'
import {
  andThen,
  type EventOf,
  type KnownPrimary,
  type Phase,
  type Primary,
  type RefreshEffect,
  type Round,
  type Secondary,
  type Step,
  type Timers,
} from './refresh-state.ts'

/** What to keep over a restart; worth storing whenever a round has ended and whenever the zone expires. */
export function timersOf(zone: Secondary): Timers {
  const { seenAt, soa, refreshAt, dueAs, expireAt, expired, confirmedAt, checkedAt, failures, primaries } = zone
  const serial = soa?.serial
  return { savedAt: seenAt, serial, refreshAt, dueAs, expireAt, expired, confirmedAt, checkedAt, failures, primaries }
}

/**
 * After a start. Contents whose lease ended while we were down stay expired until a primary confirms them. The version
 * in the store counts, not what the timers say of it: a crash may lie between the two (IC-14).
 */
export function restored(zone: Secondary, event: EventOf<'restored'>, now: Instant): Step {
  const { soa } = event
  const timers = event.timers && shiftedTimers(event.timers, Math.min(0, now - event.timers.savedAt))
  const primaries = zone.primaries.map((primary) => ({
    ...primary,
    memory: memoryOf(primary, timers?.primaries ?? []),
  }))
  const known: Secondary = { ...zone, soa, primaries, failures: timers?.failures ?? 0 }
  if (soa === undefined) return begin(known, { trigger: 'start' }, now)
  const leased = withTimers(known, soa, event, timers, now)
  const opened: Step = leased.expired || leaseIsOver(leased, now) ? lapsed(leased, 'start') : [leased]
  if (leased.primaries.length === 0) return opened
  const due = opened[0].expired || (leased.refreshAt ?? now) <= now
  return due ? andThen(opened, (after) => begin(after, { trigger: 'start' }, now)) : opened
}

function withTimers(
  zone: Secondary,
  soa: SoaFacts,
  event: EventOf<'restored'>,
  timers: Timers | undefined,
  now: Instant,
): Secondary {
  const expireAt = leaseAfterStart(soa, zone.policy, event, timers, now)
  const latest = now + 1000 * refreshSeconds(soa, zone.policy)
  if (timers?.serial !== soa.serial) {
    return { ...zone, expireAt, confirmedAt: event.committedAt, checkedAt: timers?.checkedAt, refreshAt: now }
  }
  const { confirmedAt, checkedAt, dueAs, expired } = timers
  return {
    ...zone,
    expireAt,
    confirmedAt,
    checkedAt,
    dueAs,
    expired,
    refreshAt: Math.min(timers.refreshAt ?? now, latest),
  }
}

function leaseAfterStart(
  soa: SoaFacts,
  policy: RefreshPolicy,
  event: EventOf<'restored'>,
  timers: Timers | undefined,
  now: Instant,
): Instant {
  const whole = 1000 * expireSeconds(soa, policy)
  const committedAt = Math.min(event.committedAt ?? now, now)
  const stored = timers?.expireAt
  // Timers of an older version may end sooner than those that a crash kept from the store: the careful choice, unless
  // they had ended before this version came.
  if (stored !== undefined && (timers?.serial === soa.serial || stored > committedAt))
    return Math.min(stored, now + whole)
  return committedAt + whole
}

/** Other primaries or another policy. What still fits goes on; then all primaries are asked. */
export function configured(zone: Secondary, event: EventOf<'configured'>, now: Instant, roll: number): Step {
  const { policy } = event
  if (isSame(zone, event)) return [zone, report('api', notice('nothing-changed', {}))]
  const primaries = event.primaries.map((primary) => ({ ...primary, memory: memoryOf(primary, zone.primaries) }))
  const changed: Secondary = { ...zone, primaries, policy }
  const lease = linkedAgain(changed, zone, now)
  const failures = zone.soa === undefined ? 0 : zone.failures
  const [kept, ...effects] = withoutRemoved({ ...changed, expireAt: lease, failures }, zone.primaries)
  const [served, ...more] = servedAnew(kept, zone.policy)
  const before: Step = [served, ...effects, ...more]
  if (primaries.length === 0) {
    const idle = { refreshAt: undefined, remembered: undefined, hint: undefined }
    return andThen(before, (after) => [{ ...after, ...idle }, report('api', notice('no-primaries', {}))])
  }
  const { phase } = served
  if (phase.type === 'waiting') return andThen(before, (after) => begin(after, { trigger: 'api' }, now))
  const remembered = { trigger: 'api', full: zone.remembered?.full ?? false, from: undefined, hinted: false } as const
  const queued: Step = [{ ...served, remembered }, ...effects, ...more]
  return phase.type === 'asking' ? andThen(queued, (after) => decide(after, phase.round, now, roll)) : queued
}

/** A zone that had no primaries kept its contents; once there are some, its lease counts from now. */
function linkedAgain(after: Secondary, before: Secondary, now: Instant): Instant | undefined {
  const linked = before.primaries.length === 0 && after.primaries.length > 0
  if (!linked || after.soa === undefined || after.expired) return after.expireAt
  return Math.max(after.expireAt ?? now, now + 1000 * expireSeconds(after.soa, after.policy))
}

/** Takes primaries that are gone, or are at another endpoint, out of the running round, and their transfer with them. */
function withoutRemoved(zone: Secondary, before: readonly KnownPrimary[]): Step {
  const { phase } = zone
  if (phase.type === 'waiting') return [zone]
  const same = new Set(
    zone.primaries.filter((one) => before.some((old) => isSameEndpoint(old, one))).map(({ id }) => id),
  )
  const stays = (id: string) => same.has(id)
  const round: Round = { ...phase.round, asks: phase.round.asks.filter(({ primary }) => stays(primary)) }
  if (phase.type === 'asking' || stays(phase.transfer.primary)) {
    return [{ ...zone, phase: roundless(zone) ? { type: 'waiting' } : { ...phase, round } }]
  }
  const { primary, attempt } = phase.transfer
  const next: Phase = roundless(zone) ? { type: 'waiting' } : { type: 'asking', round }
  return [
    { ...zone, phase: next },
    { type: 'cancel', primary, attempt, trigger: 'api' },
  ]
}

function roundless(zone: Secondary): boolean {
  return zone.primaries.length === 0
}

/** An expired zone under another policy. */
function servedAnew(zone: Secondary, before: RefreshPolicy): Step {
  if (!zone.expired || zone.policy.expired === before.expired) return [zone]
  const effect: RefreshEffect =
    zone.policy.expired === 'stop' ? lapseEffect(zone, 'api') : { type: 'revive', trigger: 'api' }
  return [zone, effect]
}

/** Forgets what speaks against one primary, or against all. */
export function forgiven(zone: Secondary, { primary }: EventOf<'forgiven'>): Step {
  const clean = { hold: undefined, axfrOnlyUntil: undefined, rejected: undefined }
  const primaries = zone.primaries.map((known) =>
    primary === undefined || known.id === primary ? { ...known, memory: { ...known.memory, ...clean } } : known,
  )
  return [{ ...zone, primaries }]
}

/**
 * A clock that went back takes all timers with it: the time that has passed is unknown, but nothing may be put off by
 * the distance. A clock that went forward cannot be told from one that ran.
 */
export function onThisClock(zone: Secondary, now: Instant): Step {
  const byMs = now - zone.seenAt
  if (byMs >= 0) return [{ ...zone, seenAt: now }]
  const moved = (at: Instant | undefined) => (at === undefined ? undefined : at + byMs)
  const after: Secondary = {
    ...zone,
    seenAt: now,
    refreshAt: moved(zone.refreshAt),
    expireAt: moved(zone.expireAt),
    confirmedAt: moved(zone.confirmedAt),
    checkedAt: moved(zone.checkedAt),
    notifiedAt: moved(zone.notifiedAt),
    phase: shiftedPhase(zone.phase, byMs),
    primaries: shiftedPrimaries(zone.primaries, byMs),
  }
  if (byMs > -1000) return [after]
  return [after, report('timer', notice('clock-went-back', { seconds: Math.round(-byMs / 1000) }))]
}

function shiftedTimers(timers: Timers, byMs: number): Timers {
  const moved = (at: Instant | undefined) => (at === undefined ? undefined : at + byMs)
  return {
    ...timers,
    refreshAt: moved(timers.refreshAt),
    expireAt: moved(timers.expireAt),
    confirmedAt: moved(timers.confirmedAt),
    checkedAt: moved(timers.checkedAt),
    primaries: shiftedPrimaries(timers.primaries, byMs),
  }
}

function shiftedPhase(phase: Phase, byMs: number): Phase {
  if (phase.type === 'waiting') return phase
  const { startedAt, decideAt } = phase.round
  const moved = decideAt === undefined ? undefined : decideAt + byMs
  return { ...phase, round: { ...phase.round, startedAt: startedAt + byMs, decideAt: moved } }
}

function shiftedPrimaries(primaries: readonly KnownPrimary[], byMs: number): readonly KnownPrimary[] {
  return primaries.map((known) => ({ ...known, memory: shiftedMemory(known.memory, byMs) }))
}

function memoryOf(primary: Primary, known: readonly KnownPrimary[]) {
  return known.find((one) => isSameEndpoint(one, primary))?.memory ?? NOTHING_REMEMBERED
}

function isSameEndpoint(a: Primary, b: Primary): boolean {
  return a.id === b.id && a.endpoint === b.endpoint
}

function isSame(zone: Secondary, { primaries, policy }: EventOf<'configured'>): boolean {
  const settings = Object.keys(policy) as (keyof RefreshPolicy)[]
  return (
    settings.every((setting) => policy[setting] === zone.policy[setting]) &&
    primaries.length === zone.primaries.length &&
    primaries.every((one, at) => {
      const known = zone.primaries[at]
      return known !== undefined && isSameEndpoint(one, known) && one.ixfr === known.ixfr
    })
  )
}
