/** The pages one edit has made, and those of the version before that it no longer needs. */

import type { Arena } from './arena.ts'
import { offsetOf, type Pointer } from './arena-view.ts'

/** Knows which pages an edit may write to. */
export class EditPages {
  readonly arena: Arena
  /** Pages of the version before that are not in the one being made; whoever still reads that version needs them. */
  readonly retired: Pointer[] = []
  readonly #made = new Set<Pointer>()

  constructor(arena: Arena) {
    this.arena = arena
  }

  /** Whether this edit made a page, and so may change it in place. */
  isMade(page: Pointer): boolean {
    return this.#made.has(page)
  }

  /** Notes a page that was just allocated. */
  make(page: Pointer): Pointer {
    this.#made.add(page)
    return page
  }

  /** The same page again, octet for octet, to be changed. Its first word is its size, whatever it is. */
  clone(page: Pointer): Pointer {
    const { arena } = this
    const from = offsetOf(page)
    const size = arena.wordsOf(page)[from >>> 2] as number
    const copy = this.make(arena.allocate(size))
    arena.octetsOf(copy).set(arena.octetsOf(page).subarray(from, from + size), offsetOf(copy))
    return copy
  }

  /** Gives up a page: one made here is free at once, one of the version before when nobody reads it any more. */
  drop(page: Pointer): void {
    if (this.#made.delete(page)) this.arena.free(page)
    else this.retired.push(page)
  }

  /** Frees all that was made. */
  dropAll(): void {
    for (const page of this.#made) this.arena.free(page)
    this.#made.clear()
    this.retired.length = 0
  }
}
