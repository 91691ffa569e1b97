/**
 * Changing a tree of pages: a B+tree whose pages are copied when they are first written to.
 *
 * Pages that this edit has made are changed in place, all others belong to the version before. A page is made by this
 * edit only if all pages above it are, so a look at the leaf tells for the whole way. What changes the shape of the tree
 * may leave the way stale, and the place is found again: that happens once in a hundred records.
 *
 * Records that come in order fill their pages to the last octet, for a full last page is left as it is and a new one
 * begun behind it. All other full pages are parted in the middle, between owners if possible.
 */

import type { Arena } from './arena.ts'
import type { Pointer } from './arena-view.ts'
import { EditJoin, LEAF_OCTETS_POOR } from './edit-join.ts'
import type { EditPages } from './edit-pages.ts'
import { EditPlace } from './edit-place.ts'
import { EditShape } from './edit-shape.ts'
import { EditTail } from './edit-tail.ts'
import { LEAF_OCTETS, pageSize, recordOctetsOf, recordsAt, recordsOf, slotOffset } from './page.ts'
import { copyLeaf, hasRoom, insertRecord, leafNeed, leafUse, middleOf } from './page-leaf.ts'
import { newLeaf, removeRecord, splitLeaf } from './page-leaf.ts'
import { ownerEnd } from './stored-record.ts'
import { type LeafWritten, TailLeaf } from './tail-leaf.ts'

/** A record so large that it gets a leaf for itself rather than that others move. */
const LARGE_OCTETS = LEAF_OCTETS / 2
/** How much of a full last leaf may move on, so that the records of its last owner stay together. */
const MOVED_OCTETS_MAX = LEAF_OCTETS / 8

export class EditTree {
  /** Where the last record looked for is, or would be. */
  readonly place: EditPlace
  readonly #arena: Arena
  readonly #pages: EditPages
  readonly #shape: EditShape
  readonly #join: EditJoin
  /** A leaf that is known to be made by this edit. */
  #owned: Pointer = 0
  #tail: EditTail | undefined
  #tailLeaf: TailLeaf | undefined

  constructor(pages: EditPages, root: Pointer, height: number) {
    this.#arena = pages.arena
    this.#pages = pages
    this.place = new EditPlace(pages.arena, root, height)
    this.#shape = new EditShape(pages, this.place.path)
    this.#join = new EditJoin(pages, this.place.path)
  }

  /** Where records are gathered that come in order; undefined where they are not. What else is done must be preceded by `settle`. */
  get tail(): EditTail | undefined {
    return this.#tail
  }

  /** Gathers records that come in order, in a tree with nothing in it. `written` hears of each leaf that is made of them. */
  gather(written: LeafWritten): void {
    this.#tailLeaf = new TailLeaf(this.#pages, this.place, this.#shape, written)
    this.#tail = new EditTail(this.#tailLeaf)
  }

  /** Puts what was gathered into the tree, so that it can be looked into and changed. */
  settle(): void {
    if (this.#tail === undefined) return
    this.#tail.settle()
    this.#tailLeaf?.leave()
    if (!this.#tail.isClosed) return
    this.#tail = undefined
    this.#tailLeaf = undefined
  }

  get root(): Pointer {
    return this.place.path.root
  }

  get height(): number {
    return this.place.path.height
  }

  /** Puts a record in at its place, which was just looked for and is free. Hot: once per record that is taken in. */
  insert(octets: Uint8Array, at: number, end: number): void {
    const arena = this.#arena
    const { place } = this
    const { path } = place
    if (path.root === 0) this.#plant(end - at)
    while (!this.#hasRoom(end - at, !place.isOwnerInLeaf)) {
      const isLastLeaf = place.isLastLeaf()
      if (this.#shape.makeRoom(isLastLeaf)) {
        if (this.#isForNewLeaf(end - at, isLastLeaf)) return this.#insertInNewLeaf(octets, at, end, isLastLeaf)
        this.#part(end - at, isLastLeaf)
      }
      place.forget()
      place.find(octets, at, ownerEnd(octets, at))
    }
    const isLast = place.offset === recordOctetsOf(arena, path.leaf)
    insertRecord(arena, path.leaf, place.offset, place.slot, !place.isOwnerInLeaf, octets, at, end)
    this.#shape.count(1)
    if (place.last < 0) {
      if (isLast && place.isLastLeaf()) place.last = place.offset
    } else {
      place.last = isLast ? place.offset : place.last + end - at
    }
  }

  /** Writes a record over the one at its place, which is the same but for its TTL and the case of names. */
  replace(octets: Uint8Array, at: number, end: number): void {
    this.#own()
    const { leaf } = this.place.path
    this.#arena.octetsOf(leaf).set(octets.subarray(at, end), recordsAt(this.#arena, leaf) + this.place.offset)
  }

  /** Takes out the record at its place, which was just looked for and found. */
  remove(): void {
    const { place } = this
    const { path } = place
    this.#own()
    removeRecord(this.#arena, path.leaf, place.offset, place.stop - place.offset, place.slot, place.isAloneInLeaf())
    this.#shape.count(-1)
    place.last = -1
    this.#owned = 0
    const isPoor = path.height > 0 && leafUse(this.#arena, path.leaf) < LEAF_OCTETS_POOR
    if (recordsOf(this.#arena, path.leaf) === 0) {
      this.#join.dropLeaf()
      place.forget()
    } else if (isPoor && this.#join.joinLeaf()) {
      place.forget()
    } else {
      this.#shrink(2)
    }
  }

  /** Gives back what the last leaf does not use: it was made to take a page full of records. */
  trim(): void {
    const { path } = this.place
    if (path.root === 0) return
    path.toLast()
    if (this.#pages.isMade(path.leaf)) this.#shrink(1.1)
  }

  /** Makes the leaf one of this edit's. Hot. */
  #own(): void {
    const { path } = this.place
    if (path.leaf === this.#owned) return
    if (!this.#pages.isMade(path.leaf)) {
      this.#shape.ownInner()
      this.#shape.replaceLeaf(this.#pages.clone(path.leaf))
    }
    this.#owned = path.leaf
  }

  /** Makes the leaf one of this edit's with room for a record of so many octets; false if one leaf cannot have it. Hot. */
  #hasRoom(octets: number, isNewOwner: boolean): boolean {
    const arena = this.#arena
    const { path } = this.place
    this.#own()
    const need = leafUse(arena, path.leaf) + leafNeed(octets, 1) - leafNeed(0, 0)
    if (need > LEAF_OCTETS && recordsOf(arena, path.leaf) > 0) return false
    if (hasRoom(arena, path.leaf, octets, isNewOwner)) return true
    this.#shape.replaceLeaf(this.#pages.make(copyLeaf(arena, path.leaf, need, 1)))
    this.#owned = path.leaf
    return true
  }

  /** Begins a tree with an empty leaf for one record of so many octets. */
  #plant(octets: number): void {
    const { path } = this.place
    const leaf = this.#pages.make(newLeaf(this.#arena, leafNeed(octets, 1), 1))
    path.open(leaf, 0)
    path.leaf = leaf
  }

  /** Whether a record that no longer fits shall begin a new leaf at one end of its leaf. */
  #isForNewLeaf(octets: number, isLastLeaf: boolean): boolean {
    const { offset, path } = this.place
    const isFirst = offset === 0
    const isLast = offset === recordOctetsOf(this.#arena, path.leaf)
    if (!isFirst && !isLast) return false
    if (octets > LARGE_OCTETS || recordsOf(this.#arena, path.leaf) === 1) return true
    return isLast && isLastLeaf && !this.#canMoveOwner()
  }

  /** Whether the records of the last owner, which has one more now, can move on to a new leaf together. */
  #canMoveOwner(): boolean {
    const { slot, offset, isOwnerInLeaf, path } = this.place
    return isOwnerInLeaf && slot > 0 && offset - slotOffset(this.#arena, path.leaf, slot) <= MOVED_OCTETS_MAX
  }

  #insertInNewLeaf(octets: Uint8Array, at: number, end: number, isLastLeaf: boolean): void {
    const { place } = this
    const isFirst = place.offset === 0
    const isLast = isLastLeaf && !isFirst
    const need = leafNeed(end - at, 1)
    const leaf = this.#pages.make(newLeaf(this.#arena, isLast ? Math.max(need, LEAF_OCTETS) : need, 1))
    insertRecord(this.#arena, leaf, 0, 0, true, octets, at, end)
    this.#shape.count(1)
    if (isFirst) this.#shape.putBefore(leaf)
    else this.#shape.putBehind(leaf, 1)
    place.last = isLast ? 0 : -1
  }

  /** Parts a full leaf. */
  #part(octets: number, isLastLeaf: boolean): void {
    const arena = this.#arena
    const { offset, slot, path } = this.place
    const movesOwner = isLastLeaf && offset === recordOctetsOf(arena, path.leaf) && this.#canMoveOwner()
    let from = offset
    if (movesOwner) from = slotOffset(arena, path.leaf, slot)
    else if (octets <= LARGE_OCTETS) from = middleOf(arena, path.leaf)
    const right = this.#pages.make(splitLeaf(arena, path.leaf, from, movesOwner ? LEAF_OCTETS : 0))
    this.#shrink(1.3)
    this.#shape.putBehind(right, recordsOf(arena, right))
  }

  /** Puts the leaf in a smaller page if it has so many times what it uses. */
  #shrink(times: number): void {
    const arena = this.#arena
    const { leaf } = this.place.path
    const use = leafUse(arena, leaf)
    if (use * times > pageSize(arena, leaf)) return
    const copy = copyLeaf(arena, leaf, use, 0)
    if (pageSize(arena, copy) < pageSize(arena, leaf)) this.#shape.replaceLeaf(this.#pages.make(copy))
    else arena.free(copy)
  }
}
