/** Telling secondaries of changes, in many worlds: a network that loses, peers that die and come back, bursts of edits. */

import assert from 'node:assert'
import { describe, expect, test } from 'vitest'
import type { Serial } from '../../src/dns/serial.ts'
import { newNotifyOut, step, wakeAt } from '../../src/protocol/notify-out.ts'
import type { NotifyEffect, NotifyEvent, NotifyOut, NotifyPolicy } from '../../src/protocol/notify-out.ts'
import { outgoingReason } from '../../src/protocol/outgoing-reason.ts'
import { Agenda } from './agenda.ts'
import { Random } from './random.ts'

const SEEDS = Number(process.env['TWINZONE_SEEDS'] ?? 300)
const STEPS_MAX = 100_000
const MINUTE = 60_000
const STORM_MS = 30 * MINUTE
const END_MS = 60 * MINUTE

type Step = typeof step

type Thing =
  | { readonly type: 'edit' }
  | { readonly type: 'force' }
  | { readonly type: 'wake' }
  | { readonly type: 'flip' }
  | { readonly type: 'end'; readonly event: NotifyEvent }

/** One zone and one peer; the peer acknowledges what reaches it while it is up. */
class World {
  readonly #random: Random
  readonly #agenda = new Agenda<Thing>()
  readonly #policy: NotifyPolicy
  readonly #step: Step
  #peer: NotifyOut
  #now = 0
  /** The newest version that can be served, and since when. */
  #served = 0
  /** Since when there is a version that the peer was not sent; what is sent is the newest, so that is one of a row. */
  #unsentSince = 0
  #up = true
  /** Attempts that have not ended. */
  readonly #running = new Map<number, { readonly serial: number; readonly tries: number }>()
  #lastSend: { readonly at: number; readonly serial: number } = { at: -Infinity, serial: 0 }
  readonly #triesOf = new Map<number, number>()
  #forced = false
  #heard = 0
  readonly report = { sends: 0, told: 0, givenUp: 0, cancels: 0, edits: 0 }

  constructor(seed: number, machine: Step) {
    this.#random = new Random(seed)
    this.#step = machine
    this.#policy = {
      delayMs: this.#random.pick([0, 100, 1000]),
      tries: this.#random.between(1, 6),
      timeoutMs: this.#random.pick([500, 3000]),
    }
    this.#peer = newNotifyOut(this.#policy)
    this.#agenda.add(0, { type: 'edit' })
    this.#agenda.add(this.#random.between(1, STORM_MS), { type: 'force' })
    this.#agenda.add(this.#random.between(1, STORM_MS), { type: 'flip' })
  }

  run(): World['report'] {
    for (let steps = 0; ; steps++) {
      assert(steps < STEPS_MAX, 'it never comes to rest')
      const entry = this.#agenda.next()
      if (entry === undefined || entry.at > END_MS) break
      this.#now = entry.at
      this.#happen(entry.thing)
    }
    this.#checkEnd()
    return this.report
  }

  #happen(thing: Thing): void {
    switch (thing.type) {
      case 'edit': {
        if (this.#lastSend.serial === this.#served) this.#unsentSince = this.#now
        this.#served++
        this.report.edits++
        this.#feed({ type: 'changed', serial: this.#served as Serial })
        const gap = this.#random.happens(0.7) ? this.#random.between(1, 300) : this.#random.between(1, 4 * MINUTE)
        if (this.#now + gap < STORM_MS) this.#agenda.add(this.#now + gap, { type: 'edit' })
        return
      }
      case 'force':
        this.#forced = true
        this.#feed({ type: 'forced', serial: this.#served as Serial })
        this.#forced = false
        return
      case 'flip':
        this.#up = !this.#up
        if (this.#now < STORM_MS) this.#agenda.add(this.#now + this.#random.between(1, 5 * MINUTE), { type: 'flip' })
        return
      case 'wake':
        if (wakeAt(this.#peer) <= this.#now) this.#feed({ type: 'woke' })
        return
      case 'end': {
        const { event } = thing
        const attempt = (event as { attempt: number }).attempt
        // A late answer reaches a machine that has gone on; nothing says it must not.
        this.#running.delete(attempt)
        this.#feed(event)
        return
      }
      default:
        thing satisfies never
    }
  }

  #feed(event: NotifyEvent): void {
    const [after, ...effects] = this.#step(this.#peer, event, this.#now)
    this.#peer = after
    for (const effect of effects) this.#carryOut(effect)
    const at = wakeAt(after)
    assert(at >= this.#now || event.type !== 'woke', 'it wants to be woken in the past')
    if (at !== Infinity) this.#agenda.add(Math.max(at, this.#now), { type: 'wake' })
  }

  #carryOut(effect: NotifyEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect)
      case 'cancel':
        assert(this.#running.has(effect.attempt), 'what is not running was cancelled')
        this.report.cancels++
        this.#running.delete(effect.attempt)
        return
      case 'report':
        this.report[effect.told.failure === undefined ? 'told' : 'givenUp']++
        if (effect.told.failure === undefined) {
          assert(this.#heard >= effect.told.serial, 'a version counts as told that the peer never heard of')
        }
        return
      default:
        effect satisfies never
    }
  }

  #send({ attempt, serial, timeoutMs, transport }: Extract<NotifyEffect, { type: 'send' }>): void {
    this.report.sends++
    assert(serial <= this.#served, 'NT-15: a version was told before it could be served')
    assert(this.#running.size === 0, 'two NOTIFY messages are on their way to one peer')
    const again = serial === this.#lastSend.serial && !this.#forced
    const tries = again ? (this.#triesOf.get(serial) ?? 0) + 1 : 1
    this.#triesOf.set(serial, tries)
    assert(tries <= this.#policy.tries, 'NT-02: a version was told more often than allowed')
    if (tries === this.#policy.tries && tries > 1) assert.equal(transport, 'tcp')
    if (!again && !this.#forced) this.#checkDelay(serial)
    this.#lastSend = { at: this.#now, serial }
    this.#running.set(attempt, { serial, tries })
    this.#deliver(attempt, serial, timeoutMs)
  }

  /** A version nobody forced: it is the newest, told at once after quiet, and once per delay else. */
  #checkDelay(serial: number): void {
    const { delayMs } = this.#policy
    assert.equal(serial, this.#served, 'it is not the newest version that was told')
    const quietUntil = this.#lastSend.at + delayMs
    const dueAt = Math.max(this.#unsentSince, quietUntil)
    assert(this.#now >= quietUntil, 'NT-11: two changes were told within one delay')
    assert(this.#now <= dueAt, 'a change waited although nothing was told within the delay')
  }

  #deliver(attempt: number, serial: number, timeoutMs: number): void {
    const isCalm = this.#now > STORM_MS
    const lost = !isCalm && (!this.#up || this.#random.happens(0.4))
    const delay = this.#random.between(1, 2 * timeoutMs)
    if (lost || (delay > timeoutMs && !isCalm)) {
      const reason = outgoingReason('notify-unanswered', { seconds: timeoutMs / 1000 })
      this.#agenda.add(this.#now + timeoutMs, { type: 'end', event: { type: 'failed', attempt, reason } })
      return
    }
    this.#heard = Math.max(this.#heard, serial)
    this.#agenda.add(this.#now + Math.min(delay, timeoutMs), { type: 'end', event: { type: 'answered', attempt } })
  }

  #checkEnd(): void {
    const { told, phase, next } = this.#peer
    assert.equal(phase.type, 'resting', 'it never came to rest')
    assert.equal(next, undefined)
    assert.equal(told?.serial, this.#served, 'the last thing told is not the newest version')
    assert(told?.failure !== undefined || this.#heard === this.#served, 'the peer does not know the newest version')
  }
}

const live = (seed: number, machine: Step): World['report'] => {
  try {
    return new World(seed, machine).run()
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
  }
}

test(`NT-02, NT-15: in ${SEEDS} worlds the newest version is told, or given up after all tries`, () => {
  const sum = { sends: 0, told: 0, givenUp: 0, cancels: 0, edits: 0 }
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = live(seed, step)
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += report[key]
  }
  console.log(`${SEEDS} worlds: ${JSON.stringify(sum)}`)
  if (SEEDS < 100) return
  for (const [key, count] of Object.entries(sum)) assert(count > SEEDS / 10, `too few ${key} to mean anything`)
})

test('the same seed gives the same world of NOTIFY', () => {
  expect(live(42, step)).toEqual(live(42, step))
})

/** Machines with one fault each. */
const BROKEN: Readonly<Record<string, Step>> = {
  'an answer to an older NOTIFY ends the newer one': (peer, event, now) =>
    step(peer, event.type === 'answered' ? { ...event, attempt: peer.attempt } : event, now),
  'a version is given up at once': (peer, event, now) => {
    const [after, ...effects] = step(peer, event, now)
    return after.phase.type === 'pausing' ? [{ ...after, phase: { type: 'resting' } }, ...effects] : [after, ...effects]
  },
  'an older NOTIFY goes on beside a newer one': (peer, event, now) => {
    const [after, ...effects] = step(peer, event, now)
    return [after, ...effects.filter(({ type }) => type !== 'cancel')]
  },
  'the first change after quiet waits': (peer, event, now) => {
    const { delayMs } = peer.policy
    return step(event.type === 'changed' && delayMs > 0 ? { ...peer, sentAt: now - delayMs / 2 } : peer, event, now)
  },
  'every change is told at once': (peer, event, now) =>
    step(event.type === 'changed' ? { ...peer, sentAt: undefined, next: undefined } : peer, event, now),
  'every change starts the delay anew': (peer, event, now) => {
    const [after, ...effects] = step(peer, event, now)
    const { next } = after
    if (event.type !== 'changed' || next === undefined) return [after, ...effects]
    return [{ ...after, next: { ...next, dueAt: now + peer.policy.delayMs + 1 } }, ...effects]
  },
}

describe('the simulation notices a machine in which', () => {
  test.each(Object.entries(BROKEN))('%s', (_, machine) => {
    let noticed = 0
    for (let seed = 1; seed <= 60 && noticed === 0; seed++) {
      try {
        live(seed, machine)
      } catch {
        noticed++
      }
    }
    expect(noticed).toBeGreaterThan(0)
  })
})
