/** Addresses and free ports on loopback. */

import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/** An address and a port. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** `127.0.0.1:5300`, and `[::1]:5300` for IPv6. */
export function printEndpoint({ address, port }: Endpoint, separator = ':'): string {
  return address.includes(':') && separator === ':' ? `[${address}]:${port}` : `${address}${separator}${port}`
}

// Below the range from which the kernel takes the ports of outgoing connections: nobody else stumbles on these.
const PORT_MIN = 12_000
const PORT_MAX = 30_000

/** A port is free until its server has started, so test files that run at once choose among ports of their own. */
const SHARES = 16
const SHARE = Number(process.env['VITEST_POOL_ID'] ?? 0) % SHARES
const SHARE_SIZE = Math.floor((PORT_MAX - PORT_MIN) / SHARES)

/** For the same reason none is given twice, as long as there are others. */
const given = new Set<number>()

/** A port that is free for both UDP and TCP on the address. */
export async function freeEndpoint(address = '127.0.0.1'): Promise<Endpoint> {
  if (given.size > SHARE_SIZE / 2) given.clear()
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = PORT_MIN + SHARE * SHARE_SIZE + Math.floor(Math.random() * SHARE_SIZE)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree({ address, port })) return { address, port }
  }
  throw new Error(`no free port on ${address}`)
}

/** Whether nobody uses a port, neither for UDP nor for TCP. */
export async function isFree(endpoint: Endpoint): Promise<boolean> {
  return (await freeForUdp(endpoint)) && (await freeForTcp(endpoint))
}

function freeForUdp({ address, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.once('error', () => resolve(false))
    socket.bind(port, address, () => socket.close(() => resolve(true)))
  })
}

function freeForTcp({ address, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, address, () => server.close(() => resolve(true)))
  })
}
