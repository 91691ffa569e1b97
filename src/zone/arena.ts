/**
 * Shared memory as its one writer sees it: pages are handed out and taken back.
 *
 * Chunks are cut into slabs of 64 KiB, and a slab holds pages of one size. There are four sizes to a doubling, from 64
 * octets to 32 KiB, so that a page wastes a tenth on average; larger pages take whole slabs in a row. A slab whose last
 * page comes back can become a slab of any other size, so memory that one kind of zone leaves serves every other. What stays
 * free can be given back to the system (`takeIdle`): nobody relies on what a free slab holds.
 *
 * A free page's first word points to the next free page of its slab. All else that the allocator knows is its own and
 * not shared. Nothing here is thread-safe: one thread writes.
 */

import { assert } from '../dns/assert.ts'
import { ArenaView, CHUNK_MASK, CHUNK_OCTETS, type Pointer, UNIT_OCTETS } from './arena-view.ts'

const SLAB_OCTETS = 2 ** 16
const SLAB_UNITS_SHIFT = 12 // a pointer's slab is `pointer >>> SLAB_UNITS_SHIFT`
const SLABS_PER_CHUNK = CHUNK_OCTETS / SLAB_OCTETS
const CHUNKS_MAX = 4096

const SIZES = 37
const PAGE_OCTETS_MIN = 64
const SLAB_PAGE_OCTETS_MAX = 2 ** 15

/** What a slab is for, where it is not for pages of one size. */
const LARGE = -1
const REST_OF_LARGE = -2
const FREE = -3

/** No slab. */
const NONE = -1

/** What may be in the memory of a slab, which is of interest once it is free. */
const EMPTY = 0
const TOUCHED = 1
const TOUCHED_AND_FREE_BEFORE = 2

/** How the memory is used. */
export interface ArenaUse {
  readonly chunks: number
  /** Octets in pages handed out, each counted with what it wastes. */
  readonly usedOctets: number
  /** Octets in chunks that no page uses. */
  readonly freeOctets: number
}

/** A part of a chunk. */
export interface ChunkPart {
  readonly chunk: SharedArrayBuffer
  readonly at: number
  readonly end: number
}

/** The writer's side of the shared memory. What can be written can be read, so it is a view as well. */
export class Arena extends ArenaView {
  readonly chunks: SharedArrayBuffer[] = []
  readonly #onChunk: (index: number, chunk: SharedArrayBuffer) => void
  #usedOctets = 0

  // One entry per slab. Slabs of one size that have room are linked in both directions, from #open on.
  readonly #size: number[] = []
  readonly #pages: number[] = []
  readonly #untouched: number[] = []
  readonly #freed: Pointer[] = []
  readonly #memory: number[] = []
  readonly #next: number[] = []
  readonly #previous: number[] = []
  readonly #open = new Int32Array(SIZES).fill(NONE)
  /** Slabs that were free when noted; those taken since are skipped. */
  readonly #free: number[] = []
  #mayBeIdle = false

  /** `onChunk` hears of every new chunk, before the first pointer into it exists, so that it can tell other threads. */
  constructor(onChunk: (index: number, chunk: SharedArrayBuffer) => void = () => {}) {
    super()
    this.#onChunk = onChunk
  }

  get use(): ArenaUse {
    const octets = this.chunks.length * CHUNK_OCTETS
    return { chunks: this.chunks.length, usedOctets: this.#usedOctets, freeOctets: octets - this.#usedOctets }
  }

  /** Hands out a page of at least so many octets. Its contents are whatever was there before. */
  allocate(octets: number): Pointer {
    if (octets > SLAB_PAGE_OCTETS_MAX) return this.#allocateLarge(octets)
    const size = sizeFor(octets)
    let slab = this.#open[size] as number
    if (slab === NONE) slab = this.#openSlab(size)
    let pointer = this.#freed[slab] as Pointer
    if (pointer === 0) {
      const index = this.#untouched[slab] as number
      this.#untouched[slab] = index + 1
      pointer = ((slab << SLAB_UNITS_SHIFT) + index * (sizeAt(size) / UNIT_OCTETS)) | 0
    } else {
      this.#freed[slab] = this.wordsOf(pointer)[(pointer & CHUNK_MASK) << 2] as number
    }
    const pages = (this.#pages[slab] as number) + 1
    this.#pages[slab] = pages
    this.#usedOctets += sizeAt(size)
    if (pages === pagesPerSlab(size)) this.#unlink(slab)
    return pointer
  }

  /** How many octets a page has, at least as many as were asked for. */
  sizeOf(pointer: Pointer): number {
    const slab = pointer >>> SLAB_UNITS_SHIFT
    const size = this.#size[slab] as number
    return size === LARGE ? (this.#pages[slab] as number) * SLAB_OCTETS : sizeAt(size)
  }

  /** Takes a page back. Whoever frees a page knows that no reader can come to it any more. */
  free(pointer: Pointer): void {
    const slab = pointer >>> SLAB_UNITS_SHIFT
    const size = this.#size[slab]
    if (size === LARGE) return this.#freeLarge(slab)
    assert(size !== undefined && size >= 0, 'a page is freed that was never handed out')
    this.wordsOf(pointer)[(pointer & CHUNK_MASK) << 2] = this.#freed[slab] as number
    this.#freed[slab] = pointer
    const pages = (this.#pages[slab] as number) - 1
    this.#pages[slab] = pages
    this.#usedOctets -= sizeAt(size)
    if (pages === pagesPerSlab(size) - 1) this.#link(slab, size)
    if (pages === 0) {
      this.#unlink(slab)
      this.#size[slab] = FREE
      this.#free.push(slab)
      this.#mayBeIdle = true
    }
  }

  /** Whether there may be slabs that are free and not empty. */
  get mayBeIdle(): boolean {
    return this.#mayBeIdle
  }

  /** What is free, was free at the last call, and may hold something: given away, it is taken for empty from now on. */
  takeIdle(): ChunkPart[] {
    const parts: ChunkPart[] = []
    if (!this.#mayBeIdle) return parts
    this.#mayBeIdle = false
    let first = NONE
    for (let slab = 0; slab <= this.#size.length; slab++) {
      if (first !== NONE && (slab % SLABS_PER_CHUNK === 0 || !this.#isIdle(slab))) {
        parts.push(this.#part(first, slab))
        first = NONE
      }
      if (!this.#isIdle(slab)) this.#noteFree(slab)
      else {
        if (first === NONE) first = slab
        this.#memory[slab] = EMPTY
      }
    }
    return parts
  }

  #isIdle(slab: number): boolean {
    return this.#size[slab] === FREE && this.#memory[slab] === TOUCHED_AND_FREE_BEFORE
  }

  #noteFree(slab: number): void {
    if (this.#size[slab] !== FREE || this.#memory[slab] !== TOUCHED) return
    this.#memory[slab] = TOUCHED_AND_FREE_BEFORE
    this.#mayBeIdle = true
  }

  /** The slabs from one up to another of the same chunk. */
  #part(first: number, end: number): ChunkPart {
    const index = Math.floor(first / SLABS_PER_CHUNK)
    const offset = (slab: number): number => (slab - index * SLABS_PER_CHUNK) * SLAB_OCTETS
    return { chunk: this.chunks[index] as SharedArrayBuffer, at: offset(first), end: offset(end) }
  }

  #openSlab(size: number): number {
    const slab = this.#takeSlab()
    this.#size[slab] = size
    this.#pages[slab] = 0
    this.#untouched[slab] = 0
    this.#freed[slab] = 0
    this.#memory[slab] = TOUCHED
    this.#link(slab, size)
    return slab
  }

  #takeSlab(): number {
    for (;;) {
      const slab = this.#free.pop()
      if (slab === undefined) this.#addChunk()
      else if (this.#size[slab] === FREE) return slab
    }
  }

  #link(slab: number, size: number): void {
    const next = this.#open[size] as number
    this.#next[slab] = next
    this.#previous[slab] = NONE
    if (next !== NONE) this.#previous[next] = slab
    this.#open[size] = slab
  }

  #unlink(slab: number): void {
    const next = this.#next[slab] as number
    const previous = this.#previous[slab] as number
    if (next !== NONE) this.#previous[next] = previous
    if (previous === NONE) this.#open[this.#size[slab] as number] = next
    else this.#next[previous] = next
  }

  #addChunk(): void {
    const index = this.chunks.length
    assert(index < CHUNKS_MAX, 'the shared memory has reached 64 GiB')
    const chunk = new SharedArrayBuffer(CHUNK_OCTETS)
    this.chunks.push(chunk)
    this.adopt(index, chunk)
    this.#onChunk(index, chunk)
    const first = index * SLABS_PER_CHUNK
    for (let slab = first; slab < first + SLABS_PER_CHUNK; slab++) {
      this.#size.push(slab === 0 ? REST_OF_LARGE : FREE) // no page begins at 0, which means "nothing"
      for (const column of [this.#pages, this.#untouched, this.#freed, this.#memory]) column.push(EMPTY)
      for (const column of [this.#next, this.#previous]) column.push(NONE)
    }
    for (let slab = first + SLABS_PER_CHUNK - 1; slab >= first; slab--) if (slab !== 0) this.#free.push(slab)
  }

  #allocateLarge(octets: number): Pointer {
    const slabs = Math.ceil(octets / SLAB_OCTETS)
    assert(slabs < SLABS_PER_CHUNK, `a page of ${octets} octets is larger than a chunk`)
    let first = this.#findSlabs(slabs)
    while (first === NONE) {
      this.#addChunk()
      first = this.#findSlabs(slabs)
    }
    for (let slab = first; slab < first + slabs; slab++) {
      this.#size[slab] = REST_OF_LARGE
      this.#memory[slab] = TOUCHED
    }
    this.#size[first] = LARGE
    this.#pages[first] = slabs
    this.#usedOctets += slabs * SLAB_OCTETS
    return (first << SLAB_UNITS_SHIFT) | 0
  }

  /** The first of so many free slabs in a row, within one chunk. */
  #findSlabs(slabs: number): number {
    let row = 0
    for (let slab = 0; slab < this.#size.length; slab++) {
      if (slab % SLABS_PER_CHUNK === 0) row = 0
      row = this.#size[slab] === FREE ? row + 1 : 0
      if (row === slabs) return slab - slabs + 1
    }
    return NONE
  }

  #freeLarge(first: number): void {
    const slabs = this.#pages[first] as number
    this.#usedOctets -= slabs * SLAB_OCTETS
    for (let slab = first + slabs - 1; slab >= first; slab--) {
      this.#size[slab] = FREE
      this.#free.push(slab)
    }
    this.#mayBeIdle = true
  }
}

function sizeAt(size: number): number {
  return (4 + (size & 3)) << (4 + (size >> 2))
}

function pagesPerSlab(size: number): number {
  return (SLAB_OCTETS / sizeAt(size)) | 0
}

/** The smallest size that holds so many octets. */
function sizeFor(octets: number): number {
  if (octets <= PAGE_OCTETS_MIN) return 0
  const exponent = 31 - Math.clz32(octets - 1)
  return (exponent - 6) * 4 + (((octets - 1) >>> (exponent - 2)) & 3) + 1
}
