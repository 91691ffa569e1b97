/** A clock that stands still until it is told to go on. */

import type { Alarm, Timers } from '../src/net/timers.ts'

interface Entry {
  readonly at: number
  readonly callback: () => void
}

export class FakeTimers implements Timers {
  #now = 0
  #entries: Entry[] = []

  now(): number {
    return this.#now
  }

  after(delayMs: number, callback: () => void): Alarm {
    const entry = { at: this.#now + Math.max(0, delayMs), callback }
    this.#entries.push(entry)
    return { cancel: () => void (this.#entries = this.#entries.filter((other) => other !== entry)) }
  }

  /** Goes on by `ms` and rings what is due on the way, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = this.#entries.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#entries = this.#entries.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = end
  }

  /** How many alarms are set. */
  get pending(): number {
    return this.#entries.length
  }
}
