/**
 * Ids of records. Records have none of their own, and a zone of a million records should not need a list of them.
 *
 *   owner hash (48 bits)  type (16 bits)  RDATA hash (64 bits)      enciphered as one block of AES-128
 *
 * So the id of a record follows from what the record is, wherever and whenever it is seen, its TTL not counting; and an
 * id tells where to look: it is deciphered, and the owners with that hash are looked at. The key is the store's own, so
 * ids cannot be made up or read by others. The hashes are seeded and fast rather than cryptographic: two records of one
 * owner hash, type and RDATA hash would share an id, and nothing worse.
 */

import { createCipheriv, createDecipheriv, createHash, type Cipheriv } from 'node:crypto'
import { FOLDED } from '../dns/name.ts'
import type { Stored } from '../zone/contents.ts'
import { ownerEnd, TO_RDATA, typeAfter } from '../zone/stored-record.ts'

const BLOCK_OCTETS = 16
const RDATA_HASH_AT = 8

/** Owners are the same in any case; RDATA may hold texts that differ in case alone. */
const AS_IS = new Uint8Array(256).map((_, octet) => octet)

/** What an id says about its record. */
export interface RecordKey {
  /** The first 32 bits of the owner's hash. */
  readonly ownerHash: number
  readonly type: number
}

export class RecordIds {
  readonly #key: Uint8Array
  readonly #cipher: Cipheriv
  readonly #seedA: number
  readonly #seedB: number
  readonly #block = Buffer.alloc(BLOCK_OCTETS)
  #hashA = 0
  #hashB = 0

  constructor(key: Uint8Array) {
    this.#key = key
    // Blocks do not depend on one another, so one cipher serves for all of them and is never finished.
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
    const seeds = createHash('sha256').update('record id seeds').update(key).digest()
    this.#seedA = seeds.readInt32BE(0)
    this.#seedB = seeds.readInt32BE(4)
  }

  /** The id of a stored record: 32 hex digits. */
  idOf({ octets, at, end }: Stored): string {
    const owner = ownerEnd(octets, at)
    const block = this.#block
    this.#hash(octets, at, owner, FOLDED)
    block.writeInt32BE(this.#hashA, 0)
    block.writeUInt16BE(this.#hashB >>> 16, 4)
    block.writeUInt16BE(typeAfter(octets, owner), 6)
    this.#hash(octets, owner + TO_RDATA, end, AS_IS)
    block.writeInt32BE(this.#hashA, RDATA_HASH_AT)
    block.writeInt32BE(this.#hashB, RDATA_HASH_AT + 4)
    return this.#cipher.update(block).toString('hex')
  }

  /** What the record of an id must be like. Any 32 hex digits are the id of something. */
  keyOf(id: string): RecordKey {
    const decipher = createDecipheriv('aes-128-ecb', this.#key, null).setAutoPadding(false)
    const block = decipher.update(Buffer.from(id, 'hex'))
    return { ownerHash: block.readUInt32BE(0), type: block.readUInt16BE(6) }
  }

  /** The first 32 bits of the hash of an owner, given as it is stored. */
  ownerHash(octets: Uint8Array, at: number, end: number): number {
    this.#hash(octets, at, end, FOLDED)
    return this.#hashA >>> 0
  }

  /**
   * Two lanes of multiply and xor with a final mix of both (the constants are those of Murmur's and Knuth's). Hot: twice
   * per listed record.
   */
  #hash(octets: Uint8Array, start: number, end: number, letters: Uint8Array): void {
    let a = this.#seedA
    let b = this.#seedB
    for (let at = start; at < end; at++) {
      const octet = letters[octets[at] as number] as number
      a = Math.imul(a ^ octet, 0x9e3779b1)
      b = Math.imul(b ^ octet, 0x5f356495)
    }
    a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
    b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
    this.#hashA = a
    this.#hashB = b
  }
}
