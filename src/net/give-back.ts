/** Memory that nobody needs goes back to the system and stays where it is: whoever touches it again finds zeros. */

import type { Libc } from './libc.ts'

const MADV_DONTNEED = 4

/** Gives back all pages that lie whole between two octets of a memory; returns how many octets that were. */
export function giveBack(libc: Libc, memory: ArrayBufferLike, from: number, until: number): number {
  const page = libc.getpagesize()
  const address = libc.addressOf(memory)
  const start = Math.ceil((address + from) / page) * page
  const octets = Math.floor((address + until) / page) * page - start
  return octets > 0 && libc.madvise(start, octets, MADV_DONTNEED) === 0 ? octets : 0
}
