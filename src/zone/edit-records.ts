/**
 * Editing a zone: records as people edit them go out and come in, and what is served follows.
 *
 * A step names what it takes out by all its octets. If somebody else has changed it meanwhile, it is not there any more,
 * and the whole edit is of no use: whoever made it reads again. So nobody's change is lost, and nobody is locked out.
 */

import { nameFromWire, nameKey, type Name } from '../dns/name.ts'
import type { Cursor } from './cursor.ts'
import type { Edit } from './edit.ts'
import { type EditedRecord, readEdited } from './edited-record.ts'
import { conflictOf, conflictWithout, type RecordConflict } from './record-conflicts.ts'
import { servedRecords } from './served-records.ts'
import { SortKey } from './sort-key.ts'
import { storeRecord } from './stored-form.ts'
import { compareRecords, TREE } from './stored-record.ts'
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

/** Which owners are made anew beside those that the steps touch. */
export type Scope = 'touched' | 'apex' | 'all'

/** Carries out all steps, and makes what is served of them. After a misfit the edit is of no more use. */
export function editRecords(
  edit: Edit,
  steps: readonly EditStep[],
  { frame, scope }: { readonly frame: ZoneFrame; readonly scope: Scope },
): EditMisfit | undefined {
  const owners = new Map<string, Name>()
  const touch = (owner: Name): void => void owners.set(nameKey(owner), owner)
  for (const [step, each] of steps.entries()) {
    const misfit = carryOut(edit, each, touch)
    if (misfit !== undefined) return { ...misfit, step }
  }
  if (scope !== 'touched') touch(edit.apex)
  if (scope === 'all') for (const owner of allOwners(edit)) touch(owner)
  for (const owner of owners.values()) refreshOwner(edit, owner, frame)
  return undefined
}

type Misfit = { readonly type: 'stale' } | { readonly type: 'conflict'; readonly conflict: RecordConflict }

function carryOut(edit: Edit, { remove, add }: EditStep, touch: (owner: Name) => void): Misfit | undefined {
  const out = remove && readEdited(remove, 0, edit.apex)
  const into = add && readEdited(add, 0, edit.apex)
  if (out !== undefined && remove !== undefined) {
    if (edit.remove(remove, 0, remove.length) === 'absent') return { type: 'stale' }
    touch(out.owner)
  }
  if (into !== undefined && add !== undefined) {
    const isApex = into.owner.length === edit.apex.length
    const conflict = conflictOf(into, editedAt(edit, into.owner), { isApex })
    if (conflict !== undefined) return { type: 'conflict', conflict }
    edit.add(add, 0, add.length)
    touch(into.owner)
  }
  const conflict = out && conflictWithout(out.type, editedAt(edit, out.owner))
  return conflict && { type: 'conflict', conflict }
}

/** Serves at an owner what follows from its edited records, and nothing else. */
function refreshOwner(edit: Edit, owner: Name, frame: ZoneFrame): void {
  const wanted = servedRecords(owner, editedAt(edit, owner), { apex: edit.apex, frame })
    .map((record) => storeRecord(record, edit.apex))
    .sort((a, b) => compareRecords(a, 0, b, 0))
  const served = Array.from(recordsAt(edit, TREE.names, owner), ({ octets, at, end }) => octets.slice(at, end))
  for (const record of served) {
    if (!wanted.some((each) => compareRecords(each, 0, record, 0) === 0)) edit.remove(record, 0, record.length)
  }
  for (const record of wanted) edit.add(record, 0, record.length)
}

/** The edited records of an owner, as they are in the middle of an edit. */
export function editedAt(edit: Edit, owner: Name): EditedRecord[] {
  return Array.from(recordsAt(edit, TREE.edited, owner), ({ octets, at }) => readEdited(octets, at, edit.apex))
}

function* recordsAt(edit: Edit, tree: number, owner: Name): Generator<Cursor> {
  const key = new SortKey()
  key.setOwner(owner, 0, owner.length - edit.apex.length)
  const cursor = edit.cursor(tree)
  for (let more = cursor.seek(key); more; more = cursor.nextOfOwner()) yield cursor
}

/** All owners that have records of either kind. */
function allOwners(edit: Edit): Name[] {
  const owners: Name[] = []
  for (const tree of [TREE.names, TREE.edited]) {
    const cursor = edit.cursor(tree)
    for (let more = cursor.first(); more; more = cursor.nextOwner()) {
      const labels = cursor.octets.slice(cursor.at, cursor.ownerEnd)
      owners.push(nameFromWire(Uint8Array.of(...labels, ...edit.apex)))
    }
  }
  return owners
}
