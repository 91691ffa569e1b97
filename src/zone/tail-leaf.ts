/**
 * The leaf that is being filled at the end of a tree: owners are put in one behind the other, and it is written as a page
 * once it is full. So no page is looked at or changed again while records come in order. Hot.
 */

import { offsetOf } from './arena-view.ts'
import type { EditPages } from './edit-pages.ts'
import type { EditPlace } from './edit-place.ts'
import type { EditShape } from './edit-shape.ts'
import { LEAF, LEAF_OCTETS, recordsAt } from './page.ts'
import { leafNeed, newLeaf } from './page-leaf.ts'
import { SORT_KEY_OCTETS_MAX, SortKey } from './sort-key.ts'
import { recordEndAfter, TO_RDATA } from './stored-record.ts'

/** How much of a full leaf stays free rather than that the records of an owner are parted. */
const FREE_OCTETS_MAX = LEAF_OCTETS / 8
const OWNERS_MAX = Math.ceil(LEAF_OCTETS / (TO_RDATA + LEAF.slotOctets))

const key = new SortKey()

/** Hears of the records of a leaf that is now in the tree, which lie in the octets up to `length`. */
export type LeafWritten = (octets: Uint8Array, length: number) => void

export class TailLeaf {
  readonly #pages: EditPages
  readonly #place: EditPlace
  readonly #shape: EditShape
  readonly #written: LeafWritten
  #octets = new Uint8Array(LEAF_OCTETS)
  #length = 0
  #records = 0
  #owners = 0
  /** Of each owner: where its records begin, and where its sort key ends. */
  readonly #starts = new Uint16Array(OWNERS_MAX)
  readonly #keyEnds = new Uint16Array(OWNERS_MAX)
  #keys = new Uint8Array(2 * LEAF_OCTETS)
  /** Whether the way of the tree still leads to its last leaf. */
  #isAtEnd = false

  constructor(pages: EditPages, place: EditPlace, shape: EditShape, written: LeafWritten) {
    this.#pages = pages
    this.#place = place
    this.#shape = shape
    this.#written = written
  }

  get isEmpty(): boolean {
    return this.#owners === 0
  }

  /** The tree is looked into and changed by others. */
  leave(): void {
    this.#isAtEnd = false
  }

  /** Puts the records of the next owner in, whose labels take so many octets in each of them. */
  addOwner(run: Uint8Array, length: number, ownerOctets: number, records: number): void {
    key.setOwner(run, 0, ownerOctets)
    const isFull = leafNeed(this.#length + length, this.#owners + 1) > LEAF_OCTETS
    if (isFull && length <= FREE_OCTETS_MAX) this.write()
    if (!isFull || length <= FREE_OCTETS_MAX) return this.#append(run, 0, length, records)
    for (let at = 0; at < length;) at = this.#appendPart(run, at, length, ownerOctets)
  }

  /** Puts the leaf behind the last one of the tree; the next one is begun. */
  write(): void {
    const owners = this.#owners
    if (owners === 0) return
    const { arena } = this.#pages
    const octets = this.#octets
    const leaf = this.#pages.make(newLeaf(arena, leafNeed(this.#length, owners), owners))
    const base = offsetOf(leaf)
    const halves = arena.halvesOf(leaf)
    const words = arena.wordsOf(leaf)
    const prefix = this.#sharedOctets()
    arena.octetsOf(leaf).set(octets.subarray(0, this.#length), recordsAt(arena, leaf))
    words[(base >>> 2) + LEAF.octetsWord] = this.#length
    halves[(base >>> 1) + LEAF.ownersHalf] = owners
    halves[(base >>> 1) + LEAF.recordsHalf] = this.#records
    halves[(base >>> 1) + LEAF.prefixHalf] = prefix
    const slots = (base >>> 2) + LEAF.slotsWord
    for (let owner = 0; owner < owners; owner++) {
      words[slots + owner] = (this.#headOf(owner, prefix) << 16) | (this.#starts[owner] as number)
    }
    this.#attach(leaf)
    this.#written(octets, this.#length)
    this.#owners = 0
    this.#records = 0
    this.#length = 0
  }

  #attach(leaf: number): void {
    const { path } = this.#place
    if (path.root === 0) {
      path.open(leaf, 0)
      path.leaf = leaf
    } else {
      if (!this.#isAtEnd) path.toLast()
      while (!this.#shape.makeRoom(true)) path.toLast()
      this.#shape.count(this.#records)
      this.#shape.putBehind(leaf, this.#records)
    }
    this.#place.forget()
    this.#isAtEnd = true
  }

  /** Puts in as many records of an owner as there is room for; one that is larger than a leaf gets one for itself. */
  #appendPart(run: Uint8Array, at: number, length: number, ownerOctets: number): number {
    const room = LEAF_OCTETS - leafNeed(this.#length, this.#owners + 1)
    let end = at
    let records = 0
    while (end < length) {
      const next = recordEndAfter(run, end + ownerOctets)
      if (next - at > room && (records > 0 || this.#owners > 0)) break
      end = next
      records++
      if (next - at > room) break
    }
    if (records > 0) this.#append(run, at, end, records)
    if (end < length) this.write()
    return end
  }

  #append(run: Uint8Array, at: number, end: number, records: number): void {
    const owner = this.#owners
    const keyAt = owner === 0 ? 0 : (this.#keyEnds[owner - 1] as number)
    this.#makeRoom(this.#length + end - at, keyAt)
    const octets = this.#octets
    const keys = this.#keys
    this.#starts[owner] = this.#length
    if (end - at > 64) octets.set(run.subarray(at, end), this.#length)
    else for (let p = at, q = this.#length; p < end; p++, q++) octets[q] = run[p] as number
    for (let k = 0; k < key.length; k++) keys[keyAt + k] = key.octets[k] as number
    this.#keyEnds[owner] = keyAt + key.length
    this.#owners = owner + 1
    this.#records += records
    this.#length += end - at
  }

  #makeRoom(octets: number, keyOctets: number): void {
    if (octets > this.#octets.length) this.#octets = larger(this.#octets, octets)
    if (keyOctets + SORT_KEY_OCTETS_MAX > this.#keys.length)
      this.#keys = larger(this.#keys, 2 * keyOctets + SORT_KEY_OCTETS_MAX)
  }

  /** How many octets the sort keys of all owners share: those that the first and the last share. */
  #sharedOctets(): number {
    const keys = this.#keys
    const first = this.#keyEnds[0] as number
    const last = this.#owners - 1
    if (last === 0) return first
    const lastAt = this.#keyEnds[last - 1] as number
    const most = Math.min(first, (this.#keyEnds[last] as number) - lastAt)
    let shared = 0
    while (shared < most && keys[shared] === keys[lastAt + shared]) shared++
    return shared
  }

  /** The two octets of a sort key behind the prefix (page.ts). */
  #headOf(owner: number, prefix: number): number {
    const keys = this.#keys
    const end = this.#keyEnds[owner] as number
    const at = (owner === 0 ? 0 : (this.#keyEnds[owner - 1] as number)) + prefix
    if (at + 1 < end) return ((keys[at] as number) << 8) | (keys[at + 1] as number)
    return at < end ? (keys[at] as number) << 8 : 0
  }
}

function larger(octets: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(least)
  more.set(octets)
  return more
}
