/**
 * The zones that are edited here: each has its versions made from its records, its settings and those of the server.
 *
 * The control plane decides what an edit is, the contents thread makes it so, one version after the other. Here is what
 * lies between: which frame a version gets, and who hears of it.
 */

import { parseName } from '../dns/name.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import { sentenceOf } from '../protocol/reason.ts'
import type { Change, Zone } from '../store/objects.ts'
import type { EditStep, Scope } from '../zone/edit-records.ts'
import type { ZoneFrame } from '../zone/zone-frame.ts'
import type { Clock } from './alarms.ts'
import type { Conversion, EditOutcome, EditRequest } from './edit-port.ts'
import { apexOnly, type FlattenedFrame } from './flattened-records.ts'
import type { Flattener } from './flattener.ts'
import type { Log } from './log.ts'
import type { Registry } from './registry.ts'
import type { VersionMade } from './registry-desk.ts'
import { apexOf } from './secondary-zone.ts'
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
  readonly flattener: Pick<Flattener, 'add' | 'remove' | 'answersFor' | 'edited'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  /** Whether a zone is secondary by now, and its overrides are looked after elsewhere. */
  readonly isFollowed: (zoneId: string) => boolean
  /** A zone has a new version. */
  readonly edited: (zoneId: string, soa: SoaFacts) => void
}

/** A zone that changes hands, as it was. */
export interface ConversionOfZone {
  readonly before: Zone
  /** The overrides it had, in stored form. */
  readonly lifted: readonly Uint8Array[]
  /** In the directory. */
  readonly number: number
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
    const flattening = this.#flatteningOf(id)
    if (stored === undefined) void this.refresh(id, 'all')
    else if (flattening !== undefined) void this.#world.flattener.add(id, flattening)
  }

  remove(zoneId: string): void {
    if (!this.#zones.delete(zoneId)) return
    this.#world.flattener.remove(zoneId)
  }

  /** Makes a version of all these steps, or none; undefined for a zone that is not edited here. */
  async edit(
    zoneId: string,
    {
      steps,
      changes = [],
      scope = 'touched',
      renew = false,
    }: { steps: readonly EditStep[]; changes?: readonly Change[]; scope?: Scope; renew?: boolean },
  ): Promise<EditOutcome | undefined> {
    const { contents, clock, log, edited, flattener } = this.#world
    const zone = this.#zones.get(zoneId)
    const flattening = this.#flatteningOf(zoneId)
    if (zone === undefined || flattening === undefined) return undefined
    const answers = await flattener.answersFor(zoneId, { steps, scope }, flattening)
    const frame = this.frameOf(zoneId, answers.flattened)
    if (frame === undefined || this.#zones.get(zoneId) !== zone) {
      // Not if it is back meanwhile: then this is another life of it, with targets of its own.
      if (!this.#zones.has(zoneId) && !this.#world.isFollowed(zoneId)) flattener.remove(zoneId)
      return undefined
    }
    const startedAt = performance.now()
    const outcome = await contents.edit(zone.number, {
      steps,
      frame,
      scope,
      changes: [...changes, ...answers.changes],
      ...(renew && { renew }),
    })
    if (outcome.type !== 'edited') {
      // The records were gone through for settings that did not come to be.
      const still = scope === 'all' ? this.#flatteningOf(zoneId) : undefined
      if (still !== undefined) void flattener.add(zoneId, still)
      return outcome
    }
    flattener.edited(zoneId, steps, answers)
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

  /** Makes a version because something else than its records has changed, if it changes what is served; false if it could not. */
  refresh(zoneId: string, scope: Scope): Promise<boolean> {
    return this.#isMade(zoneId, { steps: [], scope })
  }

  /**
   * Makes a version with the next serial although nothing that is served has changed, and whoever has an older one is given
   * the zone whole; false if it could not.
   */
  renew(zoneId: string): Promise<boolean> {
    return this.#isMade(zoneId, { steps: [], renew: true, changes: [{ endBacklog: zoneId }] })
  }

  async #isMade(zoneId: string, edit: Parameters<Primaries['edit']>[1]): Promise<boolean> {
    const { log, registry } = this.#world
    const failed = (why: unknown) => log.error({ zone: registry.zones.get(zoneId)?.name, err: why }, 'zone.edit.failed')
    try {
      const outcome = await this.edit(zoneId, edit)
      if (outcome?.type === 'refused') failed(sentenceOf(outcome.reason))
      return outcome === undefined || outcome.type === 'edited'
    } catch (error) {
      failed(error)
      return false
    }
  }

  /** Makes the version that changes of the control plane depend on; resolves to what came of it. */
  async makeVersion(
    { zoneId, scope }: { readonly zoneId: string; readonly scope: Scope },
    changes: readonly Change[],
  ): Promise<VersionMade> {
    const outcome = await this.edit(zoneId, { steps: [], scope, changes })
    // A zone that is being taken up gets its first version of what is true by then.
    if (outcome === undefined) return { type: 'no version' }
    if (outcome.type === 'edited') return { type: 'made' }
    return { type: 'refused', why: outcome.type === 'refused' ? sentenceOf(outcome.reason) : outcome.type }
  }

  /** Makes the version with which a zone changes hands; what it is from then on is known to the control plane already. */
  async convert(
    { before, lifted, number }: ConversionOfZone,
    changes: readonly Change[],
  ): Promise<EditOutcome | undefined> {
    const { contents, flattener, settings } = this.#world
    const flattening = apexOnly(apexOf(before.name))
    const answers = await flattener.answersFor(before.id, { steps: [], scope: 'apex' }, flattening)
    const frame = this.frameOf(before.id, answers.flattened)
    if (frame === undefined) return undefined
    const names = [...before.nameServers, ...settings.primary.nameServers]
    const conversion: Conversion =
      before.type === 'secondary'
        ? { to: 'full', nameServers: names.map((name) => parseName(name)), lifted }
        : { to: 'secondary' }
    const allChanges = [...changes, ...answers.changes]
    const outcome = await contents.edit(number, { steps: [], frame, scope: 'all', changes: allChanges, conversion })
    if (outcome.type === 'edited') flattener.edited(before.id, [], answers)
    return outcome
  }

  /** Which CNAME records of a zone are answered with addresses. */
  #flatteningOf(zoneId: string): FlattenedFrame | undefined {
    const { registry } = this.#world
    const zone = registry.zones.get(zoneId)
    return zone && { apex: apexOf(zone.name), flattenAll: registry.dnsSettings.ofZone(zone).flattenAllCnames }
  }

  /** What a version of a zone is made with beside its records, if targets of its CNAME records lead where it is said. */
  frameOf(zoneId: string, flattened: ZoneFrame['flattened']): ZoneFrame | undefined {
    const { registry, settings } = this.#world
    const zone = registry.zones.get(zoneId)
    if (zone === undefined) return undefined
    const dns = registry.dnsSettings.ofZone(zone)
    const dnsOnly = registry.dnsSettings.isDnsOnly(zone.accountId)
    return zoneFrame({ zone, dns, settings, dnsOnly, flattened })
  }
}
