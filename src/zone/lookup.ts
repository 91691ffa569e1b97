/**
 * What a version of a zone holds for a name (RFC 1034 §4.3.2 step 3, RFC 4592 §3.3, RFC 6672 §3.2).
 *
 * One descent through the tree finds a name, its neighbours, or that it is missing; names above it are looked at only
 * in zones with cuts or DNAMEs, from the apex down, so that the topmost cut wins and what lies below one is never seen.
 * A wildcard is sought at the closest encloser and nowhere else. Hot: runs once or more per answer, allocates nothing.
 */

import { FOLDED } from '../dns/name.ts'
import { type ArenaView, CHUNK_MASK, type Pointer } from './arena-view.ts'
import { Cursor } from './cursor.ts'
import { VERSION } from './page.ts'
import { SortKey } from './sort-key.ts'
import { OWNER_END, TYPE } from './stored-record.ts'

/** What a name turned out to be. */
export const FOUND = {
  /** It has records: the cursor stands on the first. The apex is always found, even if it has nothing but its SOA. */
  name: 0,
  /** It has none, but names below it have: an empty non-terminal. */
  empty: 1,
  /** It, or a name above it, is delegated: the cursor stands on the first NS record of the cut. */
  cut: 2,
  /** A name above it has a DNAME: the cursor stands on that. */
  dname: 3,
  /** It does not exist, but a wildcard makes it up: the cursor stands on the wildcard's first record. */
  wildcard: 4,
  /** It does not exist. */
  nothing: 5,
} as const

const LABELS_MAX = 127
const starts = new Uint8Array(LABELS_MAX + 1)

export class Lookup {
  /** On what was found: among the names, or among what is answered in place of them. */
  cursor: Cursor
  readonly key = new SortKey()
  /** Labels, relative to the apex, of the cut or DNAME that was found, or of the closest encloser above a wildcard. */
  labels = 0
  readonly #arena: ArenaView
  readonly #names: Cursor
  readonly #overlay: Cursor
  #isCovered = false
  #cuts = false
  #dnames = false
  #wildcards = false

  constructor(arena: ArenaView) {
    this.#arena = arena
    this.#names = new Cursor(arena)
    this.#overlay = new Cursor(arena)
    this.cursor = this.#names
  }

  /** Turns to a version. */
  open(version: Pointer): void {
    const words = this.#arena.wordsOf(version)
    const head = (version & CHUNK_MASK) << 2
    this.#cuts = words[head + VERSION.cuts] !== 0
    this.#dnames = words[head + VERSION.dnames] !== 0
    this.#wildcards = words[head + VERSION.wildcards] !== 0
    this.#names.openNames(version)
    this.#isCovered = words[head + VERSION.overlay] !== 0
    if (this.#isCovered) this.#overlay.openOverlay(version)
  }

  /**
   * Seeks the name whose labels stand in `octets` from `at` to `end`, where the apex begins. Returns one of `FOUND`. For
   * type DS a cut is the parent's own name, not the child's (RFC 4035 §3.1.4.1).
   */
  find(octets: Uint8Array, at: number, end: number, type: number): number {
    this.cursor = this.#names
    this.key.setOwner(octets, at, end)
    const found = this.#find(type)
    if (this.#isCovered && (found === FOUND.name || found === FOUND.wildcard)) this.#uncover()
    return found
  }

  #find(type: number): number {
    const { key, cursor } = this
    const labels = key.labels
    if (labels === 0) {
      this.labels = 0
      if (!cursor.seek(key)) cursor.leave()
      return FOUND.name
    }
    if (this.#cuts || this.#dnames) {
      const above = this.#findAbove()
      if (above !== FOUND.name) return above
    }
    if (cursor.seek(key)) {
      if (!this.#cuts || type === TYPE.DS || !cursor.hasType(TYPE.NS)) return FOUND.name
      cursor.seekType(TYPE.NS)
      this.labels = labels
      return FOUND.cut
    }
    if (this.#sharedLabels() === labels) return FOUND.empty
    return this.#wildcards ? this.#findWildcard(this.#closestEncloser()) : FOUND.nothing
  }

  /** Goes to a name's first record, whatever stands above it: for glue. False if it has none. */
  findAnywhere(octets: Uint8Array, at: number, end: number): boolean {
    this.cursor = this.#names
    this.key.setOwner(octets, at, end)
    return this.cursor.seekNear(this.key)
  }

  /** Where something else is answered for the owner that was found, the cursor stands on that. */
  #uncover(): void {
    if (this.#overlay.seek(this.key)) this.cursor = this.#overlay
  }

  /** Looks for a cut or DNAME among the names above, from the apex down; `FOUND.name` says that nothing is in the way. */
  #findAbove(): number {
    const { key, cursor } = this
    for (let labels = this.#dnames ? 0 : 1; labels < key.labels; labels++) {
      this.labels = labels
      if (cursor.seek(key, key.ends[labels])) {
        if (labels > 0 && this.#cuts && cursor.seekType(TYPE.NS)) return FOUND.cut
        if (this.#dnames && cursor.seekType(TYPE.DNAME)) return FOUND.dname
      } else if (labels > 0 && this.#sharedLabels() < labels) {
        // Nothing has this name and nothing lies below it, so the one before it encloses what was asked for.
        return this.#wildcards ? this.#findWildcard(labels - 1) : FOUND.nothing
      }
    }
    return FOUND.name
  }

  /** Seeks the source of synthesis right below the closest encloser (RFC 4592 §3.3.1). */
  #findWildcard(encloser: number): number {
    const { key, cursor } = this
    this.labels = encloser
    key.setWildcardBelow(encloser)
    if (cursor.seek(key)) return FOUND.wildcard
    // A wildcard without records but with names below exists, so every name has it as an empty source (RFC 4592 §2.2.2).
    return this.#sharedLabels() === key.labels ? FOUND.empty : FOUND.nothing
  }

  /**
   * The longest existing name above a missing one, as its number of labels. In canonical order all names below it lie
   * around the missing one, so one of the two neighbours is below it or is it.
   */
  #closestEncloser(): number {
    const after = this.#sharedLabels()
    if (!this.cursor.previousOwner()) return after
    const before = this.#sharedLabels()
    return before > after ? before : after
  }

  /** How many labels, counted from the apex, the name sought has in common with the one the cursor stands on. */
  #sharedLabels(): number {
    const { key, cursor } = this
    const { octets, at } = cursor
    if (at === -1) return 0
    let count = 0
    for (let start = at; (octets[start] as number) < OWNER_END; start += (octets[start] as number) + 1) {
      starts[count++] = start - at
    }
    const shared = count < key.labels ? count : key.labels
    for (let labels = 0; labels < shared; labels++) {
      const label = at + (starts[--count] as number)
      if (!isLabel(octets, label, key.octets, key.ends[labels] as number)) return labels
    }
    return shared
  }
}

/** Whether a stored label is the one that a sort key has at `k`, where octets 00 and 01 are written as two. */
function isLabel(octets: Uint8Array, start: number, key: Uint8Array, from: number): boolean {
  let k = from
  for (let at = start + 1, last = start + (octets[start] as number); at <= last; at++) {
    let octet = FOLDED[octets[at] as number] as number
    if (octet <= 1 && key[k++] !== 1) return false
    if (octet <= 1) octet++
    if (key[k++] !== octet) return false
  }
  return key[k] === 0
}
