/** Shared memory that zones have left goes back to the system, where the C library can be called. */

import { giveBack } from '../net/give-back.ts'
import { loadLibc } from '../net/libc.ts'
import type { Arena } from '../zone/arena.ts'

export class IdleMemory {
  readonly #arena: Arena
  readonly #load: typeof loadLibc
  #libc: ReturnType<typeof loadLibc> | undefined

  constructor(arena: Arena, load = loadLibc) {
    this.#arena = arena
    this.#load = load
  }

  /**
   * Gives back what was free at the last call and still is. Nothing may come between taking it and giving it back: whoever
   * allocated a page of it meanwhile would lose what is in it.
   */
  async giveBack(): Promise<void> {
    if (!this.#arena.mayBeIdle) return
    const libc = await (this.#libc ??= this.#load())
    if (typeof libc === 'string') return
    for (const { chunk, at, end } of this.#arena.takeIdle()) giveBack(libc, chunk, at, end)
  }
}
