/** Keeps a server busy with everything at once, until it is dead. */

import { setTimeout as pause } from 'node:timers/promises'
import { askSerial } from '../interop/ask.ts'
import type { ScriptedPrimary } from '../hostile/primary.ts'
import type { Served } from '../server/process.ts'
import { Refusal, type Model } from './server-model.ts'
import type { Roll } from './server-zones.ts'

export interface Feeder {
  /** How many acts the server has answered. */
  readonly acts: number
  /** From now on the server may die; before, it has to answer everything. */
  expectDeath(): void
  /** Resolves once nothing is under way. Throws if the server did not answer before its death was due. */
  ended(): Promise<void>
}

/** Begins to change zones at the primary, to change objects by the API, and to look at what is served. */
export function feed(
  model: Model,
  { server, primary, roll }: { server: Served; primary: ScriptedPrimary; roll: Roll },
): Feeder {
  let alive = true
  let acts = 0
  const keep = async (act: () => Promise<void>): Promise<void> => {
    for (;;) {
      try {
        await act()
        if (!alive) return
        acts++
      } catch (error) {
        if (alive || error instanceof Refusal) throw error
        return
      }
    }
  }
  const changeContents = async (): Promise<void> => {
    const { contents } = model.any(model.zones)
    contents.version += 1 + roll(3)
    void primary.notify(server.dns, contents.apex, { serial: contents.serialOf(contents.version) })
    await pause(roll(15))
  }
  const ask = async (): Promise<void> => {
    const zone = model.any(model.zones)
    const { id } = zone
    const serial = await askSerial(server.dns, zone.contents.apex)
    // A zone that was removed and made again may be answered a moment longer: only one that came is believed.
    if (serial !== undefined && zone.id === id && zone.seen >= 0) model.served(zone, serial)
    await pause(1)
  }
  const call = async (): Promise<void> => {
    const zone = model.any(model.zones)
    const chance = roll(10)
    if (chance < 1) await model.turnZone(zone)
    else if (chance < 4) await model.turnObject(model.any(model.objects))
    else if (zone.standing !== 'there' || zone.follows !== 'there') return
    else if (chance < 6) await model.call('POST', `/client/v4/zones/${zone.id}/secondary_dns/force_axfr`)
    else await model.lookAtTransfers(zone)
  }
  const loops = Promise.all([keep(changeContents), keep(ask), keep(call)])
  loops.catch(() => {}) // told by `ended`
  return {
    get acts() {
      return acts
    },
    expectDeath: () => void (alive = false),
    ended: async () => void (await loops),
  }
}
