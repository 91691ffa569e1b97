/**
 * What must hold after every step of the secondary's machine, judged from outside: a slow, obvious twin of its lease,
 * and rules about what it may ask for.
 */

import assert from 'node:assert'
import { compareSerials } from '../../src/dns/serial.ts'
import type { RefreshPolicy, SoaFacts } from '../../src/protocol/refresh-policy.ts'
import type { RefreshEffect, RefreshEvent, Secondary } from '../../src/protocol/refresh-state.ts'
import { kindOf } from '../../src/protocol/reason.ts'
import { MINUTE } from './primaries.ts'

type Transferred = Extract<RefreshEvent, { type: 'transferred' }>

/** Rounds that a NOTIFY may start for nothing within ten minutes; spaced 1, 2, 4, …, 60 s. */
const FRUITLESS_ROUNDS_MAX = 20

export class Checker {
  /** Time may be judged only where the clock is steady and leases are not handed down. */
  readonly #steady: boolean
  readonly #inFlight = new Map<number, RefreshEffect>()
  /** Until when refused content must rest, by primary and serial. */
  readonly #refused = new Map<string, number>()
  #lease: number | undefined
  #served = false
  #notifyRounds: number[] = []
  #goingBackAllowed = new Set<number>()

  constructor(steady: boolean) {
    this.#steady = steady
  }

  /** A crash: nobody knows the questions any more, and what the store has is served unless the machine objects. */
  crashed(stored: { readonly soa: SoaFacts | undefined; readonly committedAt: number }, policy: RefreshPolicy): void {
    this.#inFlight.clear()
    this.#goingBackAllowed.clear()
    this.#served = stored.soa !== undefined
    if (stored.soa === undefined) return
    this.#lease = Math.max(this.#lease ?? 0, stored.committedAt + wholeLeaseMs(stored.soa, policy))
  }

  /** Looks at one step. */
  look(before: Secondary, event: RefreshEvent, after: Secondary, effects: readonly RefreshEffect[], now: number): void {
    this.#lookAtContents(before, event, after)
    this.#settle(before, event, after, now)
    if (event.type === 'transferred' && before.soa === undefined) this.#served = true
    for (const effect of effects) this.#lookAtEffect(before, effect, after, now)
    this.#lookAtPhase(after)
    if (this.#steady) this.#lookAtLease(after, now)
  }

  /** Contents change by a transfer and by nothing else, and never go back without leave. */
  #lookAtContents(before: Secondary, event: RefreshEvent, after: Secondary): void {
    if (event.type === 'restored') return
    if (event.type !== 'transferred') {
      assert.strictEqual(after.soa?.serial, before.soa?.serial, `the serial changed by "${event.type}"`)
      return
    }
    assert.strictEqual(after.soa?.serial, event.soa.serial, 'the serial is not the transferred one')
    if (before.soa === undefined || this.#goingBackAllowed.has(event.attempt)) return
    const order = compareSerials(event.soa.serial, before.soa.serial)
    assert(order === 'newer' || order === 'same', `contents went back from ${before.soa.serial} to ${event.soa.serial}`)
  }

  #settle(before: Secondary, event: RefreshEvent, after: Secondary, now: number): void {
    if (event.type === 'forgiven') this.#refused.clear()
    if (event.type === 'configured') {
      this.#refused.clear()
      this.#relink(before, after, now)
      this.#forgetGivenUp(before)
    }
    if (event.type === 'restored' && after.soa !== undefined) {
      if (this.#steady) assert((after.expireAt ?? 0) <= (this.#lease ?? 0) + 1, 'a restart made the lease longer')
      this.#lease = after.expireAt
    }
    if (!('attempt' in event)) return
    const asked = this.#inFlight.get(event.attempt)
    this.#inFlight.delete(event.attempt)
    if (event.type === 'transfer failed') this.#noteRefusal(asked, event, before, now)
    if (event.type === 'transferred') this.#lease = this.#leaseFrom(event, after.policy, now)
    if ((event.type === 'probed' || event.type === 'up to date') && asked !== undefined && before.soa !== undefined) {
      const lost = event.expireSeconds !== undefined && event.expireSeconds < 2
      if (lost || compareSerials(event.soa.serial, before.soa.serial) !== 'same') return
      if (asked.type === 'probe' && isFull(before)) return
      const lease = this.#leaseFrom({ ...event, soa: before.soa }, before.policy, now)
      this.#lease = Math.max(this.#lease ?? now, lease)
    }
  }

  #leaseFrom(event: Pick<Transferred, 'soa' | 'expireSeconds'>, policy: RefreshPolicy, now: number): number {
    const whole = wholeLeaseMs(event.soa, policy)
    return now + Math.min(whole, (event.expireSeconds ?? Infinity) * 1000)
  }

  #relink(before: Secondary, after: Secondary, now: number): void {
    if (before.primaries.length > 0 || after.primaries.length === 0 || after.soa === undefined || after.expired) return
    this.#lease = Math.max(this.#lease ?? now, now + wholeLeaseMs(after.soa, after.policy))
  }

  /** Questions of the round that a new configuration found; their answers are of no use where an endpoint changed. */
  #forgetGivenUp({ phase }: Secondary): void {
    if (phase.type === 'waiting') return
    for (const { attempt } of phase.round.asks) {
      if (this.#inFlight.get(attempt)?.type === 'probe') this.#inFlight.delete(attempt)
    }
  }

  #noteRefusal(
    asked: RefreshEffect | undefined,
    { reason: why, serial, primary }: Extract<RefreshEvent, { type: 'transfer failed' }>,
    { soa, policy }: Secondary,
    now: number,
  ): void {
    if (asked?.type !== 'transfer' || asked.form !== 'AXFR' || kindOf(why) !== 'content' || serial === undefined) return
    const waitSeconds = soa === undefined ? policy.firstRetrySecondsMin : retryOf(soa, policy)
    this.#refused.set(`${primary} ${serial}`, now + 1000 * waitSeconds * (1 - policy.jitter))
  }

  #lookAtEffect(before: Secondary, effect: RefreshEffect, after: Secondary, now: number): void {
    switch (effect.type) {
      case 'probe':
        this.#lookAtProbe(effect, now)
        this.#inFlight.set(effect.attempt, effect)
        return
      case 'transfer':
        this.#lookAtTransfer(effect, before, after, now)
        this.#inFlight.set(effect.attempt, effect)
        return
      case 'cancel':
        this.#inFlight.delete(effect.attempt)
        return
      case 'expire':
        assert(this.#served, 'a zone expired that was not served')
        this.#served = false
        return
      case 'revive':
        assert(!this.#served, 'a zone was revived that was served')
        this.#served = true
        return
      case 'report':
        return
    }
  }

  #lookAtProbe(effect: Extract<RefreshEffect, { type: 'probe' }>, now: number): void {
    for (const other of this.#inFlight.values()) {
      assert(other.type !== 'probe' || other.primary !== effect.primary, 'two questions to one primary at once')
    }
    if (effect.trigger === 'notify' && effect.edns && effect.transport === 'udp') this.#countNotifyRound(now)
  }

  /** A round begins with questions, or with a transfer in place of the first. */
  #countNotifyRound(now: number): void {
    if (this.#notifyRounds.at(-1) !== now) this.#notifyRounds.push(now)
    this.#notifyRounds = this.#notifyRounds.filter((at) => at > now - 10 * MINUTE)
    assert(!this.#steady || this.#notifyRounds.length <= FRUITLESS_ROUNDS_MAX, 'NOTIFYs made us ask without end')
  }

  #lookAtTransfer(
    effect: Extract<RefreshEffect, { type: 'transfer' }>,
    before: Secondary,
    after: Secondary,
    now: number,
  ): void {
    for (const other of this.#inFlight.values()) assert(other.type !== 'transfer', 'two transfers at once')
    assert(effect.form === 'AXFR' || effect.since !== undefined, 'IXFR without a serial to start from')
    const round = after.phase.type === 'waiting' ? undefined : after.phase.round
    if (effect.since === undefined && (round?.full || before.expired || before.policy.lowerSerial === 'follow')) {
      this.#goingBackAllowed.add(effect.attempt)
    }
    const transfer = after.phase.type === 'transferring' ? after.phase.transfer : undefined
    if (effect.trigger === 'notify' && round?.startedAt === now) this.#countNotifyRound(now)
    if (round === undefined || round.forced || !this.#steady || transfer?.claimed === undefined) return
    const restsUntil = this.#refused.get(`${effect.primary} ${transfer.claimed}`) ?? -Infinity
    assert(now >= restsUntil, 'refused content was fetched again too soon')
  }

  #lookAtPhase({ phase, primaries, refreshAt }: Secondary): void {
    const flying = [...this.#inFlight.values()]
    if (phase.type === 'waiting') {
      assert(primaries.length === 0 || refreshAt !== undefined, 'waiting without an end')
      assert.strictEqual(flying.filter(({ type }) => type === 'transfer').length, 0, 'waiting while a transfer runs')
    }
    if (phase.type === 'asking') {
      assert(
        phase.round.asks.some(({ answer }) => answer.type === 'awaited'),
        'asking, and nobody is asked',
      )
    }
    if (phase.type === 'transferring') assert(this.#inFlight.has(phase.transfer.attempt), 'no such transfer runs')
  }

  #lookAtLease(after: Secondary, now: number): void {
    if (after.soa === undefined) return
    const over = this.#lease !== undefined && now > this.#lease
    if (after.expired) assert(after.primaries.length === 0 || over || now === this.#lease, 'expired within the lease')
    else assert(after.primaries.length === 0 || !over || now - (this.#lease ?? now) < 2, 'served beyond the lease')
    if (after.policy.expired === 'stop') assert.strictEqual(this.#served, !after.expired, 'served against the policy')
  }
}

function isFull({ phase }: Secondary): boolean {
  return phase.type !== 'waiting' && phase.round.full
}

const clamp = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max)

function refreshOf({ refresh }: SoaFacts, policy: RefreshPolicy): number {
  if (policy.autoRefreshSeconds > 0) return policy.autoRefreshSeconds
  return clamp(refresh, policy.refreshSecondsMin, policy.refreshSecondsMax)
}

function retryOf(soa: SoaFacts, policy: RefreshPolicy): number {
  const retry = clamp(soa.retry, policy.retrySecondsMin, policy.retrySecondsMax)
  return Math.min(retry, Math.max(refreshOf(soa, policy), policy.retrySecondsMin))
}

/** SOA EXPIRE within bounds, and one refresh and one retry at least. */
function wholeLeaseMs(soa: SoaFacts, policy: RefreshPolicy): number {
  const expire = clamp(soa.expire, policy.expireSecondsMin, policy.expireSecondsMax)
  return 1000 * Math.max(expire, refreshOf(soa, policy) + retryOf(soa, policy))
}
