/** Makes zones active: as soon as they are served, or when their parents delegate them to us, as the settings say. */

import {
  newActivation,
  stepActivation,
  wakeActivationAt,
  type Activation,
  type ActivationEffect,
  type ActivationEvent,
  type ActivationPolicy,
} from '../protocol/activation.ts'
import type { Zone } from '../store/objects.ts'
import { Alarms, type Clock } from './alarms.ts'
import type { Delegation, Delegations } from './delegation.ts'
import type { Log } from './log.ts'
import type { Registry } from './registry.ts'
import { apexOf } from './secondary-zone.ts'
import type { Settings } from './settings.ts'

const DAY_MS = 86_400_000

export interface ActivationsWorld {
  readonly registry: Pick<Registry, 'zones' | 'dnsSettings' | 'onChange'>
  readonly delegations: Pick<Delegations, 'find'>
  readonly isServed: (zoneId: string) => boolean
  readonly settings: Pick<Settings, 'activation'>
  readonly clock: Clock
  readonly log: Log
  readonly failed: (error: Error) => void
}

interface Watched {
  machine: Activation
  /** The check that is under way. */
  checking: Promise<void> | undefined
}

export class Activations {
  readonly #world: ActivationsWorld
  readonly #policy: ActivationPolicy
  readonly #isChecked: boolean
  readonly #zones = new Map<string, Watched>()
  readonly #alarms: Alarms<string>
  /** Zones that are served and not active yet. */
  readonly #served = new Set<string>()
  #isActivating = false

  constructor(world: ActivationsWorld) {
    this.#world = world
    const { mode, firstSeconds, checkSecondsMax, movedChecks, pendingDays, movedDays } = world.settings.activation
    this.#isChecked = mode === 'check'
    this.#policy = {
      firstMs: firstSeconds * 1000,
      intervalMsMax: checkSecondsMax * 1000,
      movedChecks,
      pendingMsMax: pendingDays === 0 ? Infinity : pendingDays * DAY_MS,
      movedMsMax: movedDays === 0 ? Infinity : movedDays * DAY_MS,
    }
    this.#alarms = new Alarms(world.clock, (zoneId) => void this.#step(zoneId, { type: 'woke' }))
    world.registry.onChange((event) => {
      if (event.type === 'zone added') this.#watch(event.zone)
      else if (event.type === 'zone removed') this.#forget(event.zone.id)
    })
  }

  start(): void {
    for (const zone of this.#world.registry.zones.all()) this.#watch(zone)
  }

  stop(): void {
    this.#alarms.stop()
    this.#zones.clear()
  }

  /** A zone has its first contents, or new ones. */
  served(zoneId: string): void {
    if (this.#isChecked || this.#world.registry.zones.get(zoneId)?.status !== 'pending') return
    this.#served.add(zoneId)
    if (!this.#isActivating) void this.#activateServed()
  }

  /** One change for all that come while the one before is written: thousands may come at once. */
  async #activateServed(): Promise<void> {
    this.#isActivating = true
    try {
      while (this.#served.size > 0) {
        const zoneIds = [...this.#served]
        this.#served.clear()
        await this.#world.registry.zones.activateAll(zoneIds)
      }
    } catch (error) {
      this.#world.failed(error as Error)
    } finally {
      this.#isActivating = false
    }
  }

  /** Looks at a zone now; resolves when it is known how it stands. */
  async check(zoneId: string): Promise<void> {
    if (this.#isChecked) {
      this.#step(zoneId, { type: 'asked' })
      await this.#zones.get(zoneId)?.checking
    } else if (this.#world.isServed(zoneId)) await this.#world.registry.zones.setStatus(zoneId, 'active')
  }

  #watch(zone: Zone): void {
    if (!this.#isChecked) return
    const { clock } = this.#world
    const status = zone.status === 'initializing' ? 'pending' : zone.status
    const since = Date.parse(zone.movedOn ?? zone.activatedOn ?? zone.createdOn)
    const machine = newActivation({ status, since }, clock.now(), this.#policy)
    this.#zones.set(zone.id, { machine, checking: undefined })
    this.#alarms.set(zone.id, wakeActivationAt(machine))
  }

  #forget(zoneId: string): void {
    this.#zones.delete(zoneId)
    this.#alarms.clear(zoneId)
  }

  #step(zoneId: string, event: ActivationEvent): readonly ActivationEffect[] {
    const watched = this.#zones.get(zoneId)
    if (watched === undefined) return []
    const [machine, ...effects] = stepActivation(watched.machine, event, this.#world.clock.now(), this.#policy)
    watched.machine = machine
    this.#alarms.set(zoneId, wakeActivationAt(machine))
    if (effects.some(({ type }) => type === 'check'))
      watched.checking = this.#check(zoneId).catch((error: Error) => this.#world.failed(error))
    return effects
  }

  async #check(zoneId: string): Promise<void> {
    const { registry, delegations, log } = this.#world
    const zone = registry.zones.get(zoneId)
    if (zone === undefined) return
    const found = await delegations.find(apexOf(zone.name))
    const others = zone.type === 'secondary' || registry.dnsSettings.ofZone(zone).multiProvider
    const verdict = verdictOn(found, zone, { others })
    log.debug({ zone: zone.name, found, verdict }, 'zone.checked')
    for (const effect of this.#step(zoneId, { type: 'checked', verdict })) await this.#carryOut(zone, effect)
  }

  async #carryOut({ id, name }: Zone, effect: ActivationEffect): Promise<void> {
    const { registry, log } = this.#world
    switch (effect.type) {
      case 'check':
        return
      case 'become':
        log.info({ zone: name, status: effect.status }, 'zone.status')
        await registry.zones.setStatus(id, effect.status)
        return
      case 'delete':
        log.warn({ zone: name, status: registry.zones.get(id)?.status }, 'zone.deleted')
        await registry.zones.remove(id)
        return
      default:
        effect satisfies never
    }
  }
}

/** Of several providers one is enough; a zone that is ours alone must be delegated to us alone. */
function verdictOn(
  found: Delegation,
  zone: Zone,
  { others }: { readonly others: boolean },
): 'delegated' | 'elsewhere' | 'unclear' {
  if (found.type === 'unclear') return 'unclear'
  if (found.type === 'not delegated') return 'elsewhere'
  const ours = new Set(zone.nameServers.map((name) => name.toLowerCase().replace(/\.$/, '')))
  const isOurs = found.nameServers.map((name) => ours.has(name))
  return (others ? isOurs.includes(true) : isOurs.every(Boolean)) ? 'delegated' : 'elsewhere'
}
