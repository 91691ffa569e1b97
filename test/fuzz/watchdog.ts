/** Ends the process when a run does not end: a loop without end cannot be stopped from within. */

import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

/** Runs take milliseconds; a loaded machine may make seconds of them. */
const PATIENCE_MS = 60_000

/** What the other thread is told. */
export interface Watch {
  readonly claim: string
  /** The seed of the run at hand. */
  readonly seed: BigInt64Array
  readonly patienceMs: number
}

export class Watchdog {
  readonly #seed = new BigInt64Array(new SharedArrayBuffer(8))
  readonly #worker: Worker

  constructor(claim: string) {
    const workerData: Watch = { claim, seed: this.#seed, patienceMs: PATIENCE_MS }
    this.#worker = new Worker(fileURLToPath(new URL('./watchdog-thread.ts', import.meta.url)), { workerData })
    this.#worker.unref()
  }

  /** A run begins. */
  saw(seed: number): void {
    Atomics.store(this.#seed, 0, BigInt(seed))
  }

  leave(): void {
    void this.#worker.terminate()
  }
}
