/**
 * The names that one answer leads through by CNAMEs and DNAMEs (RFC 1034 §3.6.2, RFC 6672 §3.2).
 *
 * A chain has at most eighteen links, as in NSD, and no name twice: a loop ends with the chain so far, NOERROR.
 */

import { sameNameAt } from './answer-octets.ts'

/** How many CNAME records, synthesised ones included, one answer may hold. */
const CHAIN_LINKS_MAX = 18

export class Chain {
  /** Links so far. */
  links = 0
  /** Where in the answer the names stand, the question first. */
  readonly #names = new Uint16Array(CHAIN_LINKS_MAX + 1)
  /** Where the owners of the DNAMEs in the answer stand. */
  readonly #dnames = new Uint16Array(CHAIN_LINKS_MAX)
  #dnameCount = 0

  begin(nameAt: number): void {
    this.links = 0
    this.#names[0] = nameAt
    this.#dnameCount = 0
  }

  get full(): boolean {
    return this.links === CHAIN_LINKS_MAX
  }

  /** Adds a link to the name at `nameAt` of the answer; false if the chain was there before. */
  follow(out: Uint8Array, nameAt: number): boolean {
    for (let link = 0; link <= this.links; link++) {
      if (sameNameAt(out, this.#names[link] as number, nameAt)) return false
    }
    this.#names[++this.links] = nameAt
    return true
  }

  /** Notes the owner of a DNAME; false if that DNAME is in the answer already. */
  addDname(out: Uint8Array, ownerAt: number): boolean {
    for (let at = 0; at < this.#dnameCount; at++) {
      if (sameNameAt(out, this.#dnames[at] as number, ownerAt)) return false
    }
    this.#dnames[this.#dnameCount++] = ownerAt
    return true
  }
}
