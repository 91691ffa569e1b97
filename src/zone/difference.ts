/**
 * A difference: what leads from one version of a zone to another (RFC 1995 §4).
 *
 * It is a value, and has the laws of one: applied and then inverted it leaves what was there; composed, two of them do
 * what both do one after the other. Both runs are in the order of contents. A record whose TTL changes, or the case of a
 * name in it, is in both: removed as it was, added as it is.
 */

import type { Name } from '../dns/name.ts'
import type { Serial } from '../dns/serial.ts'
import { WireError } from '../dns/wire.ts'
import { type Contents, runOfLeaf, soaOf, type Stored } from './contents.ts'
import { unsharedLeaves } from './difference-leaves.ts'
import { equalRecords, netChange, type NetChange, netSlices, RunWriter } from './difference-records.ts'
import type { Edit, Recorder } from './edit.ts'
import { checkRun, storedOwner } from './stored-form.ts'
import { compareRecords, ownerEnd, recordEnd, typeAfter } from './stored-record.ts'
import { soaSerial } from './stored-soa.ts'

/** What changed between two versions; all of it in stored form. */
export interface Difference {
  readonly fromSoa: Uint8Array
  readonly toSoa: Uint8Array
  readonly removed: Uint8Array
  readonly added: Uint8Array
}

/** Why a difference does not fit what it is applied to: it starts elsewhere, or a record to be removed is absent, … */
export interface Conflict {
  readonly type: 'other serial' | 'absent' | 'present'
  readonly owner: Name
  readonly rrtype: number
}

/** The serial a difference starts at. */
export function fromSerial(difference: Difference): Serial {
  return soaSerial(difference.fromSoa)
}

/** The serial a difference leads to. */
export function toSerial(difference: Difference): Serial {
  return soaSerial(difference.toSoa)
}

/**
 * Applies a difference to an edit whose SOA record has the serial it starts at. To remove what is not there or to add
 * what is there already is a conflict, upon which the edit is of no more use.
 */
export function applyDifference(edit: Edit, difference: Difference): Conflict | undefined {
  const { fromSoa, toSoa, removed, added } = difference
  if (edit.soa === undefined || soaSerial(edit.soa) !== soaSerial(fromSoa)) {
    return conflict('other serial', edit, fromSoa, 0)
  }
  for (let at = 0, end; at < removed.length; at = end) {
    end = recordEnd(removed, at)
    if (edit.remove(removed, at, end - at) === 'absent') return conflict('absent', edit, removed, at)
  }
  for (let at = 0, end; at < added.length; at = end) {
    end = recordEnd(added, at)
    if (edit.add(added, at, end - at) !== 'added') return conflict('present', edit, added, at)
  }
  edit.setSoa(toSoa)
  return undefined
}

function conflict(type: Conflict['type'], edit: Edit, octets: Uint8Array, at: number): Conflict {
  return { type, owner: storedOwner(octets, at, edit.apex), rrtype: typeAfter(octets, ownerEnd(octets, at)) }
}

/** Applies what can be applied of a difference, whatever the serial; returns how many records did not fit. */
export function applyLeniently(edit: Edit, { toSoa, removed, added }: Difference): number {
  let misfits = 0
  for (let at = 0, end; at < removed.length; at = end) {
    end = recordEnd(removed, at)
    if (edit.remove(removed, at, end - at) === 'absent') misfits++
  }
  for (let at = 0, end; at < added.length; at = end) {
    end = recordEnd(added, at)
    if (edit.add(added, at, end - at) !== 'added') misfits++
  }
  edit.setSoa(toSoa)
  return misfits
}

/** The way back. */
export function invert({ fromSoa, toSoa, removed, added }: Difference): Difference {
  return { fromSoa: toSoa, toSoa: fromSoa, removed: added, added: removed }
}

/** One difference that does what several do, each of which starts where the one before ends. */
export function compose(first: Difference, ...others: readonly Difference[]): Difference {
  const removed = new RunWriter()
  const added = new RunWriter()
  for (const difference of [first, ...others]) {
    removed.put(difference.removed, 0, difference.removed.length)
    added.put(difference.added, 0, difference.added.length)
  }
  const { fromSoa } = first
  const { toSoa } = others.at(-1) ?? first
  return { fromSoa, toSoa, ...netChange(removed.run(), added.run()) }
}

/** Keeps what an edit changes, as its recorder: what comes out is exact, even where a transfer was not. */
export class DifferenceRecorder implements Recorder {
  readonly #removed = new RunWriter()
  readonly #added = new RunWriter()
  #net: NetChange | undefined

  /** Whether nothing was changed at all, not even there and back. */
  get isEmpty(): boolean {
    return this.#removed.length === 0 && this.#added.length === 0
  }

  removed(octets: Uint8Array, at: number, end: number): void {
    this.#removed.put(octets, at, end)
  }

  added(octets: Uint8Array, at: number, end: number): void {
    this.#added.put(octets, at, end)
  }

  /** Works out what is left of all changes, a slice at a time. There may be no more of them then. */
  *settle(): Generator<void> {
    this.#net = yield* netSlices(this.#removed.soFar, this.#added.soFar)
  }

  /** The difference between the version the edit began with and the one it made, given their SOA records. */
  finish(fromSoa: Uint8Array, toSoa: Uint8Array): Difference {
    return { fromSoa, toSoa, ...(this.#net ?? netChange(this.#removed.soFar, this.#added.soFar)) }
  }
}

/**
 * The difference between two versions of one zone, read side by side; what they share is not looked at. Undefined if it
 * would have more than so many octets.
 */
export function differenceBetween(before: Contents, after: Contents, octetsMax = Infinity): Difference | undefined {
  const leaves = unsharedLeaves(before, after)
  const a = new LeafReader(leaves.before.map((leaf) => runOfLeaf(before.arena, leaf)))
  const b = new LeafReader(leaves.after.map((leaf) => runOfLeaf(after.arena, leaf)))
  const removed = new RunWriter()
  const added = new RunWriter()
  while (a.at >= 0 || b.at >= 0) {
    if (removed.length + added.length > octetsMax) return undefined
    const areBoth = a.at >= 0 && b.at >= 0
    if (areBoth && equalRecords(a.octets, a.at, b.octets, b.at)) {
      a.next()
      b.next()
      continue
    }
    const order = areBoth ? compareRecords(a.octets, a.at, b.octets, b.at) : b.at - a.at
    if (order <= 0) a.moveTo(removed)
    if (order >= 0) b.moveTo(added)
  }
  return { fromSoa: copyOf(soaOf(before)), toSoa: copyOf(soaOf(after)), removed: removed.run(), added: added.run() }
}

/** Goes through the records of some leaves. */
class LeafReader {
  octets = new Uint8Array() as Uint8Array
  /** Where the record begins; −1 behind the last. */
  at = -1
  readonly #runs: readonly Stored[]
  #run = 0
  #end = 0

  constructor(runs: readonly Stored[]) {
    this.#runs = runs
    this.#enter()
  }

  next(): void {
    this.at = recordEnd(this.octets, this.at)
    if (this.at === this.#end) this.#enter()
  }

  moveTo(target: RunWriter): void {
    target.put(this.octets, this.at, recordEnd(this.octets, this.at))
    this.next()
  }

  #enter(): void {
    const run = this.#runs[this.#run++]
    this.at = run === undefined ? -1 : run.at
    if (run === undefined) return
    this.octets = run.octets
    this.#end = run.end
  }
}

function copyOf({ octets, at, end }: Stored): Uint8Array {
  return octets.slice(at, end)
}

const FORM = 1
const PARTS = ['fromSoa', 'toSoa', 'removed', 'added'] as const
const HEAD_OCTETS = 1 + 4 * PARTS.length

/** A difference as octets for the store: a form number, the lengths of its four parts, and these. */
export function writeDifference(difference: Difference): Uint8Array<ArrayBuffer> {
  const length = PARTS.reduce((sum, part) => sum + difference[part].length, HEAD_OCTETS)
  const octets = new Uint8Array(length)
  const view = new DataView(octets.buffer)
  octets[0] = FORM
  let at = HEAD_OCTETS
  PARTS.forEach((part, index) => {
    view.setUint32(1 + 4 * index, difference[part].length)
    octets.set(difference[part], at)
    at += difference[part].length
  })
  return octets
}

/** The difference that `writeDifference` made octets of. Throws WireError for what it cannot have made. */
export function readDifference(octets: Uint8Array): Difference {
  if (octets.length < HEAD_OCTETS || octets[0] !== FORM) throw new WireError('no difference of a known form', 0)
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  let at = HEAD_OCTETS
  const parts = PARTS.map((_, index) => {
    const start = at
    at += view.getUint32(1 + 4 * index)
    return octets.subarray(start, at)
  })
  if (at !== octets.length) throw new WireError(`difference of ${at} octets, found ${octets.length}`, octets.length)
  for (const part of parts) checkRun(part)
  const [fromSoa, toSoa, removed, added] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  return { fromSoa, toSoa, removed, added }
}
