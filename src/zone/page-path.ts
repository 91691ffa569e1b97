/** The way from the root of a tree of pages to one of its leaves. */

import type { ArenaView, Pointer } from './arena-view.ts'
import { childAt, childCount, ENTRY, entryAt, firstLeaf, lastLeaf } from './page.ts'
import { findChild, findChildOfRecord } from './page-search.ts'

/** More levels than 2³² records can need: an inner page has at least 15 children when it is split. */
const LEVELS_MAX = 16

/** A way to a leaf. Reused: to take another way allocates nothing. */
export class PagePath {
  readonly arena: ArenaView
  root: Pointer = 0
  /** How many inner levels there are; 0 where the root is a leaf. */
  height = 0
  /** The inner page at each level, the root first. */
  readonly pages = new Int32Array(LEVELS_MAX)
  /** Which child is taken at each level. */
  readonly indexes = new Int32Array(LEVELS_MAX)
  /** The leaf where the way ends. */
  leaf: Pointer = 0

  constructor(arena: ArenaView) {
    this.arena = arena
  }

  /** Starts at a root; 0 is the root of a tree with nothing in it. */
  open(root: Pointer, height: number): void {
    this.root = root
    this.height = height
    this.leaf = 0
  }

  /** Goes to the leaf where what a key names would be. Hot. */
  toKey(key: Uint8Array, length: number): void {
    let page = this.root
    for (let level = 0; level < this.height; level++) {
      page = this.#enter(level, page, findChild(this.arena, page, key, length))
    }
    this.leaf = page
  }

  /** Goes to the leaf where a record would be, given the key of its owner and type, and where its owner ends. Hot. */
  toRecord(key: Uint8Array, length: number, record: Uint8Array, end: number): void {
    const { height } = this
    let page = this.root
    for (let level = 0; level < height; level++) {
      const index = findChildOfRecord(this.arena, page, height - level, key, length, record, end)
      page = this.#enter(level, page, index)
    }
    this.leaf = page
  }

  /** Goes to the leaf with the n-th record; returns how many of the leaf's records are before it. */
  toIndex(index: number): number {
    let page = this.root
    let before = index
    for (let level = 0; level < this.height; level++) {
      const words = this.arena.wordsOf(page)
      let entry = entryAt(page, 0)
      let child = 0
      for (let records; before >= (records = words[entry + ENTRY.records] as number); entry += ENTRY.words) {
        before -= records
        child++
      }
      page = this.#enter(level, page, child)
    }
    this.leaf = page
    return before
  }

  toFirst(): void {
    this.#descend(0, this.root, 0)
  }

  toLast(): void {
    let page = this.root
    for (let level = 0; level < this.height; level++) page = this.#enter(level, page, childCount(this.arena, page) - 1)
    this.leaf = page
  }

  /** Goes to the next leaf; false, and no leaf, behind the last one. */
  next(): boolean {
    for (let level = this.height - 1; level >= 0; level--) {
      const page = this.pages[level] as Pointer
      const index = (this.indexes[level] as number) + 1
      if (index < childCount(this.arena, page)) {
        this.#descend(level, page, index)
        return true
      }
    }
    this.leaf = 0
    return false
  }

  /** Goes to the leaf before; false, and no leaf, before the first one. */
  previous(): boolean {
    for (let level = this.height - 1; level >= 0; level--) {
      const index = (this.indexes[level] as number) - 1
      if (index < 0) continue
      let page = this.#enter(level, this.pages[level] as Pointer, index)
      for (let below = level + 1; below < this.height; below++) {
        page = this.#enter(below, page, childCount(this.arena, page) - 1)
      }
      this.leaf = page
      return true
    }
    this.leaf = 0
    return false
  }

  /** The next leaf, without going there; 0 behind the last one. */
  peekNext(): Pointer {
    for (let level = this.height - 1; level >= 0; level--) {
      const page = this.pages[level] as Pointer
      const index = (this.indexes[level] as number) + 1
      if (index < childCount(this.arena, page))
        return firstLeaf(this.arena, childAt(this.arena, page, index), this.height - level - 1)
    }
    return 0
  }

  /** The leaf before, without going there; 0 before the first one. */
  peekPrevious(): Pointer {
    for (let level = this.height - 1; level >= 0; level--) {
      const index = (this.indexes[level] as number) - 1
      if (index < 0) continue
      return lastLeaf(this.arena, childAt(this.arena, this.pages[level] as Pointer, index), this.height - level - 1)
    }
    return 0
  }

  /** How many records lie in leaves before this one. */
  recordsBefore(): number {
    let records = 0
    for (let level = 0; level < this.height; level++) {
      const page = this.pages[level] as Pointer
      const words = this.arena.wordsOf(page)
      const end = entryAt(page, this.indexes[level] as number)
      for (let entry = entryAt(page, 0); entry < end; entry += ENTRY.words)
        records += words[entry + ENTRY.records] as number
    }
    return records
  }

  /** From a page at a level takes one child, and then always the first. */
  #descend(level: number, page: Pointer, index: number): void {
    let below = page
    for (let at = level; at < this.height; at++) below = this.#enter(at, below, at === level ? index : 0)
    this.leaf = below
  }

  #enter(level: number, page: Pointer, index: number): Pointer {
    this.pages[level] = page
    this.indexes[level] = index
    return childAt(this.arena, page, index)
  }
}
