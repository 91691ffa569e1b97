/** Pulls zones as fast as they come and keeps nothing of them. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseName } from '../src/dns/name.ts'
import { signRequest } from '../src/dns/tsig-sign.ts'
import { hmac } from '../src/engine/keys.ts'
import { questionMessage } from '../test/interop/ask.ts'
import type { Endpoint } from '../test/interop/endpoint.ts'
import type { TransferKey } from '../test/interop/peers/kind.ts'
import { TransferReader } from './transfer-reader.ts'

const AXFR = 252
const BUFFER_OCTETS = 1 << 20

/** What came, and when: seconds since the connection was asked for. */
export interface Pulled {
  readonly seconds: number
  readonly firstSeconds: number
  readonly octets: number
  readonly messages: number
  readonly records: number
}

/** Transfers a whole zone, signed where there is a key; the MACs that come are not looked at. Rejects if it breaks off. */
export function pullZone(server: Endpoint, apex: string, key?: TransferKey): Promise<Pulled> {
  const started = performance.now()
  const since = (): number => (performance.now() - started) / 1000
  const reader = new TransferReader()
  let firstSeconds = 0
  return new Promise((resolve, reject) => {
    const onread = {
      buffer: new Uint8Array(BUFFER_OCTETS),
      callback: (length: number, buffer: Uint8Array): boolean => {
        firstSeconds ||= since()
        try {
          reader.read(buffer, length)
        } catch (error) {
          socket.destroy(error as Error)
        }
        if (!reader.ended) return true
        const { octets, messages, records } = reader
        resolve({ seconds: since(), firstSeconds, octets, messages, records })
        socket.destroy()
        return false
      },
    }
    const socket = connect({ host: server.address, port: server.port, noDelay: true, onread })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`a transfer of ${apex} broke off after ${reader.octets} octets`)))
    socket.write(framed(request(apex, key)))
  })
}

/** When something began and ended, on the clock of `performance.now()`. */
export interface Span {
  readonly from: number
  readonly until: number
}

export const secondsOf = ({ from, until }: Span): number => (until - from) / 1000

/**
 * Takes a whole zone on so many connections at once and looks at nothing of it: how many octets there are is to be known.
 * Rejects if there are more or fewer.
 */
export async function drainZone(
  server: Endpoint,
  apex: string,
  { connections, octets, key }: { connections: number; octets: number; key?: TransferKey },
): Promise<Span> {
  const script = fileURLToPath(new URL('discard.ts', import.meta.url))
  const message = framed(request(apex, key)).toString('hex')
  const args = [server.address, server.port, connections, octets, message].map(String)
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`a transfer of ${apex} was not drained`)
  const [from = 0, until = 0] = text.split(' ').map((at) => Number(at) - performance.timeOrigin)
  return { from, until }
}

function request(apex: string, key: TransferKey | undefined): Uint8Array {
  const message = questionMessage({ id: 1 + Math.floor(Math.random() * 0xffff), name: apex, type: AXFR })
  if (key === undefined) return message
  const secret = Buffer.from(key.secret, 'base64')
  const named = { name: parseName(`${key.name}.`), algorithm: 'hmac-sha256', secret } as const
  return signRequest(message, named, { hmac, now: Date.now() }).octets
}

function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
