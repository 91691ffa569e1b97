/**
 * A version's segments on their way to the store while its records still come in: when the last has come, most of the
 * zone is on the disk. Possible only for what comes in canonical order, as most servers send it.
 */

import type { KnownSegment, Segment, Stage, Store } from '../store/store.ts'
import { type Contents, keptRunsBehindNames } from '../zone/contents.ts'
import { SegmentCutter } from '../zone/segment-cutter.ts'

/** Segments that go to the store in one transaction. */
const BATCH = 8

export class SegmentStage {
  readonly #store: Pick<Store, 'stage' | 'unstage'>
  readonly #stage: Stage
  readonly #cutter = new SegmentCutter()
  readonly #staged: Promise<readonly KnownSegment[]>[] = []
  #batch: Segment[] = []

  constructor(store: Pick<Store, 'stage' | 'unstage'>, stage: Stage) {
    this.#store = store
    this.#stage = stage
  }

  /** Takes the next records of the names. */
  push(octets: Uint8Array, length: number): void {
    for (const segment of this.#cutter.push(octets, 0, length)) this.#add(segment)
  }

  /** All segments of a version whose names were pushed: those that the store has, and the last ones. */
  async finish(contents: Contents): Promise<(KnownSegment | Segment)[]> {
    for (const { octets, at, end } of keptRunsBehindNames(contents))
      this.#batch.push(...this.#cutter.push(octets, at, end))
    this.#batch.push(...this.#cutter.finish())
    return [...(await Promise.all(this.#staged)).flat(), ...this.#batch]
  }

  /** The store need not keep them any more, but for those that a version names. */
  drop(): void {
    if (this.#staged.length > 0) this.#store.unstage(this.#stage).catch(() => {}) // gone with the next start at the latest
  }

  #add(segment: Segment): void {
    this.#batch.push(segment)
    if (this.#batch.length < BATCH) return
    const staged = this.#store.stage(this.#stage, this.#batch)
    staged.catch(() => {}) // told when the version is put together
    this.#staged.push(staged)
    this.#batch = []
  }
}
