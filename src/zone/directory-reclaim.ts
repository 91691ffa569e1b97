/**
 * When memory that a new version no longer uses may be used again.
 *
 * There is one global epoch, raised with every publication. A reader notes the epoch at which it entered. Pages that a
 * publication retires carry the epoch before it; a reader that entered later cannot have found a way to them, so they
 * are free once every reader inside entered later and no pin on their zone is as old. A pin holds back its own zone
 * only: one slow transfer does not keep the memory of a hundred thousand other zones.
 */

import type { Pointer } from './arena-view.ts'
import {
  CONTROL,
  isOlderEpoch,
  PIN,
  pinAt,
  READER,
  READERS_MAX,
  readerAt,
  type ZoneHandle,
} from './directory-layout.ts'

interface Retired {
  readonly epoch: number
  readonly pages: readonly Pointer[]
}

export class Reclaimer {
  readonly #control: Int32Array
  readonly #free: (page: Pointer) => void
  /** By zone, oldest first; only zones that wait for something are here. 0 stands for what belongs to no zone. */
  readonly #waiting = new Map<ZoneHandle | 0, Retired[]>()
  readonly #oldestPins = new Map<number, number>()

  constructor(control: Int32Array, free: (page: Pointer) => void) {
    this.#control = control
    this.#free = free
  }

  /** Pages that still wait, over all zones. */
  get waitingPages(): number {
    let pages = 0
    for (const queue of this.#waiting.values()) for (const retired of queue) pages += retired.pages.length
    return pages
  }

  /** Takes over pages to which nothing published leads any more, and begins the next epoch. */
  retire(zone: ZoneHandle | 0, pages: readonly Pointer[]): void {
    const epoch = Atomics.load(this.#control, CONTROL.epoch)
    if (pages.length > 0) {
      const queue = this.#waiting.get(zone)
      if (queue === undefined) this.#waiting.set(zone, [{ epoch, pages }])
      else queue.push({ epoch, pages })
    }
    Atomics.store(this.#control, CONTROL.epoch, epoch === -1 ? 1 : (epoch + 1) | 0) // 0 means that a reader is outside
  }

  /** Frees what no reader can see. Call it after each publication and now and then, for readers leave silently. */
  reclaim(): void {
    if (this.#waiting.size === 0) return
    // Readers first, then pins: one that pins and leaves in between is seen in at least one of the two places.
    const oldestReader = this.#oldestReader()
    this.#findOldestPins()
    for (const [zone, queue] of this.#waiting) {
      const pin = this.#oldestPins.get(zone)
      const oldest = pin !== undefined && isOlderEpoch(pin, oldestReader) ? pin : oldestReader
      let done = 0
      while (done < queue.length && isOlderEpoch((queue[done] as Retired).epoch, oldest)) {
        for (const page of (queue[done] as Retired).pages) this.#free(page)
        done++
      }
      if (done === queue.length) this.#waiting.delete(zone)
      else if (done > 0) queue.splice(0, done)
    }
  }

  /** Ends what a dead thread was reading. */
  releaseReader(reader: number): void {
    Atomics.store(this.#control, readerAt(reader) + READER.epoch, 0)
    const pins = Atomics.load(this.#control, CONTROL.pinsUsed)
    for (let pin = 0; pin < pins; pin++) {
      if (Atomics.load(this.#control, pinAt(pin) + PIN.owner) !== reader + 1) continue
      Atomics.store(this.#control, pinAt(pin) + PIN.zone, 0)
      Atomics.store(this.#control, pinAt(pin) + PIN.owner, 0)
    }
    Atomics.store(this.#control, readerAt(reader) + READER.owner, 0)
  }

  /** The epoch at which the longest present reader entered; the current one if there is none. */
  #oldestReader(): number {
    let oldest = Atomics.load(this.#control, CONTROL.epoch)
    for (let reader = 0; reader < READERS_MAX; reader++) {
      const epoch = Atomics.load(this.#control, readerAt(reader) + READER.epoch)
      if (epoch !== 0 && isOlderEpoch(epoch, oldest)) oldest = epoch
    }
    return oldest
  }

  #findOldestPins(): void {
    this.#oldestPins.clear()
    const pins = Atomics.load(this.#control, CONTROL.pinsUsed)
    for (let pin = 0; pin < pins; pin++) {
      const zone = Atomics.load(this.#control, pinAt(pin) + PIN.zone)
      if (zone === 0) continue
      const epoch = Atomics.load(this.#control, pinAt(pin) + PIN.epoch)
      const oldest = this.#oldestPins.get(zone)
      if (oldest === undefined || isOlderEpoch(epoch, oldest)) this.#oldestPins.set(zone, epoch)
    }
  }
}
