/** Machines broken on purpose, each in one way that a hasty edit could bring. The simulation must notice every one. */

import { compareSerials } from '../../src/dns/serial.ts'
import type { RefreshEvent, Secondary, Step } from '../../src/protocol/refresh-state.ts'
import { ours, type Machine } from './machine.ts'

/** Our machine, with the event or the outcome of each step changed. */
function broken(
  changes: Partial<{
    event: (zone: Secondary, event: RefreshEvent) => RefreshEvent | undefined
    outcome: (step: Step, before: Secondary, event: RefreshEvent) => Step
  }>,
): Machine {
  const { event: changeEvent = (_, event) => event, outcome = (step) => step } = changes
  return {
    ...ours,
    step(zone, event, now, roll) {
      const changed = changeEvent(zone, event)
      return changed === undefined ? [zone] : outcome(ours.step(zone, changed, now, roll), zone, event)
    },
  }
}

export const BROKEN: Readonly<Record<string, Machine>> = {
  'a lagging primary counts as proof that we are current': broken({
    event(zone, event) {
      if (event.type !== 'probed' || zone.soa === undefined) return event
      return compareSerials(event.soa.serial, zone.soa.serial) === 'older' ? { ...event, soa: zone.soa } : event
    },
  }),
  'only the first primary is asked': broken({
    outcome: ([zone, ...effects]) => {
      const { phase } = zone
      if (phase.type !== 'asking') return [zone, ...effects]
      const asks = phase.round.asks.slice(0, 1)
      const others = new Set(phase.round.asks.slice(1).map(({ attempt }) => attempt))
      const kept = effects.filter((effect) => effect.type !== 'probe' || !others.has(effect.attempt))
      return [{ ...zone, phase: { ...phase, round: { ...phase.round, asks } } }, ...kept]
    },
  }),
  'a NOTIFY is forgotten': broken({
    event: (_, event) => (event.type === 'notified' ? undefined : event),
  }),
  'NOTIFYs that bring nothing are not spaced': broken({
    outcome: ([zone, ...effects]) => [{ ...zone, fruitless: 0 }, ...effects],
  }),
  'refused content is not remembered': broken({
    outcome: ([zone, ...effects]) => {
      const primaries = zone.primaries.map((one) => ({ ...one, memory: { ...one.memory, rejected: undefined } }))
      return [{ ...zone, primaries }, ...effects]
    },
  }),
  'a zone never expires': broken({
    outcome: ([zone, ...effects]) => [{ ...zone, expired: false }, ...effects.filter(({ type }) => type !== 'expire')],
  }),
  'a failed question renews the lease': broken({
    outcome: ([zone, ...effects], before, event) => {
      if (event.type !== 'probe failed' || before.expireAt === undefined) return [zone, ...effects]
      return [{ ...zone, expireAt: before.expireAt + 60_000 }, ...effects]
    },
  }),
  'an older serial is fetched whatever the policy': broken({
    event(zone, event) {
      if (event.type !== 'probed' || zone.soa === undefined) return event
      const older = compareSerials(event.soa.serial, zone.soa.serial) === 'older'
      return older ? { ...event, soa: { ...event.soa, serial: ((zone.soa.serial + 1) >>> 0) as never } } : event
    },
    outcome: ([zone, ...effects]) => [
      zone,
      ...effects.map((effect) =>
        effect.type === 'transfer' ? ({ ...effect, form: 'AXFR', since: undefined } as const) : effect,
      ),
    ],
  }),
  'no full transfer follows a failed incremental one': broken({
    event: (_, event) =>
      event.type === 'transfer failed' ? { ...event, reason: { code: 'local-failure', facts: {} } } : event,
  }),
}
