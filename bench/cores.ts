/** Which processor core does what: the measured server has core 0 for itself, all that loads it shares core 1. */

import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** What the measured server is run under; nothing where there is no second core or no `taskset`. */
export const ON_SERVER_CORE: readonly string[] = canPin() ? ['taskset', '-c', '0'] : []

/** What a partner is run under whose work must not be in the way of whoever takes the times. */
export const AS_PARTNER: readonly string[] = ['nice', '-n', '10']

/** Moves this process, and all it starts from now on, to core 1; gives a sentence for the reader. */
export function leaveCoreToServer(): string {
  if (ON_SERVER_CORE.length === 0)
    return 'Nothing was pinned: there is one core, or no taskset. Ratios mean little here.'
  execFileSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)], { stdio: 'ignore' })
  return 'The measured server has core 0, with one worker of each kind; load, partners and clients share core 1.'
}

function canPin(): boolean {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' })
    return availableParallelism() > 1
  } catch {
    return false
  }
}
