/** Writing the block that is a version; see page.ts. */

import type { Arena } from './arena.ts'
import { offsetOf, type Pointer } from './arena-view.ts'
import type { Counts } from './contents.ts'
import { VERSION } from './page.ts'
import { soaSerial } from './stored-soa.ts'

interface Tree {
  readonly root: Pointer
  readonly height: number
}

/** Makes the block of a version with these trees (in the order of `TREE`), counts and SOA record. */
export function writeVersion(arena: Arena, trees: readonly Tree[], counts: Counts, soa: Uint8Array): Pointer {
  const version = arena.allocate(VERSION.soaAt + soa.length)
  const words = arena.wordsOf(version)
  const head = offsetOf(version) >>> 2
  for (const [index, { root, height }] of trees.entries()) {
    words[head + 2 * index] = root
    words[head + 2 * index + 1] = height
  }
  words[head + VERSION.records] = counts.records
  words[head + VERSION.hashRecords] = counts.hashRecords
  words[head + VERSION.owners] = counts.owners
  words[head + VERSION.cuts] = counts.cuts
  words[head + VERSION.dnames] = counts.dnames
  words[head + VERSION.wildcards] = counts.wildcards
  words[head + VERSION.signatures] = counts.signatures
  words[head + VERSION.nsecs] = counts.nsecs
  words[head + VERSION.octetsLow] = counts.octets | 0
  words[head + VERSION.octetsHigh] = Math.floor(counts.octets / 2 ** 32)
  words[head + VERSION.editedRecords] = counts.editedRecords
  words[head + VERSION.serial] = soaSerial(soa)
  words[head + VERSION.soaOctets] = soa.length
  arena.octetsOf(version).set(soa, offsetOf(version) + VERSION.soaAt)
  return version
}
