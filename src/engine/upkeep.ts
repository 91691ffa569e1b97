/**
 * What is done now and then: forgetting history, transfers, audit lines and counts of questions that are too many or too
 * old.
 */

import type { Store } from '../store/store.ts'
import type { Clock } from './alarms.ts'
import type { Settings } from './settings.ts'

const EVERY_MS = 3_600_000
const DAY_MS = 86_400_000

/** A history is never worth more than this: a full transfer is cheaper. */
const HISTORY_OCTETS_MAX = 256 * 1024 * 1024

export interface UpkeepWorld {
  readonly store: Pick<Store, 'pruneHistory' | 'pruneTransfers' | 'pruneAudit' | 'pruneQuestions'>
  readonly settings: Pick<Settings, 'history' | 'analytics' | 'limits'>
  readonly clock: Clock
  readonly failed: (error: Error) => void
}

export class Upkeep {
  readonly #world: UpkeepWorld
  #timer: { cancel(): void } | undefined

  constructor(world: UpkeepWorld) {
    this.#world = world
  }

  start(): void {
    this.#timer = this.#world.clock.after(EVERY_MS, () => {
      this.start()
      this.prune().catch((error: unknown) => this.#world.failed(error as Error))
    })
  }

  stop(): void {
    this.#timer?.cancel()
  }

  async prune(): Promise<void> {
    const { store, settings, clock } = this.#world
    const { differences, differenceDays, transfers, transferDays, auditDays } = settings.history
    const { analytics, limits } = settings
    const now = clock.now()
    const kept = { countMax: differences, octetsMax: HISTORY_OCTETS_MAX, ageMsMax: differenceDays * DAY_MS }
    await store.pruneHistory(kept, now)
    await store.pruneTransfers({ countMax: transfers, ageMsMax: transferDays * DAY_MS }, now)
    await store.pruneAudit(now - auditDays * DAY_MS)
    await store.pruneQuestions({ countMax: limits.analyticsHours, ageMsMax: analytics.hourDays * DAY_MS }, now)
  }
}
