/**
 * Runs of stored records without some types: what a zone holds and does not hand on.
 *
 * Edited records (edited-record.ts) never leave: they stand in differences behind all others. What else is left out is
 * the caller's to say. Looks at every record, so it is for the few runs that need it.
 */

import type { Stored } from './contents.ts'
import { ownerEnd, recordEndAfter, typeAfter } from './stored-record.ts'

/** The parts of a run between the records of some types. */
function* partsWithout({ octets, at: start, end }: Stored, types: ReadonlySet<number>): Generator<Stored> {
  let from = start
  for (let at = start; at < end;) {
    const owner = ownerEnd(octets, at)
    const next = recordEndAfter(octets, owner)
    if (types.has(typeAfter(octets, owner))) {
      if (at > from) yield { octets, at: from, end: at }
      from = next
    }
    at = next
  }
  if (end > from) yield { octets, at: from, end }
}

/** Many runs without the records of some types. */
export function* runsWithout(runs: Iterable<Stored>, types: ReadonlySet<number>): Generator<Stored> {
  for (const run of runs) yield* partsWithout(run, types)
}

/** A run without the records of some types: itself, if it has none. */
export function runWithout(octets: Uint8Array, types: ReadonlySet<number>): Uint8Array {
  const parts = [...partsWithout({ octets, at: 0, end: octets.length }, types)]
  const [only] = parts
  if (only === undefined) return octets.subarray(0, 0)
  if (parts.length === 1) return octets.subarray(only.at, only.end)
  const kept = new Uint8Array(parts.reduce((sum, { at, end }) => sum + end - at, 0))
  let to = 0
  for (const { at, end } of parts) {
    kept.set(octets.subarray(at, end), to)
    to += end - at
  }
  return kept
}

/** Whether a run has a record of a type. */
export function runHas(octets: Uint8Array, type: number): boolean {
  for (let at = 0; at < octets.length;) {
    const owner = ownerEnd(octets, at)
    if (typeAfter(octets, owner) === type) return true
    at = recordEndAfter(octets, owner)
  }
  return false
}
