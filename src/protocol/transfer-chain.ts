/**
 * Which differences answer a request for an incremental transfer, or why the zone goes in full (RFC 1995 §4, §5).
 *
 * The store may be a version ahead of what is served, and what it has may be cut short or damaged. So a chain is sent
 * only if it begins at the asker's serial, has no gap, and ends with the very SOA record that is served.
 */

import { octetsEqual } from '../dns/octets.ts'
import type { Serial } from '../dns/serial.ts'
import { WireError } from '../dns/wire.ts'
import { fromSerial, readDifference, toSerial, type Difference } from '../zone/difference.ts'
import { chainFrom, condense } from '../zone/history.ts'
import { runWithout } from '../zone/left-out.ts'

/** A difference as the store has it. */
export interface KeptDifference {
  readonly from: Serial
  readonly to: Serial
  readonly octets: Uint8Array
}

export interface ChainWish {
  /** What the asker has. */
  readonly since: Serial
  readonly served: Serial
  /** The SOA record that is served, in stored form. */
  readonly soa: Uint8Array
  /** A chain may begin at this serial, but not pass it: the backlog was emptied there. */
  readonly backlogFrom: Serial | undefined
  /** Types that are not handed on. */
  readonly leftOut: ReadonlySet<number>
  /** More is not worth sending in place of the zone. */
  readonly octetsMax: number
  /** All changes as one difference; otherwise only where that makes them worth sending. */
  readonly condensed: boolean
}

/** Why a zone is sent in full although differences were asked for. */
export type WhyFull =
  | 'history does not reach back'
  | 'history is damaged'
  | 'backlog was emptied'
  | 'differences outweigh the zone'
  | 'history cannot be read'

export type Chain =
  | { readonly type: 'differences'; readonly differences: readonly Difference[] }
  | { readonly type: 'full'; readonly why: WhyFull }

const full = (why: WhyFull): Chain => ({ type: 'full', why })

/** Chooses from what the store has from the asker's serial on, oldest first. */
export function chooseChain(kept: readonly KeptDifference[] | undefined, wish: ChainWish): Chain {
  const { since, served, backlogFrom, octetsMax } = wish
  const last = kept?.findLastIndex(({ to }) => to === served) ?? -1
  const steps = (kept ?? []).slice(0, last + 1).map((each) => ({ ...each, octets: each.octets.length, kept: each }))
  const chain = chainFrom(steps, { from: since, to: served, octetsMax: Infinity })
  if (chain === undefined) return full('history does not reach back')
  if (chain.some(({ to }) => to === backlogFrom)) return full('backlog was emptied')
  const differences = chain.map((each) => differenceIn(each.kept, wish))
  if (!areWhole(differences) || !endsWith(differences, wish.soa)) return full('history is damaged')
  if (!wish.condensed && weightOf(differences) <= octetsMax) return { type: 'differences', differences }
  const condensed = condense(differences)
  if (condensed === undefined || weightOf([condensed]) > octetsMax) return full('differences outweigh the zone')
  return { type: 'differences', differences: [condensed] }
}

/** A difference without what is not handed on; undefined if it is not what the store says it is. */
function differenceIn({ from, to, octets }: KeptDifference, { leftOut }: ChainWish): Difference | undefined {
  try {
    const difference = readDifference(octets)
    if (fromSerial(difference) !== from || toSerial(difference) !== to) return undefined
    const { removed, added } = difference
    return { ...difference, removed: runWithout(removed, leftOut), added: runWithout(added, leftOut) }
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function areWhole(differences: readonly (Difference | undefined)[]): differences is readonly Difference[] {
  return !differences.includes(undefined)
}

function endsWith(differences: readonly Difference[], soa: Uint8Array): boolean {
  const { toSoa } = differences.at(-1) as Difference
  return octetsEqual(toSoa, soa)
}

function weightOf(differences: readonly Difference[]): number {
  return differences.reduce(
    (sum, { fromSoa, toSoa, removed, added }) => sum + fromSoa.length + toSoa.length + removed.length + added.length,
    0,
  )
}
