/** The secondary's machine in many worlds. The number of worlds is TWINZONE_SEEDS; a failure names its seed. */

import assert from 'node:assert'
import { describe, expect, test } from 'vitest'
import { BROKEN } from './broken.ts'
import { ours, type Machine } from './machine.ts'
import { World, type WorldReport } from './world.ts'

const SEEDS = Number(process.env['TWINZONE_SEEDS'] ?? 300)
const FIRST_SEED = Number(process.env['TWINZONE_FIRST_SEED'] ?? 1)

/** How many of the last steps to print when a world fails. */
const TRACE_LINES = Number(process.env['TWINZONE_TRACE'] ?? 0)

/** A broken machine that survives this many worlds has shown that the simulation cannot fail. */
const SEEDS_FOR_BROKEN = 60

function live(seed: number, machine: Machine): WorldReport {
  const trace: string[] = []
  const note = TRACE_LINES > 0 ? (line: string) => void trace.push(line) : undefined
  try {
    return new World(seed, machine, note).run()
  } catch (error) {
    console.log(trace.slice(-TRACE_LINES).join('\n'))
    throw new Error(`seed ${seed}: ${(error as Error).message} (TWINZONE_FIRST_SEED=${seed} TWINZONE_SEEDS=1)`, {
      cause: error,
    })
  }
}

test(`in ${SEEDS} worlds every zone is current and not expired once the world has calmed down`, () => {
  const sum = { steps: 0, transfers: 0, expiries: 0, crashes: 0 }
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const report = live(seed, ours)
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += report[key]
  }
  console.log(`${SEEDS} worlds: ${JSON.stringify(sum)}`)
  if (SEEDS < 100) return
  for (const [key, count] of Object.entries(sum)) assert(count > SEEDS / 10, `too few ${key} to mean anything`)
})

test('the same seed gives the same world', () => {
  expect(live(42, ours)).toEqual(live(42, ours))
})

describe('the simulation notices a machine in which', () => {
  test.each(Object.entries(BROKEN))('%s', (_, machine) => {
    let noticed = 0
    for (let seed = 1; seed <= SEEDS_FOR_BROKEN && noticed === 0; seed++) {
      try {
        new World(seed, machine).run()
      } catch {
        noticed++
      }
    }
    expect(noticed).toBeGreaterThan(0)
  })
})
