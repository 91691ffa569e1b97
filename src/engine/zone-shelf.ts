/**
 * The zones as the contents thread holds them: taken from the store, replaced by newer versions, given to readers.
 *
 * There is one way for a version to be seen: it is whole, it makes a zone, it is on the disk, and then one atomic store
 * shows it to all threads. Until then it can be dropped without a trace.
 */

import { assert } from '../dns/assert.ts'
import type { Name } from '../dns/name.ts'
import { reason, type Reason } from '../protocol/reason.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import type { Change } from '../store/objects.ts'
import type { Committed as Stands, FullVersion, Store } from '../store/store.ts'
import type { Arena } from '../zone/arena.ts'
import type { Pointer } from '../zone/arena-view.ts'
import { countsOf, pagesOf, serialOf, type Contents } from '../zone/contents.ts'
import { differenceBetween, writeDifference } from '../zone/difference.ts'
import type { Difference } from '../zone/difference.ts'
import type { DirectoryWriter } from '../zone/directory.ts'
import type { ZoneHandle } from '../zone/directory-layout.ts'
import { Edit } from '../zone/edit.ts'
import { layOver, type Overlay } from '../zone/overlay.ts'
import { checkContents } from '../zone/rules.ts'
import { segmentsOf } from '../zone/segments.ts'
import type { SegmentStage } from './segment-stage.ts'
import { factsOf, headOf, loadVersion, soaOctets } from './shelved-version.ts'
import type { Adopted } from './thread-messages.ts'

export interface ShelvedZone {
  readonly number: number
  readonly id: string
  readonly apex: Name
  readonly handle: ZoneHandle
  contents: Contents | undefined
  /** What is answered in place of records that were transferred. */
  overlays: readonly Overlay[]
  /** How many edits are open that build on the version, or are on their way to the disk: until then it stays. */
  holds: number
  /** Other overlays have come while it was held. */
  isCoverDue: boolean
  /** Its newest version was made here, with what lies over it: overlays that come now come too late. */
  isEdited: boolean
  /** The publication that was begun last. */
  publishing: Promise<unknown>
  /** Taken off the shelf, perhaps while something was under way. */
  gone: boolean
}

/** A version in the making: the edit that holds it, and what it changes if it builds on the version before. */
export interface NewVersion {
  readonly edit: Edit
  /** Undefined for a version that came in full. */
  readonly difference: ((from: Uint8Array, to: Uint8Array) => Difference) | undefined
  /** Where its segments are by now, if its records were pushed there as they came. */
  readonly stage?: SegmentStage
  /** What becomes true in the transaction that makes it durable. */
  readonly changes?: readonly Change[]
  /** The edit has laid over it what is to lie there: else that is the overlays of the zone. */
  readonly isCovered?: boolean
}

export type Published =
  | { readonly type: 'published'; readonly soa: SoaFacts; readonly findings: readonly string[] }
  | { readonly type: 'refused'; readonly reason: Reason }

export interface ZoneShelfWorld {
  readonly arena: Arena
  readonly directory: DirectoryWriter
  readonly store: Pick<Store, 'version' | 'octetsOf' | 'commitVersion' | 'checkpoint' | 'removeZone'>
  readonly now: () => number
}

const ZONE_REMOVED = reason('cancelled', { cause: 'the zone was removed' })

/** Working out what a full transfer changed is worth it only while the change is much smaller than the zone. */
const DIFFERENCE_SHARE_MAX = 0.5

export class ZoneShelf {
  readonly #world: ZoneShelfWorld
  readonly #zones = new Map<number, ShelvedZone>()

  constructor(world: ZoneShelfWorld) {
    this.#world = world
  }

  get(number: number): ShelvedZone | undefined {
    return this.#zones.get(number)
  }

  /** Takes a zone up, and serves what the store has of it. */
  async adopt(number: number, id: string, apex: Name, overlays: readonly Overlay[] = []): Promise<Adopted> {
    const { arena, directory, store } = this.#world
    const handle = directory.put(apex, number)
    const idle = { contents: undefined, holds: 0, isCoverDue: false, isEdited: false, gone: false }
    const zone: ShelvedZone = { number, id, apex, handle, overlays, publishing: Promise.resolve(), ...idle }
    this.#zones.set(number, zone)
    try {
      const version = await store.version(id)
      if (version === undefined || zone.gone) return { handle, stored: undefined, problem: undefined }
      const loaded = await loadVersion(arena, apex, version, store)
      if (zone.gone) {
        for (const page of pagesOf(loaded)) arena.free(page)
        return { handle, stored: undefined, problem: undefined }
      }
      zone.contents = this.#covered(zone, loaded)
      directory.publish(handle, zone.contents.version, [])
      return { handle, stored: { soa: factsOf(zone.contents), at: version.at }, problem: undefined }
    } catch (error) {
      return { handle, stored: undefined, problem: (error as Error).message }
    }
  }

  /** Takes a zone out of service. Its memory is free once nobody reads it any more. */
  drop(number: number): void {
    const zone = this.#zones.get(number)
    if (zone === undefined) return
    this.#zones.delete(number)
    zone.gone = true
    this.#world.directory.remove(zone.handle, zone.contents === undefined ? [] : [...pagesOf(zone.contents)])
    // A version that was on its way to the disk may have come after its zone was removed there.
    this.#world.store.removeZone(zone.id).catch(() => {}) // what is left is looked for at each start
  }

  /** Marks a zone as too old, or as good again. One that has no contents stays empty. */
  show(number: number, state: 'serving' | 'expired'): void {
    const zone = this.#zones.get(number)
    if (zone?.contents !== undefined) this.#world.directory.setState(zone.handle, state)
  }

  /** Notes until when a zone's contents are good, in seconds since the epoch. */
  lease(number: number, expirySeconds: number): void {
    const zone = this.#zones.get(number)
    if (zone !== undefined) this.#world.directory.setExpiry(zone.handle, expirySeconds)
  }

  /** Lays other overlays over a zone: at once, or when the edit that is open has ended. */
  cover(number: number, overlays: readonly Overlay[]): void {
    const zone = this.#zones.get(number)
    if (zone === undefined || zone.isEdited) return
    zone.overlays = overlays
    zone.isCoverDue = true
    this.#coverIfIdle(zone)
  }

  /** Keeps the version of a zone in its place until the function that is returned is called. */
  hold(zone: ShelvedZone): () => void {
    zone.holds++
    return () => {
      zone.holds--
      this.#coverIfIdle(zone)
    }
  }

  /**
   * Checks a version, makes it durable and serves it. If it cannot be, the edit is aborted and the old version stays.
   * One after the other per zone: a transfer that was given up may be on its way to the disk when the next one ends.
   */
  async publish(zone: ShelvedZone, version: NewVersion): Promise<Published> {
    const release = this.hold(zone)
    const published = zone.publishing.then(() => this.#publish(zone, version))
    zone.publishing = published.catch(() => {}) // whoever made it is told
    try {
      return await published
    } finally {
      release()
    }
  }

  async #publish(
    zone: ShelvedZone,
    { edit, difference, stage, changes = [], isCovered = false }: NewVersion,
  ): Promise<Published> {
    if (edit.soa === undefined) return refusedAs(edit, reason('unfit-zone', { finding: 'there is no SOA record' }))
    if (zone.gone) return refusedAs(edit, ZONE_REMOVED)
    const before = zone.contents
    const { base } = edit
    assert((base === undefined) === (difference === undefined), 'it is not known what an edit changed, or of what')
    // What people have edited meanwhile is not replaced by a transfer.
    const isLate = base === undefined ? zone.isEdited && !isCovered : base !== before
    if (isLate) return refusedAs(edit, reason('cancelled', { cause: 'another version of the zone came first' }))
    if (!isCovered) layOver(edit, zone.overlays)
    const { contents, retired } = edit.commit()
    const changed = before && this.#changeOf(before, contents, difference)
    // What did not change was looked at when it came.
    const findings = checkContents(
      contents,
      difference !== undefined && changed !== undefined ? { since: changed } : {},
    )
    const error = findings.find(({ severity }) => severity === 'error')
    if (error !== undefined) return refusedAs(edit, reason('unfit-zone', { finding: error.text }))
    try {
      const segments = difference === undefined ? await segmentsFor(contents, edit, stage) : undefined
      const stands = await this.#store(zone, contents, { changed, segments, changes })
      if (zone.gone) {
        await this.#world.store.removeZone(zone.id)
        return refusedAs(edit, ZONE_REMOVED)
      }
      this.#show(zone, contents, before === undefined || difference !== undefined ? retired : [...pagesOf(before)])
      zone.isEdited = isCovered
      if (isCovered) Object.assign(zone, { overlays: [], isCoverDue: false })
      if (stands.checkpointDue) this.#checkpoint(zone, contents)
    } catch (failure) {
      return refusedAs(edit, whyNotStored(zone, failure as Error))
    }
    return { type: 'published', soa: factsOf(contents), findings: findings.map(({ text }) => text) }
  }

  #show(zone: ShelvedZone, contents: Contents, retired: readonly Pointer[]): void {
    zone.contents = contents
    this.#world.directory.publish(zone.handle, contents.version, retired)
  }

  /** Nobody is to see a version that an edit builds on retired, so it is replaced between edits. */
  #coverIfIdle(zone: ShelvedZone): void {
    if (!zone.isCoverDue || zone.holds > 0 || zone.gone) return
    zone.isCoverDue = false
    if (zone.contents === undefined) return
    const { arena } = this.#world
    const edit = new Edit(arena, zone.contents, zone.apex)
    layOver(edit, zone.overlays)
    this.recover(zone, edit)
  }

  /** Shows what an edit has laid over the version, which is the same but for that. */
  recover(zone: ShelvedZone, edit: Edit): void {
    const { contents, retired } = edit.commit()
    zone.contents = contents
    this.#world.directory.replace(zone.handle, contents.version, retired)
  }

  /** A version that nobody has seen yet, with what lies over it. */
  #covered(zone: ShelvedZone, loaded: Contents): Contents {
    if (zone.overlays.length === 0) return loaded
    const { arena } = this.#world
    const edit = new Edit(arena, loaded, zone.apex)
    layOver(edit, zone.overlays)
    const { contents, retired } = edit.commit()
    for (const page of retired) arena.free(page)
    return contents
  }

  #changeOf(before: Contents, after: Contents, difference: NewVersion['difference']): Difference | undefined {
    if (difference !== undefined) return difference(soaOctets(before), soaOctets(after))
    // A forced transfer may bring other contents under the serial we had; no secondary could ask for that difference.
    if (serialOf(before) === serialOf(after)) return undefined
    const octetsMax = DIFFERENCE_SHARE_MAX * octetsIn(before)
    return differenceBetween(before, after, octetsMax)
  }

  #store(
    zone: ShelvedZone,
    contents: Contents,
    what: {
      readonly changed: Difference | undefined
      /** Undefined where the difference is enough. */
      readonly segments: FullVersion['segments'] | undefined
      readonly changes: readonly Change[]
    },
  ): Promise<Stands> {
    const { store, now } = this.#world
    const { changed, segments, changes } = what
    const head = { ...headOf(zone.id, contents), at: now(), ...(changes.length > 0 && { changes }) }
    const from = zone.contents && serialOf(zone.contents)
    const difference =
      changed === undefined || from === undefined ? undefined : { from, octets: writeDifference(changed) }
    if (segments !== undefined)
      return store.commitVersion({ ...head, base: 'full', segments, ...(difference && { difference }) })
    assert(difference !== undefined, 'a version is to be stored of which neither contents nor difference are there')
    return store.commitVersion({ ...head, base: 'difference', difference })
  }

  /** The version is safe already; a checkpoint that fails is due again after the next version. */
  #checkpoint(zone: ShelvedZone, contents: Contents): void {
    const { store, now } = this.#world
    const checkpoint = { ...headOf(zone.id, contents), at: now(), segments: [...segmentsOf(contents)] }
    store.checkpoint(checkpoint).catch(() => {})
  }
}

/** A version's segments: those staged while it came, if all of it came in order. */
async function segmentsFor(
  contents: Contents,
  { isInOrder }: Edit,
  stage: SegmentStage | undefined,
): Promise<FullVersion['segments']> {
  return stage !== undefined && isInOrder ? stage.finish(contents) : [...segmentsOf(contents)]
}

/** The store is right to refuse what follows on a version that it has forgotten with its zone. */
function whyNotStored(zone: ShelvedZone, { message }: Error): Reason {
  return zone.gone ? ZONE_REMOVED : reason('local-failure', { error: message })
}

function refusedAs(edit: Edit, why: Reason): Published {
  edit.abort()
  return { type: 'refused', reason: why }
}

const octetsIn = (contents: Contents): number => countsOf(contents).octets
