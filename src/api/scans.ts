/**
 * What had to be worked out by going through a whole zone, kept for the next page and the next question.
 *
 * A result is an array of numbers that holds for one version of one zone. Scans run one at a time, however many ask, so
 * that together they do not take more of the event loop than one. The results used longest ago go when there is no room.
 */

import type { Id } from '../engine/object-id.ts'

const OCTETS_MAX = 96 * 1024 * 1024

interface Kept {
  readonly zoneId: Id
  readonly version: Scan['version']
  readonly result: Promise<Uint32Array>
  octets: number
}

export interface Scan {
  readonly zoneId: Id
  readonly version: number | string
  /** What was asked; the same words for the same question. */
  readonly question: string
}

export class Scans {
  /** In order of use: the first was used longest ago. */
  readonly #kept = new Map<string, Kept>()
  readonly #octetsMax: number
  #octets = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(octetsMax = OCTETS_MAX) {
    this.#octetsMax = octetsMax
  }

  /** The result of a scan: kept, under way, or worked out now. */
  result({ zoneId, version, question }: Scan, work: () => Promise<Uint32Array>): Promise<Uint32Array> {
    const key = `${zoneId} ${question}`
    const known = this.#kept.get(key)
    if (known?.version === version) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known.result
    }
    if (known !== undefined) this.#drop(key, known)
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    const kept: Kept = { zoneId, version, result, octets: 0 }
    this.#kept.set(key, kept)
    result.then(
      ({ byteLength }) => this.#weigh(key, kept, byteLength),
      () => this.#drop(key, kept),
    )
    return result
  }

  #weigh(key: string, kept: Kept, octets: number): void {
    if (this.#kept.get(key) !== kept) return
    kept.octets = octets
    this.#octets += octets
    for (const [oldest, each] of this.#kept) {
      if (this.#octets <= this.#octetsMax) return
      this.#drop(oldest, each)
    }
  }

  #drop(key: string, kept: Kept): void {
    if (this.#kept.get(key) !== kept) return
    this.#kept.delete(key)
    this.#octets -= kept.octets
  }
}
