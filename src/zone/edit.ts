/**
 * An edit: how the next version of a zone comes to be.
 *
 * It begins with a version or with nothing, takes records in stored form in any order (in canonical order it is fastest),
 * and ends with `commit` or `abort`. Until then nobody else sees any of it, and the version it began with stays as it is.
 * Records are the same if owner, type and canonical RDATA are (RFC 2181 §5); the version keeps the case they came in.
 */

import { assert } from '../dns/assert.ts'
import type { Name } from '../dns/name.ts'
import type { Arena } from './arena.ts'
import type { Pointer } from './arena-view.ts'
import { type Contents, type Counts, countsOf, soaOf, type Stored, versionWord, recordsOfOwner } from './contents.ts'
import { Cursor } from './cursor.ts'
import { countOwner, LimitError, type Limits, UNLIMITED } from './edit-limits.ts'
import { EditPages } from './edit-pages.ts'
import { type EditTail, STANDING } from './edit-tail.ts'
import { idEntry } from './edited-record.ts'
import { EditTree } from './edit-tree.ts'
import { writeVersion } from './edit-version.ts'
import { recordsAt } from './page.ts'
import { storedOwner } from './stored-form.ts'
import { ownerEnd, TO_RDLENGTH, TO_TTL, TREE, treeOf, TYPE, typeAfter } from './stored-record.ts'
import type { LeafWritten } from './tail-leaf.ts'

/** What became of a record that was put in: `present` if it was there already. */
export type Added = 'added' | 'present' | 'ttl changed'
/** What became of a record that was to be taken out. */
export type Removed = 'removed' | 'absent'

/** Hears of every change that is made, with the octets as they are in the zone. */
export interface Recorder {
  removed(octets: Uint8Array, at: number, end: number): void
  added(octets: Uint8Array, at: number, end: number): void
}

/** A version that was made. */
export interface Committed {
  readonly contents: Contents
  /** Pages of the version before that this one does not share: free once nobody reads that version or an earlier one. */
  readonly retired: readonly Pointer[]
}

export interface EditOptions {
  readonly limits?: Limits
  readonly recorder?: Recorder
  /** Hears of the names' records, run by run, while they come in canonical order; in octets that it must not keep. */
  readonly gathered?: LeafWritten
}

type CountsSoFar = { -readonly [count in keyof Counts]: number }

export class Edit {
  readonly apex: Name
  readonly #arena: Arena
  readonly #base: Contents | undefined
  readonly #limits: Limits
  readonly #isLimitedByOwner: boolean
  readonly #recorder: Recorder | undefined
  readonly #pages: EditPages
  /** In the order of `TREE`. */
  readonly #trees: readonly EditTree[]
  readonly #counts: CountsSoFar
  #soa: Uint8Array | undefined
  #coverChanged = false
  #isInOrder: boolean
  #ended = false

  constructor(
    arena: Arena,
    base: Contents | undefined,
    apex: Name,
    { limits = UNLIMITED, recorder, gathered = () => {} }: EditOptions = {},
  ) {
    this.#arena = arena
    this.apex = apex
    this.#base = base
    this.#limits = limits
    this.#isLimitedByOwner = limits.recordsPerRRset !== Infinity || limits.typesPerOwner !== Infinity
    this.#recorder = recorder
    this.#pages = new EditPages(arena)
    const word = (index: number): number => (base === undefined ? 0 : versionWord(base, index))
    this.#trees = Object.values(TREE).map((tree) => new EditTree(this.#pages, word(2 * tree), word(2 * tree + 1)))
    this.#counts = base === undefined ? noCounts() : { ...countsOf(base) }
    this.#soa = base === undefined ? undefined : copyOf(soaOf(base))
    this.#isInOrder = base === undefined && recorder === undefined
    if (!this.#isInOrder) return
    this.#trees[TREE.names]?.gather(gathered)
    this.#trees[TREE.hashes]?.gather(() => {})
  }

  /** The version it began with. */
  get base(): Contents | undefined {
    return this.#base
  }

  /** What there is so far. */
  get counts(): Counts {
    return this.#counts
  }

  /** The SOA record so far, in stored form. */
  get soa(): Uint8Array | undefined {
    return this.#soa
  }

  /** Whether all names' records so far came in order: those that `gathered` has not heard of come with `commit`. */
  get isInOrder(): boolean {
    return this.#isInOrder
  }

  /** A cursor over one of the trees as it is now; it must be opened anew after the next change. */
  cursor(tree: number): Cursor {
    this.#trees[tree]?.settle()
    const { root, height } = this.#trees[tree] as EditTree
    const cursor = new Cursor(this.#arena)
    cursor.openTree(root, height)
    return cursor
  }

  /** Sets the SOA record, given in stored form. */
  setSoa(octets: Uint8Array, at = 0, length = octets.length - at): void {
    const isSoa = ownerEnd(octets, at) === at && typeAfter(octets, at) === TYPE.SOA
    assert(isSoa, 'a record is set as SOA record of the apex that is none')
    this.#soa = octets.slice(at, at + length)
  }

  /** Puts in a record, given in stored form. Throws LimitError if it is too many. Hot: once per record of a transfer in. */
  add(octets: Uint8Array, at: number, length: number): Added {
    assert(!this.#ended, 'a record is added to an edit that has ended')
    const end = at + length
    const fields = ownerEnd(octets, at)
    const type = typeAfter(octets, fields)
    assert(type !== TYPE.SOA, 'a SOA record is added: it must be set')
    const number = treeOf(octets, fields)
    const tree = this.#trees[number] as EditTree
    if (tree.tail !== undefined) {
      const standing = tree.tail.seek(octets, at, fields, end)
      if (standing !== STANDING.elsewhere) return this.#gather(tree.tail, standing, octets, at, fields, end)
      tree.settle()
    }
    if (number === TREE.names) this.#isInOrder = false
    if (tree.place.find(octets, at, fields)) return this.#addAgain(tree, octets, at, end)
    if (number === TREE.edited) {
      this.#counts.editedRecords++
      this.#insertId(octets, at)
    } else {
      this.#checkLimits(tree, octets, at, fields, length)
      if (number === TREE.names) this.#count(tree, octets, at, fields, type, 1)
      else this.#counts.hashRecords++
      if (type === TYPE.RRSIG) this.#counts.signatures++
      this.#counts.records++
      this.#counts.octets += length
    }
    tree.insert(octets, at, end)
    this.#recorder?.added(octets, at, end)
    return 'added'
  }

  /** Takes out the record that is the same as one given in stored form. */
  remove(octets: Uint8Array, at: number, _length: number): Removed {
    assert(!this.#ended, 'a record is removed from an edit that has ended')
    const fields = ownerEnd(octets, at)
    const type = typeAfter(octets, fields)
    const number = treeOf(octets, fields)
    const tree = this.#trees[number] as EditTree
    tree.settle()
    this.#isInOrder = false
    const { place } = tree
    if (!place.find(octets, at, fields)) return 'absent'
    if (this.#recorder !== undefined) this.#recordRemoval(tree)
    if (number === TREE.edited) {
      this.#counts.editedRecords--
      this.#removeId(octets, at)
    } else {
      if (number === TREE.names) this.#count(tree, octets, at, fields, type, -1)
      else this.#counts.hashRecords--
      if (type === TYPE.RRSIG) this.#counts.signatures--
      this.#counts.records--
      this.#counts.octets -= place.stop - place.offset
    }
    tree.remove()
    return 'removed'
  }

  /** Lays a record over the names: it is answered, and is not among the records of the version (overlay.ts). */
  cover(octets: Uint8Array): void {
    if (this.#overlay.place.find(octets, 0, ownerEnd(octets, 0))) return
    this.#overlay.insert(octets, 0, octets.length)
    this.#coverChanged = true
  }

  /** Takes off a record that lies over the names. */
  uncover(octets: Uint8Array): void {
    if (!this.#overlay.place.find(octets, 0, ownerEnd(octets, 0))) return
    this.#overlay.remove()
    this.#coverChanged = true
  }

  /** The records of one owner in one of the trees, as they are now. Nothing may be changed before all have been read. */
  recordsOf(tree: number, owner: Name): Generator<Cursor> {
    return recordsOfOwner(this.cursor(tree), owner, owner.length - this.apex.length)
  }

  /** Whether anything lies over the names. Hot: once per owner where a whole zone is made anew. */
  get isCovered(): boolean {
    return this.#overlay.root !== 0
  }

  /** Whether something else lies over the names than did before. */
  get isCoverChanged(): boolean {
    return this.#coverChanged
  }

  /** Makes the version. It can still be aborted as long as nobody else was shown it. */
  commit(): Committed {
    assert(!this.#ended, 'an edit is committed that has ended')
    assert(this.#soa !== undefined, 'an edit is committed without a SOA record')
    this.#ended = true
    for (const tree of this.#trees) tree.settle()
    for (const tree of this.#trees) tree.trim()
    this.#pages.seal()
    const version = this.#pages.note(writeVersion(this.#arena, this.#trees, this.#counts, this.#soa))
    const { retired } = this.#pages
    return {
      contents: { arena: this.#arena, version },
      retired: this.#base === undefined ? retired : [...retired, this.#base.version],
    }
  }

  /** Gives up the edit: all its pages are free again. */
  abort(): void {
    this.#ended = true
    this.#pages.dropAll()
  }

  /** Notes where the edited record that is being put in is found by its id. */
  #insertId(octets: Uint8Array, at: number): void {
    const entry = idEntry(octets, at)
    const { place } = this.#ids
    const isThere = place.find(entry, 0, ownerEnd(entry, 0))
    assert(!isThere, 'two edited records have one id')
    this.#ids.insert(entry, 0, entry.length)
  }

  #removeId(octets: Uint8Array, at: number): void {
    const entry = idEntry(octets, at)
    const isThere = this.#ids.place.find(entry, 0, ownerEnd(entry, 0))
    assert(isThere, 'an edited record has no entry by its id')
    this.#ids.remove()
  }

  get #overlay(): EditTree {
    return this.#trees[TREE.overlay] as EditTree
  }

  get #ids(): EditTree {
    return this.#trees[TREE.ids] as EditTree
  }

  /** Puts a record in where they are gathered, as `add` does. Hot: once per record that comes in order. */
  #gather(tail: EditTail, standing: number, octets: Uint8Array, at: number, fields: number, end: number): Added {
    if (standing === STANDING.present) return 'present'
    if (standing === STANDING.otherTtl) {
      tail.replace(octets, at, end)
      return 'ttl changed'
    }
    const counts = this.#counts
    const type = typeAfter(octets, fields)
    this.#checkZoneLimits(octets, at, end - at)
    if (this.#isLimitedByOwner) this.#checkOwnerLimits(tail.recordsOfType, tail.types, octets, at)
    if (tail === this.#trees[TREE.hashes]?.tail) {
      counts.hashRecords++
    } else {
      if (standing === STANDING.newOwner) {
        counts.owners++
        if (hasAsterisk(octets, at, fields)) counts.wildcards++
      }
      if (type === TYPE.NSEC) counts.nsecs++
      else if (type === TYPE.NS && fields > at && tail.recordsOfType === 0) counts.cuts++
      else if (type === TYPE.DNAME && tail.recordsOfType === 0) counts.dnames++
    }
    if (type === TYPE.RRSIG) counts.signatures++
    counts.records++
    counts.octets += end - at
    tail.put(octets, at, fields, end)
    return 'added'
  }

  /** The record is there; what may differ is its TTL. */
  #addAgain(tree: EditTree, octets: Uint8Array, at: number, end: number): Added {
    const { path, offset } = tree.place
    const page = this.#arena.octetsOf(path.leaf)
    const fields = ownerEnd(octets, at)
    const shift = recordsAt(this.#arena, path.leaf) + offset - at
    let same = true
    for (let p = fields + TO_TTL; p < fields + TO_RDLENGTH; p++) if (octets[p] !== page[p + shift]) same = false
    if (same) return 'present'
    if (this.#recorder !== undefined) this.#recordRemoval(tree)
    tree.replace(octets, at, end)
    this.#recorder?.added(octets, at, end)
    return 'ttl changed'
  }

  #recordRemoval({ place }: EditTree): void {
    const base = recordsAt(this.#arena, place.path.leaf)
    this.#recorder?.removed(this.#arena.octetsOf(place.path.leaf), base + place.offset, base + place.stop)
  }

  /** Counts what a record of the names makes, or, with −1, what goes with it. Its place was just looked for. Hot. */
  #count(tree: EditTree, octets: Uint8Array, at: number, fields: number, type: number, by: 1 | -1): void {
    const counts = this.#counts
    if (!tree.place.hasOwner(octets, at)) {
      counts.owners += by
      if (hasAsterisk(octets, at, fields)) counts.wildcards += by
    }
    if (type === TYPE.NSEC) counts.nsecs += by
    else if (type === TYPE.NS && fields > at && !tree.place.hasType(octets, at, type)) counts.cuts += by
    else if (type === TYPE.DNAME && !tree.place.hasType(octets, at, type)) counts.dnames += by
  }

  /** Hot. */
  #checkLimits(tree: EditTree, octets: Uint8Array, at: number, fields: number, length: number): void {
    this.#checkZoneLimits(octets, at, length)
    if (!this.#isLimitedByOwner) return
    const { records, types } = countOwner(tree, octets, at, fields, typeAfter(octets, fields))
    this.#checkOwnerLimits(records, types, octets, at)
  }

  #checkZoneLimits(octets: Uint8Array, at: number, length: number): void {
    const limits = this.#limits
    const { records, octets: octetsSoFar } = this.#counts
    if (records >= limits.records) throw this.#excess('records', records + 1, octets, at)
    if (octetsSoFar + length > limits.octets) throw this.#excess('octets', octetsSoFar + length, octets, at)
  }

  /** Given how many records of the type and how many types the owner has before the record comes. */
  #checkOwnerLimits(records: number, types: number, octets: Uint8Array, at: number): void {
    const limits = this.#limits
    if (records >= limits.recordsPerRRset) throw this.#excess('recordsPerRRset', records + 1, octets, at)
    if (records === 0 && types >= limits.typesPerOwner) throw this.#excess('typesPerOwner', types + 1, octets, at)
  }

  #excess(limit: keyof Limits, seen: number, octets: Uint8Array, at: number): LimitError {
    const owner = storedOwner(octets, at, this.apex)
    const type = typeAfter(octets, ownerEnd(octets, at))
    return new LimitError(limit, { seen, most: this.#limits[limit], owner, type })
  }
}

/** Whether one of an owner's labels is an asterisk. Hot. */
function hasAsterisk(octets: Uint8Array, at: number, end: number): boolean {
  for (let label = at; label < end; label += (octets[label] as number) + 1) {
    if (octets[label] === 1 && octets[label + 1] === 0x2a) return true
  }
  return false
}

function noCounts(): CountsSoFar {
  return {
    records: 0,
    owners: 0,
    cuts: 0,
    dnames: 0,
    wildcards: 0,
    signatures: 0,
    nsecs: 0,
    hashRecords: 0,
    octets: 0,
    editedRecords: 0,
  }
}

function copyOf({ octets, at, end }: Stored): Uint8Array {
  return octets.slice(at, end)
}
