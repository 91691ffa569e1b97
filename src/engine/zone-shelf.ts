/**
 * The zones as the contents thread holds them: taken from the store, replaced by newer versions, given to readers.
 *
 * There is one way for a version to be seen: it is whole, it makes a zone, it is on the disk, and then one atomic store
 * shows it to all threads. Until then it can be dropped without a trace.
 */

import type { Name } from '../dns/name.ts'
import { reason, type Reason } from '../protocol/reason.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import { soaFacts } from '../protocol/soa-facts.ts'
import type { Change } from '../store/objects.ts'
import type { Committed as Stands, Store, StoredVersion, VersionCommit } from '../store/store.ts'
import type { Arena } from '../zone/arena.ts'
import type { Pointer } from '../zone/arena-view.ts'
import { countsOf, pagesOf, recordCount, serialOf, soaOf, type Contents } from '../zone/contents.ts'
import { applyDifference, differenceBetween, readDifference, writeDifference } from '../zone/difference.ts'
import type { Difference } from '../zone/difference.ts'
import type { DirectoryWriter } from '../zone/directory.ts'
import type { ZoneHandle } from '../zone/directory-layout.ts'
import type { Edit } from '../zone/edit.ts'
import { checkContents } from '../zone/rules.ts'
import { loadSegments, segmentsOf } from '../zone/segments.ts'
import { TO_RDATA } from '../zone/stored-record.ts'
import type { Adopted } from './thread-messages.ts'

export interface ShelvedZone {
  readonly number: number
  readonly id: string
  readonly apex: Name
  readonly handle: ZoneHandle
  contents: Contents | undefined
  /** Taken off the shelf, perhaps while something was under way. */
  gone: boolean
}

/** A version in the making: the edit that holds it, and what it changes if it builds on the version before. */
export interface NewVersion {
  readonly edit: Edit
  /** Undefined for a version that came in full. */
  readonly difference: ((from: Uint8Array, to: Uint8Array) => Difference) | undefined
  /** What becomes true in the transaction that makes it durable. */
  readonly changes?: readonly Change[]
}

export type Published =
  | { readonly type: 'published'; readonly soa: SoaFacts; readonly findings: readonly string[] }
  | { readonly type: 'refused'; readonly reason: Reason }

export interface ZoneShelfWorld {
  readonly arena: Arena
  readonly directory: DirectoryWriter
  readonly store: Pick<Store, 'version' | 'commitVersion' | 'checkpoint' | 'removeZone'>
  readonly now: () => number
}

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
  async adopt(number: number, id: string, apex: Name): Promise<Adopted> {
    const { directory, store } = this.#world
    const handle = directory.put(apex, number)
    const zone: ShelvedZone = { number, id, apex, handle, contents: undefined, gone: false }
    this.#zones.set(number, zone)
    try {
      const version = await store.version(id)
      if (version === undefined || zone.gone) return { handle, stored: undefined, problem: undefined }
      zone.contents = this.#load(apex, version)
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

  /**
   * Checks a version, makes it durable and serves it. If it cannot be, the edit is aborted and the old version stays.
   * While this is under way nothing else may be published for the zone.
   */
  async publish(zone: ShelvedZone, { edit, difference, changes = [] }: NewVersion): Promise<Published> {
    if (edit.soa === undefined) return refusedAs(edit, reason('unfit-zone', { finding: 'there is no SOA record' }))
    const before = zone.contents
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
      const stands = await this.#store(zone, contents, { changed, small: difference !== undefined, changes })
      if (zone.gone) {
        await this.#world.store.removeZone(zone.id)
        return refusedAs(edit, reason('cancelled', { cause: 'the zone was removed' }))
      }
      this.#show(zone, contents, before === undefined || difference !== undefined ? retired : [...pagesOf(before)])
      if (stands.checkpointDue) this.#checkpoint(zone, contents)
    } catch (failure) {
      return refusedAs(edit, reason('local-failure', { error: (failure as Error).message }))
    }
    return { type: 'published', soa: factsOf(contents), findings: findings.map(({ text }) => text) }
  }

  #show(zone: ShelvedZone, contents: Contents, retired: readonly Pointer[]): void {
    zone.contents = contents
    this.#world.directory.publish(zone.handle, contents.version, retired)
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
    what: { readonly changed: Difference | undefined; readonly small: boolean; readonly changes: readonly Change[] },
  ): Promise<Stands> {
    const { store, now } = this.#world
    const { changed, small, changes } = what
    const head = { ...headOf(zone, contents), at: now(), ...(changes.length > 0 && { changes }) }
    const from = zone.contents && serialOf(zone.contents)
    const difference =
      changed === undefined || from === undefined ? undefined : { from, octets: writeDifference(changed) }
    const commit: VersionCommit =
      small && difference !== undefined
        ? { ...head, base: 'difference', difference }
        : { ...head, base: 'full', segments: [...segmentsOf(contents)], ...(difference && { difference }) }
    return store.commitVersion(commit)
  }

  /** The version is safe already; a checkpoint that fails is due again after the next version. */
  #checkpoint(zone: ShelvedZone, contents: Contents): void {
    const { store, now } = this.#world
    const checkpoint = { ...headOf(zone, contents), at: now(), segments: [...segmentsOf(contents)] }
    store.checkpoint(checkpoint).catch(() => {})
  }

  #load(apex: Name, { base, differences }: StoredVersion): Contents {
    return loadSegments(this.#world.arena, apex, base.soa, base.segments, (edit) => {
      for (const { octets, to } of differences) {
        const conflict = applyDifference(edit, readDifference(octets))
        if (conflict !== undefined) throw new Error(`the stored difference to serial ${to} does not fit its base`)
      }
    })
  }
}

function refusedAs(edit: Edit, why: Reason): Published {
  edit.abort()
  return { type: 'refused', reason: why }
}

function headOf(zone: ShelvedZone, contents: Contents) {
  const soa = soaOctets(contents)
  return { zoneId: zone.id, serial: serialOf(contents), soa, recordCount: recordCount(contents) + 1 }
}

function soaOctets(contents: Contents): Uint8Array {
  const { octets, at, end } = soaOf(contents)
  return octets.slice(at, end)
}

const octetsIn = (contents: Contents): number => countsOf(contents).octets

/** What the SOA record of a version says. */
export function factsOf(contents: Contents): SoaFacts {
  const soa = soaOctets(contents)
  return soaFacts(soa, TO_RDATA, soa.length)
}
