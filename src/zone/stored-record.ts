/**
 * The stored form of a record: what contents keep, transfers send and the store writes.
 *
 *   owner     labels relative to the apex, each after its length, in the case they came in; none for the apex
 *   C0 0C     in a message whose question is the apex, a compression pointer to it (RFC 1035 §4.1.4)
 *   TYPE  CLASS  TTL  RDLENGTH  RDATA     as on the wire, RDATA without compression (RFC 1035 §3.2.1)
 *
 * So a run of stored records can be copied into a transfer without a look. A length octet is at most 63 and the
 * pointer begins with C0, hence the end of an owner shows itself. Records are the same if owner, type and canonical
 * RDATA are; the TTL does not count (RFC 2181 §5).
 */

import { compareRdata } from '../dns/layout.ts'
import { FOLDED } from '../dns/name.ts'

/** The types that contents treat unlike others. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  KEY: 25,
  AAAA: 28,
  DNAME: 39,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  NSEC3: 50,
} as const

/** The first octet of the pointer that ends every owner. */
export const OWNER_END = 0xc0

/** From an owner's end, the pointer to the apex, to the fields of the record. */
export const TO_TYPE = 2
export const TO_TTL = 6
export const TO_RDLENGTH = 10
export const TO_RDATA = 12

/** Where the owner of a stored record ends: at its pointer to the apex. Hot. */
export function ownerEnd(octets: Uint8Array, at: number): number {
  let end = at
  for (;;) {
    const length = octets[end] as number
    if (length >= OWNER_END) return end
    end += length + 1
  }
}

/** Where a stored record ends, given where its owner does. Hot. */
export function recordEndAfter(octets: Uint8Array, end: number): number {
  return end + TO_RDATA + (((octets[end + TO_RDLENGTH] as number) << 8) | (octets[end + TO_RDLENGTH + 1] as number))
}

/** Where a stored record ends. Hot. */
export function recordEnd(octets: Uint8Array, at: number): number {
  return recordEndAfter(octets, ownerEnd(octets, at))
}

/** The type of a record, given where its owner ends. Hot. */
export function typeAfter(octets: Uint8Array, end: number): number {
  return ((octets[end + TO_TYPE] as number) << 8) | (octets[end + TO_TYPE + 1] as number)
}

/** The TTL of a record, given where its owner ends. */
export function ttlAfter(octets: Uint8Array, end: number): number {
  let ttl = 0
  for (let at = end + TO_TTL; at < end + TO_RDLENGTH; at++) ttl = ttl * 256 + (octets[at] as number)
  return ttl
}

/**
 * Whether a record belongs to the chain of hashed names: NSEC3 and the signatures over it. Its owner is no name of the
 * zone (RFC 5155 §7.2.8), and its neighbours are sought among hashes only; so it lies in a tree of its own.
 */
function isHashed(octets: Uint8Array, end: number): boolean {
  const type = typeAfter(octets, end)
  if (type === TYPE.NSEC3) return true
  return type === TYPE.RRSIG && octets[end + TO_RDATA] === 0 && octets[end + TO_RDATA + 1] === TYPE.NSEC3
}

/** The type of an edited record (see edited-record.ts): what nobody can be sent, for it is no type (RFC 6895 §3.1). */
export const TYPE_EDITED = 0

/** The trees of a version, by their numbers: the order of records is that of their trees first. */
export const TREE = { names: 0, hashes: 1, edited: 2, ids: 3, overlay: 4 } as const

/** In which tree a record has its place. Hot. */
export function treeOf(octets: Uint8Array, end: number): 0 | 1 | 2 {
  if (typeAfter(octets, end) === TYPE_EDITED) return TREE.edited
  return isHashed(octets, end) ? TREE.hashes : TREE.names
}

const startsOfA = new Int32Array(128)
const startsOfB = new Int32Array(128)

/** Canonical order of two owners (RFC 4034 §6.1). Hot: once per record that is taken in. */
export function compareOwners(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  let left = 0
  let right = 0
  for (let at = aAt; (a[at] as number) < OWNER_END; at += (a[at] as number) + 1) startsOfA[left++] = at
  for (let at = bAt; (b[at] as number) < OWNER_END; at += (b[at] as number) + 1) startsOfB[right++] = at
  while (left > 0 && right > 0) {
    let p = startsOfA[--left] as number
    let q = startsOfB[--right] as number
    const aLength = a[p] as number
    const bLength = b[q] as number
    for (const end = p + (aLength < bLength ? aLength : bLength); p < end;) {
      const order = (FOLDED[a[++p] as number] as number) - (FOLDED[b[++q] as number] as number)
      if (order !== 0) return order
    }
    if (aLength !== bLength) return aLength - bLength
  }
  return left - right
}

/** Whether two owners are one, without regard to case. Hot. */
export function sameOwner(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean {
  let p = aAt
  let q = bAt
  for (;;) {
    const length = a[p] as number
    if (length !== b[q]) return false
    if (length >= OWNER_END) return true
    for (const end = p + length; p < end;) {
      if (FOLDED[a[++p] as number] !== FOLDED[b[++q] as number]) return false
    }
    p++
    q++
  }
}

/** Order of two records with one owner, given where it ends in each: by type, then by canonical RDATA. Hot. */
export function compareWithinOwner(a: Uint8Array, aEnd: number, b: Uint8Array, bEnd: number): number {
  const type = typeAfter(a, aEnd)
  const order = type - typeAfter(b, bEnd)
  if (order !== 0) return order
  const aLength = ((a[aEnd + TO_RDLENGTH] as number) << 8) | (a[aEnd + TO_RDLENGTH + 1] as number)
  const bLength = ((b[bEnd + TO_RDLENGTH] as number) << 8) | (b[bEnd + TO_RDLENGTH + 1] as number)
  return compareRdata(type, a, aEnd + TO_RDATA, aLength, b, bEnd + TO_RDATA, bLength)
}

/** The order of records in contents: by tree, then owner, type and canonical RDATA. 0 for the same record. */
export function compareRecords(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  const aEnd = ownerEnd(a, aAt)
  const bEnd = ownerEnd(b, bAt)
  const tree = treeOf(a, aEnd) - treeOf(b, bEnd)
  if (tree !== 0) return tree
  const order = compareOwners(a, aAt, b, bAt)
  return order === 0 ? compareWithinOwner(a, aEnd, b, bEnd) : order
}
