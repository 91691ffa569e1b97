/**
 * The primaries of the simulated world: a zone whose serial moves, and nameservers that have it, some later than
 * others, some without IXFR, some that refuse SOA queries, and some that send rubbish for a while.
 */

import { addSerial, compareSerials, toSerial, type Serial } from '../../src/dns/serial.ts'
import { reason, type Reason } from '../../src/protocol/reason.ts'
import type { SoaFacts } from '../../src/protocol/refresh-policy.ts'
import type { RefreshEffect } from '../../src/protocol/refresh-state.ts'
import type { Random } from './random.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

type Probe = Extract<RefreshEffect, { type: 'probe' }>
type TransferEffect = Extract<RefreshEffect, { type: 'transfer' }>

/** The zone as its owner edits it: every serial it ever had, and since when. */
export class Original {
  readonly #versions: { readonly at: number; readonly serial: Serial }[]
  readonly #timers: Omit<SoaFacts, 'serial'>

  constructor(random: Random) {
    const start = random.happens(0.3) ? 2 ** 32 - random.between(1, 20) : random.between(0, 2 ** 32 - 1)
    this.#versions = [{ at: -Infinity, serial: toSerial(start) }]
    const refresh = random.between(30, 24 * 60) * 60
    const retry = Math.ceil(refresh / random.between(2, 8))
    this.#timers = { refresh, retry, expire: random.between(2, 8) * 86_400 }
  }

  get expireMs(): number {
    return this.#timers.expire * 1000
  }

  edit(at: number, random: Random, calm: boolean): Serial {
    const last = (this.#versions.at(-1) as { serial: Serial }).serial
    const serial = calm ? addSerial(last, random.between(1, 9)) : moved(last, random)
    this.#versions.push({ at, serial })
    return serial
  }

  /** The SOA as of an instant. */
  soaAt(at: number): SoaFacts {
    let index = this.#versions.length - 1
    while ((this.#versions[index] as { at: number }).at > at) index--
    const { serial } = this.#versions[index] as { serial: Serial }
    return { ...this.#timers, serial }
  }
}

/** Mostly forward; sometimes far, sometimes back, sometimes half around the circle. */
function moved(serial: Serial, random: Random): Serial {
  const chance = random.roll()
  if (chance < 0.05) return toSerial((serial - random.between(1, 50)) >>> 0)
  if (chance < 0.08) return toSerial((serial + 2 ** 31) >>> 0)
  if (chance < 0.12) return addSerial(serial, 2 ** 31 - 1)
  return addSerial(serial, random.between(1, 50))
}

const CONTENT_FAULTS: readonly Reason[] = [
  reason('unequal-soa', { found: 1, serial: 2 }),
  reason('wrong-class', { class: 3, owner: 'a.example.' }),
  reason('limit', { limit: 'records', seen: 11, max: 10, owner: 'example.', type: 'A' }),
  reason('unfit-zone', { finding: 'no NS at the apex' }),
  reason('malformed', { error: 'label runs past its end' }),
]

const NO_IXFR: readonly Reason[] = [
  reason('not-implemented', { detail: '' }),
  reason('format-error', { detail: '' }),
  reason('refused', { detail: '' }),
  reason('server-failure', { detail: '' }),
  reason('empty-answer', {}),
  reason('no-answer', { seconds: 60 }),
]

const CUT: readonly Reason[] = [
  reason('cut', { records: 7 }),
  reason('stalled', { records: 7, seconds: 60 }),
  reason('too-slow', { octets: 1, seconds: 2 }),
]

const NO_ANSWER = reason('no-answer', { seconds: 9 })

export type Outcome =
  | { readonly type: 'soa'; readonly soa: SoaFacts; readonly expireSeconds: number | undefined }
  | { readonly type: 'failed'; readonly reason: Reason; readonly serial?: Serial }
  | { readonly type: 'too large for udp' }

/** A nameserver that has the zone. Its habits are its own; the troubles end when the world calms down. */
export class SimulatedPrimary {
  readonly #original: Original
  readonly #random: Random
  readonly #ixfr: 'works' | 'unknown' | 'broken'
  readonly #soaByUdp: 'works' | 'silent' | 'refused' | 'truncated'
  readonly #toleratesEdns: boolean
  readonly #handsDownExpire: boolean
  readonly #lagMs: number
  readonly #lossiness: number
  #downUntil = 0
  #hostileUntil = 0
  #dead = false

  constructor(original: Original, random: Random) {
    this.#original = original
    this.#random = random
    this.#ixfr = random.pick(['works', 'works', 'works', 'unknown', 'broken'])
    this.#soaByUdp = random.pick(['works', 'works', 'works', 'works', 'silent', 'refused', 'truncated'])
    this.#toleratesEdns = random.happens(0.9)
    this.#handsDownExpire = random.happens(0.2)
    this.#lagMs = random.happens(0.5) ? 0 : random.between(1, 12 * 60) * MINUTE
    this.#lossiness = random.pick([0, 0.1, 0.4, 0.8])
  }

  get handsDownExpire(): boolean {
    return this.#handsDownExpire
  }

  get dead(): boolean {
    return this.#dead
  }

  dies(): void {
    this.#dead = true
  }

  /** How long after an edit this primary has it. */
  lagMs(calm: boolean): number {
    return calm ? 0 : this.#lagMs
  }

  soaAt(now: number, calm: boolean): SoaFacts {
    return this.#original.soaAt(now - this.lagMs(calm))
  }

  fallsOver(until: number): void {
    this.#downUntil = until
  }

  turnsHostile(until: number): void {
    this.#hostileUntil = until
  }

  /** The answer to a SOA query, as of when it is given. */
  answerTo({ transport, edns }: Probe, now: number, calm: boolean): Outcome {
    const random = this.#random
    if (this.#isDown(now, calm) || this.#loses(calm)) return { type: 'failed', reason: NO_ANSWER }
    if (edns && !this.#toleratesEdns) return { type: 'failed', reason: reason('format-error', { detail: '' }) }
    if (transport === 'udp') {
      if (this.#soaByUdp === 'silent') return { type: 'failed', reason: NO_ANSWER }
      if (this.#soaByUdp === 'truncated') return { type: 'failed', reason: reason('soa-truncated', {}) }
    }
    if (this.#soaByUdp === 'refused') return { type: 'failed', reason: reason('refused', { detail: '' }) }
    if (!calm && random.happens(0.05)) return { type: 'failed', reason: reason('soa-lame', {}) }
    return { type: 'soa', soa: this.soaAt(now, calm), expireSeconds: this.#expireOption(calm) }
  }

  /** How a transfer begun now will end. */
  transferOf({ form, over, since }: TransferEffect, now: number, calm: boolean): Outcome {
    const random = this.#random
    if (this.#isDown(now, calm)) {
      return {
        type: 'failed',
        reason: random.pick([reason('connect-failed', { error: 'refused' }), reason('connection-lost', {})]),
      }
    }
    if (over === 'udp')
      return random.happens(0.5) ? { type: 'too large for udp' } : { type: 'failed', reason: NO_ANSWER }
    if (this.#loses(calm)) return { type: 'failed', reason: random.pick(CUT) }
    const soa = this.soaAt(now, calm)
    if (form === 'IXFR' && this.#ixfr === 'unknown') return { type: 'failed', reason: random.pick(NO_IXFR) }
    const newer = since === undefined || compareSerials(soa.serial, since) === 'newer'
    if (form === 'IXFR' && this.#ixfr === 'broken' && newer) {
      return { type: 'failed', reason: reason('absent-record', { owner: 'a.', type: 'A' }), serial: soa.serial }
    }
    if (!calm && now < this.#hostileUntil && newer)
      return { type: 'failed', reason: random.pick(CONTENT_FAULTS), serial: soa.serial }
    return { type: 'soa', soa, expireSeconds: this.#expireOption(calm) }
  }

  #isDown(now: number, calm: boolean): boolean {
    return this.#dead || (!calm && now < this.#downUntil)
  }

  #loses(calm: boolean): boolean {
    return !calm && this.#random.happens(this.#lossiness)
  }

  #expireOption(calm: boolean): number | undefined {
    if (!this.#handsDownExpire) return undefined
    const whole = this.#original.expireMs / 1000
    if (calm) return whole
    return this.#random.happens(0.1) ? this.#random.between(0, 1) : this.#random.between(2, 2 * whole)
  }
}
