/** Whether batches work here: a few datagrams go to a socket of our own and come back, before anybody relies on it. */

import type { Endpoint } from './address.ts'
import { Batch } from './batch.ts'
import type { Libc } from './libc.ts'
import { socketAddress } from './sockaddr.ts'
import { bindUdp } from './udp-socket.ts'

const DATAGRAMS = 3
const WAIT_MS = 1000
/** What an answer has more than its request. */
const MARK = 0x80
const OPTIONS = { reusePort: false, receiveBufferOctets: 65_536 }
const NOTHING = new Uint8Array(0)

/** Why batches cannot be used, or undefined if they can. */
export function checkBatches(libc: Libc): string | undefined {
  try {
    const wrong = checkOn(libc, { address: '127.0.0.1', wildcard: '0.0.0.0' })
    if (wrong !== undefined || !hasIpv6(libc)) return wrong
    return checkOn(libc, { address: '::1', wildcard: '::' })
  } catch (error) {
    return (error as Error).message
  }
}

function hasIpv6(libc: Libc): boolean {
  try {
    libc.close(bindUdp(libc, { address: '::1', port: 0 }, OPTIONS).fd)
    return true
  } catch {
    return false
  }
}

function checkOn(libc: Libc, { address, wildcard }: { address: string; wildcard: string }): string | undefined {
  const fds: number[] = []
  const bind = (endpoint: Endpoint) => {
    const socket = bindUdp(libc, endpoint, OPTIONS)
    fds.push(socket.fd)
    return socket
  }
  try {
    const server = bind({ address: wildcard, port: 0 })
    const client = bind({ address, port: 0 })
    const at = { address, port: server.port }
    const asking = new Batch(libc, DATAGRAMS)
    const to = { name: socketAddress(at), control: NOTHING }
    for (let id = 1; id <= DATAGRAMS; id++)
      if (!asking.send(client.fd, Uint8Array.of(id, id, id), to)) return 'a datagram could not be sent'
    const answering = new Batch(libc, DATAGRAMS)
    const came = receiveAll(answering, server.fd, (slot) => {
      answering.answers[slot]?.set([...datagramAt(answering, slot), MARK])
      answering.queue(slot, answering.lengthAt(slot) + 1)
    })
    if (came.length !== DATAGRAMS) return 'datagrams were lost'
    if (answering.flush(server.fd) !== 0) return 'an answer could not be sent'
    const ids = receiveAll(asking, client.fd, (slot) => {
      const { address: from, port } = asking.askerAt(slot).endpoint
      const [id, , , mark] = datagramAt(asking, slot)
      return from === address && port === at.port && mark === MARK ? id : undefined
    })
    const right = ids.length === DATAGRAMS && ids.every((id, index) => id === index + 1)
    return right ? undefined : `answers came back wrong from ${address}`
  } finally {
    for (const fd of fds) libc.close(fd)
  }
}

const datagramAt = (batch: Batch, slot: number): Uint8Array =>
  (batch.requests[slot] as Uint8Array).subarray(0, batch.lengthAt(slot))

/** What is made of each of the datagrams that come until there are enough, or none for too long. */
function receiveAll<Made>(batch: Batch, fd: number, make: (slot: number) => Made): Made[] {
  const made: Made[] = []
  while (made.length < DATAGRAMS && batch.waitFor(fd, WAIT_MS)) {
    const count = batch.receive(fd)
    if (count < 0) throw new Error(`recvmmsg failed with error ${-count}`)
    for (let slot = 0; slot < count; slot++) made.push(make(slot))
  }
  return made
}
