/**
 * The hash of a name and of all its ancestors, in one pass.
 *
 * A name is hashed label by label from the root leftwards, so the hash of every suffix falls out on the way and finding
 * the longest apex above a name costs one walk over its octets. ASCII case does not count (RFC 4343 §3). Hot.
 */

import { FOLDED } from '../dns/name.ts'

/** Labels in a name of 255 octets, at most. */
const LABELS_MAX = 127

/** The labels of one name and the hashes of all its suffixes; one of these is reused for every question. */
export class NameScan {
  /** Labels, the root not counted. */
  labels = 0
  /** Octets of the name, its root label included. */
  octets = 0
  /** Where label `i` begins, counted from the start of the name; label 0 is the leftmost; `starts[labels]` is the root's. */
  readonly starts = new Uint8Array(LABELS_MAX + 2)
  /** The hash of the suffix that begins with label `i`; `hashes[labels]` is the root's. */
  readonly hashes = new Int32Array(LABELS_MAX + 2)

  /** Walks over an uncompressed, well-formed name and hashes its suffixes. */
  scan(octets: Uint8Array, at: number, seed: number): void {
    const { starts, hashes } = this
    let end = at
    let labels = 0
    for (let length = octets[end] as number; length !== 0; length = octets[end] as number) {
      starts[labels++] = end - at
      end += length + 1
    }
    starts[labels] = end - at
    this.labels = labels
    this.octets = end - at + 1
    let hash = seed
    hashes[labels] = finish(hash)
    let stop = end
    for (let label = labels - 1; label >= 0; label--) {
      const start = at + (starts[label] as number)
      for (let i = start; i < stop; i++) hash = Math.imul(hash ^ (FOLDED[octets[i] as number] as number), 0x0100_0193)
      hashes[label] = finish(hash)
      stop = start
    }
  }
}

/** Spreads the hash over all bits: the table takes the lowest ones. */
function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x7feb_352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846c_a68b)
  return mixed ^ (mixed >>> 16)
}
