/** Which way UDP is answered: in batches where that works, else datagram by datagram. */

import { checkBatches } from './batch-check.ts'
import { loadLibc } from './libc.ts'
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
  const libc = await load()
  const reason = typeof libc === 'string' ? libc : checkBatches(libc)
  if (typeof libc !== 'string' && reason === undefined) {
    const batched = new BatchedUdp(libc)
    return { name: 'batched', reason, listen: (options) => batched.listen(options) }
  }
  if (wish === 'batched') throw new Error(`UDP cannot be answered in batches: ${reason}`)
  return plain(reason)
}

const plain = (reason: string | undefined): UdpWay => ({ name: 'plain', reason, listen: listenPlain })
