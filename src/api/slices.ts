/** Long work in short slices: between two of them the event loop answers everybody else. */

import { setImmediate } from 'node:timers/promises'

const SLICE_MS = 4

/** Steps between two looks at the clock. */
const STEPS = 64

/** `if (slices.isOver()) await slices.next()` in a loop gives others their turn every few milliseconds. */
export class Slices {
  #steps = 0
  #endsAt = performance.now() + SLICE_MS

  /** Whether this slice has used up its time. Cheap enough for every turn of a loop. */
  isOver(): boolean {
    if (++this.#steps < STEPS) return false
    this.#steps = 0
    return performance.now() >= this.#endsAt
  }

  /** Lets others have their turn. */
  async next(): Promise<void> {
    await setImmediate()
    this.#endsAt = performance.now() + SLICE_MS
  }
}

const RUN = 2048

/** The stable order of texts by code units, as their indexes: a merge sort that pauses. */
export async function sortSliced(keys: readonly string[], slices: Slices): Promise<Uint32Array> {
  const key = (at: number): string => keys[at] as string
  let from = new Uint32Array(keys.length).map((_, at) => at)
  for (let start = 0; start < from.length; start += RUN) {
    from.subarray(start, start + RUN).sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b))
    await slices.next()
  }
  let to = new Uint32Array(keys.length)
  for (let width = RUN; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length)
      const end = Math.min(start + 2 * width, from.length)
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        const takesLeft = left < middle && (right >= end || key(from[left] as number) <= key(from[right] as number))
        to[at] = from[takesLeft ? left++ : right++] as number
        if (slices.isOver()) await slices.next()
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}
