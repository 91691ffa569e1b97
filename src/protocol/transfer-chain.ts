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
import { runHas, runWithout } from '../zone/left-out.ts'
import { TYPE_EDITED } from '../zone/stored-record.ts'

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
  /** Types of a zone that is edited here that are not handed on. */
  readonly leftOut: ReadonlySet<number>
  /** Whether what is served was edited here; a chain that has edited records in it says so itself. */
  readonly isEditedHere: boolean
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
  const read = chain.map((each) => differenceIn(each.kept))
  if (!areWhole(read) || !endsWith(read, wish.soa)) return full('history is damaged')
  const differences = asHandedOn(read, wish)
  if (!wish.condensed && weightOf(differences) <= octetsMax) return { type: 'differences', differences }
  const condensed = condense(differences)
  if (condensed === undefined || weightOf([condensed]) > octetsMax) return full('differences outweigh the zone')
  return { type: 'differences', differences: [condensed] }
}

/** A difference; undefined if it is not what the store says it is. */
function differenceIn({ from, to, octets }: KeptDifference): Difference | undefined {
  try {
    const difference = readDifference(octets)
    return fromSerial(difference) === from && toSerial(difference) === to ? difference : undefined
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

/**
 * Differences without what is not handed on. The last record of a zone may go with one of them, and then what is served
 * tells no more that it was edited here; but its edited record went with it.
 */
function asHandedOn(differences: readonly Difference[], { leftOut, isEditedHere }: ChainWish): readonly Difference[] {
  const hasEdited = ({ removed, added }: Difference) => runHas(removed, TYPE_EDITED) || runHas(added, TYPE_EDITED)
  const without = isEditedHere || differences.some(hasEdited) ? new Set([TYPE_EDITED, ...leftOut]) : undefined
  if (without === undefined) return differences
  return differences.map((difference) => ({
    ...difference,
    removed: runWithout(difference.removed, without),
    added: runWithout(difference.added, without),
  }))
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
