/**
 * Keeps the log of transfers in the store.
 *
 * Nothing depends on it, so what ends is gathered for a moment and written together: else the disk would be busy with
 * the note of a check just when the version that the check has found is to be written. Whoever asks for the log has all
 * of it written first; a crash costs the last moment of it.
 */

import type { Store, StoredTransfer, TransferQuery, TransferRecord } from '../store/store.ts'
import type { Clock } from './alarms.ts'

const GATHER_MS = 1000

export interface TransferKeeperWorld {
  readonly store: Pick<Store, 'addTransfer' | 'listTransfers'>
  readonly clock: Pick<Clock, 'after'>
  /** Whether a zone has not been removed: with a zone goes its past. */
  readonly exists: (zoneId: string) => boolean
  readonly failed: (error: Error) => void
}

export class TransferKeeper {
  readonly #world: TransferKeeperWorld
  #ended: TransferRecord[] = []
  #timer: { cancel(): void } | undefined

  constructor(world: TransferKeeperWorld) {
    this.#world = world
  }

  /** A check or a transfer has ended. */
  keep(record: TransferRecord): void {
    this.#ended.push(record)
    this.#timer ??= this.#world.clock.after(GATHER_MS, () => void this.flush())
  }

  /** The log as it is now. */
  async list(query: TransferQuery): Promise<StoredTransfer[]> {
    await this.flush()
    return this.#world.store.listTransfers(query)
  }

  /** Writes what has ended, in its order; resolves when it is durable. */
  async flush(): Promise<void> {
    const { store, exists, failed } = this.#world
    this.#timer?.cancel()
    this.#timer = undefined
    const ended = this.#ended.filter(({ zoneId }) => exists(zoneId))
    this.#ended = []
    // Calls of one turn are one transaction.
    await Promise.all(ended.map((record) => store.addTransfer(record))).catch((error: unknown) =>
      failed(error as Error),
    )
  }
}
