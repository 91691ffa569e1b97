/** A TCP client that sends what it likes and collects the messages that come back. */

import { connect } from 'node:net'
import { afterName, questionMessage } from '../interop/ask.ts'
import type { Endpoint } from '../interop/endpoint.ts'
import { TYPE } from './message.ts'

/** How a connection ended. */
export interface TcpEnd {
  readonly messages: Buffer[]
  /** Ended by the other side, rather than by our patience. */
  readonly closed: boolean
}

/** When to stop listening, unless the other side ends before. */
interface Patience {
  readonly messagesMax?: number
  readonly until?: (message: Buffer) => boolean
  readonly patienceMs?: number
}

/** Sends octets, and listens until the messages wanted have come, the other side ended, or `patienceMs` passed. */
export function talkTcp(
  to: Endpoint,
  octets: Uint8Array,
  { messagesMax = Infinity, until = () => false, patienceMs = 2000 }: Patience = {},
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
        const message = rest.subarray(2, 2 + rest.readUInt16BE(0))
        rest = rest.subarray(2 + message.length)
        if (messages.push(message) >= messagesMax || until(message)) finish(false)
      }
    })
    socket.on('error', () => finish(true))
    socket.on('close', () => finish(true))
  })
}

/** Pulls a zone by AXFR; gives the number of its records, the closing SOA not counted. Throws unless it ends with one. */
export async function countTransferred(from: Endpoint, apex: string): Promise<number> {
  const query = framed(questionMessage({ name: apex, type: TYPE.AXFR }))
  let count = 0
  let soas = 0
  const { messages } = await talkTcp(from, query, {
    until: (message) => (soas += soasIn(message)) >= 2,
    patienceMs: 5000,
  })
  for (const message of messages) count += message.readUInt16BE(6)
  if (soas !== 2) throw new Error(`AXFR of ${apex}: ${messages.length} messages, ${soas} SOA records`)
  return count - 1
}

function soasIn(message: Buffer): number {
  let at = 12
  for (let left = message.readUInt16BE(4); left > 0; left--) at = afterName(message, at) + 4
  let soas = 0
  for (let left = message.readUInt16BE(6); left > 0; left--) {
    at = afterName(message, at)
    if (message.readUInt16BE(at) === TYPE.SOA) soas++
    at += 10 + message.readUInt16BE(at + 8)
  }
  return soas
}

/** A message with its length in front. */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message])
}
