/** The thread of the watchdog: see `watchdog.ts`. */

import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import type { Watch } from './watchdog.ts'

const { claim, seed, patienceMs } = workerData as Watch

for (let seen = -1n; ;) {
  const now = Atomics.load(seed, 0)
  if (now === seen) {
    writeSync(2, `"${claim}" does not end with TWINZONE_FUZZ_SEED=${now} TWINZONE_FUZZ_RUNS=1\n`)
    process.kill(process.pid, 'SIGKILL')
  }
  seen = now
  Atomics.wait(seed, 0, now, patienceMs) // nobody notifies: this is a sleep
}
