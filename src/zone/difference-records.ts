/** Stored records put together in any order: sorted, and weighed up against others of their kind. */

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

  /** The run so far, in octets of its own. */
  run(): Uint8Array<ArrayBuffer> {
    return this.#octets.slice(0, this.#length)
  }
}

/** The records of a run in the order of contents, whatever their order in the run. */
class SortedRun {
  readonly octets: Uint8Array
  readonly #starts: number[] = []

  constructor(octets: Uint8Array) {
    this.octets = octets
    let isSorted = true
    let before = -1
    for (let at = 0; at < octets.length; at = recordEnd(octets, at)) {
      if (before >= 0 && isSorted) isSorted = compareExactly(octets, before, octets, at) <= 0
      this.#starts.push(at)
      before = at
    }
    if (!isSorted) this.#starts.sort((a, b) => compareExactly(octets, a, octets, b))
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

/**
 * What is left of records that were removed and added, in any order and perhaps more than once: each run in order, and
 * no record that comes out as it was before. As long as every record was there when it was removed and was not when it
 * was added, it does not matter what came first: between two removals of a record lies an addition, so all but the first
 * removed and the last added come in pairs of the same octets.
 */
export function netChange(removedRun: Uint8Array, addedRun: Uint8Array): { removed: Uint8Array; added: Uint8Array } {
  const removed = new SortedRun(removedRun)
  const added = new SortedRun(addedRun)
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
