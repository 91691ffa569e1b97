/**
 * A tree of pages that loses records while it is edited: empty pages go, poor ones join a neighbour, levels are taken
 * away. It works on the pages along one way from the root to a leaf, all of which the edit has made.
 */

import type { Arena } from './arena.ts'
import type { Pointer } from './arena-view.ts'
import type { EditPages } from './edit-pages.ts'
import { childAt, childCount, INNER_OCTETS, LEAF_OCTETS, PAGE_HEAD_OCTETS } from './page.ts'
import {
  addRecords,
  copyChildren,
  innerUse,
  insertChild,
  newInner,
  recordsBelow,
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

/** What stands between two pages that are joined at the moment. */
const between = new Separator()

export class EditJoin {
  readonly #arena: Arena
  readonly #pages: EditPages
  readonly #path: PagePath

  constructor(pages: EditPages, path: PagePath) {
    this.#arena = pages.arena
    this.#pages = pages
    this.#path = path
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
    const separator = between.take(arena, page, index + 1)
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
}
