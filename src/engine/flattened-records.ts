/** Which CNAME records of a zone are answered with addresses, and where they lead. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { lowerName, type Name, nameFromWire, nameKey } from '../dns/name.ts'
import type { Stored } from '../zone/contents.ts'
import { editedType, readEdited } from '../zone/edited-record.ts'
import type { EditStep } from '../zone/edit-records.ts'
import { isFlattened } from '../zone/served-records.ts'
import { storedOwner } from '../zone/stored-form.ts'
import { ownerEnd, TYPE } from '../zone/stored-record.ts'
import type { RecordReader } from './runtime.ts'

/** An owner with a CNAME record that is answered with addresses, and the name it leads to, in lower case. */
export interface FlattenedOwner {
  readonly owner: Name
  readonly target: Name
}

export interface FlattenedFrame {
  readonly apex: Name
  readonly flattenAll: boolean
}

/** Of a secondary zone only an override at the apex leads anywhere. */
export const apexOnly = (apex: Name): FlattenedFrame => ({ apex, flattenAll: false })

const RECORDS_PER_SLICE = 20_000

/** All of them, by `nameKey` of the owner. Gives way to others now and then, and releases the reader. */
export async function findFlattened(
  reader: Pick<RecordReader, 'records' | 'release'> | undefined,
  frame: FlattenedFrame,
): Promise<Map<string, FlattenedOwner>> {
  const found = new Map<string, FlattenedOwner>()
  let seen = 0
  try {
    for (const stored of reader?.records(0) ?? []) {
      const flattened = flattenedIn(stored, frame)
      if (flattened !== undefined) found.set(nameKey(flattened.owner), flattened)
      if (++seen % RECORDS_PER_SLICE === 0) await nextTurn()
    }
  } finally {
    reader?.release()
  }
  return found
}

/** What steps of an edit do to them: the owners touched, each with where it leads from then on, if anywhere. */
export function flattenedAfter(
  steps: readonly EditStep[],
  frame: FlattenedFrame,
): Map<string, { readonly owner: Name; readonly target: Name | undefined }> {
  const after = new Map<string, { owner: Name; target: Name | undefined }>()
  for (const { remove, add } of steps) {
    const gone = remove && cnameOwner(remove, frame.apex)
    if (gone !== undefined) after.set(nameKey(gone), { owner: gone, target: undefined })
    const come = add && flattenedIn({ octets: add, at: 0, end: add.length }, frame)
    if (come !== undefined) after.set(nameKey(come.owner), come)
  }
  return after
}

/** The owners that steps touch, by `nameKey`. */
export function ownersOf(steps: readonly EditStep[], { apex }: Pick<FlattenedFrame, 'apex'>): Set<string> {
  const keys = new Set<string>()
  for (const { remove, add } of steps)
    for (const octets of [remove, add]) if (octets !== undefined) keys.add(nameKey(storedOwner(octets, 0, apex)))
  return keys
}

function flattenedIn({ octets, at }: Stored, { apex, flattenAll }: FlattenedFrame): FlattenedOwner | undefined {
  const end = ownerEnd(octets, at)
  if (editedType(octets, end) !== TYPE.CNAME) return undefined
  const record = readEdited(octets, at, apex)
  if (end > at && !isFlattened(record, { flattenAll })) return undefined
  return { owner: record.owner, target: lowerName(nameFromWire(record.rdata)) }
}

function cnameOwner(octets: Uint8Array, apex: Name): Name | undefined {
  return editedType(octets, ownerEnd(octets, 0)) === TYPE.CNAME ? readEdited(octets, 0, apex).owner : undefined
}
