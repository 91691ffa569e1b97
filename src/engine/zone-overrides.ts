/**
 * Keeps what is answered in place of transferred records in step with the overrides that people make, with the settings
 * they depend on, and with the addresses that a CNAME record at an apex leads to.
 */

import { lowerName, nameFromWire, nameKey, printName, sameName, type Name } from '../dns/name.ts'
import type { Zone } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { readEdited, type EditedRecord } from '../zone/edited-record.ts'
import type { Overlay } from '../zone/overlay.ts'
import { PROXIABLE, servedRecords } from '../zone/served-records.ts'
import { storedOwner } from '../zone/stored-form.ts'
import { TYPE } from '../zone/stored-record.ts'
import { type AddressSet, flattenedOf, type ZoneFrame } from '../zone/zone-frame.ts'
import type { ContentsClient } from './contents-client.ts'
import type { Flattener, FlattenerWorld } from './flattener.ts'
import type { Registry } from './registry.ts'
import type { Overridden } from './runtime.ts'
import { apexOf } from './secondary-zone.ts'
import type { Settings } from './settings.ts'
import { zoneFrame } from './zone-frames.ts'

export interface ZoneOverridesWorld {
  readonly registry: Pick<Registry, 'zones' | 'overrides' | 'dnsSettings'>
  readonly contents: Pick<ContentsClient, 'cover'>
  readonly flattener: Pick<Flattener, 'add' | 'remove' | 'answersFor' | 'answered' | 'edited'>
  readonly settings: Pick<Settings, 'primary'>
  readonly store: Pick<Store, 'change'>
}

export class ZoneOverrides {
  readonly #world: ZoneOverridesWorld
  /** Secondary zones that were taken up, by their numbers in the directory. */
  readonly #numbers = new Map<string, number>()

  constructor(world: ZoneOverridesWorld) {
    this.#world = world
  }

  /** Takes up a secondary zone that has been laid over by `overlaysOf`, or that is to be. */
  async add(zone: Zone, number: number): Promise<void> {
    this.#numbers.set(zone.id, number)
    if (this.#world.registry.overrides.of(zone).length > 0) await this.changed(zone.id)
  }

  remove(zoneId: string): void {
    if (this.#numbers.delete(zoneId)) this.#world.flattener.remove(zoneId)
  }

  /** Overrides or settings of a zone have changed. Resolves when answers are given by them. */
  async changed(zoneId: string): Promise<void> {
    const { registry, flattener } = this.#world
    const zone = registry.zones.get(zoneId)
    if (zone === undefined || !this.#numbers.has(zoneId)) return
    if (this.#apexCnameOf(zone) === undefined) flattener.remove(zoneId)
    else await flattener.add(zoneId, flatteningOf(zone))
    await this.refresh(zoneId)
  }

  /** The settings of an account have changed. */
  async accountChanged(accountId: string): Promise<void> {
    const { registry } = this.#world
    for (const zoneId of this.#numbers.keys()) {
      const zone = registry.zones.get(zoneId)
      if (zone?.accountId === accountId && registry.overrides.of(zone).length > 0) await this.changed(zoneId)
    }
  }

  /** Lays what is true now over a zone. False if it is none of these. */
  async refresh(zoneId: string): Promise<boolean> {
    const { registry, contents, flattener, store } = this.#world
    const before = registry.zones.get(zoneId)
    if (before === undefined || !this.#numbers.has(zoneId)) return false
    const given = await flattener.answersFor(zoneId, { steps: [], scope: 'apex' }, flatteningOf(before))
    const zone = registry.zones.get(zoneId)
    const number = this.#numbers.get(zoneId)
    if (zone === undefined || number === undefined) return false
    if (given.changes.length > 0) await store.change(given.changes)
    await contents.cover(number, this.#overlays(zone, given.flattened))
    flattener.edited(zoneId, [], given)
    return true
  }

  /** What lies over a zone, as far as it is known without asking anybody. */
  overlaysOf(zone: Zone): readonly Overlay[] {
    const cname = this.#apexCnameOf(zone)
    const target = cname && nameFromWire(cname.rdata)
    const answer = target && this.#world.flattener.answered(target)
    return this.#overlays(zone, new Map(target && answer ? [[nameKey(target), answer]] : []))
  }

  /** Whether a zone was taken up here. */
  isKept(zoneId: string): boolean {
    return this.#numbers.has(zoneId)
  }

  /** The overrides of a secondary zone, for whoever looks for CNAME records among them; undefined for any other zone. */
  cnamesIn(zoneId: string): ReturnType<FlattenerWorld['records']> {
    const zone = this.#world.registry.zones.get(zoneId)
    if (zone === undefined || !this.#numbers.has(zoneId)) return undefined
    const apex = apexOf(zone.name)
    const made = this.#world.registry.overrides.of(zone).map((octets) => ({ octets, at: 0, end: octets.length }))
    const recordsOf = (owner: Name) => made.filter(({ octets }) => sameName(storedOwner(octets, 0, apex), owner))
    return { apex, records: (from) => made.slice(from), recordsOf, release() {} }
  }

  /** What its overrides do to transferred records; undefined for a zone in which none can be made. */
  overriddenIn(zone: Zone): Overridden | undefined {
    if (!this.#world.registry.overrides.areOn(zone)) return undefined
    const overlays = this.overlaysOf(zone)
    const names = overlays.filter(({ always }) => !always).map(({ owner }) => printName(lowerName(owner)).slice(0, -1))
    return { proxied: new Set(names), apexIsCname: overlays.some(({ always }) => always) }
  }

  #overlays(zone: Zone, flattened: ReadonlyMap<string, AddressSet>): Overlay[] {
    const apex = apexOf(zone.name)
    const frame = this.#frameOf(zone, flattened)
    const owners = Map.groupBy(this.#recordsOf(zone), ({ owner }) => nameKey(owner))
    return [...owners.values()].flatMap((records) => overlayOf(records, { apex, frame }) ?? [])
  }

  /** The CNAME record that stands at the apex by an override. */
  #apexCnameOf(zone: Zone): EditedRecord | undefined {
    const apex = apexOf(zone.name)
    return this.#recordsOf(zone).find(({ owner, type }) => type === TYPE.CNAME && sameName(owner, apex))
  }

  #recordsOf(zone: Zone): EditedRecord[] {
    const apex = apexOf(zone.name)
    return this.#world.registry.overrides.of(zone).map((octets) => readEdited(octets, 0, apex))
  }

  /** Of a zone that is edited here, without what such zones have of their own. */
  #frameOf(zone: Zone, flattened: ReadonlyMap<string, AddressSet>): ZoneFrame {
    const { registry, settings } = this.#world
    const dns = { ...registry.dnsSettings.ofZone(zone), flattenAllCnames: false }
    const dnsOnly = registry.dnsSettings.isDnsOnly(zone.accountId)
    return zoneFrame({ zone: { ...zone, nameServers: [] }, dns, settings, dnsOnly, flattened })
  }
}

const flatteningOf = ({ name }: Zone) => ({ apex: apexOf(name), flattenAll: false })

/** What is answered for an owner with these overrides; undefined if that is what was transferred. */
function overlayOf(
  records: readonly EditedRecord[],
  { apex, frame }: { readonly apex: Name; readonly frame: ZoneFrame },
): Overlay | undefined {
  const owner = records[0]?.owner as Name
  const { ipv4, ipv6 } = frame.proxies
  const always = sameName(owner, apex) && records.some(({ type }) => type === TYPE.CNAME)
  // An override says that there are to be proxies, not which addresses they stand for.
  if (!always && ipv4.length + ipv6.length === 0) return undefined
  const served = servedRecords(owner, records, { apex, frame }).filter(({ type }) => PROXIABLE.has(type))
  return served.length > 0 || (always && isKnown(records, frame)) ? { owner, records: served, always } : undefined
}

/** Whether it is known where the CNAME record at an apex leads, be it nowhere: until then what came is answered. */
function isKnown(records: readonly EditedRecord[], frame: ZoneFrame): boolean {
  const cname = records.find(({ type }) => type === TYPE.CNAME)
  return cname !== undefined && flattenedOf(frame, cname.rdata as Name) !== undefined
}
