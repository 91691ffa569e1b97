/** Stored records put together in any order: sorted, and weighed up against others of their kind. */

import { atOnce, RECORDS_PER_SLICE } from './slices.ts'
import { compareRecords, recordEnd } from './stored-record.ts'

/** A run of stored records that grows. */
export class RunWriter {
  #octets = new Uint8Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Adds a record, or a run of them. */
  put(octets: Uint8Array, at: number, end: number): void {
    const length = this.#length + end - at
    if (length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(length, this.#octets.length * 2))
      larger.set(this.#octets.subarray(0, this.#length))
      this.#octets = larger
    }
    this.#octets.set(octets.subarray(at, end), this.#length)
    this.#length = length
  }

  /** The run so far, in place: good until more is added. */
  get soFar(): Uint8Array {
    return this.#octets.subarray(0, this.#length)
  }

  /** The run so far, in octets of its own. */
  run(): Uint8Array<ArrayBuffer> {
    return this.#octets.slice(0, this.#length)
  }
}

/** The records of a run in the order of contents, whatever their order in the run. */
class SortedRun {
  readonly octets: Uint8Array
  readonly #starts: readonly number[]

  private constructor(octets: Uint8Array, starts: readonly number[]) {
    this.octets = octets
    this.#starts = starts
  }

  /** Sorts them in parts, which are then joined two by two: what came in order, as most does, is only put together. */
  static *of(octets: Uint8Array): Generator<void, SortedRun> {
    const order = (a: number, b: number): number => compareExactly(octets, a, octets, b)
    let parts: number[][] = []
    for (let at = 0; at < octets.length;) {
      if (parts.length > 0) yield
      const part: number[] = []
      for (; at < octets.length && part.length < RECORDS_PER_SLICE; at = recordEnd(octets, at)) part.push(at)
      parts.push(part.sort(order))
    }
    while (parts.length > 1) {
      const joined: number[][] = []
      for (let n = 0; n < parts.length; n += 2)
        joined.push(yield* join(parts[n] as number[], parts[n + 1] ?? [], order))
      parts = joined
    }
    return new SortedRun(octets, parts[0] ?? [])
  }

  get count(): number {
    return this.#starts.length
  }

  at(index: number): number {
    return this.#starts[index] as number
  }

  put(index: number, target: RunWriter): void {
    target.put(this.octets, this.at(index), recordEnd(this.octets, this.at(index)))
  }
}

/** Orders records as contents do, and those that are the same by TTL and case. */
function compareExactly(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  const order = compareRecords(a, aAt, b, bAt)
  if (order !== 0) return order
  for (let k = 0, length = recordEnd(a, aAt) - aAt; k < length; k++) {
    const order = (a[aAt + k] as number) - (b[bAt + k] as number)
    if (order !== 0) return order
  }
  return 0
}

function* join(
  left: number[],
  right: readonly number[],
  order: (a: number, b: number) => number,
): Generator<void, number[]> {
  const [first] = right
  if (first === undefined || order(left.at(-1) as number, first) <= 0) return left.concat(right)
  const joined: number[] = []
  for (let i = 0, j = 0; i < left.length || j < right.length;) {
    const isLeft = j === right.length || (i < left.length && order(left[i] as number, right[j] as number) <= 0)
    joined.push((isLeft ? left[i++] : right[j++]) as number)
    if (joined.length % RECORDS_PER_SLICE === 0) yield
  }
  return joined
}

export interface NetChange {
  readonly removed: Uint8Array
  readonly added: Uint8Array
}

/**
 * What is left of records that were removed and added, in any order and perhaps more than once: each run in order, and
 * no record that comes out as it was before. As long as every record was there when it was removed and was not when it
 * was added, it does not matter what came first: between two removals of a record lies an addition, so all but the first
 * removed and the last added come in pairs of the same octets.
 */
export function netChange(removedRun: Uint8Array, addedRun: Uint8Array): NetChange {
  return atOnce(netSlices(removedRun, addedRun))
}

/** The same, a slice of it at a time. */
export function* netSlices(removedRun: Uint8Array, addedRun: Uint8Array): Generator<void, NetChange> {
  const removed = yield* SortedRun.of(removedRun)
  const added = yield* SortedRun.of(addedRun)
  const removedNet = new RunWriter()
  const addedNet = new RunWriter()
  let i = 0
  let j = 0
  while (i < removed.count || j < added.count) {
    let order = i === removed.count ? 1 : -1
    if (i < removed.count && j < added.count) {
      order = compareExactly(removed.octets, removed.at(i), added.octets, added.at(j))
    }
    if (order < 0) removed.put(i, removedNet)
    if (order > 0) added.put(j, addedNet)
    if (order <= 0) i++
    if (order >= 0) j++
    if ((i + j) % RECORDS_PER_SLICE === 0) yield
  }
  return { removed: removedNet.run(), added: addedNet.run() }
}

/** Whether two stored records are the same octet for octet. */
export function equalRecords(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean {
  const length = recordEnd(a, aAt) - aAt
  if (recordEnd(b, bAt) - bAt !== length) return false
  for (let k = 0; k < length; k++) if (a[aAt + k] !== b[bAt + k]) return false
  return true
}
