/**
 * A whole zone gone through while it is edited, slice by slice: copies are made of a few thousand records, and what an
 * edit then does with them moves no others. So no edit needs to hold a zone twice, and whoever drives it can give way to
 * others between two slices.
 */

import type { Name } from '../dns/name.ts'
import type { Cursor } from './cursor.ts'
import type { Edit } from './edit.ts'
import { type EditedRecord, readEdited } from './edited-record.ts'
import { RECORDS_PER_SLICE } from './slices.ts'
import { SortKey } from './sort-key.ts'
import { storedOwner } from './stored-form.ts'
import { compareOwners, TREE } from './stored-record.ts'

/** What an owner has of both kinds; records that are served are in stored form. */
export interface OwnerRecords {
  readonly owner: Name
  readonly edited: readonly EditedRecord[]
  readonly served: readonly Uint8Array[]
}

/** All owners that have records of either kind, and the apex, in order; owners that came may be changed meanwhile. */
export function* ownerSlices(edit: Edit): Generator<readonly OwnerRecords[]> {
  let slice = ownersBehind(edit, undefined)
  while (slice.length > 0) {
    yield slice
    slice = ownersBehind(edit, slice.at(-1)?.owner)
  }
}

/** All records of one tree in stored form; those that came may be taken out meanwhile. */
export function* recordSlices(edit: Edit, tree: number): Generator<readonly Uint8Array[]> {
  let last: Uint8Array | undefined
  for (;;) {
    const cursor = cursorBehind(edit, tree, last && storedOwner(last, 0, edit.apex))
    const slice: Uint8Array[] = []
    while (cursor.at !== -1 && slice.length < RECORDS_PER_SLICE)
      for (const record of takeOwner(cursor, copyOf)) slice.push(record)
    if (slice.length === 0) return
    last = slice.at(-1)
    yield slice
  }
}

function ownersBehind(edit: Edit, last: Name | undefined): OwnerRecords[] {
  const { apex } = edit
  const served = cursorBehind(edit, TREE.names, last)
  const edited = cursorBehind(edit, TREE.edited, last)
  const read = ({ octets, at }: Cursor): EditedRecord => readEdited(octets, at, apex)
  const slice: OwnerRecords[] = []
  // The apex comes first, and has something of its own even where it has no records.
  if (last === undefined && !isAtApex(served) && !isAtApex(edited)) slice.push({ owner: apex, served: [], edited: [] })
  for (let records = 0; records < RECORDS_PER_SLICE && (served.at !== -1 || edited.at !== -1);) {
    const order = orderOf(served, edited)
    const { octets, at } = order <= 0 ? served : edited
    const next: OwnerRecords = {
      owner: storedOwner(octets, at, apex),
      served: order <= 0 ? takeOwner(served, copyOf) : [],
      edited: order >= 0 ? takeOwner(edited, read) : [],
    }
    records += next.served.length + next.edited.length
    slice.push(next)
  }
  return slice
}

/** A cursor on the first owner of a tree behind one, or on the first of all. */
function cursorBehind(edit: Edit, tree: number, owner: Name | undefined): Cursor {
  const cursor = edit.cursor(tree)
  if (owner === undefined) {
    cursor.first()
    return cursor
  }
  const key = new SortKey()
  key.setOwner(owner, 0, owner.length - edit.apex.length)
  if (cursor.seek(key)) cursor.nextOwner()
  return cursor
}

/** What is read of all records of the owner that a cursor is on, which goes to the next one. */
function takeOwner<T>(cursor: Cursor, read: (cursor: Cursor) => T): T[] {
  const taken: T[] = []
  do taken.push(read(cursor))
  while (cursor.nextOfOwner())
  cursor.next()
  return taken
}

function orderOf(a: Cursor, b: Cursor): number {
  if (a.at === -1) return 1
  return b.at === -1 ? -1 : compareOwners(a.octets, a.at, b.octets, b.at)
}

const isAtApex = ({ at, ownerEnd }: Cursor): boolean => at !== -1 && at === ownerEnd

const copyOf = ({ octets, at, end }: Cursor): Uint8Array => octets.slice(at, end)
