/** Cutting runs of stored records into segments, as they come; see segments.ts. */

import { FOLDED } from '../dns/name.ts'
import { SortKey } from './sort-key.ts'
import { ownerEnd, recordEnd, sameOwner, treeOf } from './stored-record.ts'

/** A run of records, in octets of its own. */
export interface Segment {
  readonly firstOwner: Uint8Array
  readonly recordCount: number
  readonly octets: Uint8Array<ArrayBuffer>
}

/** From here on a segment ends before an owner with the right hash, one in CUT_ODDS; … */
const RECORDS_MIN = 2048
const OCTETS_MIN = 2 ** 17
const CUT_ODDS = 512
/** … and here it ends in any case. */
const RECORDS_MAX = 2 ** 14
const OCTETS_MAX = 2 ** 21

const NONE: readonly Segment[] = []

/** Takes runs in the order of contents. Hot: once per record of a zone that is stored. */
export class SegmentCutter {
  /** The records since the last cut. */
  #octets = new Uint8Array(1024)
  #length = 0
  #records = 0
  /** Where the last record begins. */
  #lastAt = 0
  /** Whether the segment at hand begins in the middle of an owner, and whether the next one does. */
  #isWithinOwner = false
  #isNextWithinOwner = false

  /** Takes a run, which is copied; gives the segments that end in it. */
  push(octets: Uint8Array, at: number, end: number): readonly Segment[] {
    const start = this.#length
    this.#put(octets, at, end)
    let segments = NONE
    for (let from = start, next = 0; from < this.#length; from = next) {
      if (this.#isCut(from)) {
        segments = [...segments, this.#cut(from)]
        from = 0
      }
      next = recordEnd(this.#octets, from)
      this.#lastAt = from
      this.#records++
    }
    return segments
  }

  /** There are no more records: gives the last segment, if any record is left. */
  finish(): readonly Segment[] {
    return this.#records === 0 ? NONE : [this.#cut(this.#length)]
  }

  /** Whether a segment ends before the record at an offset. */
  #isCut(at: number): boolean {
    const octets = this.#octets
    const isFull = this.#records >= RECORDS_MAX || at >= OCTETS_MAX
    if (!isFull && this.#records < RECORDS_MIN && at < OCTETS_MIN) return false
    const isNewOwner = !isSamePlace(octets, this.#lastAt, octets, at)
    if (isFull) this.#isNextWithinOwner = !isNewOwner
    if (isFull || !isNewOwner) return isFull
    let hash = 0x811c_9dc5 // FNV-1a
    for (let p = at, end = ownerEnd(octets, at); p < end; p++) {
      hash = Math.imul(hash ^ (FOLDED[octets[p] as number] as number), 0x0100_0193)
    }
    return (hash >>> 8) % CUT_ODDS === 0
  }

  /** Takes what is before an offset as a segment; what is behind it moves to the beginning. */
  #cut(at: number): Segment {
    const octets = this.#octets.slice(0, at)
    const firstOwner = ownerOrder(octets, 0, this.#isWithinOwner)
    const segment = { firstOwner, recordCount: this.#records, octets }
    this.#octets.copyWithin(0, at, this.#length)
    this.#length -= at
    this.#records = 0
    this.#isWithinOwner = this.#isNextWithinOwner
    this.#isNextWithinOwner = false
    return segment
  }

  #put(octets: Uint8Array, at: number, end: number): void {
    const length = this.#length + end - at
    if (length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#octets.length))
      larger.set(this.#octets.subarray(0, this.#length))
      this.#octets = larger
    }
    this.#octets.set(octets.subarray(at, end), this.#length)
    this.#length = length
  }
}

const key = new SortKey()

/** An owner in the form that names segments. */
export function ownerOrder(octets: Uint8Array, at: number, isCutOwner: boolean): Uint8Array<ArrayBuffer> {
  const end = ownerEnd(octets, at)
  key.setOwner(octets, at, end)
  const order = new Uint8Array(1 + key.length + (isCutOwner ? 1 : 0))
  order[0] = treeOf(octets, end)
  order.set(key.octets.subarray(0, key.length), 1)
  return order
}

/** Whether two records have one owner and one tree. */
export function isSamePlace(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean {
  return sameOwner(a, aAt, b, bAt) && treeOf(a, ownerEnd(a, aAt)) === treeOf(b, ownerEnd(b, bAt))
}
