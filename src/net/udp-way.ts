/** Which way UDP is answered: in batches where that works, else datagram by datagram. */

import { checkBatches } from './batch-check.ts'
import { loadLibc, type Libc } from './libc.ts'
import { BatchedUdp } from './udp-batched.ts'
import { listenPlain } from './udp-plain.ts'
import type { UdpOptions, UdpServer } from './udp.ts'

/** What is wanted: batches if they work, batches or nothing, or no batches. */
export type UdpWish = 'auto' | 'batched' | 'plain'

export interface UdpWay {
  readonly name: 'batched' | 'plain'
  /** Why not in batches. */
  readonly reason: string | undefined
  /** Binds and answers. Rejects if the address cannot be bound. */
  readonly listen: (options: UdpOptions) => Promise<UdpServer>
}

/** Tries what is there. Rejects if batches are insisted on and do not work. */
export async function chooseUdpWay(wish: UdpWish, load = loadLibc): Promise<UdpWay> {
  if (wish === 'plain') return plain('as set')
  const libc = await usableLibc(load)
  if (typeof libc !== 'string') {
    const batched = new BatchedUdp(libc)
    return { name: 'batched', reason: undefined, listen: (options) => batched.listen(options) }
  }
  if (wish === 'batched') throw new Error(`UDP cannot be answered in batches: ${libc}`)
  return plain(libc)
}

/** The C library, if what is done with it works here; else why it cannot be used. */
export async function usableLibc(load = loadLibc): Promise<Libc | string> {
  const libc = await load()
  return typeof libc === 'string' ? libc : (checkBatches(libc) ?? libc)
}

const plain = (reason: string | undefined): UdpWay => ({ name: 'plain', reason, listen: listenPlain })
