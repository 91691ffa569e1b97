/**
 * Finds the addresses that stand for CNAME records: of apexes, and of other names that are to be flattened.
 *
 * It knows of each zone which owners lead where, and of each name that is led to what it was answered last. An edit is
 * given the answers it needs, and waits for those that nobody has asked for before, but not long. When an answer changes,
 * each zone that uses it gets a version, one for all answers that changed together. Answers are stored with the versions
 * they are in, so after a restart the last good ones stand until there are better ones.
 */

import type { Name } from '../dns/name.ts'
import { nameFromWire, nameKey, parseName, printName } from '../dns/name.ts'
import { hexOctets, hexText, latin1Octets } from '../dns/octets.ts'
import { newTarget, stepTarget, wakeTargetAt, type Target, type TargetEvent } from '../protocol/flattening.ts'
import type { Change, Flattened } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { EditStep, Scope } from '../zone/edit-records.ts'
import type { AddressSet, ZoneFrame } from '../zone/zone-frame.ts'
import { Alarms, type Clock } from './alarms.ts'
import { findFlattened, flattenedAfter, ownersOf, type FlattenedFrame } from './flattened-records.ts'
import type { FlattenedOwner } from './flattened-records.ts'
import { findOutdated } from './flattened-served.ts'
import type { Log } from './log.ts'
import type { HostAddresses, LookedUp } from './host-addresses.ts'
import { OutdatedOwners, type OutdatedOwnersWorld } from './outdated-owners.ts'
import type { RecordReader, ServedReader } from './runtime.ts'
import type { Settings } from './settings.ts'

export interface FlattenerWorld {
  readonly addresses: Pick<HostAddresses, 'find' | 'stop'>
  /** The edited records of a zone, to be released. */
  readonly records: (zoneId: string) => Pick<RecordReader, 'apex' | 'records' | 'recordsOf' | 'release'> | undefined
  /** What is served of it, to be released as well; undefined where nothing is made of them that is served. */
  readonly served: (zoneId: string) => ServedReader | undefined
  /** What a version of a zone is made with beside its records, if targets lead where it is said. */
  readonly frame: (zoneId: string, flattened: ZoneFrame['flattened']) => ZoneFrame | undefined
  /** Makes these owners of a zone anew; false if it could not. */
  readonly refresh: OutdatedOwnersWorld['refresh']
  readonly store: Pick<Store, 'objects' | 'change'>
  readonly settings: Pick<Settings, 'flattening'>
  readonly clock: Clock
  readonly log: Log
  readonly failed: (error: Error) => void
}

/** A name that CNAME records lead to. */
interface KnownTarget {
  readonly name: Name
  machine: Target
  /** The owners that lead here, by zone and by `nameKey`. */
  readonly users: Map<string, Map<string, Name>>
  /** What is in the store. */
  stored: AddressSet | undefined
  /** Settles when it is known, or known not to be known. */
  readonly tried: PromiseWithResolvers<void>
}

interface FlattenedZone {
  readonly frame: FlattenedFrame
  owners: Map<string, FlattenedOwner>
  /** Edits while the records are gone through. */
  readonly missed: (readonly EditStep[])[]
  found: Promise<void> | undefined
}

/** What an edit is given, and what becomes true with it. */
export interface FlattenedAnswers {
  readonly flattened: ReadonlyMap<string, AddressSet>
  readonly changes: readonly Change[]
  /** What the records were looked at with; undefined where nothing is answered with addresses. */
  readonly frame: FlattenedFrame | undefined
}

const NOTHING: FlattenedAnswers = { flattened: new Map(), changes: [], frame: undefined }

export class Flattener {
  readonly #world: FlattenerWorld
  /** Zones in which something leads somewhere, or that are gone through just now. */
  readonly #zones = new Map<string, FlattenedZone>()
  /** All others, which are most: of them there is nothing to know. */
  readonly #plain = new Set<string>()
  readonly #targets = new Map<string, KnownTarget>()
  readonly #stored = new Map<string, AddressSet>()
  readonly #alarms: Alarms<string>
  readonly #outdated: OutdatedOwners

  constructor(world: FlattenerWorld) {
    this.#world = world
    this.#alarms = new Alarms(world.clock, (key) => this.#step(key, { type: 'woke' }))
    this.#outdated = new OutdatedOwners(world)
  }

  /** Reads the answers of an earlier run. */
  async load(): Promise<void> {
    for (const stored of await this.#world.store.objects('flattened')) {
      const { ipv4, ipv6, ttl } = stored
      const answer = { ipv4: ipv4.map(hexOctets), ipv6: ipv6.map(hexOctets), ttl }
      this.#stored.set(nameKey(parseName(stored.target)), answer)
    }
  }

  /** Forgets what was kept for zones that are gone, once all that are there have been taken up. */
  async tidy(): Promise<void> {
    for (const { found } of this.#zones.values()) await found
    for (const key of this.#stored.keys())
      if (!this.#targets.has(key)) this.#forget({ name: nameOfKey(key), stored: this.#stored.get(key) })
  }

  /**
   * Takes up a zone with the records it has, or anew with others, and makes anew what of them is not served as is known by
   * now. Resolves when they have been gone through.
   */
  async add(zoneId: string, frame: FlattenedFrame): Promise<void> {
    await this.#find(zoneId, frame)
      .then(() => this.#compare(zoneId))
      .catch((error: Error) => this.#world.failed(error))
  }

  remove(zoneId: string): void {
    this.#plain.delete(zoneId)
    const zone = this.#zones.get(zoneId)
    if (zone === undefined) return
    this.#zones.delete(zoneId)
    this.#outdated.forget(zoneId)
    for (const [key, { target }] of zone.owners) this.#release(zoneId, key, target)
  }

  stop(): void {
    this.#world.addresses.stop()
    this.#alarms.stop()
    this.#outdated.stop()
    this.#zones.clear()
    this.#plain.clear()
    this.#targets.clear()
  }

  /** The answers that an edit needs. Waits for those that are not known, as long as the settings say. */
  async answersFor(
    zoneId: string,
    { steps, scope }: { readonly steps: readonly EditStep[]; readonly scope: Scope },
    frame: FlattenedFrame,
  ): Promise<FlattenedAnswers> {
    if (scope === 'all') await this.#find(zoneId, frame)
    const zone = this.#zones.get(zoneId)
    await zone?.found
    const wanted = this.#targetsIn(zone, { steps, scope }, frame)
    if (wanted.length === 0) return NOTHING
    const targets = wanted.map((name) => this.#target(name))
    await this.#patience(targets)
    return { ...this.#answersOf(targets), frame }
  }

  /** What a name was answered last, in this run or the one before. */
  answered(target: Name): AddressSet | undefined {
    const key = nameKey(target)
    return this.#targets.get(key)?.machine.answer ?? this.#stored.get(key)
  }

  /** Takes note of what an edit did, once it is done. `given` is what it was given. */
  edited(zoneId: string, steps: readonly EditStep[], given: FlattenedAnswers): void {
    for (const change of given.changes) this.#noteStored(change, given)
    const zone = this.#zones.get(zoneId) ?? this.#noLongerPlain(zoneId, given)
    if (zone === undefined) return
    if (zone.found !== undefined) zone.missed.push(steps)
    const isOutdated = ({ target }: FlattenedOwner) => {
      const key = nameKey(target)
      return this.#targets.get(key)?.machine.answer !== given.flattened.get(key)
    }
    const outdated = this.#note(zoneId, zone, steps).filter(isOutdated)
    this.#outdated.add(
      zoneId,
      outdated.map(({ owner }) => owner),
    )
  }

  /** Goes through all records of a zone. */
  async #find(zoneId: string, frame: FlattenedFrame): Promise<void> {
    const before = this.#zones.get(zoneId)
    await before?.found
    const zone = newZone(frame)
    this.#plain.delete(zoneId)
    this.#zones.set(zoneId, zone)
    zone.found = this.#findIn(zoneId, zone)
    await zone.found
    zone.found = undefined
    for (const [key, { target }] of before?.owners ?? []) {
      const now = zone.owners.get(key)
      if (now === undefined || nameKey(now.target) !== nameKey(target)) this.#release(zoneId, key, target)
    }
    if (zone.owners.size > 0 || this.#zones.get(zoneId) !== zone) return
    this.#zones.delete(zoneId)
    this.#plain.add(zoneId)
  }

  /** An edit has put something into a zone that leads somewhere. */
  #noLongerPlain(zoneId: string, { frame }: FlattenedAnswers): FlattenedZone | undefined {
    if (frame === undefined || !this.#plain.delete(zoneId)) return undefined
    const zone = newZone(frame)
    this.#zones.set(zoneId, zone)
    return zone
  }

  async #findIn(zoneId: string, zone: FlattenedZone): Promise<void> {
    const reader = this.#world.records(zoneId)
    if (reader === undefined) return
    try {
      const found = await findFlattened(reader, zone.frame)
      if (this.#zones.get(zoneId) !== zone) return
      for (const [key, flattened] of found) this.#use(zoneId, zone, key, flattened)
      for (const steps of zone.missed.splice(0)) this.#note(zoneId, zone, steps)
    } finally {
      reader.release()
    }
  }

  /** Answers that come from now on say themselves what they change. */
  async #compare(zoneId: string): Promise<void> {
    const { records, served, frame } = this.#world
    const answered = new Map<string, AddressSet>()
    const owners: Name[] = []
    for (const { owner, target } of this.#zones.get(zoneId)?.owners.values() ?? []) {
      const answer = this.#targets.get(nameKey(target))?.machine.answer
      if (answer === undefined) continue
      answered.set(nameKey(target), answer)
      owners.push(owner)
    }
    const wanted = owners.length === 0 ? undefined : frame(zoneId, answered)
    const version = wanted && { edited: records(zoneId), served: served(zoneId) }
    try {
      if (wanted === undefined || version?.edited === undefined || version.served === undefined) return
      const { edited, served: there } = version
      const outdated = await findOutdated({ edited, served: there }, owners, wanted)
      if (this.#zones.has(zoneId)) this.#outdated.add(zoneId, outdated)
    } finally {
      version?.edited?.release()
      version?.served?.release()
    }
  }

  /** Brings the owners of a zone in step with an edit; returns those that lead somewhere new. */
  #note(zoneId: string, zone: FlattenedZone, steps: readonly EditStep[]): FlattenedOwner[] {
    const fresh: FlattenedOwner[] = []
    for (const [key, { owner, target }] of flattenedAfter(steps, zone.frame)) {
      const before = zone.owners.get(key)
      zone.owners.delete(key)
      if (before !== undefined && (target === undefined || nameKey(before.target) !== nameKey(target)))
        this.#release(zoneId, key, before.target)
      if (target === undefined) continue
      this.#use(zoneId, zone, key, { owner, target })
      fresh.push({ owner, target })
    }
    return fresh
  }

  #use(zoneId: string, zone: FlattenedZone, key: string, flattened: FlattenedOwner): void {
    zone.owners.set(key, flattened)
    const { users } = this.#target(flattened.target)
    const owners = users.get(zoneId) ?? new Map<string, Name>()
    users.set(zoneId, owners.set(key, flattened.owner))
  }

  /** Where those CNAME records lead that an edit makes, or whose owner it touches. */
  #targetsIn(
    zone: FlattenedZone | undefined,
    { steps, scope }: { readonly steps: readonly EditStep[]; readonly scope: Scope },
    frame: FlattenedFrame,
  ): Name[] {
    const after = flattenedAfter(steps, frame)
    const touched = scope === 'all' ? new Set(zone?.owners.keys()) : ownersOf(steps, frame)
    if (scope === 'apex') touched.add(nameKey(frame.apex))
    if (typeof scope !== 'string') for (const owner of scope) touched.add(nameKey(owner))
    for (const key of after.keys()) touched.add(key)
    const wanted = [...touched].map((key) => (after.get(key) ?? zone?.owners.get(key))?.target)
    return wanted.filter((target) => target !== undefined)
  }

  #target(name: Name): KnownTarget {
    const key = nameKey(name)
    const known = this.#targets.get(key)
    if (known !== undefined) return known
    const stored = this.#stored.get(key)
    const machine = newTarget(this.#world.clock.now(), stored)
    const target: KnownTarget = { name, machine, users: new Map(), stored, tried: Promise.withResolvers<void>() }
    if (stored !== undefined) target.tried.resolve()
    this.#targets.set(key, target)
    this.#step(key, { type: 'woke' })
    return target
  }

  #release(zoneId: string, ownerKey: string, name: Name): void {
    const target = this.#targets.get(nameKey(name))
    const owners = target?.users.get(zoneId)
    owners?.delete(ownerKey)
    if (target === undefined || owners === undefined || owners.size > 0) return
    target.users.delete(zoneId)
    if (target.users.size === 0) this.#forget(target)
  }

  /** Nobody asks for what nobody uses. */
  #forget({ name, stored }: Pick<KnownTarget, 'name' | 'stored'>): void {
    const key = nameKey(name)
    this.#targets.delete(key)
    this.#alarms.clear(key)
    this.#stored.delete(key)
    if (stored === undefined) return
    const { store, failed } = this.#world
    store.change([{ remove: 'flattened', id: printName(name) }]).catch((error: Error) => failed(error))
  }

  async #patience(targets: readonly KnownTarget[]): Promise<void> {
    const unknown = targets.filter(({ machine }) => machine.answer === undefined)
    if (unknown.length === 0) return
    const { clock, settings } = this.#world
    const late = Promise.withResolvers<void>()
    const alarm = clock.after(settings.flattening.waitMs, () => late.resolve())
    await Promise.race([Promise.all(unknown.map(({ tried }) => tried.promise)), late.promise])
    alarm.cancel()
  }

  #answersOf(targets: readonly KnownTarget[]): Omit<FlattenedAnswers, 'frame'> {
    const flattened = new Map<string, AddressSet>()
    const changes: Change[] = []
    for (const { name, machine, stored } of targets) {
      const { answer } = machine
      if (answer === undefined) continue
      flattened.set(nameKey(name), answer)
      if (answer !== stored) changes.push({ put: 'flattened', object: storedForm(name, answer) })
    }
    return { flattened, changes }
  }

  #noteStored(change: Change, { flattened }: FlattenedAnswers): void {
    if (!('put' in change) || change.put !== 'flattened') return
    const key = nameKey(parseName(change.object.target))
    const target = this.#targets.get(key)
    if (target !== undefined) target.stored = flattened.get(key)
  }

  #step(key: string, event: TargetEvent): void {
    const target = this.#targets.get(key)
    if (target === undefined) return
    const isIdle = event.type === 'woke' && target.machine.answer !== undefined && target.users.size === 0
    if (isIdle && target.stored === undefined) return this.#forget(target) // of an edit that came to nothing
    const { clock, settings } = this.#world
    const policy = { ttlSecondsMin: settings.flattening.ttlMin, ttlSecondsMax: settings.flattening.ttlMax }
    const [machine, ...effects] = stepTarget(target.machine, event, clock.now(), policy)
    target.machine = machine
    this.#alarms.set(key, wakeTargetAt(machine))
    for (const effect of effects) {
      if (effect.type === 'ask') void this.#ask(key, target.name)
      else this.#changed(target)
    }
    if (event.type !== 'woke') target.tried.resolve()
  }

  async #ask(key: string, name: Name): Promise<void> {
    const { addresses, log } = this.#world
    const before = this.#targets.get(key)?.machine
    const found = await addresses.find(name)
    // One line when it begins, not one for each time.
    if (found.type === 'failed' && before?.failures === 0)
      log.warn({ target: printName(name), why: found.why }, 'flattening.failed')
    this.#step(key, eventOf(found))
  }

  /** The zones that use an answer are made anew. */
  #changed({ users }: KnownTarget): void {
    for (const [zoneId, owners] of users) this.#outdated.add(zoneId, owners.values())
  }
}

function newZone(frame: FlattenedFrame): FlattenedZone {
  return { frame, owners: new Map(), missed: [], found: undefined }
}

function eventOf(found: LookedUp): TargetEvent {
  return found.type === 'failed' ? { type: 'failed' } : { type: 'answered', found: found.addresses }
}

/** A key is the name in lower case, octet by octet. */
const nameOfKey = (key: string): Name => nameFromWire(latin1Octets(key))

function storedForm(name: Name, { ipv4, ipv6, ttl }: AddressSet): Flattened {
  return { target: printName(name), ipv4: ipv4.map(hexText), ipv6: ipv6.map(hexText), ttl }
}
