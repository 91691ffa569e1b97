/**
 * What a zone may grow to while records come in (CVE-2016-6170 to 6173, CVE-2024-1737): a primary that sends records
 * without end, a million records of one RRset, or one name with all types there are, is stopped at the record that is
 * too many.
 */

import type { Name } from '../dns/name.ts'
import { Cursor } from './cursor.ts'
import type { EditTree } from './edit-tree.ts'
import { SortKey } from './sort-key.ts'

/** The most a zone may hold; `Infinity` where it may hold any number. The SOA record does not count. */
export interface Limits {
  readonly records: number
  /** Octets of all records in stored form. */
  readonly octets: number
  readonly recordsPerRRset: number
  readonly typesPerOwner: number
}

export const UNLIMITED: Limits = {
  records: Infinity,
  octets: Infinity,
  recordsPerRRset: Infinity,
  typesPerOwner: Infinity,
}

const WORDS: Record<keyof Limits, string> = {
  records: 'records in the zone',
  octets: 'octets in the zone',
  recordsPerRRset: 'records in an RRset',
  typesPerOwner: 'types at a name',
}

/** A record that would take a zone beyond one of its limits. */
export class LimitError extends Error {
  override readonly name = 'LimitError'
  readonly limit: keyof Limits
  /** How many there would be, and how many there may be. */
  readonly seen: number
  readonly most: number
  /** The record's owner and type. */
  readonly owner: Name
  readonly type: number

  constructor(
    limit: keyof Limits,
    { seen, most, owner, type }: { seen: number; most: number; owner: Name; type: number },
  ) {
    super(`${seen} ${WORDS[limit]}, at most ${most} are allowed`)
    this.limit = limit
    this.seen = seen
    this.most = most
    this.owner = owner
    this.type = type
  }
}

/** How many records an owner has of one type, and how many types. */
export interface OwnerCounts {
  readonly records: number
  readonly types: number
}

const key = new SortKey()

/** Counts at the owner of the record whose place was just looked for. */
export function countOwner(tree: EditTree, octets: Uint8Array, at: number, end: number, type: number): OwnerCounts {
  if (!tree.place.isOwnerBeyond(octets, at)) return tree.place.countInLeaf(type)
  const cursor = new Cursor(tree.place.arena)
  cursor.openTree(tree.root, tree.height)
  key.setOwner(octets, at, end)
  cursor.seek(key)
  let types = 0
  let records = 0
  for (let own = -1; cursor.type > own; cursor.seekType(own + 1)) {
    own = cursor.type
    types++
    if (own === type) records = countType(cursor)
  }
  return { records, types }
}

/** From the first record of a type counts them; stays within the owner. */
function countType(cursor: Cursor): number {
  const { type } = cursor
  const first = cursor.index()
  cursor.seekType(type + 1)
  return cursor.index() - first + (cursor.type === type ? 1 : 0)
}
