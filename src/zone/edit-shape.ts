/**
 * A tree of pages that grows while it is edited: pages are linked and parted, levels added.
 *
 * All of it works on the pages along one way from the root to a leaf. Before a leaf is put beside another, `makeRoom`
 * sees to it that the page above can take one child more, so no change of shape ever has to be carried on upwards. What
 * makes the way stale says so; whoever asked then has to find the place again.
 */

import type { Arena } from './arena.ts'
import type { Pointer } from './arena-view.ts'
import type { EditPages } from './edit-pages.ts'
import { childCount, ENTRY, INNER_OCTETS, lastRecord, PAGE_HEAD_OCTETS, recordsAt, recordsOf } from './page.ts'
import {
  addRecords,
  CHILD_OCTETS_MAX,
  copyChildren,
  innerRoom,
  innerUse,
  insertChild,
  newInner,
  recordsUnder,
  Separator,
  setChild,
} from './page-inner.ts'
import type { PagePath } from './page-path.ts'

const NOTHING = new Separator()
/** What is put between two pages at the moment. */
const between = new Separator()

export class EditShape {
  readonly #arena: Arena
  readonly #pages: EditPages
  readonly #path: PagePath

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
    const separator = between.part(left, leftAt, arena.octetsOf(leaf), recordsAt(arena, leaf))
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
    const separator = between.take(arena, page, at)
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
