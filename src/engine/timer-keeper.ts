/**
 * Keeps the timers of zones over a restart.
 *
 * A timer that is a moment old costs a check that was not needed, never a wrong answer, so moves are gathered and
 * written together. What must not be lost, contents, is written elsewhere and at once.
 */

import { timersOf } from '../protocol/refresh-change.ts'
import type { Change } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './alarms.ts'
import type { SecondaryZone } from './secondary-zone.ts'

const GATHER_MS = 1000

export class TimerKeeper {
  readonly #store: Pick<Store, 'change'>
  readonly #clock: Clock
  readonly #failed: (error: Error) => void
  readonly #exists: (zoneId: string) => boolean
  readonly #moved = new Map<string, SecondaryZone>()
  #timer: { cancel(): void } | undefined

  constructor(world: {
    readonly store: Pick<Store, 'change'>
    readonly clock: Clock
    readonly failed: (error: Error) => void
    /** Whether a zone has not been removed: of those that have, nothing is written any more. */
    readonly exists: (zoneId: string) => boolean
  }) {
    this.#store = world.store
    this.#clock = world.clock
    this.#failed = world.failed
    this.#exists = world.exists
  }

  moved(zone: SecondaryZone): void {
    this.#moved.set(zone.id, zone)
    this.#timer ??= this.#clock.after(GATHER_MS, () => void this.flush())
  }

  /** The zone is gone, and so are its timers. */
  forget(zoneId: string): void {
    this.#moved.delete(zoneId)
  }

  /** Writes what has moved; resolves when it is durable. */
  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const moved = [...this.#moved.values()].filter(({ id }) => this.#exists(id))
    const changes = moved.map(({ id: zoneId, machine }): Change => ({
      put: 'timers',
      object: { zoneId, state: timersOf(machine) },
    }))
    this.#moved.clear()
    if (changes.length === 0) return
    await this.#store.change(changes).catch((error: unknown) => this.#failed(error as Error))
  }
}
