/**
 * The zones that are edited here: each has its versions made from its records, its settings and those of the server.
 *
 * The control plane decides what an edit is, the contents thread makes it so, one version after the other. Here is what
 * lies between: which frame a version gets, and who hears of it.
 */

import type { SoaFacts } from '../protocol/refresh-policy.ts'
import { sentenceOf } from '../protocol/reason.ts'
import type { Change, Zone } from '../store/objects.ts'
import type { EditStep, Scope } from '../zone/edit-records.ts'
import type { ZoneFrame } from '../zone/zone-frame.ts'
import type { Clock } from './alarms.ts'
import type { EditOutcome, EditRequest } from './edit-port.ts'
import type { Log } from './log.ts'
import type { Registry } from './registry.ts'
import type { VersionPlan } from './registry-desk.ts'
import type { Settings } from './settings.ts'
import { zoneFrame } from './zone-frames.ts'

/** A zone that is edited here. */
export interface PrimaryZone {
  readonly id: string
  /** In the directory. */
  readonly number: number
  soa: SoaFacts | undefined
  /** When its newest version was made. */
  modifiedAt: number | undefined
}

export interface PrimariesWorld {
  readonly contents: { edit(zone: number, request: EditRequest): Promise<EditOutcome> }
  readonly registry: Pick<Registry, 'zones' | 'dnsSettings'>
  readonly settings: Pick<Settings, 'primary'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  /** A zone has a new version. */
  readonly edited: (zoneId: string, soa: SoaFacts) => void
}

export class Primaries {
  readonly #world: PrimariesWorld
  readonly #zones = new Map<string, PrimaryZone>()

  constructor(world: PrimariesWorld) {
    this.#world = world
  }

  get(zoneId: string): PrimaryZone | undefined {
    return this.#zones.get(zoneId)
  }

  /** Takes a zone up under its number in the directory. Without a stored version it gets its first one. */
  add({ id }: Pick<Zone, 'id'>, number: number, stored: { soa: SoaFacts; at: number } | undefined): void {
    this.#zones.set(id, { id, number, soa: stored?.soa, modifiedAt: stored?.at })
    if (stored === undefined) void this.refresh(id, 'all')
  }

  remove(zoneId: string): void {
    this.#zones.delete(zoneId)
  }

  /** Makes a version of all these steps, or none; undefined for a zone that is not edited here. */
  async edit(
    zoneId: string,
    {
      steps,
      changes = [],
      scope = 'touched',
    }: { steps: readonly EditStep[]; changes?: readonly Change[]; scope?: Scope },
  ): Promise<EditOutcome | undefined> {
    const { contents, clock, log, edited } = this.#world
    const zone = this.#zones.get(zoneId)
    const frame = this.#frameOf(zoneId)
    if (zone === undefined || frame === undefined) return undefined
    const startedAt = performance.now()
    const outcome = await contents.edit(zone.number, { steps, frame, scope, changes })
    if (outcome.type !== 'edited') return outcome
    if (outcome.unchanged) return outcome
    zone.soa = outcome.soa
    zone.modifiedAt = clock.now()
    const ms = Math.round((performance.now() - startedAt) * 10) / 10
    const { findings } = outcome
    log.info(
      {
        zone: this.#world.registry.zones.get(zoneId)?.name,
        serial: outcome.soa.serial,
        steps: steps.length,
        ms,
        findings,
      },
      'zone.edited',
    )
    edited(zoneId, outcome.soa)
    return outcome
  }

  /** Makes a version because something else than its records has changed, if it changes what is served. */
  async refresh(zoneId: string, scope: Scope): Promise<void> {
    const { log, registry } = this.#world
    const failed = (why: unknown) => log.error({ zone: registry.zones.get(zoneId)?.name, err: why }, 'zone.edit.failed')
    try {
      const outcome = await this.edit(zoneId, { steps: [], scope })
      if (outcome?.type === 'refused') failed(sentenceOf(outcome.reason))
    } catch (error) {
      failed(error)
    }
  }

  /** Makes the version that changes of the control plane depend on; resolves to why it could not be. */
  async makeVersion({ zoneId, scope }: VersionPlan, changes: readonly Change[]): Promise<string | undefined> {
    const outcome = await this.edit(zoneId, { steps: [], scope, changes })
    if (outcome?.type === 'edited') return undefined
    return outcome?.type === 'refused' ? sentenceOf(outcome.reason) : 'the zone is not edited here just now'
  }

  #frameOf(zoneId: string): ZoneFrame | undefined {
    const { registry, settings } = this.#world
    const zone = registry.zones.get(zoneId)
    if (zone === undefined) return undefined
    const dns = registry.dnsSettings.ofZone(zone)
    const dnsOnly = registry.dnsSettings.isDnsOnly(zone.accountId)
    return zoneFrame({ zone, dns, settings, dnsOnly, flattened: new Map() })
  }
}
