/**
 * The directory as answering threads see it: which zone a name belongs to, and its current version.
 *
 * Everything is read in place. A reader announces itself with `enter` and `leave` around each packet (or batch); what
 * it found in between stays readable until it leaves. Whoever reads longer, such as a transfer out, pins the version.
 * Nothing here waits, and nothing is allocated per question.
 */

import { assert } from '../dns/assert.ts'
import { FOLDED } from '../dns/name.ts'
import { ArenaView, CHUNK_MASK, offsetOf, type Pointer } from './arena-view.ts'
import { NameScan } from './directory-hash.ts'
import {
  CONTROL,
  GONE,
  PIN,
  PINS_MAX,
  pinAt,
  READER,
  READERS_MAX,
  readerAt,
  TABLE,
  ZONE,
  type ZoneHandle,
} from './directory-layout.ts'

/** What a thread is given to read all zones: it can be handed over as it is, and everything in it is shared. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer
  readonly chunks: readonly SharedArrayBuffer[]
}

/** A version that stays readable until it is unpinned. */
export interface Pin {
  readonly zone: ZoneHandle
  readonly version: Pointer
  /** With `version`, what no other publication has; undefined where another one came just then. */
  readonly sequence: number | undefined
  readonly slot: number
}

export class DirectoryReader {
  readonly arena: ArenaView
  /** Which of the readers this is; the writer frees it by this number if the thread dies. */
  readonly slot: number
  /** The name looked for last. */
  readonly name = new NameScan()
  /** The label of that name with which the found zone's apex begins. */
  apexLabel = 0
  readonly #control: Int32Array
  readonly #epochAt: number
  readonly #seed: number
  #entered = 0

  /** `fetchChunk` is asked for memory that was added later; it must hand it to `arena.adopt` before it returns. */
  constructor(memory: SharedMemory, fetchChunk: (index: number, arena: ArenaView) => void = () => {}) {
    const arena: ArenaView = new ArenaView((index) => fetchChunk(index, arena))
    this.arena = arena
    memory.chunks.forEach((chunk, index) => arena.adopt(index, chunk))
    this.#control = new Int32Array(memory.control)
    this.slot = claim(this.#control, readerAt(0) + READER.owner, READER.words, READERS_MAX, 1)
    assert(this.slot >= 0, `more than ${READERS_MAX} threads read zones`)
    this.#epochAt = readerAt(this.slot) + READER.epoch
    this.#seed = this.#control[CONTROL.seed] as number
  }

  /** From here until `leave`, what is current stays readable. May be nested. Hot. */
  enter(): void {
    if (this.#entered++ > 0) return
    Atomics.store(this.#control, this.#epochAt, Atomics.load(this.#control, CONTROL.epoch))
  }

  /** Hot. */
  leave(): void {
    if (--this.#entered > 0) return
    Atomics.store(this.#control, this.#epochAt, 0)
  }

  /** The zone with the longest apex at or above a name (RFC 1034 §4.3.2 step 2), or 0. Hot. */
  find(octets: Uint8Array, at: number): ZoneHandle | 0 {
    this.name.scan(octets, at, this.#seed)
    return this.findFrom(octets, at, 0)
  }

  /** The same for the name scanned last, of whose ancestors only those from label `first` on count. Hot. */
  findFrom(octets: Uint8Array, at: number, first: number): ZoneHandle | 0 {
    const { labels, hashes, starts } = this.name
    const table = Atomics.load(this.#control, CONTROL.table)
    const depths = Atomics.load(this.#control, CONTROL.depths)
    const words = this.arena.wordsOf(table)
    const head = (table & CHUNK_MASK) << 2
    const mask = words[head + TABLE.mask] as number
    for (let label = first; label <= labels; label++) {
      const depth = labels - label
      if (((depths >>> (depth < 31 ? depth : 31)) & 1) === 0) continue
      const hash = hashes[label] as number
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const word = head + TABLE.head + slot * TABLE.slotWords
        const zone = Atomics.load(words, word + TABLE.zone)
        if (zone === 0) break
        if (words[word + TABLE.hash] !== hash || zone === GONE) continue
        const start = starts[label] as number
        if (!this.#isApex(zone, octets, at + start, this.name.octets - start)) continue
        this.apexLabel = label
        return zone as ZoneHandle
      }
    }
    return 0
  }

  /** One of `ZONE_STATE`. Hot. */
  stateOf(zone: ZoneHandle): number {
    return Atomics.load(this.arena.wordsOf(zone), ((zone & CHUNK_MASK) << 2) + ZONE.state)
  }

  /** The version block of the current contents, or 0 if the zone was never loaded. Hot. */
  versionOf(zone: ZoneHandle): Pointer {
    return Atomics.load(this.arena.wordsOf(zone), ((zone & CHUNK_MASK) << 2) + ZONE.version)
  }

  /** Until when the zone may be served, in seconds since the epoch; 0 for a zone that does not depend on others. */
  expiryOf(zone: ZoneHandle): number {
    return Atomics.load(this.arena.wordsOf(zone), ((zone & CHUNK_MASK) << 2) + ZONE.expiry) >>> 0
  }

  /** Counts the publications of all zones: a number that stands for what a zone shows, and for nothing it showed before. */
  sequenceOf(zone: ZoneHandle): number {
    return Atomics.load(this.arena.wordsOf(zone), ((zone & CHUNK_MASK) << 2) + ZONE.sequence)
  }

  /** The number the engine gave the zone. */
  idOf(zone: ZoneHandle): number {
    return this.arena.wordsOf(zone)[((zone & CHUNK_MASK) << 2) + ZONE.id] as number
  }

  /**
   * Keeps a zone's current version readable beyond this packet, even if it has expired; undefined if there is none, or if
   * all pins are taken.
   */
  pin(zone: ZoneHandle): Pin | undefined {
    const control = this.#control
    this.enter()
    try {
      // A version is shown before it is counted: it may be pinned with the number before its own, but with no other.
      const sequence = this.sequenceOf(zone)
      const version = this.versionOf(zone)
      if (version === 0) return undefined
      const slot = claim(control, pinAt(0) + PIN.owner, PIN.words, PINS_MAX, this.slot + 1)
      if (slot < 0) return undefined
      if (slot >= Atomics.load(control, CONTROL.pinsUsed)) raise(control, CONTROL.pinsUsed, slot + 1)
      // The epoch stands before the zone does: the writer never sees a zone pinned at another pin's epoch.
      Atomics.store(control, pinAt(slot) + PIN.epoch, Atomics.load(control, this.#epochAt))
      Atomics.store(control, pinAt(slot) + PIN.zone, zone)
      return { zone, version, sequence: this.sequenceOf(zone) === sequence ? sequence : undefined, slot }
    } finally {
      this.leave()
    }
  }

  /** Gives a pinned version back; it must not be read any more. */
  unpin(pin: Pin): void {
    Atomics.store(this.#control, pinAt(pin.slot) + PIN.zone, 0)
    Atomics.store(this.#control, pinAt(pin.slot) + PIN.owner, 0)
  }

  /** This thread reads no more. */
  close(): void {
    Atomics.store(this.#control, this.#epochAt, 0)
    Atomics.store(this.#control, readerAt(this.slot) + READER.owner, 0)
  }

  /** Whether the rest of the name, its root label included, is the zone's apex. */
  #isApex(zone: number, octets: Uint8Array, start: number, length: number): boolean {
    const block = this.arena.octetsOf(zone)
    const apex = offsetOf(zone) + ZONE.apexOctets
    for (let i = 0; i < length; i++) {
      if (FOLDED[octets[start + i] as number] !== block[apex + i]) return false
    }
    return true
  }
}

/** Takes the first free one of a row of slots; -1 if none is free. */
function claim(control: Int32Array, first: number, words: number, count: number, owner: number): number {
  for (let slot = 0; slot < count; slot++) {
    if (Atomics.compareExchange(control, first + slot * words, 0, owner) === 0) return slot
  }
  return -1
}

/** Raises a word to at least `least`, whoever else does the same. */
function raise(control: Int32Array, word: number, least: number): void {
  for (let seen = Atomics.load(control, word); seen < least;) {
    const found = Atomics.compareExchange(control, word, seen, least)
    if (found === seen) return
    seen = found
  }
}
