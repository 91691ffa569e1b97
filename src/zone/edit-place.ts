/**
 * Where a record is in a tree of pages, or where it would be: what an edit must know before it changes anything.
 *
 * Hot: once per record that is taken in. Records mostly come in canonical order, so the place behind the last record of
 * the tree is kept at hand. If they do not, those of one owner mostly come together, in whatever order; so the owner
 * looked for last is kept at hand as well.
 */

import type { ArenaView, Pointer } from './arena-view.ts'
import { childCount, lastRecord, ownersOf, recordOctetsOf, recordsAt, slotOffset } from './page.ts'
import { PagePath } from './page-path.ts'
import { findSlot } from './page-search.ts'
import { SortKey } from './sort-key.ts'
import { compareOwners, compareWithinOwner, ownerEnd, recordEndAfter, sameOwner, typeAfter } from './stored-record.ts'

const NO_TYPE = -1

/** Of the record looked for; good until the next is. */
const key = new SortKey()

export class EditPlace {
  readonly arena: ArenaView
  /** The way to the leaf. */
  readonly path: PagePath
  /** Where in the leaf the record is or would be, and where it ends (the same if it is not there). */
  offset = 0
  stop = 0
  /** The slot of its owner in the leaf, or, if the leaf has none of its records, of the first owner behind it. */
  slot = 0
  isOwnerInLeaf = false
  /** The types of the records before and behind it, where they are of its owner and in its leaf. */
  typeBefore = NO_TYPE
  typeBehind = NO_TYPE
  /** Where in the last leaf the last record begins, while the path leads there; −1 otherwise. */
  last = -1
  /** Whether path and slot are still what they were when a place was last found. */
  #isCurrent = false

  constructor(arena: ArenaView, root: Pointer, height: number) {
    this.arena = arena
    this.path = new PagePath(arena)
    this.path.open(root, height)
  }

  /** Finds the place of a record, given where its owner ends in `octets`. True if a record that is the same is there. Hot. */
  find(octets: Uint8Array, at: number, end: number): boolean {
    const { path } = this
    if (path.root === 0) return this.#beBefore(0, false, 0)
    if (this.last >= 0) {
      const page = this.arena.octetsOf(path.leaf)
      const lastAt = recordsAt(this.arena, path.leaf) + this.last
      if (sameOwner(octets, at, page, lastAt)) {
        const order = compareWithinOwner(octets, end, page, lastAt + end - at)
        if (order > 0) return this.#beLast(typeAfter(page, lastAt + end - at))
        const slot = this.#slots() - 1
        if (slot > 0 || path.height === 0) return this.#findInOwner(slot, octets, end)
      } else if (compareOwners(octets, at, page, lastAt) > 0) {
        return this.#beLast(NO_TYPE)
      }
      this.last = -1
    } else if (this.#isCurrent && this.#isAtOwner(octets, at)) {
      return this.#findInOwner(this.slot, octets, end)
    }
    key.setOwner(octets, at, end)
    path.toRecord(key.octets, key.putType(typeAfter(octets, end)), octets, end)
    this.#isCurrent = true
    return this.#findInLeaf(octets, end)
  }

  /** The shape of the tree has changed, so the way has to be found again. */
  forget(): void {
    this.last = -1
    this.#isCurrent = false
  }

  /** Whether the record found is the only one of its owner in its leaf. */
  isAloneInLeaf(): boolean {
    return this.typeBefore === NO_TYPE && this.typeBehind === NO_TYPE
  }

  /** Whether the tree has other records of the owner. */
  hasOwner(octets: Uint8Array, at: number): boolean {
    if (!this.isAloneInLeaf()) return true
    return this.#isBeyond(octets, at, NO_TYPE)
  }

  /** Whether the tree has other records of the owner with this type. */
  hasType(octets: Uint8Array, at: number, type: number): boolean {
    if (this.typeBefore === type || this.typeBehind === type) return true
    return this.#isBeyond(octets, at, type)
  }

  /** Whether the owner has records in a leaf before or behind this one. */
  isOwnerBeyond(octets: Uint8Array, at: number): boolean {
    if (this.path.height === 0) return false
    if (!this.isOwnerInLeaf) return this.#isBeyond(octets, at, NO_TYPE)
    const slots = this.#slots()
    return (
      (this.slot === 0 && this.#isBefore(octets, at, NO_TYPE)) ||
      (this.slot === slots - 1 && this.#isBehind(octets, at, NO_TYPE))
    )
  }

  /** Counts the owner's records in this leaf with a type, and its types. */
  countInLeaf(type: number): { records: number; types: number } {
    const counts = { records: 0, types: 0 }
    if (!this.isOwnerInLeaf) return counts
    const { leaf } = this.path
    const page = this.arena.octetsOf(leaf)
    const start = recordsAt(this.arena, leaf)
    const stop = start + this.#ownerStop(this.slot)
    let at = start + slotOffset(this.arena, this.path.leaf, this.slot)
    const ownerOctets = ownerEnd(page, at) - at
    for (let before = NO_TYPE; at < stop; at = recordEndAfter(page, at + ownerOctets)) {
      const own = typeAfter(page, at + ownerOctets)
      if (own === type) counts.records++
      if (own !== before) counts.types++
      before = own
    }
    return counts
  }

  /** Whether the path leads to the last leaf of all. */
  isLastLeaf(): boolean {
    const { path, arena } = this
    for (let level = 0; level < path.height; level++) {
      if ((path.indexes[level] as number) !== childCount(arena, path.pages[level] as Pointer) - 1) return false
    }
    return true
  }

  /** Whether an owner is the one at hand, and has all its records in this leaf. */
  #isAtOwner(octets: Uint8Array, at: number): boolean {
    const { arena, slot } = this
    const { leaf } = this.path
    if (slot === 0 || slot + 1 >= ownersOf(arena, leaf)) return false
    return sameOwner(octets, at, arena.octetsOf(leaf), recordsAt(arena, leaf) + slotOffset(arena, leaf, slot))
  }

  #findInLeaf(octets: Uint8Array, end: number): boolean {
    const { arena } = this
    const { leaf } = this.path
    const found = findSlot(arena, leaf, key.octets, key.length)
    if (found >= 0) return this.#findInOwner(found, octets, end)
    const slot = ~found
    return this.#beBefore(
      slot,
      false,
      slot < ownersOf(arena, leaf) ? slotOffset(arena, leaf, slot) : recordOctetsOf(arena, leaf),
    )
  }

  /** Finds the place among the records of one owner in the leaf. */
  #findInOwner(slot: number, octets: Uint8Array, end: number): boolean {
    const { leaf } = this.path
    const page = this.arena.octetsOf(leaf)
    const base = recordsAt(this.arena, leaf)
    const stop = base + this.#ownerStop(slot)
    let at = base + slotOffset(this.arena, this.path.leaf, slot)
    const ownerOctets = ownerEnd(page, at) - at
    let typeBefore = NO_TYPE
    while (at < stop) {
      const order = compareWithinOwner(octets, end, page, at + ownerOctets)
      if (order <= 0) {
        const next = recordEndAfter(page, at + ownerOctets)
        this.#beBefore(slot, true, at - base)
        this.typeBefore = typeBefore
        if (order < 0) this.typeBehind = typeAfter(page, at + ownerOctets)
        else {
          this.stop = next - base
          this.typeBehind = next < stop ? typeAfter(page, next + ownerOctets) : NO_TYPE
        }
        return order === 0
      }
      typeBefore = typeAfter(page, at + ownerOctets)
      at = recordEndAfter(page, at + ownerOctets)
    }
    this.#beBefore(slot, true, stop - base)
    this.typeBefore = typeBefore
    return false
  }

  #beLast(typeBefore: number): false {
    const isOwnerInLeaf = typeBefore !== NO_TYPE
    this.#beBefore(this.#slots() - (isOwnerInLeaf ? 1 : 0), isOwnerInLeaf, this.#end())
    this.typeBefore = typeBefore
    return false
  }

  #beBefore(slot: number, isOwnerInLeaf: boolean, offset: number): false {
    this.slot = slot
    this.isOwnerInLeaf = isOwnerInLeaf
    this.offset = offset
    this.stop = offset
    this.typeBefore = NO_TYPE
    this.typeBehind = NO_TYPE
    return false
  }

  #isBeyond(octets: Uint8Array, at: number, type: number): boolean {
    if (this.path.height === 0) return false
    if (this.offset === 0 && this.#isBefore(octets, at, type)) return true
    return this.stop === this.#end() && this.#isBehind(octets, at, type)
  }

  /** Whether the leaf before ends with the owner, and with a type if one is given. */
  #isBefore(octets: Uint8Array, at: number, type: number): boolean {
    const leaf = this.path.peekPrevious()
    if (leaf === 0) return false
    const page = this.arena.octetsOf(leaf)
    const base = recordsAt(this.arena, leaf)
    const lastOwner = base + slotOffset(this.arena, leaf, ownersOf(this.arena, leaf) - 1)
    if (!sameOwner(octets, at, page, lastOwner)) return false
    return type === NO_TYPE || typeAfter(page, ownerEnd(page, base + lastRecord(this.arena, leaf))) === type
  }

  /** Whether the leaf behind begins with the owner, and with a type if one is given. */
  #isBehind(octets: Uint8Array, at: number, type: number): boolean {
    const leaf = this.path.peekNext()
    if (leaf === 0) return false
    const page = this.arena.octetsOf(leaf)
    const first = recordsAt(this.arena, leaf)
    return sameOwner(octets, at, page, first) && (type === NO_TYPE || typeAfter(page, ownerEnd(page, first)) === type)
  }

  #slots(): number {
    return ownersOf(this.arena, this.path.leaf)
  }

  #end(): number {
    return recordOctetsOf(this.arena, this.path.leaf)
  }

  #ownerStop(slot: number): number {
    return slot + 1 < this.#slots() ? slotOffset(this.arena, this.path.leaf, slot + 1) : this.#end()
  }
}
