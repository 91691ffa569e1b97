/**
 * Telling one peer of the versions of one zone (RFC 1996): when, how often, and when to give up.
 *
 * A machine without clock or sockets, like refresh.ts. A change after quiet is told at once. Those that follow it soon are
 * gathered until the delay has passed, so that a burst of any length costs one NOTIFY per delay. What is told is always
 * the newest version: a newer one takes the place of one that is on its way or waits to be tried again, and an answer to
 * the older NOTIFY ends nothing.
 *
 *      ┌─────────┐   due   ┌─────────┐  no answer  ┌─────────┐
 *      │ resting │ ──────▶ │ sending │ ──────────▶ │ pausing │
 *      └─────────┘         └─────────┘ ◀────────── └─────────┘
 *           ▲  answered, given up │       due
 *           └─────────────────────┘
 *
 * Every `send` is answered by exactly one event with its attempt number, unless it is cancelled.
 */

import type { Serial } from '../dns/serial.ts'
import { isWorthAgain, type OutgoingReason } from './outgoing-reason.ts'
import type { Instant } from './refresh-policy.ts'

export interface NotifyPolicy {
  /** How long changes are gathered after a NOTIFY. */
  readonly delayMs: number
  /** How often a version is told before it is given up. The last time it goes by TCP. */
  readonly tries: number
  /** How long an answer is waited for; the pause before the next try is as long, and doubles from try to try. */
  readonly timeoutMs: number
}

type Phase =
  | { readonly type: 'resting' }
  | { readonly type: 'sending'; readonly serial: Serial; readonly tries: number }
  | { readonly type: 'pausing'; readonly serial: Serial; readonly tries: number; readonly until: Instant }

/** How telling a version ended: answered, or given up. */
interface Told {
  readonly serial: Serial
  readonly at: Instant
  readonly failure: OutgoingReason | undefined
}

/** What is known of a peer as far as NOTIFY goes. */
export interface NotifyOut {
  readonly policy: NotifyPolicy
  readonly phase: Phase
  /** A version that is due to be told. */
  readonly next: { readonly serial: Serial; readonly dueAt: Instant } | undefined
  readonly told: Told | undefined
  /** When the last NOTIFY was sent. */
  readonly sentAt: Instant | undefined
  /** The number of the last NOTIFY; answers name theirs, so that late ones are recognised. */
  readonly attempt: number
}

export type NotifyEvent =
  /** A version can be served. */
  | { readonly type: 'changed'; readonly serial: Serial }
  /** The version is to be told at once, whatever the peer knows. */
  | { readonly type: 'forced'; readonly serial: Serial }
  | { readonly type: 'woke' }
  | { readonly type: 'answered'; readonly attempt: number }
  | { readonly type: 'failed'; readonly attempt: number; readonly reason: OutgoingReason }

export type NotifyEffect =
  | {
      readonly type: 'send'
      readonly attempt: number
      readonly serial: Serial
      readonly transport: 'udp' | 'tcp'
      readonly timeoutMs: number
    }
  | { readonly type: 'cancel'; readonly attempt: number }
  | { readonly type: 'report'; readonly told: Told; readonly tries: number }

export type NotifyStep = readonly [NotifyOut, ...NotifyEffect[]]

/** A peer that has been told nothing yet. */
export function newNotifyOut(policy: NotifyPolicy): NotifyOut {
  return { policy, phase: { type: 'resting' }, next: undefined, told: undefined, sentAt: undefined, attempt: 0 }
}

/** What becomes of the peer through an event, and what is to be done. */
export function step(peer: NotifyOut, event: NotifyEvent, now: Instant): NotifyStep {
  switch (event.type) {
    case 'changed':
      return changed(peer, event.serial, now)
    case 'forced':
      return begin(peer, event.serial, now)
    case 'woke':
      return woke(peer, now)
    case 'answered':
      return ended(peer, event.attempt, undefined, now)
    case 'failed':
      return ended(peer, event.attempt, event.reason, now)
  }
}

/** When the peer wants the event `woke`; Infinity if never. */
export function wakeAt({ next, phase }: NotifyOut): Instant {
  return Math.min(next?.dueAt ?? Infinity, phase.type === 'pausing' ? phase.until : Infinity)
}

/** The version the peer is being told, or has been told last. */
function newestOf({ next, phase, told }: NotifyOut): Serial | undefined {
  if (next !== undefined) return next.serial
  return phase.type === 'resting' ? told?.serial : phase.serial
}

/** A version is told at once unless one was told within the delay; then it waits for the rest of it, and never longer. */
function changed(peer: NotifyOut, serial: Serial, now: Instant): NotifyStep {
  if (newestOf(peer) === serial) return [peer]
  const dueAt = Math.min(peer.next?.dueAt ?? Infinity, quietUntil(peer, now))
  return dueAt <= now ? begin(peer, serial, now) : [{ ...peer, next: { serial, dueAt } }]
}

/** A clock that was set back makes nobody wait for longer than the delay. */
function quietUntil({ sentAt, policy }: NotifyOut, now: Instant): Instant {
  return sentAt === undefined ? now : Math.min(sentAt, now) + policy.delayMs
}

function woke(peer: NotifyOut, now: Instant): NotifyStep {
  const { next, phase } = peer
  if (next !== undefined && next.dueAt <= now) return begin(peer, next.serial, now)
  if (phase.type === 'pausing' && phase.until <= now)
    return send(peer, { serial: phase.serial, tries: phase.tries + 1 }, now)
  return [peer]
}

/** Tells a version in place of the one that was being told, and of those that wait. */
function begin(peer: NotifyOut, serial: Serial, now: Instant): NotifyStep {
  const [after, ...effects] = send({ ...peer, next: undefined }, { serial, tries: 1 }, now)
  if (peer.phase.type !== 'sending') return [after, ...effects]
  return [after, { type: 'cancel', attempt: peer.attempt }, ...effects]
}

function send(peer: NotifyOut, { serial, tries }: { serial: Serial; tries: number }, now: Instant): NotifyStep {
  const { policy } = peer
  const attempt = peer.attempt + 1
  const transport = tries > 1 && tries >= policy.tries ? 'tcp' : 'udp'
  return [
    { ...peer, attempt, sentAt: now, phase: { type: 'sending', serial, tries } },
    { type: 'send', attempt, serial, transport, timeoutMs: policy.timeoutMs },
  ]
}

function ended(peer: NotifyOut, attempt: number, failure: OutgoingReason | undefined, now: Instant): NotifyStep {
  const { phase, policy } = peer
  if (phase.type !== 'sending' || attempt !== peer.attempt) return [peer]
  const { serial, tries } = phase
  if (failure !== undefined && tries < policy.tries && isWorthAgain(failure)) {
    return [{ ...peer, phase: { type: 'pausing', serial, tries, until: now + policy.timeoutMs * 2 ** (tries - 1) } }]
  }
  const told = { serial, at: now, failure }
  return [
    { ...peer, told, phase: { type: 'resting' } },
    { type: 'report', told, tries },
  ]
}
