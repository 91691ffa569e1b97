/**
 * When to wake whom: one timer for any number of zones.
 *
 * A machine is asked when it wants to be woken (`wakeAt`), and the answer is set here. Setting an alarm again replaces
 * the old one. The heap may hold outdated entries; they are recognised when they come up.
 */

/** The part of the world that alarms need; tests bring their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back after `delayMs`, which never exceeds DELAY_MS_MAX. */
  after(delayMs: number, callback: () => void): { cancel(): void }
}

/** Longer delays make setTimeout fire at once, so long ones are chained. */
export const DELAY_MS_MAX = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), DELAY_MS_MAX))
    return { cancel: () => clearTimeout(timer) }
  },
}

interface Entry<Key> {
  readonly at: number
  readonly key: Key
}

export class Alarms<Key> {
  readonly #clock: Clock
  readonly #ring: (key: Key) => void
  readonly #wanted = new Map<Key, number>()
  #heap: Entry<Key>[] = []
  #timer: { cancel(): void } | undefined
  #timerAt = Infinity

  constructor(clock: Clock, ring: (key: Key) => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Wakes `key` at the instant `at` (ms); Infinity means never. */
  set(key: Key, at: number): void {
    if (this.#wanted.get(key) === at) return
    if (at === Infinity) {
      this.#wanted.delete(key)
      return
    }
    this.#wanted.set(key, at)
    this.#push({ at, key })
    if (this.#heap.length > 64 && this.#heap.length > 4 * this.#wanted.size) this.#rebuild()
    this.#arm()
  }

  clear(key: Key): void {
    this.#wanted.delete(key)
  }

  stop(): void {
    this.#wanted.clear()
    this.#heap = []
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timerAt = Infinity
  }

  #arm(): void {
    const next = this.#heap[0]?.at ?? Infinity
    if (next >= this.#timerAt || next === Infinity) return
    this.#timer?.cancel()
    this.#timerAt = next
    const delayMs = Math.min(Math.max(next - this.#clock.now(), 0), DELAY_MS_MAX)
    this.#timer = this.#clock.after(delayMs, () => this.#fire())
  }

  #fire(): void {
    this.#timer = undefined
    this.#timerAt = Infinity
    const now = this.#clock.now()
    const due: Key[] = []
    for (let top = this.#heap[0]; top !== undefined && top.at <= now; top = this.#heap[0]) {
      this.#pop()
      if (this.#wanted.get(top.key) !== top.at) continue
      this.#wanted.delete(top.key)
      due.push(top.key)
    }
    this.#arm()
    for (const key of due) this.#ring(key)
  }

  #push(entry: Entry<Key>): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((heap[parent] as Entry<Key>).at <= entry.at) break
      heap[at] = heap[parent] as Entry<Key>
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] as Entry<Key>).at < (heap[child] as Entry<Key>).at) child++
      if ((heap[child] as Entry<Key>).at >= last.at) break
      heap[at] = heap[child] as Entry<Key>
      at = child
    }
    heap[at] = last
  }

  #rebuild(): void {
    this.#heap = []
    for (const [key, at] of this.#wanted) this.#push({ at, key })
  }
}
