/**
 * Answers by UDP through the sockets of Node.js, one datagram after the other: everywhere, at half the speed of batches
 * (udp-batched.ts).
 *
 * A socket bound to a wildcard address answers from whatever address the route suggests, and then the client takes the
 * answer for somebody else's. So a wildcard stands for one socket per address of the host; `rescan` follows the host
 * when its addresses change.
 */

import { createSocket, type Socket } from 'node:dgram'
import { MESSAGE_OCTETS_MAX } from '../dns/wire.ts'
import { isIpv6, isWildcard, type Endpoint } from './address.ts'
import { TextAsker } from './asker.ts'
import { addressesFor, addressesOfHost } from './host-addresses.ts'
import { isAnswerable, RECEIVE_BUFFER_OCTETS, type UdpOptions, type UdpServer } from './udp.ts'

/** Binds and answers. Rejects if an address cannot be bound; then none is. */
export async function listenPlain(options: UdpOptions): Promise<UdpServer> {
  const sockets = new Map<string, Bound>()
  const { endpoint } = options
  const hostAddresses = options.hostAddresses ?? addressesOfHost
  const wanted = () =>
    isWildcard(endpoint.address) ? addressesFor(endpoint.address, hostAddresses()) : [endpoint.address]
  let port = endpoint.port
  const add = async (address: string) => {
    try {
      const bound = await bind(options, { address, port })
      port = bound.endpoint.port // port 0 is chosen once, for all addresses
      sockets.set(address, bound)
    } catch (error) {
      // An address of the host may be gone again, or not be settled yet (RFC 4862 §5.4).
      const fleeting = isWildcard(endpoint.address) && (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL'
      if (!fleeting) throw error
      options.failed?.(error as Error)
    }
  }
  const close = async () => {
    await Promise.all([...sockets.values()].map((bound) => bound.close()))
    sockets.clear()
  }
  try {
    for (const address of wanted()) await add(address)
  } catch (error) {
    await close()
    throw error
  }
  return {
    get endpoints() {
      return [...sockets.values()].map((bound) => bound.endpoint)
    },
    async rescan() {
      const now = new Set(wanted())
      for (const [address, bound] of sockets) {
        if (now.has(address)) continue
        sockets.delete(address)
        await bound.close()
      }
      for (const address of now) if (!sockets.has(address)) await add(address)
    },
    close,
  }
}

interface Bound {
  readonly endpoint: Endpoint
  close(): Promise<void>
}

async function bind(options: UdpOptions, { address, port }: Endpoint): Promise<Bound> {
  const v6 = isIpv6(address)
  const socket = createSocket({
    type: v6 ? 'udp6' : 'udp4',
    ipv6Only: v6,
    reusePort: options.reusePort ?? false,
    lookup: takeAsItIs as never,
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject)
      resolve()
    })
  }).catch((error: unknown) => {
    socket.close()
    throw error
  })
  enlarge(socket, options.receiveBufferOctets ?? RECEIVE_BUFFER_OCTETS)
  socket.on('error', (error) => options.failed?.(error))
  serve(socket, options)
  const endpoint = { address, port: socket.address().port }
  return { endpoint, close: () => new Promise((resolve) => socket.close(() => resolve())) }
}

/** Addresses need no lookup, so an answer can leave at once. */
function takeAsItIs(
  address: string,
  family: number,
  found: (error: null, address: string, family: number) => void,
): void {
  found(null, address, family)
}

/** The kernel may grant less than we ask for. */
function enlarge(socket: Socket, octets: number): void {
  try {
    socket.setRecvBufferSize(octets)
  } catch {
    // Some refuse what is beyond their limit altogether; then its default must do.
  }
}

/** Hot: runs once per datagram. */
function serve(socket: Socket, { answer, batch, handOn, counters }: UdpOptions): void {
  const asker = new TextAsker()
  let out = new Uint8Array(MESSAGE_OCTETS_MAX)
  const sent = (error: Error | null) => {
    if (error !== null) counters.sendFailed++
  }
  const send = (octets: Uint8Array, length: number, { address, port }: Endpoint) => {
    counters.sent++
    counters.sentOctets += length
    socket.send(octets, 0, length, port, address, sent)
  }
  socket.on('message', ({ buffer, byteOffset, length }: Uint8Array, client: Endpoint) => {
    counters.received++
    counters.receivedOctets += length
    const request = new Uint8Array(buffer, byteOffset, length) // the `slice` of a Buffer is no copy
    if (!isAnswerable(request, length, client.port)) {
      counters.ignored++
      return
    }
    batch?.begin()
    const octets = answer(request, length, asker.at(client), out)
    batch?.end()
    if (octets > 0) {
      send(out, octets, client)
      // What the kernel did not take yet is still read from this buffer.
      if (socket.getSendQueueCount() > 0) out = new Uint8Array(MESSAGE_OCTETS_MAX)
    } else if (octets === 0 || handOn === undefined) counters.silent++
    else {
      counters.handedOn++
      handOn(request, client, (late) => isOpen(socket) && send(late, late.length, client), octets)
    }
  })
}

/** A socket that was closed throws when it is asked for its address. */
function isOpen(socket: Socket): boolean {
  try {
    socket.address()
    return true
  } catch {
    return false
  }
}
