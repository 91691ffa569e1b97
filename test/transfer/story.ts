/** A zone and its machine, told as a story: what happens, when, and what is asked for. */

import { REFRESH_POLICY_DEFAULTS, type RefreshPolicy, type SoaFacts } from '../../src/protocol/refresh-policy.ts'
import { newSecondary, step, wakeAt } from '../../src/protocol/refresh.ts'
import type { Primary, RefreshEffect, RefreshEvent, Secondary } from '../../src/protocol/refresh-state.ts'
import { reason, type Reason } from '../../src/protocol/reason.ts'
import { toSerial } from '../../src/dns/serial.ts'

export const SECOND = 1000
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const REFUSED = reason('refused', { detail: '' })
export const SILENT = reason('no-answer', { seconds: 9 })
export const DOWN = reason('connect-failed', { error: 'refused' })
export const NO_IXFR = reason('not-implemented', { detail: '' })
export const BAD = reason('unequal-soa', { found: 1, serial: 2 })

/** Two hours, fifteen minutes, two weeks. */
export function soaOf(serial: number, more: Partial<SoaFacts> = {}): SoaFacts {
  return { serial: toSerial(serial), refresh: 7200, retry: 900, expire: 1_209_600, ...more }
}

export function primary(id: string, more: Partial<Primary> = {}): Primary {
  return { id, endpoint: id, ixfr: 'on', ...more }
}

export class Story {
  now = 1_800_000_000_000
  zone: Secondary
  /** What was asked for since the last look. */
  effects: RefreshEffect[] = []

  constructor(primaries: readonly Primary[] = [primary('a')], policy: Partial<RefreshPolicy> = {}) {
    this.zone = newSecondary(primaries, { ...REFRESH_POLICY_DEFAULTS, jitter: 0, ...policy }, this.now)
  }

  /** A zone that has a serial, was confirmed just now, and waits. */
  static following(serial: number, primaries?: readonly Primary[], policy?: Partial<RefreshPolicy>): Story {
    const story = new Story(primaries, policy)
    story.happens({ type: 'restored' })
    const first = story.zone.primaries[0]?.id ?? ''
    for (const { id } of story.zone.primaries) {
      if (id === first) story.answers(id, serial)
      else story.answers(id, serial)
    }
    story.transfers(serial)
    story.look()
    return story
  }

  happens(event: RefreshEvent): this {
    const [zone, ...effects] = step(this.zone, event, this.now)
    // Whatever is remembered survives being written down.
    this.zone = JSON.parse(JSON.stringify(zone)) as Secondary
    this.effects.push(...effects)
    return this
  }

  passes(ms: number): this {
    this.now += ms
    return this
  }

  /** Lets time pass to where the machine wants to be woken, and wakes it. */
  wakes(): this {
    this.now = Math.max(this.now, wakeAt(this.zone))
    return this.happens({ type: 'woke' })
  }

  notified(serialHint?: number, from = 'a'): this {
    return this.happens({
      type: 'notified',
      from,
      serialHint: serialHint === undefined ? undefined : toSerial(serialHint),
    })
  }

  /** The primary answers the SOA query it was sent. */
  answers(id: string, serial: number, more: { expireSeconds?: number; soa?: Partial<SoaFacts> } = {}): this {
    const { soa, expireSeconds } = more
    return this.happens({
      type: 'probed',
      primary: id,
      attempt: this.#asked(id),
      soa: soaOf(serial, soa),
      expireSeconds,
    })
  }

  fails(id: string, why: Reason = SILENT): this {
    return this.happens({ type: 'probe failed', primary: id, attempt: this.#asked(id), reason: why })
  }

  /** The running transfer brings a serial, in the form that was asked for unless another is given. */
  transfers(
    serial: number,
    more: { expireSeconds?: number; soa?: Partial<SoaFacts>; form?: 'AXFR' | 'IXFR' } = {},
  ): this {
    const { soa, expireSeconds } = more
    const { primary: from, attempt, form } = { ...this.#running, ...(more.form && { form: more.form }) }
    const came = { primary: from, attempt, form, soa: soaOf(serial, soa), expireSeconds }
    return this.happens({ type: 'transferred', ...came })
  }

  findsNothingNewer(serial: number): this {
    return this.happens({ type: 'up to date', ...this.#running, soa: soaOf(serial) })
  }

  transferFails(why: Reason, serial?: number): this {
    const announced = serial === undefined ? undefined : toSerial(serial)
    return this.happens({ type: 'transfer failed', ...this.#running, reason: why, serial: announced })
  }

  /** What was asked for since the last look, in a few words each. */
  look(): string[] {
    const seen = this.effects.map(inWords)
    this.effects = []
    return seen
  }

  /** The same without what was only said. */
  deeds(): string[] {
    return this.look().filter((words) => !words.startsWith('says'))
  }

  get wakesIn(): number {
    return wakeAt(this.zone) - this.now
  }

  #asked(id: string): number {
    const { phase } = this.zone
    const ask = phase.type === 'waiting' ? undefined : phase.round.asks.find((one) => one.primary === id)
    return ask?.attempt ?? -1
  }

  get #running(): { primary: string; attempt: number; form: 'AXFR' | 'IXFR' } {
    const { phase } = this.zone
    return phase.type === 'transferring' ? phase.transfer : { primary: '', attempt: -1, form: 'AXFR' }
  }
}

function inWords(effect: RefreshEffect): string {
  switch (effect.type) {
    case 'probe':
      return `ask ${effect.primary}${effect.transport === 'tcp' ? ' by tcp' : ''}${effect.edns ? '' : ' plainly'}`
    case 'transfer': {
      const since = effect.since === undefined ? '' : ` since ${effect.since}`
      return `${effect.form} from ${effect.primary}${since}${effect.over === 'udp' ? ' by udp' : ''}`
    }
    case 'cancel':
      return `cancel ${effect.primary}`
    case 'report':
      return `says ${effect.notice.code}`
    case 'expire':
    case 'revive':
      return effect.type
  }
}
