/**
 * The secondary: how a zone follows its primaries (RFC 1034 §4.3.5, RFC 1995, RFC 1996, RFC 7314).
 *
 * A machine without clock, chance or sockets. `step` takes what happened and returns the state after it and what is to
 * be done; `wakeAt` says when the machine wants to be woken, and there is no other timer.
 *
 *      ┌──────────┐  woke, notified, forced   ┌─────────┐  a newer serial   ┌──────────────┐
 *      │ waiting  │ ────────────────────────▶ │ asking  │ ────────────────▶ │ transferring │
 *      └──────────┘                           └─────────┘                   └──────────────┘
 *           ▲          all asked and fetched       │ ▲     transferred, failed     │
 *           └──────────────────────────────────────┘ └─────────────────────────────┘
 *
 * EXPIRE runs beside all three: a zone is served until its lease is over, whatever goes on meanwhile.
 */

import { compareSerials } from '../dns/serial.ts'
import { lapsed, leaseIsOver } from './lease.ts'
import { notice } from './notice.ts'
import { NOTHING_REMEMBERED } from './primary-memory.ts'
import { probed, probeFailed } from './refresh-answer.ts'
import { configured, forgiven, onThisClock, restored } from './refresh-change.ts'
import type { Instant, RefreshPolicy } from './refresh-policy.ts'
import { begin, beginRemembered, decide, rememberedAt, report } from './refresh-round.ts'
import {
  andThen,
  type EventOf,
  type Hint,
  type Primary,
  type RefreshEvent,
  type Remembered,
  type Secondary,
  type Step,
  type Trigger,
} from './refresh-state.ts'
import { tooLargeForUdp, transferFailed, transferred, upToDate } from './refresh-transfer.ts'

/** A zone about which nothing is known yet; its first event is `restored`. */
export function newSecondary(primaries: readonly Primary[], policy: RefreshPolicy, now: Instant): Secondary {
  return {
    primaries: primaries.map((primary) => ({ ...primary, memory: NOTHING_REMEMBERED })),
    policy,
    phase: { type: 'waiting' },
    soa: undefined,
    refreshAt: undefined,
    dueAs: 'timer',
    expireAt: undefined,
    expired: false,
    confirmedAt: undefined,
    checkedAt: undefined,
    failures: 0,
    remembered: undefined,
    hint: undefined,
    fruitless: 0,
    notifiedAt: undefined,
    attempt: 0,
    seenAt: now,
  }
}

/** What becomes of a zone through an event, and what is to be done. `roll` is chance, from 0 up to 1. */
export function step(zone: Secondary, event: RefreshEvent, now: Instant, roll = 0): Step {
  return andThen(onThisClock(zone, now), (current) => react(current, event, now, roll))
}

/** When the zone wants the event `woke`; Infinity if never. */
export function wakeAt(zone: Secondary): Instant {
  if (zone.primaries.length === 0) return Infinity
  const expireAt = zone.expired ? Infinity : (zone.expireAt ?? Infinity)
  switch (zone.phase.type) {
    case 'waiting': {
      const rememberedDue = zone.remembered === undefined ? Infinity : rememberedAt(zone, zone.remembered)
      return Math.min(expireAt, zone.refreshAt ?? Infinity, rememberedDue)
    }
    case 'asking':
      return Math.min(expireAt, zone.phase.round.decideAt ?? Infinity)
    case 'transferring':
      return expireAt
  }
}

function react(zone: Secondary, event: RefreshEvent, now: Instant, roll: number): Step {
  switch (event.type) {
    case 'restored':
      return restored(zone, event, now)
    case 'configured':
      return configured(zone, event, now, roll)
    case 'woke':
      return woke(zone, now, roll)
    case 'notified':
      return notified(zone, event, now)
    case 'forced':
      return wanted(zone, { trigger: 'api', full: event.full, from: undefined, hinted: false }, now)
    case 'forgiven':
      return forgiven(zone, event)
    case 'probed':
      return probed(zone, event, now, roll)
    case 'probe failed':
      return probeFailed(zone, event, now, roll)
    case 'transferred':
      return transferred(zone, event, now, roll)
    case 'up to date':
      return upToDate(zone, event, now, roll)
    case 'too large for udp':
      return tooLargeForUdp(zone, event)
    case 'transfer failed':
      return transferFailed(zone, event, now, roll)
  }
}

/** Whatever is due now. Waking too early does nothing. */
function woke(zone: Secondary, now: Instant, roll: number): Step {
  const opened: Step = leaseIsOver(zone, now) ? lapsed(zone, 'timer') : [zone]
  return andThen(opened, (after) => {
    const { phase, remembered, refreshAt, dueAs } = after
    if (phase.type === 'transferring') return [after]
    if (phase.type === 'asking') {
      return (phase.round.decideAt ?? Infinity) <= now ? decide(after, phase.round, now, roll) : [after]
    }
    if (remembered !== undefined && rememberedAt(after, remembered) <= now) return beginRemembered(after, now)
    if ((refreshAt ?? Infinity) > now) return [after]
    // The round that is due anyway does for a NOTIFY that had to keep its distance.
    return begin({ ...after, remembered: undefined }, { trigger: dueAs }, now)
  })
}

/** A NOTIFY that was let in: as if the refresh timer had run out, unless it announces what we have (RFC 1996 §3.11). */
function notified(zone: Secondary, event: EventOf<'notified'>, now: Instant): Step {
  const { from, serialHint } = event
  const wish: Remembered = { trigger: 'notify', full: false, from, hinted: false }
  // Without contents there is nothing to hold a serial against, and so no hint that the first transfer could overtake.
  if (serialHint === undefined || zone.soa === undefined) return wanted(zone, wish, now)
  const order = compareSerials(serialHint, zone.soa.serial)
  const back = order !== 'newer' && (zone.expired || (order !== 'same' && zone.policy.lowerSerial === 'follow'))
  if (order !== 'newer' && !back) {
    const facts = { hint: serialHint, ours: zone.soa.serial }
    return [zone, report('notify', notice('notify-not-newer', facts, from))]
  }
  const hint = back
    ? zone.hint
    : newerHint(zone, { serial: serialHint, rounds: zone.phase.type === 'waiting' ? 0 : -1 })
  return wanted({ ...zone, hint }, { ...wish, hinted: !back }, now)
}

function newerHint({ hint }: Secondary, heard: Hint): Hint {
  return hint === undefined || compareSerials(heard.serial, hint.serial) === 'newer' ? heard : hint
}

/** A round is wanted: at once, or as the one that follows what is running. */
function wanted(zone: Secondary, wish: Remembered, now: Instant): Step {
  if (zone.primaries.length === 0) return begin(zone, wish, now)
  const remembered = merged(zone.remembered, wish)
  if (zone.phase.type === 'waiting') return beginRemembered({ ...zone, remembered }, now)
  const code = wish.trigger === 'api' ? 'force-remembered' : 'notify-remembered'
  const trigger: Trigger = wish.trigger
  return [{ ...zone, remembered }, report(trigger, notice(code, {}, wish.from))]
}

/** Two wishes are one round: a person's outweighs a NOTIFY's, and a full transfer a check. */
function merged(before: Remembered | undefined, wish: Remembered): Remembered {
  if (before === undefined) return wish
  return {
    trigger: before.trigger === 'api' ? 'api' : wish.trigger,
    full: before.full || wish.full,
    from: wish.from ?? before.from,
    hinted: before.hinted && wish.hinted,
  }
}
