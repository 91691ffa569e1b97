/**
 * Differences: what changed from one version of a zone to another (RFC 1995 §4).
 *
 * A difference is a value: it can be applied, inverted and composed. The records are runs in stored form, so that the
 * store keeps them and an incremental transfer sends them as they are. A record whose TTL changed is removed and added.
 */

import { concatOctets, latin1Text } from '../dns/octets.ts'
import { recordsFrom, soaOf, type Contents, type Stored } from './contents.ts'
import type { Edit, Recorder } from './edit.ts'
import { RunBuilder } from './run-builder.ts'
import { compareRecords, isHashed, ownerEnd, recordEnd } from './stored-record.ts'

export interface Difference {
  /** The SOA records before and after, in stored form. */
  readonly from: Uint8Array
  readonly to: Uint8Array
  /** Runs of stored records, without SOA records. */
  readonly removed: Uint8Array
  readonly added: Uint8Array
}

/** A record that stands in the way of a difference: it is to be removed and not there, or to be added and there. */
export interface Conflict {
  readonly type: 'absent' | 'present'
  readonly octets: Uint8Array
  readonly at: number
}

/** Makes the changes in an edit. With a conflict the edit is to be aborted. */
export function applyDifference(edit: Edit, { to, removed, added }: Difference): Conflict | undefined {
  for (let at = 0; at < removed.length;) {
    const end = recordEnd(removed, at)
    if (edit.remove(removed, at, end - at) === 'absent') return { type: 'absent', octets: removed, at }
    at = end
  }
  for (let at = 0; at < added.length;) {
    const end = recordEnd(added, at)
    if (edit.add(added, at, end - at) !== 'added') return { type: 'present', octets: added, at }
    at = end
  }
  edit.setSoa(to)
  return undefined
}

/** The way back. */
export function invert({ from, to, removed, added }: Difference): Difference {
  return { from: to, to: from, removed: added, added: removed }
}

/** Two differences that follow one another, as one: what is removed and added again does not appear in it. */
export function compose(first: Difference, second: Difference): Difference {
  const recorder = new DifferenceRecorder()
  for (const { removed, added } of [first, second]) {
    for (let at = 0; at < removed.length; at = recordEnd(removed, at))
      recorder.removed(removed, at, recordEnd(removed, at))
    for (let at = 0; at < added.length; at = recordEnd(added, at)) recorder.added(added, at, recordEnd(added, at))
  }
  return recorder.finish(first.from, second.to)
}

/** Gathers the changes of an edit, or of differences in order, into what they come to. */
export class DifferenceRecorder implements Recorder {
  readonly #removed = new Map<string, Uint8Array>()
  readonly #added = new Map<string, Uint8Array>()
  #octets = 0

  /** How much there is so far. */
  get octets(): number {
    return this.#octets
  }

  removed(octets: Uint8Array, at: number, end: number): void {
    this.#note(octets.slice(at, end), this.#added, this.#removed)
  }

  added(octets: Uint8Array, at: number, end: number): void {
    this.#note(octets.slice(at, end), this.#removed, this.#added)
  }

  finish(from: Uint8Array, to: Uint8Array): Difference {
    return { from, to, removed: runOf(this.#removed), added: runOf(this.#added) }
  }

  /** A change cancels its opposite. */
  #note(record: Uint8Array, opposite: Map<string, Uint8Array>, own: Map<string, Uint8Array>): void {
    const key = latin1Text(record)
    this.#octets += opposite.has(key) ? -record.length : record.length
    if (!opposite.delete(key)) own.set(key, record)
  }
}

function runOf(records: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return concatOctets(...[...records.values()].sort((a, b) => compareRecords(a, 0, b, 0)))
}

/** What leads from one version to another, by walking through both; undefined once it exceeds so many octets. */
export function differenceBetween(before: Contents, after: Contents, octetsMax = Infinity): Difference | undefined {
  const removed = new RunBuilder()
  const added = new RunBuilder()
  const olds = recordsFrom(before)
  const news = recordsFrom(after)
  let old = olds.next().value as Stored | undefined
  let fresh = news.next().value as Stored | undefined
  while (old !== undefined || fresh !== undefined) {
    const order = orderOf(old, fresh)
    if (order === 0 && sameOctets(old as Stored, fresh as Stored)) {
      old = olds.next().value as Stored | undefined
      fresh = news.next().value as Stored | undefined
      continue
    }
    if (order <= 0) {
      removed.add((old as Stored).octets, (old as Stored).at, (old as Stored).end)
      old = olds.next().value as Stored | undefined
    }
    if (order >= 0) {
      added.add((fresh as Stored).octets, (fresh as Stored).at, (fresh as Stored).end)
      fresh = news.next().value as Stored | undefined
    }
    if (removed.length + added.length > octetsMax) return undefined
  }
  return { from: copyOf(soaOf(before)), to: copyOf(soaOf(after)), removed: removed.finish(), added: added.finish() }
}

/** Below 0 if the old record comes first or is alone, above 0 if the new one does or is. */
function orderOf(old: Stored | undefined, fresh: Stored | undefined): number {
  if (old === undefined) return 1
  if (fresh === undefined) return -1
  // Names come before hashed names, as contents yield them.
  const hashed = Number(isHashed(old.octets, ownerEnd(old.octets, old.at)))
  const order = hashed - Number(isHashed(fresh.octets, ownerEnd(fresh.octets, fresh.at)))
  return order === 0 ? compareRecords(old.octets, old.at, fresh.octets, fresh.at) : order
}

function sameOctets(a: Stored, b: Stored): boolean {
  if (a.end - a.at !== b.end - b.at) return false
  for (let at = a.at, shift = b.at - a.at; at < a.end; at++) if (a.octets[at] !== b.octets[at + shift]) return false
  return true
}

const copyOf = ({ octets, at, end }: Stored): Uint8Array => octets.slice(at, end)

const PARTS = ['from', 'to', 'removed', 'added'] as const

/** A difference as octets for the store: its four parts, each after its length. */
export function writeDifference(difference: Difference): Uint8Array {
  const parts = PARTS.map((part) => difference[part])
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  const view = new DataView(octets.buffer)
  let at = 0
  for (const part of parts) {
    view.setUint32(at, part.length)
    octets.set(part, at + 4)
    at += 4 + part.length
  }
  return octets
}

/** The way back from `writeDifference`. */
export function readDifference(octets: Uint8Array): Difference {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  let at = 0
  const next = () => {
    const length = view.getUint32(at)
    const part = octets.subarray(at + 4, at + 4 + length)
    at += 4 + length
    return part
  }
  return { from: next(), to: next(), removed: next(), added: next() }
}
