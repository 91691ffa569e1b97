/**
 * Finds the addresses that stand for CNAME records: of apexes, and of other names that are to be flattened.
 *
 * It knows of each zone which owners lead where, and of each name that is led to what it was answered last. An edit is
 * given the answers it needs, and waits for those that nobody has asked for before, but not long. When an answer changes,
 * each zone that uses it gets a version, one for all answers that changed together. Answers are stored with the versions
 * they are in, so after a restart the last good ones stand until there are better ones.
 */

import { nameKey, type Name } from '../dns/name.ts'
import type { EditStep, Scope } from '../zone/edit-records.ts'
import type { AddressSet, ZoneFrame } from '../zone/zone-frame.ts'
import { FlatteningTargets, type FlatteningTargetsWorld, type TargetAnswers } from './flattening-targets.ts'
import { findFlattened, flattenedAfter, ownersOf, type FlattenedFrame } from './flattened-records.ts'
import type { FlattenedOwner } from './flattened-records.ts'
import { findOutdated } from './flattened-served.ts'
import { OutdatedOwners, type OutdatedOwnersWorld } from './outdated-owners.ts'
import type { RecordReader, ServedReader } from './runtime.ts'

export interface FlattenerWorld extends Omit<FlatteningTargetsWorld, 'changed'> {
  /** The edited records of a zone, to be released. */
  readonly records: (zoneId: string) => Pick<RecordReader, 'apex' | 'records' | 'recordsOf' | 'release'> | undefined
  /** What is served of it, to be released as well; undefined where nothing is made of them that is served. */
  readonly served: (zoneId: string) => ServedReader | undefined
  /** What a version of a zone is made with beside its records, if targets lead where it is said. */
  readonly frame: (zoneId: string, flattened: ZoneFrame['flattened']) => ZoneFrame | undefined
  /** Makes these owners of a zone anew; false if it could not. */
  readonly refresh: OutdatedOwnersWorld['refresh']
}

interface FlattenedZone {
  readonly frame: FlattenedFrame
  owners: Map<string, FlattenedOwner>
  /** Edits while the records are gone through. */
  readonly missed: (readonly EditStep[])[]
  found: Promise<void> | undefined
}

/** What an edit is given, and what becomes true with it. */
export interface FlattenedAnswers extends TargetAnswers {
  readonly apex: Name
}

const NOTHING: TargetAnswers = { flattened: new Map(), changes: [] }

export class Flattener {
  readonly #world: FlattenerWorld
  /** Zones in which something leads somewhere, or that are gone through just now. */
  readonly #zones = new Map<string, FlattenedZone>()
  /** All others, which are most: of them there is nothing to know but whether all their CNAME records would be flattened. */
  readonly #plain = new Map<string, boolean>()
  readonly #targets: FlatteningTargets
  readonly #outdated: OutdatedOwners

  constructor(world: FlattenerWorld) {
    this.#world = world
    this.#outdated = new OutdatedOwners(world)
    this.#targets = new FlatteningTargets({
      ...world,
      changed: (zoneId, owners) => this.#outdated.add(zoneId, owners),
    })
  }

  /** Reads the answers of an earlier run. */
  load(): Promise<void> {
    return this.#targets.load()
  }

  /** Forgets what was kept for zones that are gone, once all that are there have been taken up. */
  async tidy(): Promise<void> {
    for (const { found } of this.#zones.values()) await found
    this.#targets.tidy()
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
    for (const [key, { target }] of zone.owners) this.#targets.release(zoneId, key, target)
  }

  stop(): void {
    this.#targets.stop()
    this.#outdated.stop()
    this.#zones.clear()
    this.#plain.clear()
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
    const answers = wanted.length === 0 ? NOTHING : await this.#targets.answersOf(wanted)
    return { ...answers, apex: frame.apex }
  }

  /** What a name was answered last, in this run or the one before. */
  answered(target: Name): AddressSet | undefined {
    return this.#targets.answered(target)
  }

  /** Takes note of what an edit did, once it is done. `given` is what it was given. */
  edited(zoneId: string, steps: readonly EditStep[], given: FlattenedAnswers): void {
    for (const change of given.changes) this.#targets.noteStored(change, given.flattened)
    const zone = this.#zones.get(zoneId) ?? this.#noLongerPlain(zoneId, steps, given)
    if (zone === undefined) return
    if (zone.found !== undefined) zone.missed.push(steps)
    const isOutdated = ({ target }: FlattenedOwner) =>
      this.#targets.current(target) !== given.flattened.get(nameKey(target))
    const outdated = this.#note(zoneId, zone, steps).filter(isOutdated)
    this.#outdated.add(
      zoneId,
      outdated.map(({ owner }) => owner),
    )
  }

  /** Goes through all records of a zone, once whoever does so already has. */
  async #find(zoneId: string, frame: FlattenedFrame): Promise<void> {
    for (let others = this.#zones.get(zoneId)?.found; others !== undefined; others = this.#zones.get(zoneId)?.found) {
      await others
      if (!this.#zones.has(zoneId) && !this.#plain.has(zoneId)) return // removed meanwhile
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    // What is known stays until it is known better, so that whoever removes the zone lets go of it.
    const zone: FlattenedZone = {
      ...newZone(frame),
      owners: this.#zones.get(zoneId)?.owners ?? new Map(),
      found: promise,
    }
    this.#plain.delete(zoneId)
    this.#zones.set(zoneId, zone)
    try {
      const found = await findFlattened(this.#world.records(zoneId), frame)
      if (this.#zones.get(zoneId) === zone) this.#replace(zoneId, zone, found)
    } finally {
      zone.found = undefined
      resolve()
    }
  }

  /** All that leads somewhere in a zone, and in what was edited meanwhile; everything else does no more. */
  #replace(zoneId: string, zone: FlattenedZone, found: ReadonlyMap<string, FlattenedOwner>): void {
    const before = zone.owners
    zone.owners = new Map()
    for (const [key, flattened] of found) this.#use(zoneId, zone, key, flattened)
    for (const steps of zone.missed.splice(0)) this.#note(zoneId, zone, steps)
    for (const [key, { target }] of before) {
      const now = zone.owners.get(key)
      if (now === undefined || nameKey(now.target) !== nameKey(target)) this.#targets.release(zoneId, key, target)
    }
    if (zone.owners.size > 0) return
    this.#zones.delete(zoneId)
    this.#plain.set(zoneId, zone.frame.flattenAll)
  }

  /**
   * The zone, if an edit has put something into it that leads somewhere by now: what is flattened may be more than when
   * the edit asked.
   */
  #noLongerPlain(zoneId: string, steps: readonly EditStep[], { apex }: FlattenedAnswers): FlattenedZone | undefined {
    const flattenAll = this.#plain.get(zoneId)
    if (flattenAll === undefined) return undefined
    const zone = newZone({ apex, flattenAll })
    if (![...flattenedAfter(steps, zone.frame).values()].some(({ target }) => target !== undefined)) return undefined
    this.#plain.delete(zoneId)
    this.#zones.set(zoneId, zone)
    return zone
  }

  /** Answers that come from now on say themselves what they change. */
  async #compare(zoneId: string): Promise<void> {
    const { records, served, frame } = this.#world
    const answered = new Map<string, AddressSet>()
    const owners: Name[] = []
    for (const { owner, target } of this.#zones.get(zoneId)?.owners.values() ?? []) {
      const answer = this.#targets.current(target)
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
        this.#targets.release(zoneId, key, before.target)
      if (target === undefined) continue
      this.#use(zoneId, zone, key, { owner, target })
      fresh.push({ owner, target })
    }
    return fresh
  }

  #use(zoneId: string, zone: FlattenedZone, key: string, flattened: FlattenedOwner): void {
    zone.owners.set(key, flattened)
    this.#targets.use(zoneId, key, flattened)
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
}

function newZone(frame: FlattenedFrame): FlattenedZone {
  return { frame, owners: new Map(), missed: [], found: undefined }
}
