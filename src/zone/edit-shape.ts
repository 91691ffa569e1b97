/**
 * The shape of a tree of pages while it is edited: levels added and taken away, pages linked, parted and joined.
 *
 * All of it works on the pages along one way from the root to a leaf. Before a leaf is put beside another, `makeRoom`
 * sees to it that the page above can take one child more, so no change of shape ever has to be carried on upwards. What
 * makes the way stale says so; whoever asked then has to find the place again.
 */

import type { Arena } from './arena.ts'
import type { Pointer } from './arena-view.ts'
import type { EditPages } from './edit-pages.ts'
import {
  childAt,
  childCount,
  ENTRY,
  INNER_OCTETS,
  lastRecord,
  LEAF_OCTETS,
  PAGE_HEAD_OCTETS,
  recordsAt,
  recordsOf,
} from './page.ts'
import {
  addRecords,
  CHILD_OCTETS_MAX,
  copyChildren,
  innerRoom,
  innerUse,
  insertChild,
  newInner,
  recordsBelow,
  recordsUnder,
  removeChild,
  Separator,
  setChild,
} from './page-inner.ts'
import { joinLeaves, leafUse } from './page-leaf.ts'
import type { PagePath } from './page-path.ts'

/** A page that needs less than this looks for a neighbour to join, … */
export const LEAF_OCTETS_POOR = LEAF_OCTETS / 4
const INNER_OCTETS_POOR = INNER_OCTETS / 4
/** … and joins it if this is enough for both. */
const LEAF_OCTETS_JOINED = (LEAF_OCTETS / 4) * 3
const INNER_OCTETS_JOINED = (INNER_OCTETS / 4) * 3

const NOTHING = new Separator()

export class EditShape {
  readonly #arena: Arena
  readonly #pages: EditPages
  readonly #path: PagePath
  readonly #separator = new Separator()

  constructor(pages: EditPages, path: PagePath) {
    this.#arena = pages.arena
    this.#pages = pages
    this.#path = path
  }

  /** Makes every inner page on the way one of this edit's. */
  ownInner(): void {
    const path = this.#path
    for (let level = 0; level < path.height; level++) {
      const page = path.pages[level] as Pointer
      if (!this.#pages.isMade(page)) this.#replace(level, this.#pages.clone(page))
    }
  }

  /** Puts a page in the place of the leaf at the end of the way. */
  replaceLeaf(leaf: Pointer): void {
    const path = this.#path
    this.#link(path.height, leaf)
    this.#pages.drop(path.leaf)
    path.leaf = leaf
  }

  /** Counts records that were put into the leaf, or taken out. Hot. */
  count(records: number): void {
    const { height, pages, indexes } = this.#path
    for (let level = 0; level < height; level++) {
      addRecords(this.#arena, pages[level] as Pointer, indexes[level] as number, records)
    }
  }

  /** Sees to it that one more leaf can be put beside the leaf. False if that made the way stale. */
  makeRoom(isLastLeaf: boolean): boolean {
    const path = this.#path
    let level = path.height - 1
    if (level < 0) {
      this.#raise(recordsOf(this.#arena, path.leaf))
      path.pages[0] = path.root
      path.indexes[0] = 0
      return true
    }
    if (this.#hasRoom(level)) return true
    while (level > 0 && !this.#hasRoom(level - 1)) level--
    if (level === 0) this.#raise(recordsUnder(this.#arena, path.root))
    else this.#split(level, isLastLeaf)
    return false
  }

  /** Puts a leaf behind the one at the end of the way, and goes there. So many records, counted below that one, are in it. */
  putBehind(leaf: Pointer, records: number): void {
    const path = this.#path
    const arena = this.#arena
    const left = arena.octetsOf(path.leaf)
    const leftAt = recordsAt(arena, path.leaf) + lastRecord(arena, path.leaf)
    const separator = this.#separator.part(left, leftAt, arena.octetsOf(leaf), recordsAt(arena, leaf))
    const level = path.height - 1
    const index = path.indexes[level] as number
    addRecords(arena, path.pages[level] as Pointer, index, -records)
    this.#insert(level, index + 1, leaf, records, separator)
    path.indexes[level] = index + 1
    path.leaf = leaf
  }

  /** Puts a leaf before the one at the end of the way; goes on leading to that. Its records are counted below that one. */
  putBefore(leaf: Pointer): void {
    const path = this.#path
    const right = path.leaf
    this.#link(path.height, leaf)
    path.leaf = leaf
    this.putBehind(right, recordsOf(this.#arena, right))
  }

  /** Takes away the leaf at the end of the way, which has no more records. The way is stale then. */
  dropLeaf(): void {
    const path = this.#path
    this.#pages.drop(path.leaf)
    for (let level = path.height - 1; level >= 0; level--) {
      const page = path.pages[level] as Pointer
      removeChild(this.#arena, page, path.indexes[level] as number)
      if (childCount(this.#arena, page) > 0) return this.#enrich(level)
      this.#pages.drop(page)
    }
    path.open(0, 0)
  }

  /** Joins the leaf with a neighbour if both fit well into one page. The way is stale then, and the answer true. */
  joinLeaf(): boolean {
    const path = this.#path
    const level = path.height - 1
    const index = path.indexes[level] as number
    return this.#joinLeaves(level, index - 1) || this.#joinLeaves(level, index)
  }

  #joinLeaves(level: number, index: number): boolean {
    const arena = this.#arena
    const page = this.#path.pages[level] as Pointer
    if (index < 0 || index + 1 >= childCount(arena, page)) return false
    const left = childAt(arena, page, index)
    const right = childAt(arena, page, index + 1)
    if (leafUse(arena, left) + leafUse(arena, right) > LEAF_OCTETS_JOINED) return false
    this.#fuse(page, index, this.#pages.make(joinLeaves(arena, left, right)))
    this.#enrich(level)
    return true
  }

  /** Lets poor inner pages join a neighbour, from a level up, and takes away roots with a single child. */
  #enrich(from: number): void {
    const path = this.#path
    for (let level = from; level > 0; level--) {
      const index = path.indexes[level - 1] as number
      if (innerUse(this.#arena, path.pages[level] as Pointer) >= INNER_OCTETS_POOR) break
      if (!this.#joinInner(level - 1, index - 1) && !this.#joinInner(level - 1, index)) break
    }
    while (path.height > 0 && childCount(this.#arena, path.root) === 1) {
      const root = path.root
      path.open(childAt(this.#arena, root, 0), path.height - 1)
      this.#pages.drop(root)
    }
  }

  #joinInner(level: number, index: number): boolean {
    const arena = this.#arena
    const page = this.#path.pages[level] as Pointer
    if (index < 0 || index + 1 >= childCount(arena, page)) return false
    const left = childAt(arena, page, index)
    const right = childAt(arena, page, index + 1)
    const separator = this.#separator.take(arena, page, index + 1)
    const octets = innerUse(arena, left) + innerUse(arena, right) + separator.length - PAGE_HEAD_OCTETS
    if (octets > INNER_OCTETS_JOINED) return false
    const whole = this.#pages.make(newInner(arena, octets))
    const children = childCount(arena, left)
    copyChildren(arena, left, 0, children, whole)
    insertChild(arena, whole, children, childAt(arena, right, 0), recordsBelow(arena, right, 0), separator)
    copyChildren(arena, right, 1, childCount(arena, right), whole)
    this.#fuse(page, index, whole)
    return true
  }

  /** Puts one page in the place of two neighbours. */
  #fuse(page: Pointer, index: number, whole: Pointer): void {
    const arena = this.#arena
    this.#pages.drop(childAt(arena, page, index))
    this.#pages.drop(childAt(arena, page, index + 1))
    setChild(arena, page, index, whole)
    addRecords(arena, page, index, recordsBelow(arena, page, index + 1))
    removeChild(arena, page, index + 1)
  }

  #hasRoom(level: number): boolean {
    return innerUse(this.#arena, this.#path.pages[level] as Pointer) + CHILD_OCTETS_MAX <= INNER_OCTETS
  }

  /** Puts a new root above the root. */
  #raise(records: number): void {
    const path = this.#path
    const root = this.#pages.make(newInner(this.#arena, PAGE_HEAD_OCTETS + ENTRY.octets))
    insertChild(this.#arena, root, 0, path.root, records, NOTHING)
    const { leaf } = path
    path.open(root, path.height + 1)
    path.leaf = leaf
  }

  /** Parts an inner page, in the middle or, at the very end of the tree, before its last child. */
  #split(level: number, isLastLeaf: boolean): void {
    const arena = this.#arena
    const path = this.#path
    const page = path.pages[level] as Pointer
    const children = childCount(arena, page)
    const at = isLastLeaf ? children - 1 : children >>> 1
    const octets = innerUse(arena, page)
    const left = this.#pages.make(newInner(arena, octets))
    const right = this.#pages.make(newInner(arena, octets))
    copyChildren(arena, page, 0, at, left)
    copyChildren(arena, page, at, children, right)
    const separator = this.#separator.take(arena, page, at)
    this.#replace(level, left)
    const records = recordsUnder(arena, right)
    const index = path.indexes[level - 1] as number
    addRecords(arena, path.pages[level - 1] as Pointer, index, -records)
    this.#insert(level - 1, index + 1, right, records, separator)
  }

  /** Puts a child into an inner page, which may have to be copied to drop what it no longer needs, or to grow. */
  #insert(level: number, index: number, child: Pointer, records: number, separator: Separator): void {
    const arena = this.#arena
    const page = this.#path.pages[level] as Pointer
    const octets = ENTRY.octets + separator.length
    if (innerRoom(arena, page) < octets) {
      const copy = this.#pages.make(newInner(arena, innerUse(arena, page) + octets))
      copyChildren(arena, page, 0, childCount(arena, page), copy)
      this.#replace(level, copy)
    }
    insertChild(arena, this.#path.pages[level] as Pointer, index, child, records, separator)
  }

  /** Puts a page in the place of the inner page at a level. */
  #replace(level: number, page: Pointer): void {
    const path = this.#path
    this.#link(level, page)
    this.#pages.drop(path.pages[level] as Pointer)
    path.pages[level] = page
  }

  #link(level: number, page: Pointer): void {
    const path = this.#path
    if (level === 0) path.root = page
    else setChild(this.#arena, path.pages[level - 1] as Pointer, path.indexes[level - 1] as number, page)
  }
}
