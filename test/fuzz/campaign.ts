/**
 * A campaign: one reader or machine, fed with odd input for some seconds.
 *
 * Every run is made of a seed alone, so whatever fails can be had again: the failure names its seed, and
 * `TWINZONE_FUZZ_SEED=… TWINZONE_FUZZ_RUNS=1` repeats it. The input is then made as small as it can be while it still
 * fails, and printed, to be kept in `test/fixtures/fuzz/`. Three things beside exceptions are failures: a run that takes
 * seconds, one that never ends (a second thread watches), and a heap that is larger at the end than after the first
 * quarter.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { chanceOf, type Chance } from '../random-rdata.ts'
import { Watchdog } from './watchdog.ts'

/** What is fed, and how it is judged. */
export interface Campaign<Input> {
  /** What must hold, as a sentence about the world; the name of the test. */
  readonly claim: string
  /** Whose part of the time it takes. */
  readonly share: keyof typeof SHARES
  /** Inputs that are tried as they are, before all others. */
  readonly known?: readonly Input[]
  make(chance: Chance): Input
  /** Throws if anything does not hold. */
  check(input: Input): void
  /** Smaller inputs that may fail alike. */
  smaller?(input: Input): Iterable<Input>
  show(input: Input): string
}

/** How the time is shared out: by what there is to break. */
const SHARES = {
  message: 3,
  rdata: 3,
  'rdata text': 2,
  'master file': 3,
  tsig: 2,
  'tsig stream': 1,
  answer: 3,
  'transfer octets': 4,
  'transfer records': 4,
  framing: 1,
  notify: 1,
  'transfer request': 1,
  'soa answer': 1,
  'api body': 1,
  'api records': 1,
} as const

const SHARES_SUM = Object.values(SHARES).reduce<number>((sum, share) => sum + share, 0)
const SECONDS = Number(process.env['TWINZONE_FUZZ_SECONDS'] ?? 20)
const RUNS_MAX = Number(process.env['TWINZONE_FUZZ_RUNS'] ?? Infinity)
/** The same inputs on every `npm test`; other ones whenever somebody fuzzes on purpose. */
const FIRST_SEED = Number(process.env['TWINZONE_FUZZ_SEED'] ?? (process.env['TWINZONE_FUZZ_SECONDS'] ? Date.now() : 1))

const RUN_MS_MAX = 2000
const HEAP_GROWTH_OCTETS_MAX = 24 * 1024 * 1024
const SMALLER_MS_MAX = 20_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Makes a campaign a test. */
export function campaign<Input>(target: Campaign<Input>): void {
  test(target.claim, () => {
    const watchdog = new Watchdog(target.claim)
    try {
      const runs = feed(target, watchdog)
      expect(runs).toBeGreaterThan(0)
      console.log(`${runs} runs from seed ${FIRST_SEED}: ${target.claim}`)
    } finally {
      watchdog.leave()
    }
  })
}

function feed<Input>(target: Campaign<Input>, watchdog: Watchdog): number {
  for (const [index, input] of (target.known ?? []).entries()) attempt(target, input, `known input ${index + 1}`)
  const start = performance.now()
  const lastsMs = (SECONDS * 1000 * SHARES[target.share]) / SHARES_SUM
  let runs = 0
  let heapAfterWarmUp: number | undefined
  for (; runs < RUNS_MAX && performance.now() - start < lastsMs; runs++) {
    const seed = FIRST_SEED + runs
    watchdog.saw(seed)
    attempt(target, target.make(chanceOf(seed)), `TWINZONE_FUZZ_SEED=${seed} TWINZONE_FUZZ_RUNS=1`)
    if (heapAfterWarmUp === undefined && performance.now() - start > lastsMs / 4) heapAfterWarmUp = heapOctets()
  }
  if (heapAfterWarmUp !== undefined) {
    const grown = heapOctets() - heapAfterWarmUp
    if (grown > HEAP_GROWTH_OCTETS_MAX) throw new Error(`the heap grew by ${grown} octets in ${runs} runs`)
  }
  return runs
}

function attempt<Input>(target: Campaign<Input>, input: Input, how: string): void {
  const complaint = complaintAbout(target, input)
  if (complaint === undefined) return
  const smallest = smallestLike(target, input)
  const last = complaintAbout(target, smallest) ?? complaint
  throw new Error(`${how}: ${last.message}\ninput: ${target.show(smallest)}`, { cause: last })
}

/** What is wrong with how an input is taken; undefined if nothing is. */
function complaintAbout<Input>(target: Campaign<Input>, input: Input): Error | undefined {
  const start = process.cpuUsage() // the clock on the wall also runs for others
  try {
    target.check(input)
  } catch (error) {
    return error as Error
  }
  const ms = process.cpuUsage(start).user / 1000
  return ms > RUN_MS_MAX ? new Error(`took ${Math.round(ms)} ms`) : undefined
}

/** Takes the first smaller input that still fails, again and again, as long as there is time. */
function smallestLike<Input>(target: Campaign<Input>, input: Input): Input {
  const start = performance.now()
  let smallest = input
  for (let found = true; found;) {
    found = false
    for (const smaller of target.smaller?.(smallest) ?? []) {
      if (performance.now() - start > SMALLER_MS_MAX) return smallest
      if (complaintAbout(target, smaller) === undefined) continue
      smallest = smaller
      found = true
      break
    }
  }
  return smallest
}

/** Octets with a piece left out: halves first, single octets last. */
export function* smallerOctets(octets: Uint8Array): Generator<Uint8Array> {
  for (let size = octets.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= octets.length; at += size) {
      yield Uint8Array.from([...octets.subarray(0, at), ...octets.subarray(at + size)])
    }
  }
}

/** A list with a piece left out. */
export function* smallerList<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let size = list.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= list.length; at += size) yield [...list.slice(0, at), ...list.slice(at + size)]
  }
}

/** Octets for the eye and for a `.hex` file. */
export function showOctets(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex')
}

function heapOctets(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
