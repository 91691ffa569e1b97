/**
 * Editing a zone: records as people edit them go out and come in, and what is served follows.
 *
 * A step names what it takes out by all its octets. If somebody else has changed it meanwhile, it is not there any more,
 * and the whole edit is of no use: whoever made it reads again. So nobody's change is lost, and nobody is locked out.
 */

import type { DnsRecord } from '../dns/message.ts'
import { nameFromWire, nameKey, type Name } from '../dns/name.ts'
import type { Cursor } from './cursor.ts'
import type { Edit } from './edit.ts'
import { type EditedRecord, readEdited } from './edited-record.ts'
import { conflictOf, conflictWithout, type RecordConflict } from './record-conflicts.ts'
import { servedRecords } from './served-records.ts'
import { SortKey } from './sort-key.ts'
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

/** Carries out all steps, and makes what is served of them. After a misfit the edit is of no more use. */
export function editRecords(
  edit: Edit,
  steps: readonly EditStep[],
  { frame, scope }: { readonly frame: ZoneFrame; readonly scope: Scope },
): EditMisfit | undefined {
  const owners = new TouchedOwners(edit)
  for (const [step, each] of steps.entries()) {
    const misfit = carryOut(edit, each, owners)
    if (misfit !== undefined) return { ...misfit, step }
  }
  if (scope === 'apex') owners.at(edit.apex)
  if (typeof scope !== 'string') for (const owner of scope) owners.at(owner)
  if (scope === 'all') for (const owner of allOwners(edit)) owners.at(owner)
  for (const { owner, records } of owners.all())
    refreshOwner(edit, owner, servedRecords(owner, records, { apex: edit.apex, frame }))
  return undefined
}

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

/** Serves at an owner what is wanted, and nothing else. */
function refreshOwner(edit: Edit, owner: Name, records: readonly DnsRecord[]): void {
  const wanted = records.map((record) => storeRecord(record, edit.apex)).sort((a, b) => compareRecords(a, 0, b, 0))
  const served = Array.from(recordsAt(edit, TREE.names, owner), ({ octets, at, end }) => octets.slice(at, end))
  let next = 0
  for (const record of served) {
    while (next < wanted.length && compareRecords(wanted[next] as Uint8Array, 0, record, 0) < 0) next++
    const same = next < wanted.length && compareRecords(wanted[next] as Uint8Array, 0, record, 0) === 0
    // A record that is put in again has the case it came in, so one whose case is to change goes first.
    if (!same || !isAlike(wanted[next] as Uint8Array, record)) edit.remove(record, 0, record.length)
  }
  for (const record of wanted) edit.add(record, 0, record.length)
}

/** Whether two records that are the same have the same octets, but for their TTL. */
function isAlike(a: Uint8Array, b: Uint8Array): boolean {
  const fields = ownerEnd(a, 0)
  return a.every((octet, at) => octet === b[at] || (at >= fields + TO_TTL && at < fields + TO_RDLENGTH))
}

/** The edited records of an owner, as they are in the middle of an edit. */
function editedAt(edit: Edit, owner: Name): EditedRecord[] {
  return Array.from(recordsAt(edit, TREE.edited, owner), ({ octets, at }) => readEdited(octets, at, edit.apex))
}

function* recordsAt(edit: Edit, tree: number, owner: Name): Generator<Cursor> {
  const key = new SortKey()
  key.setOwner(owner, 0, owner.length - edit.apex.length)
  const cursor = edit.cursor(tree)
  for (let more = cursor.seek(key); more; more = cursor.nextOfOwner()) yield cursor
}

/** All owners that have records of either kind, and the apex, which has some of its own. */
function allOwners(edit: Edit): Name[] {
  const owners: Name[] = [edit.apex]
  for (const tree of [TREE.names, TREE.edited]) {
    const cursor = edit.cursor(tree)
    for (let more = cursor.first(); more; more = cursor.nextOwner()) {
      const labels = cursor.octets.slice(cursor.at, cursor.ownerEnd)
      owners.push(nameFromWire(Uint8Array.of(...labels, ...edit.apex)))
    }
  }
  return owners
}
