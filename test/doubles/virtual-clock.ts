/** A clock that jumps from one alarm to the next, for tests that live through days. */

import assert from 'node:assert'
import { DELAY_MS_MAX, type Clock } from '../../src/engine/alarms.ts'

export class VirtualClock implements Clock {
  time: number
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>()

  constructor(time = 0) {
    this.time = time
  }

  now(): number {
    return this.time
  }

  after(delayMs: number, callback: () => void): { cancel(): void } {
    assert(delayMs >= 0 && delayMs <= DELAY_MS_MAX, `a delay of ${delayMs} ms`)
    const timer = { at: this.time + delayMs, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /** Lets time pass; promises that are due settle between two alarms. */
  async run(until: number): Promise<void> {
    for (;;) {
      await settle()
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at)
      if (next === undefined || next.at > until) break
      this.#timers.delete(next)
      this.time = Math.max(this.time, next.at)
      next.callback()
    }
    this.time = until
  }
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
