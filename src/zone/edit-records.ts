/**
 * Editing a zone: records as people edit them go out and come in, and what is served follows.
 *
 * A step names what it takes out by all its octets. If somebody else has changed it meanwhile, it is not there any more,
 * and the whole edit is of no use: whoever made it reads again. So nobody's change is lost, and nobody is locked out.
 */

import { nameKey, type Name } from '../dns/name.ts'
import { octetsEqual } from '../dns/octets.ts'
import type { Edit } from './edit.ts'
import { type OwnerRecords, ownerSlices } from './edit-slices.ts'
import { type EditedRecord, readEdited } from './edited-record.ts'
import { conflictOf, conflictWithout, type RecordConflict } from './record-conflicts.ts'
import { coverOwner } from './overlay.ts'
import { coveringRecords, servedRecords } from './served-records.ts'
import { atOnce, bySlices, RECORDS_PER_SLICE } from './slices.ts'
import { storeRecord } from './stored-form.ts'
import { compareRecords, ownerEnd, TO_RDLENGTH, TO_TTL, TREE } from './stored-record.ts'
import type { ZoneFrame } from './zone-frame.ts'

/** One record out or in or both, as edited records in stored form. With both, the one takes the place of the other. */
export interface EditStep {
  readonly remove?: Uint8Array
  readonly add?: Uint8Array
}

export type EditMisfit =
  /** What is to be removed is not as it was read. */
  | { readonly type: 'stale'; readonly step: number }
  | { readonly type: 'conflict'; readonly step: number; readonly conflict: RecordConflict }

/** Which owners are made anew beside those that the steps touch: none, the apex, these, or all. */
export type Scope = 'touched' | 'apex' | 'all' | readonly Name[]

export interface EditOptions {
  readonly frame: ZoneFrame
  readonly scope: Scope
}

/** Carries out all steps, and makes what is served of them. After a misfit the edit is of no more use. */
export function editRecords(edit: Edit, steps: readonly EditStep[], options: EditOptions): EditMisfit | undefined {
  return atOnce(editSlices(edit, steps, options))
}

/** The same, a slice of it at a time: what is not much is done at the first. */
export function* editSlices(
  edit: Edit,
  steps: readonly EditStep[],
  { frame, scope }: EditOptions,
): Generator<void, EditMisfit | undefined> {
  const owners = new TouchedOwners(edit)
  for (const [step, each] of steps.entries()) {
    const misfit = carryOut(edit, each, owners)
    if (misfit !== undefined) return { ...misfit, step }
    if (isSliceEnd(step)) yield
  }
  if (scope === 'apex') owners.at(edit.apex)
  if (typeof scope !== 'string') for (const owner of scope) owners.at(owner)
  if (scope === 'all') yield* refreshAll(edit, frame)
  else yield* refreshTouched(edit, owners, frame)
  return undefined
}

function refreshAll(edit: Edit, frame: ZoneFrame): Generator<void> {
  return bySlices(ownerSlices(edit), (slice) => {
    for (const each of slice) refreshOwner(edit, each, frame)
  })
}

function* refreshTouched(edit: Edit, owners: TouchedOwners, frame: ZoneFrame): Generator<void> {
  let count = 0
  for (const { owner, records } of owners.all()) {
    refreshOwner(edit, { owner, edited: records, served: servedAt(edit, owner) }, frame)
    if (isSliceEnd(count++)) yield
  }
}

const isSliceEnd = (index: number): boolean => (index + 1) % RECORDS_PER_SLICE === 0

/** The owners that an edit looks at, each with its edited records: read once, and then kept in step. */
class TouchedOwners {
  readonly #edit: Edit
  readonly #owners = new Map<string, { readonly owner: Name; records: EditedRecord[] }>()

  constructor(edit: Edit) {
    this.#edit = edit
  }

  at(owner: Name): { records: EditedRecord[] } {
    const key = nameKey(owner)
    const known = this.#owners.get(key)
    if (known !== undefined) return known
    const read = { owner, records: editedAt(this.#edit, owner) }
    this.#owners.set(key, read)
    return read
  }

  all(): Iterable<{ readonly owner: Name; readonly records: readonly EditedRecord[] }> {
    return this.#owners.values()
  }
}

type Misfit = { readonly type: 'stale' } | { readonly type: 'conflict'; readonly conflict: RecordConflict }

function carryOut(edit: Edit, { remove, add }: EditStep, owners: TouchedOwners): Misfit | undefined {
  const out = remove && readEdited(remove, 0, edit.apex)
  const into = add && readEdited(add, 0, edit.apex)
  if (out !== undefined && remove !== undefined) {
    const there = owners.at(out.owner)
    if (edit.remove(remove, 0, remove.length) === 'absent') return { type: 'stale' }
    there.records = there.records.filter(({ id }) => id !== out.id)
  }
  if (into !== undefined && add !== undefined) {
    const there = owners.at(into.owner)
    const isApex = into.owner.length === edit.apex.length
    const conflict = conflictOf(into, there.records, { isApex })
    if (conflict !== undefined) return { type: 'conflict', conflict }
    edit.add(add, 0, add.length)
    there.records.push(into)
  }
  const conflict = out && conflictWithout(out.type, owners.at(out.owner).records)
  return conflict && { type: 'conflict', conflict }
}

/** Serves at an owner what is wanted, and nothing else. Hot: once per owner where a whole zone is made anew. */
function refreshOwner(edit: Edit, { owner, edited, served }: OwnerRecords, frame: ZoneFrame): void {
  const { apex } = edit
  coverOwner(edit, owner, coveringRecords(owner, edited, { apex, frame }) ?? [])
  const records = servedRecords(owner, edited, { apex, frame })
  const wanted = records.map((record) => storeRecord(record, apex)).sort((a, b) => compareRecords(a, 0, b, 0))
  const missing: Uint8Array[] = []
  let next = 0
  const removeNext = () => {
    const record = served[next++] as Uint8Array
    edit.remove(record, 0, record.length)
  }
  for (const record of wanted) {
    while (orderAt(served, next, record) < 0) removeNext()
    const there = orderAt(served, next, record) === 0 ? served[next] : undefined
    if (there !== undefined && octetsEqual(there, record)) {
      next++
      continue
    }
    // A record that is put in again has the case it came in, so one whose case is to change goes first.
    if (there !== undefined && isAlike(there, record)) next++
    else if (there !== undefined) removeNext()
    missing.push(record)
  }
  while (next < served.length) removeNext()
  for (const record of missing) edit.add(record, 0, record.length)
}

/** Where the n-th of some records stands beside another; behind all if there is none. */
function orderAt(records: readonly Uint8Array[], index: number, other: Uint8Array): number {
  const record = records[index]
  return record === undefined ? Infinity : compareRecords(record, 0, other, 0)
}

/** Whether two records that are the same have the same octets, but for their TTL. */
function isAlike(a: Uint8Array, b: Uint8Array): boolean {
  const fields = ownerEnd(a, 0)
  return a.every((octet, at) => octet === b[at] || (at >= fields + TO_TTL && at < fields + TO_RDLENGTH))
}

/** The edited records of an owner, as they are in the middle of an edit. */
function editedAt(edit: Edit, owner: Name): EditedRecord[] {
  return Array.from(edit.recordsOf(TREE.edited, owner), ({ octets, at }) => readEdited(octets, at, edit.apex))
}

/** The records served at an owner, in stored form. */
function servedAt(edit: Edit, owner: Name): Uint8Array[] {
  return Array.from(edit.recordsOf(TREE.names, owner), ({ octets, at, end }) => octets.slice(at, end))
}
