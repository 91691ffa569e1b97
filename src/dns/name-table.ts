/**
 * Where names already stand in a message that is being written, so that later ones can point there (RFC 1035 §4.1.4).
 *
 * Hot: asked once per record of an answer. The table holds offsets alone; whether a name stands there is read from the
 * message itself. So a writer that steps back and writes over what it wrote can never be misled by an old offset.
 */

import type { Name } from './name.ts'

/** A suffix of a name that stands in the message: at `target`, after the first `labelsOctets` octets of the name. */
export interface NamePointer {
  readonly labelsOctets: number
  readonly target: number
}

const SLOTS = 1024 // a power of two
const PROBES = 8
const POINTER_TARGET_MIN = 12 // behind the header
const POINTER_TARGET_MAX = 0x3fff
const POINTERS_MAX = 126 // one less than a reader follows
const LABELS_MAX = 128

const labelStarts = new Uint8Array(LABELS_MAX)
const suffixHashes = new Uint32Array(LABELS_MAX)

export class NameTable {
  readonly #offsets = new Uint16Array(SLOTS) // 0 is an empty slot: no name stands in the header
  #used = false

  clear(): void {
    if (this.#used) this.#offsets.fill(0)
    this.#used = false
  }

  /** The longest suffix of `name` that stands in the message; notes the labels before it, about to stand at `start`. */
  place(message: Uint8Array, start: number, name: Name): NamePointer | undefined {
    const labels = hashSuffixes(name)
    for (let label = 0; label < labels; label++) {
      const from = labelStarts[label] as number
      const target = this.#find(message, start, name, from, suffixHashes[label] as number)
      if (target !== 0) return { labelsOctets: from, target }
      if (start + from >= POINTER_TARGET_MIN && start + from <= POINTER_TARGET_MAX)
        this.#note(start + from, suffixHashes[label] as number)
    }
    return undefined
  }

  #find(message: Uint8Array, written: number, name: Name, from: number, hash: number): number {
    for (let probe = 0; probe < PROBES; probe++) {
      const offset = this.#offsets[(hash + probe) & (SLOTS - 1)] as number
      if (offset === 0) return 0
      if (offset < written && standsAt(message, written, offset, name, from)) return offset
    }
    return 0
  }

  #note(offset: number, hash: number): void {
    this.#used = true
    for (let probe = 0; probe < PROBES; probe++) {
      const slot = (hash + probe) & (SLOTS - 1)
      if (this.#offsets[slot] !== 0) continue
      this.#offsets[slot] = offset
      return
    }
  }
}

/** Fills `labelStarts` and `suffixHashes`; returns the number of labels, without the root. */
function hashSuffixes(name: Name): number {
  let labels = 0
  for (let at = 0; name[at] !== 0; at += (name[at] as number) + 1) labelStarts[labels++] = at
  let hash = 0
  let end = name.length - 1
  for (let label = labels - 1; label >= 0; label--) {
    const start = labelStarts[label] as number
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (name[at] as number)) | 0
    hash ^= hash >>> 15
    suffixHashes[label] = hash
    end = start
  }
  return labels
}

/** Whether the suffix of `name` that starts at `from` is what one reads at `offset`. */
function standsAt(message: Uint8Array, written: number, offset: number, name: Name, from: number): boolean {
  let at = offset
  let segment = offset
  let bound = written
  let hops = 0
  for (let want = from; ;) {
    if (at >= bound) return false
    let length = message[at] as number
    if (length >= 0xc0) {
      if (at + 1 >= bound) return false
      const target = ((length & 0x3f) << 8) | (message[at + 1] as number)
      if (target >= segment || ++hops > POINTERS_MAX) return false
      bound = segment
      segment = target
      at = target
      continue
    }
    if (length !== name[want]) return false
    if (length === 0) return true
    if (at + length >= bound) return false
    for (; length >= 0; length--) if (message[at++] !== name[want++]) return false
  }
}
