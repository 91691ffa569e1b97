/**
 * Who may start now: so many at once in all, so many at once per key (a primary's address), urgent work first.
 *
 * A key that has no room never holds up the others: each key has queues of its own, and keys take turns.
 */

export const URGENT = 0
export const ROUTINE = 1
export type Priority = typeof URGENT | typeof ROUTINE

interface Lane {
  running: number
  readonly waiting: readonly [Set<Job>, Set<Job>]
}

interface Job {
  readonly key: string
  readonly start: (release: () => void) => void
}

export class Quota {
  readonly #inAll: number
  readonly #perKey: number
  readonly #lanes = new Map<string, Lane>()
  #running = 0

  constructor({ inAll, perKey }: { inAll: number; perKey: number }) {
    this.#inAll = inAll
    this.#perKey = perKey
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    let sum = 0
    for (const { waiting } of this.#lanes.values()) sum += waiting[0].size + waiting[1].size
    return sum
  }

  /**
   * Calls `start` as soon as there is room, perhaps at once. Its argument gives the place back and must be called
   * once. The returned function takes a job that has not started out of the queue.
   */
  request(key: string, priority: Priority, start: (release: () => void) => void): () => void {
    const job: Job = { key, start }
    const lane = this.#lanes.get(key) ?? { running: 0, waiting: [new Set<Job>(), new Set<Job>()] as const }
    this.#lanes.set(key, lane)
    lane.waiting[priority].add(job)
    this.#startSome()
    return () => {
      lane.waiting[priority].delete(job)
      this.#forget(key, lane)
    }
  }

  #startSome(): void {
    for (const priority of [URGENT, ROUTINE] as const)
      for (let started = true; started && this.#running < this.#inAll;) {
        started = false
        for (const [key, lane] of this.#lanes) {
          if (this.#running >= this.#inAll) return
          started = this.#startOne(key, lane, priority) || started
        }
      }
  }

  #startOne(key: string, lane: Lane, priority: Priority): boolean {
    if (lane.running >= this.#perKey) return false
    const [job] = lane.waiting[priority]
    if (job === undefined) return false
    lane.waiting[priority].delete(job)
    lane.running++
    this.#running++
    let released = false
    job.start(() => {
      if (released) return
      released = true
      lane.running--
      this.#running--
      this.#forget(key, lane)
      this.#startSome()
    })
    return true
  }

  #forget(key: string, lane: Lane): void {
    if (lane.running === 0 && lane.waiting[0].size === 0 && lane.waiting[1].size === 0) this.#lanes.delete(key)
  }
}
