/**
 * A sender that has all messages of a transfer ready and does nothing but write them: `node bench/ready-sender.ts OCTETS`.
 * What a client takes from it is the most the client can take. Prints its port when it listens.
 */

import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

const OCTETS = Number(process.argv[2] ?? 40_000_000)
const MESSAGE_OCTETS = 65_000
const HEADER = Buffer.from('000084000000000100000000', 'hex')
// The root's SOA record: a root owner, type, class, TTL, length, two root names and the five numbers.
const SOA = Buffer.from(`000006000100000e1000160000${'00000001'.repeat(5)}`, 'hex')

const filler = Buffer.alloc(MESSAGE_OCTETS - HEADER.length)
const messages = [Buffer.concat([HEADER, SOA]), ...Array.from({ length: OCTETS / MESSAGE_OCTETS }, () => withFiller())]
const stream = Buffer.concat(
  [...messages, Buffer.concat([HEADER, SOA])].flatMap((message) => [lengthOf(message), message]),
)

createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', () => socket.write(stream))
}).listen(0, '127.0.0.1', function (this: { address(): unknown }) {
  process.stdout.write(`${(this.address() as AddressInfo).port}\n`)
})

function withFiller(): Buffer {
  return Buffer.concat([HEADER, filler])
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return length
}
