/** The pages one edit has made, and those of the version before that it no longer needs. */

import type { Arena } from './arena.ts'
import { offsetOf, type Pointer } from './arena-view.ts'
import { MADE, pageSize } from './page.ts'

/** Knows which pages an edit may write to. */
export class EditPages {
  readonly arena: Arena
  /** Pages of the version before that are not in the one being made; whoever still reads that version needs them. */
  readonly retired: Pointer[] = []
  readonly #made = new Set<Pointer>()

  constructor(arena: Arena) {
    this.arena = arena
  }

  /**
   * Whether a page in this edit's trees was made by it, and so may be changed in place. The mark tells, for no other
   * edit's unfinished pages can be in them. Hot.
   */
  isMade(page: Pointer): boolean {
    return (this.arena.wordsOf(page)[offsetOf(page) >>> 2] as number) < 0
  }

  /** Notes what was made and is never changed. */
  note(page: Pointer): Pointer {
    this.#made.add(page)
    return page
  }

  /** Notes a page that was just made. */
  make(page: Pointer): Pointer {
    this.note(page)
    const words = this.arena.wordsOf(page)
    words[offsetOf(page) >>> 2] = (words[offsetOf(page) >>> 2] as number) | MADE
    return page
  }

  /** The same page again, octet for octet, to be changed. */
  clone(page: Pointer): Pointer {
    const { arena } = this
    const from = offsetOf(page)
    const size = pageSize(arena, page)
    const copy = arena.allocate(size)
    arena.octetsOf(copy).set(arena.octetsOf(page).subarray(from, from + size), offsetOf(copy))
    return this.make(copy)
  }

  /** Gives up a page: one made here is free at once, one of the version before when nobody reads it any more. */
  drop(page: Pointer): void {
    if (this.#made.delete(page)) this.arena.free(page)
    else this.retired.push(page)
  }

  /** Nothing that was made is changed from now on. */
  seal(): void {
    for (const page of this.#made) {
      const words = this.arena.wordsOf(page)
      words[offsetOf(page) >>> 2] = (words[offsetOf(page) >>> 2] as number) & ~MADE
    }
  }

  /** Frees all that was made. */
  dropAll(): void {
    for (const page of this.#made) this.arena.free(page)
    this.#made.clear()
    this.retired.length = 0
  }
}
