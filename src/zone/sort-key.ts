/**
 * Sort keys: owners in a form whose order as plain octets is the canonical order of names (RFC 4034 §6.1).
 *
 *   key   for each label, the one nearest the apex first: its octets in lower case, 00 written as 01 01 and 01 as
 *         01 02, then 00. The key of the apex is empty.
 *
 * The key of an ancestor is a prefix of the key of a name, so one key serves all questions about a name and the names
 * above it. After the key of an owner comes 00 TYPE for the records of one type: an empty label does not occur, so
 * this stands behind the owner itself and before every name below it.
 */

import { FOLDED } from '../dns/name.ts'
import { OWNER_END } from './stored-record.ts'

/** 253 octets of labels, all written as two, and 00 TYPE. */
export const SORT_KEY_OCTETS_MAX = 2 * 253 + 3
const LABELS_MAX = 127

const starts = new Int32Array(LABELS_MAX + 1)

/** The sort key of one owner at a time. Made once and filled again for every question. */
export class SortKey {
  readonly octets = new Uint8Array(SORT_KEY_OCTETS_MAX)
  /** Octets in the key of the whole owner. */
  length = 0
  /** Labels of the owner, relative to the apex. */
  labels = 0
  /** `ends[n]` is how many octets the key of the ancestor with n labels has; `ends[0]` is 0, the apex. */
  readonly ends = new Uint16Array(LABELS_MAX + 1)

  /**
   * Takes the owner whose labels stand in `octets` from `at` up to `end`: up to where the apex begins in a full name, or
   * up to the pointer in a stored record. Hot: once per question.
   */
  setOwner(octets: Uint8Array, at: number, end: number): void {
    let labels = 0
    for (let start = at; start < end; start += (octets[start] as number) + 1) starts[labels++] = start
    this.labels = labels
    let length = 0
    for (let label = 1; labels > 0; label++) {
      length = this.#putLabel(octets, starts[--labels] as number, length)
      this.ends[label] = length
    }
    this.length = length
  }

  /** Makes the key that of the wildcard right below the ancestor with so many labels (RFC 4592 §2.1.1). */
  setWildcardBelow(labels: number): void {
    let length = this.ends[labels] as number
    this.octets[length++] = 0x2a
    this.octets[length++] = 0
    this.length = length
    this.labels = labels + 1
    this.ends[labels + 1] = length
  }

  /** Puts 00 TYPE behind the owner; returns the length of the whole. The key itself stays that of the owner. */
  putType(type: number): number {
    const { octets, length } = this
    octets[length] = 0
    octets[length + 1] = type >>> 8
    octets[length + 2] = type & 0xff
    return length + 3
  }

  #putLabel(octets: Uint8Array, start: number, from: number): number {
    const key = this.octets
    let to = from
    const last = start + (octets[start] as number)
    for (let at = start + 1; at <= last; at++) {
      const octet = FOLDED[octets[at] as number] as number
      if (octet > 1) {
        key[to++] = octet
      } else {
        key[to++] = 1
        key[to++] = octet + 1
      }
    }
    key[to++] = 0
    return to
  }
}

/**
 * How a stored owner stands to a key of whole labels, the first `length` octets of `key`. Hot: some ten times per
 * lookup. Within a label the key cannot run out: it ends in 00, which no octet of a label is written as.
 */
export function compareOwnerToKey(octets: Uint8Array, at: number, key: Uint8Array, length: number): number {
  let labels = 0
  for (let start = at; (octets[start] as number) < OWNER_END; start += (octets[start] as number) + 1) {
    starts[labels++] = start
  }
  let k = 0
  while (labels > 0) {
    if (k === length) return 1
    let p = starts[--labels] as number
    for (const last = p + (octets[p] as number); p < last;) {
      let octet = FOLDED[octets[++p] as number] as number
      if (octet <= 1) {
        const order = 1 - (key[k++] as number)
        if (order !== 0) return order
        octet++
      }
      const order = octet - (key[k++] as number)
      if (order !== 0) return order
    }
    const order = -(key[k++] as number)
    if (order !== 0) return order
  }
  return k - length
}
