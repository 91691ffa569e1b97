/**
 * Keeps zones in step with what their versions are made from beside records and settings of their own: settings of the
 * server, which change between two starts, and those of an account.
 *
 * What the versions of an account's zones were last made from is in the store. As long as that is not what it is now, the
 * zones are made anew, one by one; where nothing served is another there is no new version. So a crash in between loses
 * nothing but time.
 */

import type { Store } from '../store/store.ts'
import type { Primaries } from './primaries.ts'
import type { Registry } from './registry.ts'
import type { Settings } from './settings.ts'

const MADE_FROM = 'zones-made-from'

export interface FrameUpkeepWorld {
  readonly registry: Pick<Registry, 'accounts' | 'zones' | 'dnsSettings'>
  readonly primaries: Pick<Primaries, 'refresh' | 'get'>
  readonly settings: Pick<Settings, 'primary'>
  readonly store: Pick<Store, 'meta' | 'setMeta'>
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
    for (const { id } of this.#world.registry.accounts.all()) await this.#refreshAccount(id)
  }

  async #refreshAccount(accountId: string): Promise<void> {
    const { registry, primaries, settings, store } = this.#world
    const { automaticTtl, proxyAddresses } = settings.primary
    const isDnsOnly = registry.dnsSettings.isDnsOnly(accountId)
    const now = JSON.stringify({ automaticTtl, proxyAddresses, isDnsOnly })
    const key = `${MADE_FROM}:${accountId}`
    const before = await store.meta(key)
    if (before === now) return
    // Of a store that is new there is nothing to make anew.
    let all = true
    if (before !== undefined || isDnsOnly)
      for (const zone of registry.zones.all())
        if (zone.accountId === accountId && primaries.get(zone.id) !== undefined)
          all = (await primaries.refresh(zone.id, 'all')) && all
    if (all) await store.setMeta(key, now)
  }
}
