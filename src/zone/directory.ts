/**
 * The directory of all zones, as its one writer sees it.
 *
 * Zones hang in a hash table over shared memory, so a hundred thousand of them cost some ten megabytes once and nothing
 * per thread. The writer adds and removes zones and publishes versions; each change becomes visible by one atomic
 * store, and memory is used again only when no reader can see it any more (see directory-reclaim.ts). Readers never
 * wait for the writer, nor the writer for them.
 */

import { assert } from '../dns/assert.ts'
import { labelCount, lowerName, type Name } from '../dns/name.ts'
import type { Arena } from './arena.ts'
import { CHUNK_MASK, offsetOf, type Pointer } from './arena-view.ts'
import { NameScan } from './directory-hash.ts'
import {
  CONTROL,
  CONTROL_OCTETS,
  GONE,
  TABLE,
  ZONE,
  ZONE_STATE,
  type ZoneHandle,
  type ZoneState,
} from './directory-layout.ts'
import type { SharedMemory } from './directory-reader.ts'
import { Reclaimer } from './directory-reclaim.ts'

const CAPACITY_MIN = 16

export class DirectoryWriter {
  readonly #arena: Arena
  readonly #control: Int32Array
  readonly #buffer: SharedArrayBuffer
  readonly #reclaimer: Reclaimer
  readonly #scan = new NameScan()
  #table: Pointer
  #capacity = CAPACITY_MIN
  /** Slots that are not empty: those of zones, and those of zones that are gone. */
  #taken = 0
  #zones = 0
  #sequence = 0

  /** `seed` makes the hash this server's own, so that nobody can choose names that collide. */
  constructor(arena: Arena, options: { readonly seed: number }) {
    this.#arena = arena
    this.#buffer = new SharedArrayBuffer(CONTROL_OCTETS)
    this.#control = new Int32Array(this.#buffer)
    this.#control[CONTROL.epoch] = 1
    this.#control[CONTROL.seed] = options.seed
    this.#reclaimer = new Reclaimer(this.#control, (page) => arena.free(page))
    this.#table = this.#newTable(CAPACITY_MIN)
    Atomics.store(this.#control, CONTROL.table, this.#table)
  }

  /**
   * What other threads need to read. Chunks added later reach them by the arena's `onChunk`; take this after a thread was
   * put among those that hear of chunks, so that it misses none.
   */
  get memory(): SharedMemory {
    return { control: this.#buffer, chunks: [...this.#arena.chunks] }
  }

  get zones(): number {
    return this.#zones
  }

  /** Pages no longer in use that some reader may still see. */
  get waitingPages(): number {
    return this.#reclaimer.waitingPages
  }

  /** Adds a zone that was never loaded; `id` is any number by which the engine knows it. */
  put(apex: Name, id: number): ZoneHandle {
    assert(this.find(apex) === undefined, 'a zone is put into the directory twice')
    const zone = this.#newZone(apex, id)
    if ((this.#taken + 1) * 4 > this.#capacity * 3) this.#rebuild()
    const depth = Math.min(labelCount(apex), 31)
    Atomics.or(this.#control, CONTROL.depths, 1 << depth)
    this.#taken += this.#insert(this.#table, this.#capacity, zone, this.#scan.hashes[0] as number)
    this.#zones++
    Atomics.store(this.#control, CONTROL.zones, this.#zones)
    return zone
  }

  /** The zone with exactly this apex. */
  find(apex: Name): ZoneHandle | undefined {
    const word = this.#slotOf(apex)
    return word < 0 ? undefined : (this.#arena.wordsOf(this.#table)[word + TABLE.zone] as ZoneHandle)
  }

  /** Makes a version the current one: from now on it is answered. `retired` are the pages that only its predecessor used. */
  publish(zone: ZoneHandle, version: Pointer, retired: readonly Pointer[]): void {
    this.replace(zone, version, retired)
    this.setState(zone, 'serving')
    this.#reclaimer.reclaim()
  }

  /** Shows another version of a zone that stays in the state it is in. */
  replace(zone: ZoneHandle, version: Pointer, retired: readonly Pointer[]): void {
    const words = this.#arena.wordsOf(zone)
    const block = (zone & CHUNK_MASK) << 2
    Atomics.store(words, block + ZONE.version, version)
    Atomics.store(words, block + ZONE.sequence, ++this.#sequence)
    this.#reclaimer.retire(zone, retired)
  }

  /** Marks a zone as expired or as serving again; its contents stay. */
  setState(zone: ZoneHandle, state: ZoneState): void {
    const words = this.#arena.wordsOf(zone)
    const block = (zone & CHUNK_MASK) << 2
    assert(state === 'empty' || words[block + ZONE.version] !== 0, `a zone without contents cannot be "${state}"`)
    Atomics.store(words, block + ZONE.state, ZONE_STATE[state])
  }

  /** Notes until when a zone may be served, in seconds since the epoch; 0 for one that does not depend on others. */
  setExpiry(zone: ZoneHandle, seconds: number): void {
    Atomics.store(this.#arena.wordsOf(zone), ((zone & CHUNK_MASK) << 2) + ZONE.expiry, seconds | 0)
  }

  /** Takes a zone out. `retired` are all pages of its current version. */
  remove(zone: ZoneHandle, retired: readonly Pointer[]): void {
    const block = offsetOf(zone)
    const length = this.#arena.wordsOf(zone)[(block >> 2) + ZONE.apexLength] as number
    const apex = this.#arena.octetsOf(zone).slice(block + ZONE.apexOctets, block + ZONE.apexOctets + length)
    const word = this.#slotOf(apex as Uint8Array as Name)
    const words = this.#arena.wordsOf(this.#table)
    assert(word >= 0 && words[word + TABLE.zone] === zone, 'a zone is removed that is not in the directory')
    Atomics.store(words, word + TABLE.zone, GONE)
    // Those who read a pinned version see by this that the zone has gone.
    this.setState(zone, 'empty')
    this.#zones--
    Atomics.store(this.#control, CONTROL.zones, this.#zones)
    this.#reclaimer.retire(zone, [...retired, zone])
    this.#reclaimer.reclaim()
  }

  /** Frees what readers have left since the last publication. */
  reclaim(): void {
    this.#reclaimer.reclaim()
  }

  /** Ends the reading of a thread that died, by the number of its slot. */
  releaseReader(slot: number): void {
    this.#reclaimer.releaseReader(slot)
    this.#reclaimer.reclaim()
  }

  #newZone(apex: Name, id: number): ZoneHandle {
    const name = lowerName(apex)
    const zone = this.#arena.allocate(ZONE.apexOctets + name.length)
    const words = this.#arena.wordsOf(zone)
    const block = (zone & CHUNK_MASK) << 2
    this.#scan.scan(name, 0, this.#control[CONTROL.seed] as number)
    words[block + ZONE.state] = ZONE_STATE.empty
    words[block + ZONE.version] = 0
    words[block + ZONE.sequence] = ++this.#sequence
    words[block + ZONE.id] = id
    words[block + ZONE.hash] = this.#scan.hashes[0] as number
    words[block + ZONE.apexLength] = name.length
    words[block + ZONE.expiry] = 0
    this.#arena.octetsOf(zone).set(name, offsetOf(zone) + ZONE.apexOctets)
    return zone as ZoneHandle
  }

  /** The first word of the slot that holds this apex, or -1. */
  #slotOf(apex: Name): number {
    const name = lowerName(apex)
    this.#scan.scan(name, 0, this.#control[CONTROL.seed] as number)
    const hash = this.#scan.hashes[0] as number
    const words = this.#arena.wordsOf(this.#table)
    const head = (this.#table & CHUNK_MASK) << 2
    for (let slot = hash & (this.#capacity - 1); ; slot = (slot + 1) & (this.#capacity - 1)) {
      const word = head + TABLE.head + slot * TABLE.slotWords
      const zone = words[word + TABLE.zone] as number
      if (zone === 0) return -1
      if (zone !== GONE && words[word + TABLE.hash] === hash && this.#apexIs(zone, name)) return word
    }
  }

  #apexIs(zone: Pointer, name: Name): boolean {
    const octets = this.#arena.octetsOf(zone)
    const apex = offsetOf(zone) + ZONE.apexOctets
    return name.every((octet, at) => octets[apex + at] === octet)
  }

  /** Hangs a zone into a table; returns how many empty slots that took. */
  #insert(table: Pointer, capacity: number, zone: ZoneHandle, hash: number): number {
    const words = this.#arena.wordsOf(table)
    const head = (table & CHUNK_MASK) << 2
    for (let slot = hash & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      const word = head + TABLE.head + slot * TABLE.slotWords
      const before = words[word + TABLE.zone]
      if (before !== 0 && before !== GONE) continue
      words[word + TABLE.hash] = hash
      Atomics.store(words, word + TABLE.zone, zone) // after the hash: readers look at the zone first
      return before === 0 ? 1 : 0
    }
  }

  #newTable(capacity: number): Pointer {
    const wordCount = TABLE.head + capacity * TABLE.slotWords
    const table = this.#arena.allocate(wordCount * 4)
    const head = (table & CHUNK_MASK) << 2
    const words = this.#arena.wordsOf(table)
    words.fill(0, head, head + wordCount)
    words[head + TABLE.mask] = capacity - 1
    return table
  }

  /** Moves all zones into a new table with room for more, without the slots of those that are gone. */
  #rebuild(): void {
    let capacity = CAPACITY_MIN
    while (capacity < (this.#zones + 1) * 2) capacity *= 2
    const table = this.#newTable(capacity)
    const words = this.#arena.wordsOf(this.#table)
    const head = ((this.#table & CHUNK_MASK) << 2) + TABLE.head
    this.#taken = 0
    for (let slot = 0; slot < this.#capacity; slot++) {
      const zone = words[head + slot * TABLE.slotWords + TABLE.zone] as number
      if (zone === 0 || zone === GONE) continue
      const hash = words[head + slot * TABLE.slotWords + TABLE.hash] as number
      this.#taken += this.#insert(table, capacity, zone as ZoneHandle, hash)
    }
    const before = this.#table
    this.#table = table
    this.#capacity = capacity
    Atomics.store(this.#control, CONTROL.table, table)
    this.#reclaimer.retire(0, [before])
    this.#reclaimer.reclaim()
  }
}
