/**
 * A world for the secondary's machine: zones with primaries, a network that loses and then calms down, crashes that
 * leave nothing but the store, clocks that jump, storms of NOTIFY, operators who change their mind. Everything comes
 * from one seed.
 */

import assert from 'node:assert'
import { addSerial, compareSerials, type Serial } from '../../src/dns/serial.ts'
import { reason } from '../../src/protocol/reason.ts'
import { timersOf } from '../../src/protocol/refresh-change.ts'
import { REFRESH_POLICY_DEFAULTS, type RefreshPolicy, type SoaFacts } from '../../src/protocol/refresh-policy.ts'
import type { Primary, RefreshEffect, RefreshEvent, Secondary, Timers } from '../../src/protocol/refresh-state.ts'
import { Agenda } from './agenda.ts'
import { Checker } from './checker.ts'
import type { Machine } from './machine.ts'
import { DAY, HOUR, MINUTE, Original, SimulatedPrimary, type Outcome } from './primaries.ts'
import { Random } from './random.ts'

const START = 1_800_000_000_000

/** A machine that steps this often within one instant is running in circles. */
const STEPS_PER_INSTANT_MAX = 1000

interface Stored {
  soa: SoaFacts | undefined
  committedAt: number
  timers: Timers | undefined
}

/** One zone: its machine, its store, its primaries. */
interface Follower {
  readonly name: string
  readonly original: Original
  readonly primaries: Map<string, SimulatedPrimary>
  readonly checker: Checker
  readonly store: Stored
  configured: readonly Primary[]
  policy: RefreshPolicy
  machine: Secondary
  /** Between a crash and the start there is nobody who could be told anything. */
  up: boolean
  /** Grows with every crash; what belongs to an earlier life is lost. */
  life: number
  alarm: number
  running: { attempt: number; committed: boolean } | undefined
  steps: { at: number; count: number }
}

export interface WorldReport {
  readonly steps: number
  readonly transfers: number
  readonly expiries: number
  readonly crashes: number
}

export class World {
  readonly #random: Random
  readonly #machine: Machine
  readonly #agenda = new Agenda<() => void>()
  readonly #followers: Follower[]
  readonly #steady: boolean
  readonly #calmAt: number
  readonly #endAt: number
  #now = START
  #skewMs = 0
  #steps = 0
  #transfers = 0
  #expiries = 0
  #crashes = 0

  readonly #trace: ((line: string) => void) | undefined

  constructor(seed: number, machine: Machine, trace?: (line: string) => void) {
    this.#random = new Random(seed)
    this.#machine = machine
    this.#trace = trace
    this.#steady = this.#random.happens(0.5)
    this.#followers = Array.from({ length: this.#random.between(1, 3) }, (_, index) => this.#follower(index))
    this.#calmAt = START + this.#random.between(3, 12) * DAY
    const longest = Math.max(...this.#followers.map(({ original }) => original.expireMs))
    this.#endAt = this.#calmAt + longest + 6 * DAY
  }

  /** Lives through it all; throws when a rule is broken. */
  run(): WorldReport {
    for (const zone of this.#followers) this.#feed(zone, { type: 'restored' })
    this.#planTroubles()
    for (;;) {
      const next = this.#agenda.next()
      if (next === undefined || next.at > this.#endAt) break
      this.#now = next.at
      next.thing()
    }
    this.#now = this.#endAt
    for (const zone of this.#followers) this.#lookAtEnd(zone)
    return { steps: this.#steps, transfers: this.#transfers, expiries: this.#expiries, crashes: this.#crashes }
  }

  get #calm(): boolean {
    return this.#now >= this.#calmAt
  }

  #follower(index: number): Follower {
    const random = this.#random
    const original = new Original(random)
    const primaries = new Map<string, SimulatedPrimary>()
    for (let id = 0; id < random.between(1, 4); id++) primaries.set(`p${id}`, new SimulatedPrimary(original, random))
    const configured = [...primaries.keys()].map((id): Primary => ({ id, endpoint: 'as before', ixfr: ixfrOf(random) }))
    const policy = policyOf(random)
    return {
      name: `zone ${index}`,
      original,
      primaries,
      configured,
      policy,
      checker: new Checker(this.#steady),
      store: { soa: undefined, committedAt: 0, timers: undefined },
      machine: this.#machine.create(configured, policy, START),
      up: true,
      life: 0,
      alarm: 0,
      running: undefined,
      steps: { at: 0, count: 0 },
    }
  }

  // The engine, as boring as the real one.

  #feed(zone: Follower, event: RefreshEvent): void {
    if (!zone.up) return
    const now = this.#now + this.#skewMs
    const before = zone.machine
    const [state, ...effects] = this.#machine.step(before, event, now, this.#random.roll())
    this.#countStep(zone)
    this.#trace?.(`${traceTime(this.#now - START)} ${zone.name}: ${JSON.stringify(event)} ⇒ ${JSON.stringify(effects)}`)
    zone.checker.look(before, event, state, effects, now)
    zone.machine = this.#random.happens(0.02) ? (JSON.parse(JSON.stringify(state)) as Secondary) : state
    for (const effect of effects) this.#carryOut(zone, effect)
    if (state.phase.type === 'waiting' || state.expired !== before.expired) zone.store.timers = timersOf(state)
    this.#setAlarm(zone, event.type === 'woke')
  }

  #countStep(zone: Follower): void {
    this.#steps++
    if (zone.steps.at !== this.#now) zone.steps = { at: this.#now, count: 0 }
    assert(++zone.steps.count < STEPS_PER_INSTANT_MAX, 'the machine runs in circles')
  }

  #setAlarm(zone: Follower, woken: boolean): void {
    const at = this.#machine.wakeAt(zone.machine)
    assert(!woken || at > this.#now + this.#skewMs, 'woken, and nothing was done about it')
    const alarm = ++zone.alarm
    if (at === Infinity) return
    this.#agenda.add(Math.max(at - this.#skewMs, this.#now), () => {
      if (zone.alarm === alarm) this.#feed(zone, { type: 'woke' })
    })
  }

  #carryOut(zone: Follower, effect: RefreshEffect): void {
    switch (effect.type) {
      case 'probe':
        return this.#probe(zone, effect)
      case 'transfer':
        return this.#transfer(zone, effect)
      case 'cancel':
        return this.#cancel(zone, effect)
      case 'expire':
        this.#expiries++
        return
      case 'revive':
      case 'report':
        return
    }
  }

  #probe(zone: Follower, effect: Extract<RefreshEffect, { type: 'probe' }>): void {
    const { primary, attempt } = effect
    const server = zone.primaries.get(primary) as SimulatedPrimary
    this.#later(zone, this.#random.between(1, 300), () => {
      const outcome = server.answerTo(effect, this.#now, this.#calm)
      const silent = outcome.type === 'failed' && outcome.reason.code === 'no-answer'
      this.#later(zone, silent ? 9000 : 0, () => this.#feed(zone, probeEvent(outcome, primary, attempt)))
    })
  }

  #transfer(zone: Follower, effect: Extract<RefreshEffect, { type: 'transfer' }>): void {
    const { primary, attempt } = effect
    const server = zone.primaries.get(primary) as SimulatedPrimary
    const running = { attempt, committed: false }
    zone.running = running
    const outcome = server.transferOf(effect, this.#now, this.#calm)
    const durationMs =
      this.#calm || this.#random.happens(0.9) ? this.#random.between(5, 2000) : this.#random.between(1, 20 * MINUTE)
    this.#later(zone, durationMs, () => {
      if (zone.running !== running) return
      if (outcome.type !== 'soa') return this.#feed(zone, transferEvent(outcome, effect))
      const event = transferEvent(outcome, effect)
      if (event.type === 'transferred') {
        zone.store.soa = outcome.soa
        zone.store.committedAt = this.#now + this.#skewMs
        running.committed = true
        this.#transfers++
      }
      // Between the store and the machine there is a moment in which a crash can fall.
      this.#later(zone, 5, () => {
        if (running.committed || zone.running === running) this.#feed(zone, event)
      })
    })
  }

  #cancel(zone: Follower, { primary, attempt }: Extract<RefreshEffect, { type: 'cancel' }>): void {
    if (zone.running?.attempt !== attempt || zone.running.committed) return
    zone.running = undefined
    const why = reason('cancelled', { cause: 'its primary was removed' })
    this.#later(zone, 1, () => this.#feed(zone, { type: 'transfer failed', primary, attempt, reason: why }))
  }

  /** Something that a crash would prevent. */
  #later(zone: Follower, delayMs: number, thing: () => void): void {
    const { life } = zone
    this.#agenda.add(this.#now + delayMs, () => {
      if (zone.life === life) thing()
    })
  }

  // What happens to the world.

  #planTroubles(): void {
    const random = this.#random
    for (const zone of this.#followers) {
      this.#planOften(
        () => random.between(1, 24) * HOUR,
        this.#endAt - 2 * DAY,
        () => this.#edit(zone),
      )
      this.#planOften(
        () => random.between(2, 48) * HOUR,
        this.#calmAt,
        () => this.#trouble(zone),
      )
      this.#planOften(
        () => random.between(6, 96) * HOUR,
        this.#calmAt,
        () => this.#reconfigure(zone),
      )
    }
    this.#planOften(
      () => random.between(12, 96) * HOUR,
      this.#calmAt,
      () => this.#crash(),
    )
    if (!this.#steady)
      this.#planOften(
        () => random.between(12, 96) * HOUR,
        this.#calmAt,
        () => this.#jump(),
      )
    this.#agenda.add(this.#calmAt, () => this.#calmDown())
  }

  #planOften(gapMs: () => number, until: number, thing: () => void): void {
    const plan = (at: number): void => {
      if (at >= until) return
      this.#agenda.add(at, () => {
        thing()
        plan(this.#now + gapMs())
      })
    }
    plan(START + gapMs())
  }

  /** The owner edits the zone, and each primary says so as soon as it has it. */
  #edit(zone: Follower): void {
    const serial = zone.original.edit(this.#now, this.#random, this.#calm)
    for (const [id, server] of zone.primaries) {
      if (!this.#calm && this.#random.happens(0.3)) continue
      if (server.dead) continue
      const serialHint = this.#random.happens(0.8) ? serial : undefined
      const delayMs = server.lagMs(this.#calm) + this.#random.between(1, 200)
      this.#agenda.add(this.#now + delayMs, () => this.#notify(zone, id, serialHint))
      // With all calm, what a NOTIFY announced is here soon after.
      if (this.#calm) this.#agenda.add(this.#now + 30 * MINUTE, () => this.#lookAfterNotify(zone))
    }
  }

  #notify(zone: Follower, from: string | undefined, serialHint: Serial | undefined): void {
    this.#feed(zone, { type: 'notified', from, serialHint })
  }

  #trouble(zone: Follower): void {
    const random = this.#random
    const [id, server] = random.pick([...zone.primaries])
    const until = this.#now + random.between(1, 60 * 24) * MINUTE
    const kind = random.pick(['down', 'hostile', 'storm', 'false hint', 'forced', 'forgiven'])
    if (kind === 'down') server.fallsOver(until)
    if (kind === 'hostile') server.turnsHostile(until)
    if (kind === 'forced') this.#feed(zone, { type: 'forced', full: random.happens(0.5) })
    if (kind === 'forgiven') this.#feed(zone, { type: 'forgiven', primary: random.happens(0.5) ? id : undefined })
    const hint = addSerial(server.soaAt(this.#now, this.#calm).serial, 10)
    if (kind === 'false hint') this.#notify(zone, id, hint)
    if (kind !== 'storm') return
    const rising = random.happens(0.5)
    for (let count = 0; count < 60; count++) {
      const serialHint = random.happens(0.2) ? undefined : addSerial(hint, rising ? count : 0)
      this.#agenda.add(this.#now + count * random.between(0, 2000), () => this.#notify(zone, id, serialHint))
    }
  }

  #reconfigure(zone: Follower): void {
    const random = this.#random
    const all = [...zone.primaries.keys()]
    const kept = random.happens(0.2) ? [] : all.filter(() => random.happens(0.7))
    const endpoint = random.happens(0.3) ? `moved ${this.#now}` : 'as before'
    zone.configured = kept.map((id) => ({ id, endpoint, ixfr: ixfrOf(random) }))
    if (random.happens(0.5)) zone.policy = policyOf(random)
    this.#feed(zone, { type: 'configured', primaries: zone.configured, policy: zone.policy })
  }

  /** Everything is thrown away but the store. */
  #crash(): void {
    this.#crashes++
    const downMs = this.#random.happens(0.8) ? this.#random.between(1, 60_000) : this.#random.between(1, 4 * 24) * HOUR
    for (const zone of this.#followers) {
      zone.life++
      zone.up = false
      zone.alarm++
      zone.running = undefined
      this.#agenda.add(Math.min(this.#now + downMs, this.#calmAt - 1), () => this.#start(zone))
    }
  }

  #start(zone: Follower): void {
    zone.life++
    zone.up = true
    const { soa, committedAt, timers } = zone.store
    zone.machine = this.#machine.create(zone.configured, zone.policy, this.#now + this.#skewMs)
    zone.checker.crashed({ soa, committedAt }, zone.policy)
    const kept = timers && (JSON.parse(JSON.stringify(timers)) as Timers)
    this.#feed(zone, { type: 'restored', soa, committedAt: soa && committedAt, timers: kept })
  }

  #jump(): void {
    this.#skewMs += this.#random.between(-2 * HOUR, 2 * HOUR)
  }

  /** The network loses nothing any more, but of several primaries one stays dead for ever. */
  #calmDown(): void {
    for (const zone of this.#followers) {
      if (zone.primaries.size > 1) this.#random.pick([...zone.primaries.values()]).dies()
      const all = [...zone.primaries.keys()]
      zone.configured = all.map((id) => ({ id, endpoint: 'calm', ixfr: 'on' }))
      this.#feed(zone, { type: 'configured', primaries: zone.configured, policy: zone.policy })
    }
  }

  // What must be true of it.

  #lookAfterNotify(zone: Follower): void {
    const { machine } = zone
    if (machine.soa === undefined) return
    const theirs = zone.original.soaAt(this.#now - 30 * MINUTE).serial
    // A primary that went back is followed by leave of the policy only, and not because of a NOTIFY.
    if (compareSerials(theirs, machine.soa.serial) !== 'newer') return
    assert.fail(`${zone.name}: NOTIFY of serial ${theirs}, and still at ${machine.soa.serial} half an hour later`)
  }

  #lookAtEnd({ name, machine, original }: Follower): void {
    const { serial } = original.soaAt(this.#now)
    assert.strictEqual(machine.soa?.serial, serial, `${name} is not current at the end`)
    assert(!machine.expired, `${name} is expired at the end`)
  }
}

function traceTime(ms: number): string {
  const days = Math.floor(ms / DAY)
  return `day ${days} ${new Date(ms - days * DAY).toISOString().slice(11, 23)}`
}

function ixfrOf(random: Random): Primary['ixfr'] {
  return random.pick(['off', 'on', 'on', 'udp first'])
}

function policyOf(random: Random): RefreshPolicy {
  return {
    ...REFRESH_POLICY_DEFAULTS,
    ixfr: ixfrOf(random),
    lowerSerial: random.happens(0.7) ? 'ignore' : 'follow',
    expired: random.happens(0.7) ? 'stop' : 'serve',
    autoRefreshSeconds: random.happens(0.7) ? 0 : random.between(600, 86_400),
  }
}

function probeEvent(outcome: Outcome, primary: string, attempt: number): RefreshEvent {
  if (outcome.type === 'soa') return { ...outcome, type: 'probed', primary, attempt }
  assert(outcome.type === 'failed')
  return { type: 'probe failed', primary, attempt, reason: outcome.reason }
}

function transferEvent(
  outcome: Outcome,
  { primary, attempt, since, form }: Extract<RefreshEffect, { type: 'transfer' }>,
): RefreshEvent {
  if (outcome.type === 'failed') return { ...outcome, type: 'transfer failed', primary, attempt }
  if (outcome.type === 'too large for udp') return { type: 'too large for udp', primary, attempt }
  if (outcome.expireSeconds !== undefined && outcome.expireSeconds < 2) {
    return { type: 'transfer failed', primary, attempt, reason: reason('primary-expired', {}) }
  }
  const { soa, expireSeconds } = outcome
  const newer = since === undefined || compareSerials(soa.serial, since) === 'newer'
  if (!newer) return { type: 'up to date', primary, attempt, soa, expireSeconds }
  return { type: 'transferred', primary, attempt, form, soa, expireSeconds }
}
