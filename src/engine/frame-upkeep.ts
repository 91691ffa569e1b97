/**
 * Keeps zones in step with what their versions are made from beside records and settings of their own: settings of the
 * server, which change between two starts, and those of an account.
 *
 * What the versions of an account's zones were last made from is in the store. As long as that is not what it is now, the
 * zones are made anew, one by one; where nothing served is another there is no new version. So a crash in between loses
 * nothing but time.
 *
 * Another setting says what of a version is handed on: CAA records, or not. Whoever has a zone hears of that only by a new
 * serial, and sees it only in the whole zone, for no difference between two versions tells of it. So a zone with such
 * records is renewed: it gets a version at which its backlog ends.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { CAA } from '../dns/records/caa.ts'
import type { Store } from '../store/store.ts'
import { ownerEnd, typeAfter } from '../zone/stored-record.ts'
import type { Primaries, PrimaryZone } from './primaries.ts'
import type { Registry } from './registry.ts'
import type { RecordReader } from './runtime.ts'
import type { Settings } from './settings.ts'

const MADE_FROM = 'zones-made-from'
const HANDED_ON_AS = 'zones-handed-on-as'
const RECORDS_PER_SLICE = 20_000

export interface FrameUpkeepWorld {
  readonly registry: Pick<Registry, 'accounts' | 'zones' | 'dnsSettings'>
  readonly primaries: Pick<Primaries, 'refresh' | 'renew' | 'get'>
  /** What is served of a zone, to be released. */
  readonly served: (zoneId: string) => RecordReader | undefined
  readonly settings: Pick<Settings, 'primary'>
  readonly store: Pick<Store, 'meta' | 'setMeta' | 'change'>
  readonly failed: (error: Error) => void
}

export class FrameUpkeep {
  readonly #world: FrameUpkeepWorld
  #running: Promise<void> = Promise.resolve()

  constructor(world: FrameUpkeepWorld) {
    this.#world = world
  }

  /** Makes anew what is out of step; in the background, one account after the other. */
  refresh(): void {
    const { failed } = this.#world
    this.#running = this.#running.then(() => this.#refreshAll()).catch((error: Error) => failed(error))
  }

  async #refreshAll(): Promise<void> {
    for (const { id } of this.#world.registry.accounts.all()) {
      await this.#refreshAccount(id)
      await this.#renewAccount(id)
    }
  }

  async #refreshAccount(accountId: string): Promise<void> {
    const { registry, primaries, settings } = this.#world
    const { automaticTtl, proxyAddresses } = settings.primary
    const isDnsOnly = registry.dnsSettings.isDnsOnly(accountId)
    const now = JSON.stringify({ automaticTtl, proxyAddresses, isDnsOnly })
    await this.#sinceNoted(`${MADE_FROM}:${accountId}`, now, async (before) => {
      if (before === undefined && !isDnsOnly) return true
      return this.#allOf(accountId, ({ id }) => primaries.refresh(id, 'all'))
    })
  }

  async #renewAccount(accountId: string): Promise<void> {
    const { transferCaa } = this.#world.settings.primary
    const now = JSON.stringify({ transferCaa })
    await this.#sinceNoted(`${HANDED_ON_AS}:${accountId}`, now, async (before) => {
      // Where nothing is noted zones were handed on by the default, or have not been at all: a version too many costs little.
      if (before === undefined && !transferCaa) return true
      return this.#allOf(accountId, (zone) => this.#renew(zone))
    })
  }

  /** A zone that has no CAA records by now may have had some in what is kept of its past. */
  async #renew({ id }: PrimaryZone): Promise<boolean> {
    if (await this.#hasCaa(id)) return this.#world.primaries.renew(id)
    await this.#world.store.change([{ endBacklog: id }])
    return true
  }

  /** Gives way to others now and then. */
  async #hasCaa(zoneId: string): Promise<boolean> {
    const reader = this.#world.served(zoneId)
    if (reader === undefined) return false
    let seen = 0
    try {
      for (const { octets, at } of reader.records(0)) {
        if (typeAfter(octets, ownerEnd(octets, at)) === CAA.code) return true
        if (++seen % RECORDS_PER_SLICE === 0) await nextTurn()
      }
      return false
    } finally {
      reader.release()
    }
  }

  /** Does what has to be done where something is not as it was noted; of a store that is new nothing was. */
  async #sinceNoted(key: string, now: string, act: (before: string | undefined) => Promise<boolean>): Promise<void> {
    const { store } = this.#world
    const before = await store.meta(key)
    if (before !== now && (await act(before))) await store.setMeta(key, now)
  }

  /** Whether it could be done for all zones of an account that are edited here. One that fails keeps no other from it. */
  async #allOf(accountId: string, act: (zone: PrimaryZone) => Promise<boolean>): Promise<boolean> {
    const { registry, primaries } = this.#world
    let all = true
    for (const { id, accountId: owner, type } of registry.zones.all()) {
      if (owner !== accountId || type !== 'full') continue
      const zone = primaries.get(id)
      // One that has not been taken up yet is as it was.
      all = zone !== undefined && (await act(zone)) && all
    }
    return all
  }
}
