/** A TCP client that sends what it likes and collects the messages that come back. */

import { connect } from 'node:net'
import type { Endpoint } from '../interop/endpoint.ts'

/** How a connection ended. */
export interface TcpEnd {
  readonly messages: Buffer[]
  /** Ended by the other side, rather than by our patience. */
  readonly closed: boolean
}

/** Sends octets, and listens until so many messages came, the other side ended, or `patienceMs` passed. */
export function talkTcp(
  to: Endpoint,
  octets: Uint8Array,
  { messagesMax = Infinity, patienceMs = 2000 }: { messagesMax?: number; patienceMs?: number } = {},
): Promise<TcpEnd> {
  return new Promise((resolve) => {
    const messages: Buffer[] = []
    let rest: Buffer = Buffer.alloc(0)
    const socket = connect(to.port, to.address, () => socket.write(octets))
    const finish = (closed: boolean): void => {
      clearTimeout(patience)
      socket.destroy()
      resolve({ messages, closed })
    }
    const patience = setTimeout(() => finish(false), patienceMs)
    socket.on('data', (piece: Buffer) => {
      rest = Buffer.concat([rest, piece])
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        messages.push(rest.subarray(2, 2 + rest.readUInt16BE(0)))
        rest = rest.subarray(2 + rest.readUInt16BE(0))
      }
      if (messages.length >= messagesMax) finish(false)
    })
    socket.on('error', () => finish(true))
    socket.on('close', () => finish(true))
  })
}

/** A message with its length in front. */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message])
}
