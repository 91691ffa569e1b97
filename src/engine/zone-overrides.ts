/**
 * Keeps what is answered in place of transferred records in step with the overrides that people make, with the settings
 * they depend on, and with the addresses that a CNAME record at an apex leads to.
 */

import { lowerName, nameFromWire, nameKey, printName, sameName, type Name } from '../dns/name.ts'
import { hexOctets } from '../dns/octets.ts'
import type { AccountDnsSettings, DnsSettings, Overrides, Zone } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { readEdited, storeEdited, type EditedRecord } from '../zone/edited-record.ts'
import type { Overlay } from '../zone/overlay.ts'
import { PROXIABLE, servedRecords } from '../zone/served-records.ts'
import { storedOwner } from '../zone/stored-form.ts'
import { TYPE } from '../zone/stored-record.ts'
import { type AddressSet, flattenedOf, type ZoneFrame } from '../zone/zone-frame.ts'
import type { ContentsClient } from './contents-client.ts'
import { apexOnly } from './flattened-records.ts'
import type { Flattener, FlattenerWorld } from './flattener.ts'
import type { Registry } from './registry.ts'
import type { Overridden } from './runtime.ts'
import { apexOf } from './secondary-zone.ts'
import type { Settings } from './settings.ts'
import { defaultDnsSettings, zoneFrame } from './zone-frames.ts'

export interface ZoneOverridesWorld {
  readonly registry: Pick<Registry, 'zones' | 'overrides' | 'dnsSettings'>
  readonly contents: Pick<ContentsClient, 'cover'>
  readonly flattener: Pick<Flattener, 'add' | 'remove' | 'answersFor' | 'answered' | 'edited'>
  readonly settings: Pick<Settings, 'primary'>
  readonly store: Pick<Store, 'change'>
  readonly failed: (error: Error) => void
}

/** What overlays are made from. */
interface Sources {
  readonly zone: Zone
  readonly dns: DnsSettings
  readonly dnsOnly: boolean
  readonly overrides: readonly EditedRecord[]
}

/** A secondary zone that was taken up, with what of it is on the disk: the control plane may be a decision ahead. */
interface KeptZone {
  readonly number: number
  sources: Sources
}

export class ZoneOverrides {
  readonly #world: ZoneOverridesWorld
  readonly #zones = new Map<string, KeptZone>()

  constructor(world: ZoneOverridesWorld) {
    this.#world = world
  }

  /** Takes up a secondary zone that is covered with `laid` until now. */
  async add(zone: Zone, number: number, laid: readonly Overlay[] = []): Promise<void> {
    const sources = this.#sourcesOf(zone)
    this.#zones.set(zone.id, { number, sources })
    if (laid.length > 0 || activeIn(sources).length > 0) await this.#changed(zone.id)
  }

  /** The zone is edited here from now on, where its CNAME records are looked after as well. */
  handOver(zoneId: string): void {
    this.#zones.delete(zoneId)
  }

  remove(zoneId: string): void {
    if (this.#zones.delete(zoneId)) this.#world.flattener.remove(zoneId)
  }

  /** Overrides of a zone have changed. Resolves when answers are given by them. */
  overridden(zoneId: string, after: Overrides | undefined): Promise<void> {
    return this.#resource(zoneId, ({ zone }) => ({ overrides: recordsIn(zone, after) }))
  }

  /** Settings of a zone have changed. */
  settingsChanged(zoneId: string, after: DnsSettings | undefined): Promise<void> {
    return this.#resource(zoneId, () => ({ dns: after ?? defaultDnsSettings() }))
  }

  /** The settings of an account have changed. */
  async accountChanged({ accountId, enforceDnsOnly: dnsOnly }: AccountDnsSettings): Promise<void> {
    for (const [zoneId, { sources }] of this.#zones)
      if (sources.zone.accountId === accountId) await this.#resource(zoneId, () => ({ dnsOnly }))
  }

  /** Lays what is true now over a zone. False if it is none of these. */
  async refresh(zoneId: string): Promise<boolean> {
    const { contents, flattener, store, failed } = this.#world
    const kept = this.#zones.get(zoneId)
    if (kept === undefined) return false
    const { sources } = kept
    const given = await flattener.answersFor(zoneId, { steps: [], scope: 'apex' }, flatteningOf(sources.zone))
    // What was asked for is not what is wanted by now.
    if (this.#zones.get(zoneId)?.sources !== sources) return this.refresh(zoneId)
    await contents.cover(kept.number, this.#overlays(kept.sources, given.flattened))
    // What is stored is for the next start; without it the target is looked up once more.
    if (given.changes.length > 0) await store.change(given.changes).catch((error: Error) => failed(error))
    flattener.edited(zoneId, [], given)
    return true
  }

  /** What lies over a zone, as far as it is known without asking anybody. */
  overlaysOf(zone: Zone): readonly Overlay[] {
    const sources = this.#sourcesOf(zone)
    const cname = apexCnameIn(sources)
    const target = cname && nameFromWire(cname.rdata)
    const answer = target && this.#world.flattener.answered(target)
    return this.#overlays(sources, new Map(target && answer ? [[nameKey(target), answer]] : []))
  }

  /** Whether a zone was taken up here. */
  isKept(zoneId: string): boolean {
    return this.#zones.has(zoneId)
  }

  /** The overrides of a secondary zone, for whoever looks for CNAME records among them; undefined for any other zone. */
  cnamesIn(zoneId: string): ReturnType<FlattenerWorld['records']> {
    const kept = this.#zones.get(zoneId)
    if (kept === undefined) return undefined
    const apex = apexOf(kept.sources.zone.name)
    const made = activeIn(kept.sources).map((record) => {
      const octets = storeEdited(record, apex)
      return { octets, at: 0, end: octets.length }
    })
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

  async #resource(zoneId: string, change: (before: Sources) => Partial<Sources>): Promise<void> {
    const kept = this.#zones.get(zoneId)
    if (kept === undefined) return
    const before = kept.sources
    kept.sources = { ...before, ...change(before) }
    if (activeIn(before).length > 0 || activeIn(kept.sources).length > 0) await this.#changed(zoneId)
  }

  async #changed(zoneId: string): Promise<void> {
    const { flattener } = this.#world
    const { sources } = this.#zones.get(zoneId) as KeptZone
    if (apexCnameIn(sources) === undefined) flattener.remove(zoneId)
    else await flattener.add(zoneId, flatteningOf(sources.zone))
    await this.refresh(zoneId)
  }

  #sourcesOf(zone: Zone): Sources {
    const { registry } = this.#world
    return {
      zone,
      dns: registry.dnsSettings.ofZone(zone),
      dnsOnly: registry.dnsSettings.isDnsOnly(zone.accountId),
      overrides: recordsIn(zone, registry.overrides.stored(zone.id)),
    }
  }

  /** By the frame of a zone that is edited here, without what such zones have of their own. */
  #overlays(sources: Sources, flattened: ReadonlyMap<string, AddressSet>): Overlay[] {
    const { settings } = this.#world
    const { zone, dnsOnly } = sources
    const dns = { ...sources.dns, flattenAllCnames: false }
    const frame = zoneFrame({ zone: { ...zone, nameServers: [] }, dns, settings, dnsOnly, flattened })
    const owners = Map.groupBy(activeIn(sources), ({ owner }) => nameKey(owner))
    return [...owners.values()].flatMap((records) => overlayOf(records, { apex: apexOf(zone.name), frame }) ?? [])
  }
}

/** What most zones have. */
const NONE: readonly EditedRecord[] = []

function recordsIn({ name }: Zone, overrides: Overrides | undefined): readonly EditedRecord[] {
  if (overrides === undefined) return NONE
  const apex = apexOf(name)
  return overrides.records.map((record) => readEdited(hexOctets(record), 0, apex))
}

/** Those in force. */
function activeIn({ zone, dns, overrides }: Sources): readonly EditedRecord[] {
  return zone.type === 'secondary' && dns.secondaryOverrides ? overrides : []
}

/** The CNAME record that stands at the apex by an override. */
function apexCnameIn(sources: Sources): EditedRecord | undefined {
  const apex = apexOf(sources.zone.name)
  return activeIn(sources).find(({ owner, type }) => type === TYPE.CNAME && sameName(owner, apex))
}

const flatteningOf = ({ name }: Zone) => apexOnly(apexOf(name))

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
