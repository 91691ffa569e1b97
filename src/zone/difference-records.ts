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
      if (before >= 0 && isSorted) isSorted = compareRecords(octets, before, octets, at) <= 0
      this.#starts.push(at)
      before = at
    }
    if (!isSorted) this.#starts.sort((a, b) => compareRecords(octets, a, octets, b) || a - b)
  }

  get count(): number {
    return this.#starts.length
  }

  at(index: number): number {
    return this.#starts[index] as number
  }
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
    const iEnd = endOfSame(removed, i, added, j)
    const jEnd = endOfSame(added, j, removed, i)
    for (let k = i; k < iEnd; k++)
      if (isUnpaired(removed, i, iEnd, k, added, j, jEnd)) putRecord(removed, k, removedNet)
    for (let k = j; k < jEnd; k++) if (isUnpaired(added, j, jEnd, k, removed, i, iEnd)) putRecord(added, k, addedNet)
    i = iEnd
    j = jEnd
  }
  return { removed: removedNet.run(), added: addedNet.run() }
}

/** Where the records end that are the same as the first at hand, of both runs; the place itself if the other's is first. */
function endOfSame(run: SortedRun, from: number, other: SortedRun, otherFrom: number): number {
  if (from === run.count) return from
  const first = run.at(from)
  if (otherFrom < other.count && compareRecords(other.octets, other.at(otherFrom), run.octets, first) < 0) return from
  let end = from + 1
  while (end < run.count && compareRecords(run.octets, first, run.octets, run.at(end)) === 0) end++
  return end
}

/** Whether there are more of a record's very octets in its own run than in the other, this one counted last. */
function isUnpaired(
  run: SortedRun,
  from: number,
  end: number,
  index: number,
  other: SortedRun,
  otherFrom: number,
  otherEnd: number,
): boolean {
  const at = run.at(index)
  let surplus = 0
  for (let k = from; k <= index && k < end; k++) if (equalRecords(run.octets, run.at(k), run.octets, at)) surplus++
  for (let k = otherFrom; k < otherEnd; k++) if (equalRecords(other.octets, other.at(k), run.octets, at)) surplus--
  return surplus > 0
}

function putRecord(run: SortedRun, index: number, target: RunWriter): void {
  target.put(run.octets, run.at(index), recordEnd(run.octets, run.at(index)))
}

/** Whether two stored records are the same octet for octet. */
export function equalRecords(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean {
  const length = recordEnd(a, aAt) - aAt
  if (recordEnd(b, bAt) - bAt !== length) return false
  for (let k = 0; k < length; k++) if (a[aAt + k] !== b[bAt + k]) return false
  return true
}
