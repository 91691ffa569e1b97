/** A UDP socket outside of Node.js, for the calls of libc.ts. */

import { getSystemErrorName } from 'node:util'
import { isIpv6, isWildcard, type Endpoint } from './address.ts'
import type { Libc } from './libc.ts'
import { AF_INET, AF_INET6, endpointAt, socketAddress } from './sockaddr.ts'

/** Numbers of Linux, the same on all processors that libc.ts knows. */
const SOCK_DGRAM = 2
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const SOL = { socket: 1, ip: 0, ipv6: 41 } as const
const SO = { receiveBuffer: 8, reusePort: 15 } as const
const IP = { packetInfo: 8, mtuDiscover: 10 } as const
const IPV6 = { mtuDiscover: 23, only: 26, receivePacketInfo: 49 } as const
const PMTUDISC_OMIT = 5

const NAME_OCTETS_MAX = 28

export interface SocketOptions {
  readonly reusePort: boolean
  readonly receiveBufferOctets: number
}

/** A bound socket by its number, and the port it has. */
export interface BoundSocket {
  readonly fd: number
  readonly port: number
}

/** Binds; throws as Node.js does if the address cannot be bound. One for a wildcard is told which address was asked. */
export function bindUdp(libc: Libc, endpoint: Endpoint, options: SocketOptions): BoundSocket {
  const v6 = isIpv6(endpoint.address)
  const fd = libc.socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
  if (fd < 0) throw systemError(libc.errno(), 'socket', endpoint)
  try {
    const set = (level: number, option: number, value: number) =>
      libc.setsockopt(fd, level, option, Uint32Array.of(value), Uint32Array.BYTES_PER_ELEMENT)
    const must = (level: number, option: number) => {
      if (set(level, option, 1) !== 0) throw systemError(libc.errno(), 'setsockopt', endpoint)
    }
    if (options.reusePort) must(SOL.socket, SO.reusePort)
    if (v6) must(SOL.ipv6, IPV6.only)
    if (isWildcard(endpoint.address)) must(v6 ? SOL.ipv6 : SOL.ip, v6 ? IPV6.receivePacketInfo : IP.packetInfo)
    // The kernel may grant less than we ask for.
    set(SOL.socket, SO.receiveBuffer, options.receiveBufferOctets)
    // Whoever forges "too big" messages must not make us send fragments (RFC 9715).
    set(v6 ? SOL.ipv6 : SOL.ip, v6 ? IPV6.mtuDiscover : IP.mtuDiscover, PMTUDISC_OMIT)
    const name = socketAddress(endpoint)
    if (libc.bind(fd, name, name.length) !== 0) throw systemError(libc.errno(), 'bind', endpoint)
    return { fd, port: portOf(libc, fd) }
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

function portOf(libc: Libc, fd: number): number {
  const name = new Uint8Array(NAME_OCTETS_MAX)
  libc.getsockname(fd, name, Uint32Array.of(name.length))
  return endpointAt(name, 0).port
}

/** An error as those that Node.js makes of what a call says. */
export function systemError(number: number, syscall: string, { address, port }: Endpoint): NodeJS.ErrnoException {
  const code = getSystemErrorName(-number)
  return Object.assign(new Error(`${syscall} ${code} ${address}:${port}`), {
    code,
    errno: -number,
    syscall,
    address,
    port,
  })
}
