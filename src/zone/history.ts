/**
 * History: the differences that are kept, and what can be answered from them (RFC 1995 §4, §5).
 *
 * An incremental transfer is a chain of differences without a gap, from the serial the secondary has to the one that is
 * served. Serials may come round again when a zone is loaded anew, so the chain is followed backwards from the newest
 * difference. A history that does not end at the served serial is not trusted at all: then the zone is sent in full.
 */

import type { Serial } from '../dns/serial.ts'
import { compose, type Difference } from './difference.ts'

/** A difference by its serials and its weight. */
export interface Step {
  readonly from: Serial
  readonly to: Serial
  /** Octets of its records. */
  readonly octets: number
}

/**
 * The part of a history, given oldest first, that leads from a serial to the one served; undefined if there is none, or
 * if it has more octets than are worth sending instead of the zone.
 */
export function chainFrom<S extends Step>(
  history: readonly S[],
  { from, to, octetsMax }: { from: Serial; to: Serial; octetsMax: number },
): readonly S[] | undefined {
  let next: Serial = to
  let octets = 0
  for (let first = history.length - 1; first >= 0; first--) {
    const step = history[first] as S
    octets += step.octets
    if (step.to !== next || octets > octetsMax) return undefined
    if (step.from === from) return history.slice(first)
    next = step.from
  }
  return undefined
}

/** A chain as one difference: what was added and removed again is left out (RFC 1995 §6). */
export function condense(chain: readonly Difference[]): Difference | undefined {
  const [first, ...others] = chain
  return first === undefined ? undefined : compose(first, ...others)
}
