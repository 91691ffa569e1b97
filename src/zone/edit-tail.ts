/**
 * The open end of a tree that is built from nothing: where records that come in canonical order are gathered.
 *
 * A zone mostly comes in that order, but for the records of one owner, which servers send as they please. So those of
 * the owner at hand are sorted here, and with the next owner they move on to the leaf at hand (tail-leaf.ts). What belongs
 * elsewhere is for the tree itself: it is told of all that was gathered before. Records out of order now and then do no
 * harm; where they keep coming, the tail is closed, lest the tree is made of leaves with little in them.
 *
 * Hot: once per record of a transfer in, and of a zone that is loaded.
 */

import type { TailLeaf } from './tail-leaf.ts'
import {
  compareOwners,
  compareWithinOwner,
  recordEndAfter,
  sameOwner,
  TO_RDLENGTH,
  TO_TTL,
  typeAfter,
} from './stored-record.ts'

/** Where a record stands to the tail. */
export const STANDING = {
  /** Its owner comes behind all others. */
  newOwner: 0,
  /** Its owner is the last one, which does not have it yet. */
  lastOwner: 1,
  /** It is there. */
  present: 2,
  /** It is there with another TTL. */
  otherTtl: 3,
  /** The tail cannot say: the tree has to be asked. */
  elsewhere: 4,
} as const

/** An owner with more than this is left to the tree. */
const OWNER_OCTETS_MAX = 2 ** 15
/** So often what was gathered may have to be put into the tree early. */
const INTERRUPTIONS_MAX = 16

const NO_TYPE = -1

export class EditTail {
  /** Of the owner of the record sought last: its records of that record's type so far, and its types. */
  recordsOfType = 0
  types = 0
  readonly #leaf: TailLeaf
  /** The records of the last owner, sorted. */
  #run = new Uint8Array(512)
  #length = 0
  #records = 0
  #ownerOctets = 0
  /** Where its last record begins, and the type of that. */
  #lastAt = 0
  #lastType = NO_TYPE
  /** Its types so far, and its records of the last type. */
  #typesSoFar = 0
  #recordsOfLastType = 0
  /** Where in the run the record sought last is, or would be. */
  #place = 0
  #interruptions = 0
  /** The last owner has been put into the tree: no more of it is gathered here. */
  #isOwnerInTree = false
  #isEmpty = true

  constructor(leaf: TailLeaf) {
    this.#leaf = leaf
  }

  /** Whether nothing is gathered any more. */
  get isClosed(): boolean {
    return this.#interruptions > INTERRUPTIONS_MAX
  }

  /** Looks where a record belongs; one of `STANDING`. Hot. */
  seek(octets: Uint8Array, at: number, fields: number, end: number): number {
    const type = typeAfter(octets, fields)
    if (this.#isEmpty) return this.#beNew()
    if (!sameOwner(octets, at, this.#run, 0)) {
      return compareOwners(octets, at, this.#run, 0) > 0 ? this.#beNew() : STANDING.elsewhere
    }
    if (this.#isOwnerInTree || this.#length + end - at > OWNER_OCTETS_MAX) return STANDING.elsewhere
    if (compareWithinOwner(octets, fields, this.#run, this.#lastAt + this.#ownerOctets) <= 0) {
      return this.#seekWithin(octets, fields, type)
    }
    this.#place = this.#length
    this.types = this.#typesSoFar
    this.recordsOfType = type === this.#lastType ? this.#recordsOfLastType : 0
    return STANDING.lastOwner
  }

  /** Gathers the record sought last, whose standing was `newOwner` or `lastOwner`. Hot. */
  put(octets: Uint8Array, at: number, fields: number, end: number): void {
    const type = typeAfter(octets, fields)
    const place = this.#place
    if (place < 0) this.#startOwner(fields - at)
    const to = place < 0 ? 0 : place
    const before = this.#length
    const length = before + end - at
    if (length > this.#run.length) this.#grow(length)
    const run = this.#run
    if (to < before) {
      run.copyWithin(to + end - at, to, before)
      this.#lastAt += end - at
    } else {
      this.#lastAt = to
      if (type !== this.#lastType) this.#recordsOfLastType = 0
      this.#lastType = type
    }
    for (let p = at, q = to; p < end; p++, q++) run[q] = octets[p] as number
    if (this.recordsOfType === 0) this.#typesSoFar++
    if (type === this.#lastType) this.#recordsOfLastType++
    this.#length = length
    this.#records++
  }

  /** Writes a record over the one sought last, which is the same but for its TTL and the case of names. */
  replace(octets: Uint8Array, at: number, end: number): void {
    this.#run.set(octets.subarray(at, end), this.#place)
  }

  /** Puts all that was gathered into the tree. What comes behind it may still be gathered. */
  settle(): void {
    if (this.#records === 0 && this.#leaf.isEmpty) return
    this.#interruptions++
    this.#endOwner()
    this.#isOwnerInTree = true
    this.#leaf.write()
  }

  #beNew(): number {
    this.#place = -1
    this.types = 0
    this.recordsOfType = 0
    return STANDING.newOwner
  }

  #startOwner(ownerOctets: number): void {
    this.#endOwner()
    this.#isEmpty = false
    this.#isOwnerInTree = false
    this.#length = 0
    this.#ownerOctets = ownerOctets
    this.#lastType = NO_TYPE
    this.#typesSoFar = 0
    this.#recordsOfLastType = 0
  }

  #endOwner(): void {
    if (this.#records === 0) return
    this.#leaf.addOwner(this.#run, this.#length, this.#ownerOctets, this.#records)
    this.#records = 0
  }

  /** Looks for a record that does not come behind all others of its owner, and counts on the way. */
  #seekWithin(octets: Uint8Array, fields: number, type: number): number {
    const run = this.#run
    const length = this.#length
    let place = -1
    let standing: number = STANDING.lastOwner
    this.types = 0
    this.recordsOfType = 0
    let before = NO_TYPE
    for (let at = 0; at < length;) {
      const runFields = at + this.#ownerOctets
      const own = typeAfter(run, runFields)
      if (own !== before) this.types++
      if (own === type) this.recordsOfType++
      before = own
      if (place < 0) {
        const order = compareWithinOwner(octets, fields, run, runFields)
        if (order <= 0) place = at
        if (order === 0) standing = hasSameTtl(octets, fields, run, runFields) ? STANDING.present : STANDING.otherTtl
      }
      at = recordEndAfter(run, runFields)
    }
    this.#place = place
    return standing
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.max(length, 2 * this.#run.length))
    larger.set(this.#run.subarray(0, this.#length))
    this.#run = larger
  }
}

function hasSameTtl(a: Uint8Array, aFields: number, b: Uint8Array, bFields: number): boolean {
  for (let at = TO_TTL; at < TO_RDLENGTH; at++) if (a[aFields + at] !== b[bFields + at]) return false
  return true
}
