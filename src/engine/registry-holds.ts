/** Holds: they keep other accounts from setting up a zone of the same name, or below it. */

import type { Hold } from '../store/objects.ts'
import { isHolding, readInstant } from './object-hold.ts'
import type { Id } from './object-id.ts'
import { done, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import { unknownZone } from './registry-zones.ts'

export interface HoldChange {
  /** From when on it holds; null for at once. Undefined leaves it. */
  readonly holdAfter?: string | null | undefined
  readonly includeSubdomains?: boolean | undefined
}

export class Holds {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  get(zoneId: Id): Hold | undefined {
    return this.#desk.state.holds.get(zoneId)
  }

  /** Whether it holds now: a hold may be put off. */
  isHolding(zoneId: Id): boolean {
    return isHolding(this.get(zoneId), this.#desk.now())
  }

  /** Holds the zone from now on. */
  set(zoneId: Id, { includeSubdomains = false }: Pick<HoldChange, 'includeSubdomains'>): Promise<Outcome<Hold>> {
    return this.#put(zoneId, () => ({ zoneId, includeSubdomains, holdAfter: null }))
  }

  /** Changes a hold that there is, or that was put off. */
  change(zoneId: Id, { holdAfter, includeSubdomains }: HoldChange): Promise<Outcome<Hold>> {
    return this.#put(zoneId, (before) => {
      if (before === undefined) return undefined
      return {
        zoneId,
        includeSubdomains: includeSubdomains ?? before.includeSubdomains,
        holdAfter: holdAfter === undefined ? before.holdAfter : holdAfter,
      }
    })
  }

  /** Lifts the hold, for good or until an instant. A zone that is not held stays so. */
  lift(zoneId: Id, until: string | undefined): Promise<Outcome<Hold | undefined>> {
    return this.#desk.change<Hold | undefined>((state) => {
      if (state.zones.get(zoneId) === undefined) return unknownZone(zoneId)
      const before = state.holds.get(zoneId)
      if (until === undefined || before === undefined)
        return done({ value: undefined, changes: [{ remove: 'hold', id: zoneId }] })
      const after = readInstant(until)
      if (after.type === 'refused') return after
      const hold: Hold = { ...before, holdAfter: after.value }
      return done({ value: hold, changes: [{ put: 'hold', object: hold }] })
    })
  }

  #put(zoneId: Id, make: (before: Hold | undefined) => Hold | undefined): Promise<Outcome<Hold>> {
    return this.#desk.change((state) => {
      if (state.zones.get(zoneId) === undefined) return unknownZone(zoneId)
      const made = make(state.holds.get(zoneId))
      if (made === undefined) return refused('hold-unknown', 'the zone is not held')
      const after = made.holdAfter === null ? done(null) : readInstant(made.holdAfter)
      if (after.type === 'refused') return after
      const hold: Hold = { ...made, holdAfter: after.value }
      return done({ value: hold, changes: [{ put: 'hold', object: hold }] })
    })
  }
}
