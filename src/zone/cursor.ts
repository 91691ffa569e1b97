/**
 * A place in a version of a zone: on one record, or behind the last one.
 *
 * A cursor reads shared memory in place and allocates nothing once made, so that whoever answers keeps one and moves it.
 * It opens one of a version's trees: the names with all their records (`openNames`); the chain of hashed names with
 * NSEC3 records and the signatures over them (`openHashes`), which are no names of the zone (RFC 5155 §7.2.8); what the
 * records were made of (`openEdited`, `openIds`); or what is answered in place of some of them (`openOverlay`).
 *
 *   octets   ....| labels of the owner | C0 0C | TYPE CLASS TTL RDLENGTH | RDATA |....
 *                ^ at                  ^ ownerEnd                        ^ rdata ^ end
 */

import { type ArenaView, CHUNK_MASK, offsetOf, type Pointer } from './arena-view.ts'
import { LEAF, ownersOf, recordOctetsOf, recordsAt, slotOffset, VERSION } from './page.ts'
import { PagePath } from './page-path.ts'
import { findSlot } from './page-search.ts'
import { compareOwnerToKey, SortKey } from './sort-key.ts'
import { ownerEnd, recordEnd, recordEndAfter, sameOwner, TO_RDATA, typeAfter } from './stored-record.ts'

const NOWHERE = new Uint8Array(0)
const NO_WORDS = new Int32Array(0)
/** Of the owner a cursor is at; good until the next cursor goes to the start of its own. */
const ownerKey = new SortKey()

export class Cursor {
  /** The octets in which the record stands: a whole chunk of shared memory. Not to be written to. */
  octets: Uint8Array = NOWHERE
  /** Where the record begins; −1 behind the last record. */
  at = -1
  /** Where its owner ends. */
  ownerEnd = 0
  /** Where the record ends. */
  end = 0

  readonly #path: PagePath
  #words: Int32Array = NO_WORDS
  #start = 0
  #firstSlot = 0
  #slots = 0
  #slot = 0
  /** Where the records of this owner end in this page, and all records of the page. */
  #ownerStop = 0
  #pageStop = 0

  constructor(arena: ArenaView) {
    this.#path = new PagePath(arena)
  }

  /** Chooses the names of a version; stands nowhere until it is moved. */
  openNames(version: Pointer): void {
    this.#open(version, VERSION.names, VERSION.namesHeight)
  }

  /** Chooses the chain of hashed names of a version. */
  openHashes(version: Pointer): void {
    this.#open(version, VERSION.hashes, VERSION.hashesHeight)
  }

  /** Chooses the records of a version as they are edited. */
  openEdited(version: Pointer): void {
    this.#open(version, VERSION.edited, VERSION.editedHeight)
  }

  /** Chooses the owners of edited records by their ids. */
  openIds(version: Pointer): void {
    this.#open(version, VERSION.ids, VERSION.idsHeight)
  }

  /** Chooses what is answered in place of the names (overlay.ts). */
  openOverlay(version: Pointer): void {
    this.#open(version, VERSION.overlay, VERSION.overlayHeight)
  }

  /** Chooses any tree of pages: for the edit that is building it. */
  openTree(root: Pointer, height: number): void {
    this.#path.open(root, height)
    this.at = -1
  }

  /** The record's type. Hot. */
  get type(): number {
    return typeAfter(this.octets, this.ownerEnd)
  }

  /** Where its RDATA begins. */
  get rdata(): number {
    return this.ownerEnd + TO_RDATA
  }

  /** Goes to the first record of all; false if there is none. */
  first(): boolean {
    if (this.#path.root === 0) return false
    this.#path.toFirst()
    this.#enterLeaf()
    return this.#toSlot(0)
  }

  /**
   * Goes to the first record of the owner of a key, or, if it has none, of the next owner. True if the owner itself has
   * records. `length` takes an ancestor instead: `key.ends[labels]`. Hot: once or more per answer.
   */
  seek(key: SortKey, length = key.length): boolean {
    const path = this.#path
    this.at = -1
    if (path.root === 0) return false
    path.toKey(key.octets, length)
    this.#enterLeaf()
    const slot = findSlot(path.arena, path.leaf, key.octets, length)
    if (slot >= 0) return this.#toSlot(slot)
    if (~slot < this.#slots) return !this.#toSlot(~slot)
    return this.#nextLeaf() && compareOwnerToKey(this.octets, this.at, key.octets, length) === 0
  }

  /** As `seek`, for an owner that is likely in the page where the cursor is: saves the way down. Hot: for glue. */
  seekNear(key: SortKey): boolean {
    const path = this.#path
    if (path.leaf !== 0) {
      const slot = findSlot(path.arena, path.leaf, key.octets, key.length)
      // With an owner of this page before it, the place is the right one; otherwise it may be in any other page.
      if (slot > 0) return this.#toSlot(slot)
      if (slot < -1 && ~slot < this.#slots) return !this.#toSlot(~slot)
    }
    return this.seek(key)
  }

  /** Goes to the next record; false, and behind the last one, if there is none. Hot. */
  next(): boolean {
    const { end } = this
    if (end === this.#ownerStop) return end === this.#pageStop ? this.#nextLeaf() : this.#toSlot(this.#slot + 1)
    this.ownerEnd += end - this.at // one owner, so as many octets
    this.at = end
    this.end = recordEndAfter(this.octets, this.ownerEnd)
    return true
  }

  /** Goes to the next record if it is of the same owner; otherwise stays and returns false. Hot. */
  nextOfOwner(): boolean {
    if (this.end === this.#pageStop) return this.#ownerGoesOn() && this.#nextLeaf()
    return this.end !== this.#ownerStop && this.next()
  }

  /** Goes to the next record if it is of the same owner and type; otherwise stays and returns false. Hot. */
  nextOfRRset(): boolean {
    const { at, end, ownerEnd } = this
    const type = this.type
    if (end === this.#ownerStop) return end === this.#pageStop && this.#ownerGoesOn(type) && this.#nextLeaf()
    return typeAfter(this.octets, ownerEnd + (end - at)) === type && this.next()
  }

  /**
   * From the first record of an owner goes to its first record of a type. If it has none, false, and the cursor stands on
   * the first record of a later type or, if there is none, on the last record of the owner. Hot: once or more per answer.
   */
  seekType(type: number): boolean {
    for (let own = this.type; own < type; own = this.type) {
      if (this.end !== this.#ownerStop) this.next()
      else return this.end === this.#pageStop && this.#ownerGoesOn() && this.#seekTypeFar(type)
    }
    return this.type === type
  }

  /** Goes back to the first record of this owner. Hot: once per answer to a question for a type that is not there. */
  firstOfOwner(): true {
    return this.#toOwnerStart()
  }

  /** From the first record of an owner, whether it has any of a type; the cursor stays there. Hot: for cuts. */
  hasType(type: number): boolean {
    const { octets } = this
    let { at, ownerEnd, end } = this
    for (let own = this.type; own < type; own = typeAfter(octets, ownerEnd)) {
      if (end === this.#ownerStop) return end === this.#pageStop && this.#ownerGoesOn() && this.#hasTypeFar(type)
      ownerEnd += end - at // one owner, so as many octets
      at = end
      end = recordEndAfter(octets, ownerEnd)
    }
    return typeAfter(octets, ownerEnd) === type
  }

  /** Goes to the first record of the next owner; false, and behind the last record, if there is none. Hot. */
  nextOwner(): boolean {
    if (this.#slot + 1 < this.#slots) return this.#toSlot(this.#slot + 1)
    if (!this.#ownerGoesOn()) return this.#nextLeaf()
    // 01 behind the key of an owner is behind all its records, and before every name below it.
    const key = this.#keyOfOwner()
    key.octets[key.length] = 1
    this.#path.toKey(key.octets, key.length + 1)
    this.#enterLeaf()
    const slot = findSlot(this.#path.arena, this.#path.leaf, key.octets, key.length)
    const behind = slot < 0 ? ~slot : slot + 1
    return behind < this.#slots ? this.#toSlot(behind) : this.#nextLeaf()
  }

  /**
   * Goes to the first record of the owner before; from behind the last record, to that of the last owner. False if there
   * is none; the cursor then stands on the first record of all.
   */
  previousOwner(): boolean {
    if (this.#path.root === 0) return false
    if (this.at === -1) {
      this.#path.toLast()
      this.#enterLeaf()
      this.#toSlot(this.#slots - 1)
      return this.#toOwnerStart()
    }
    this.#toOwnerStart()
    if (this.#slot > 0) return this.#toSlot(this.#slot - 1) && this.#toOwnerStart()
    if (this.#path.peekPrevious() === 0) return false
    this.#path.previous()
    this.#enterLeaf()
    this.#toSlot(this.#slots - 1)
    return this.#toOwnerStart()
  }

  /** Goes to the n-th record, from 0; false, and behind the last one, if there are not so many. */
  seekIndex(index: number, records: number): boolean {
    this.at = -1
    if (index >= records || this.#path.root === 0) return false
    let before = this.#path.toIndex(index)
    this.#enterLeaf()
    this.#toSlot(0)
    while (before-- > 0) this.next()
    return true
  }

  /** How many records of the tree are before this one. */
  index(): number {
    let index = this.#path.recordsBefore()
    for (let at = this.#start; at < this.at; at = recordEnd(this.octets, at)) index++
    return index
  }

  /** Goes behind the last record. */
  leave(): void {
    this.at = -1
  }

  #open(version: Pointer, rootWord: number, heightWord: number): void {
    const { arena } = this.#path
    const words = arena.wordsOf(version)
    const head = (version & CHUNK_MASK) << 2
    this.#path.open(words[head + rootWord] as Pointer, words[head + heightWord] as number)
    this.at = -1
  }

  #enterLeaf(): void {
    const { arena, leaf } = this.#path
    this.octets = arena.octetsOf(leaf)
    this.#words = arena.wordsOf(leaf)
    this.#start = recordsAt(arena, leaf)
    this.#pageStop = this.#start + recordOctetsOf(arena, leaf)
    this.#firstSlot = (offsetOf(leaf) >>> 2) + LEAF.slotsWord
    this.#slots = ownersOf(arena, leaf)
  }

  /** Goes to the first record of an owner in this page. */
  #toSlot(slot: number): true {
    const words = this.#words
    const start = this.#start
    const word = this.#firstSlot + slot
    const at = start + ((words[word] as number) & 0xffff)
    this.#slot = slot
    this.#ownerStop = slot + 1 < this.#slots ? start + ((words[word + 1] as number) & 0xffff) : this.#pageStop
    this.at = at
    this.ownerEnd = ownerEnd(this.octets, at)
    this.end = recordEndAfter(this.octets, this.ownerEnd)
    return true
  }

  #nextLeaf(): boolean {
    if (!this.#path.next()) {
      this.at = -1
      return false
    }
    this.#enterLeaf()
    return this.#toSlot(0)
  }

  /** Whether the next page begins with the owner where this one ends, and with a type, if one is given. */
  #ownerGoesOn(type = -1): boolean {
    const { arena } = this.#path
    const leaf = this.#path.peekNext()
    if (leaf === 0) return false
    const octets = arena.octetsOf(leaf)
    const at = recordsAt(arena, leaf)
    if (!sameOwner(this.octets, this.at, octets, at)) return false
    return type === -1 || typeAfter(octets, ownerEnd(octets, at)) === type
  }

  #hasTypeFar(type: number): boolean {
    const found = this.seekType(type)
    this.#toOwnerStart()
    return found
  }

  /** As `seekType`, where the type lies in another page: there may be thousands between. */
  #seekTypeFar(type: number): boolean {
    const key = this.#keyOfOwner()
    this.#path.toKey(key.octets, key.putType(type))
    this.#enterLeaf()
    const slot = findSlot(this.#path.arena, this.#path.leaf, key.octets, key.length)
    if (slot >= 0) this.#toSlot(slot)
    else this.#nextLeaf() // the owner is here or begins there
    while (this.type < type && this.end !== this.#ownerStop) this.next()
    if (this.type < type && this.end === this.#pageStop && this.#ownerGoesOn()) this.#nextLeaf()
    return this.type === type
  }

  /** Goes to the first record of the owner, which may lie in an earlier page. */
  #toOwnerStart(): true {
    this.#toSlot(this.#slot)
    if (this.#slot > 0) return true
    const leaf = this.#path.peekPrevious()
    if (leaf === 0) return true
    const { arena } = this.#path
    const lastOwner = recordsAt(arena, leaf) + slotOffset(arena, leaf, ownersOf(arena, leaf) - 1)
    if (sameOwner(this.octets, this.at, arena.octetsOf(leaf), lastOwner)) this.seek(this.#keyOfOwner())
    return true
  }

  #keyOfOwner(): SortKey {
    ownerKey.setOwner(this.octets, this.at, this.ownerEnd)
    return ownerKey
  }
}
