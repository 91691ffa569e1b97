/**
 * The owners of each zone whose answer has changed since they were made, until they are made anew.
 *
 * Of a zone there is one refresh at a time, and what changes meanwhile goes into the next. One that fails leaves its
 * owners outdated, and they are tried again after a pause, ever more seldom: what stands in the way, as a disk that is
 * full, mostly stands in the way of all zones.
 */

import { nameKey, type Name } from '../dns/name.ts'
import { Alarms, type Clock } from './alarms.ts'

/** The pause after the first failure; it doubles with each up to the longest. */
const PAUSE_MS_MIN = 1000
const PAUSE_MS_MAX = 300_000

export interface OutdatedOwnersWorld {
  /** Makes these owners of a zone anew; false if it could not. */
  readonly refresh: (zoneId: string, owners: readonly Name[]) => Promise<boolean>
  readonly clock: Clock
  readonly failed: (error: Error) => void
}

interface OutdatedZone {
  /** By `nameKey`, as those that are being made anew. */
  waiting: Map<string, Name>
  taken: Map<string, Name>
  refreshing: boolean
  /** Refreshes in a row that failed. */
  failures: number
}

export class OutdatedOwners {
  readonly #world: OutdatedOwnersWorld
  readonly #zones = new Map<string, OutdatedZone>()
  readonly #alarms: Alarms<string>

  constructor(world: OutdatedOwnersWorld) {
    this.#world = world
    this.#alarms = new Alarms(world.clock, (zoneId) => this.#refresh(zoneId))
  }

  /** These owners are to be made anew: at once, or at the end of a pause. */
  add(zoneId: string, owners: Iterable<Name>): void {
    const zone = this.#zones.get(zoneId) ?? { waiting: new Map(), taken: new Map(), refreshing: false, failures: 0 }
    for (const owner of owners) zone.waiting.set(nameKey(owner), owner)
    if (zone.waiting.size === 0) return
    this.#zones.set(zoneId, zone)
    if (zone.failures === 0) this.#refresh(zoneId)
  }

  /** Nothing of a zone is outdated any more: it is gone. What is under way comes to its end. */
  forget(zoneId: string): void {
    const zone = this.#zones.get(zoneId)
    zone?.waiting.clear()
    zone?.taken.clear()
    this.#alarms.clear(zoneId)
    if (zone?.refreshing === false) this.#zones.delete(zoneId)
  }

  stop(): void {
    this.#zones.clear()
    this.#alarms.stop()
  }

  /** What becomes outdated in the same turn goes into one refresh. */
  #refresh(zoneId: string): void {
    const zone = this.#zones.get(zoneId)
    if (zone === undefined || zone.refreshing) return
    zone.refreshing = true
    queueMicrotask(() => void this.#carryOut(zoneId, zone))
  }

  async #carryOut(zoneId: string, zone: OutdatedZone): Promise<void> {
    zone.taken = zone.waiting
    zone.waiting = new Map()
    const isDone = zone.taken.size === 0 || (await this.#isRefreshed(zoneId, [...zone.taken.values()]))
    if (this.#zones.get(zoneId) !== zone) return // all is stopped
    zone.refreshing = false
    zone.failures = isDone ? 0 : zone.failures + 1
    if (!isDone) zone.waiting = new Map([...zone.taken, ...zone.waiting])
    zone.taken = new Map()
    if (zone.waiting.size === 0) this.#zones.delete(zoneId)
    else if (isDone) this.#refresh(zoneId)
    else this.#alarms.set(zoneId, this.#world.clock.now() + pauseMs(zone))
  }

  async #isRefreshed(zoneId: string, owners: readonly Name[]): Promise<boolean> {
    const { refresh, failed } = this.#world
    try {
      return await refresh(zoneId, owners)
    } catch (error) {
      failed(error as Error)
      return false
    }
  }
}

function pauseMs({ failures }: OutdatedZone): number {
  return Math.min(PAUSE_MS_MIN * 2 ** Math.min(failures - 1, 30), PAUSE_MS_MAX)
}
