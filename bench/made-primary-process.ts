/** The process of a primary of made zones; `made-primary.ts` starts it and speaks with it. */

import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { CLASS } from '../src/dns/code.ts'
import { newMessage } from '../src/dns/message.ts'
import type { DnsRecord } from '../src/dns/message.ts'
import { writeMessage } from '../src/dns/message-write.ts'
import { parseName } from '../src/dns/name.ts'
import { parseZoneFile } from '../src/dns/zonefile/parser.ts'
import type { Endpoint } from '../test/interop/endpoint.ts'
import type { Told, Order } from './made-primary.ts'
import { MadeZones, notifyMessage } from './made-zones.ts'

const RECORDS_PER_MESSAGE = 200
const AXFR = 252
const SOA = 6
const TICK_MS = 10

let zones = new MadeZones(0)
/** A zone of a file beside them: its question, and its messages without their lengths. */
let filed: { readonly question: Buffer; readonly messages: readonly Buffer[]; readonly soa: Buffer } | undefined

const udp = createSocket('udp4')
udp.on('message', (request, from) => {
  for (const answer of answersTo(request)) udp.send(answer, from.port, from.address)
})

const tcp = createServer((socket) => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => {}) // whoever asked has gone
  socket.on('data', (octets: Buffer) => {
    rest = rest.length === 0 ? octets : Buffer.concat([rest, octets])
    while (rest.length > 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      sendAll(socket, answersTo(rest.subarray(2, end)))
      rest = rest.subarray(end)
    }
  })
})

process.on('message', (order: Order) => {
  if (order.type === 'serve') serve(order)
  if (order.type === 'advance') void advance(order)
  if (order.type === 'count') tell({ type: 'counts', full: zones.full, incremental: zones.incremental })
})

function serve({ zones: count, refreshSeconds, file, apex, endpoint }: Extract<Order, { type: 'serve' }>): void {
  zones = new MadeZones(count, refreshSeconds === undefined ? {} : { refreshSeconds })
  if (file !== undefined && apex !== undefined) filed = readFiled(file, apex)
  tcp.listen(endpoint.port, endpoint.address, 1024, () => {
    udp.bind(endpoint.port, endpoint.address, () => tell({ type: 'serving' }))
  })
}

/** Gives zones new serials, one after the other, at a rate, and tells the secondary of each. */
async function advance({ secondary, perSecond, seconds }: Extract<Order, { type: 'advance' }>): Promise<void> {
  const before = zones.incremental + zones.full
  const started = performance.now()
  let sent = 0
  for (;;) {
    const elapsed = (performance.now() - started) / 1000
    if (elapsed >= seconds) break
    for (; sent < elapsed * perSecond; sent++) notify(sent % zones.serials.length, secondary)
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  tell({ type: 'advanced', notified: sent, fetched: zones.incremental + zones.full - before })
}

function notify(number: number, { address, port }: Endpoint): void {
  zones.serials[number] = (zones.serials[number] as number) + 1
  udp.send(notifyMessage(number), port, address)
}

function answersTo(request: Buffer): readonly Buffer[] {
  if (filed !== undefined && request.subarray(12, 12 + filed.question.length).equals(filed.question)) {
    const type = request.readUInt16BE(12 + filed.question.length)
    return (type === SOA ? [filed.soa] : filed.messages).map((message) => withId(message, request))
  }
  const answer = zones.answer(request)
  return answer === undefined ? [] : [answer]
}

function withId(message: Buffer, request: Buffer): Buffer {
  const answer = Buffer.from(message)
  request.copy(answer, 0, 0, 2)
  return answer
}

function readFiled(path: string, apex: string): NonNullable<typeof filed> {
  const name = parseName(apex)
  const items = [...parseZoneFile(readFileSync(path, 'utf8'), { origin: name, defaultTtl: 3600 })]
  const records = items.flatMap((item) => (item.type === 'record' ? [item.record] : []))
  const [soa] = records
  if (soa?.type !== SOA) throw new Error(`${path} does not begin with an SOA record`)
  const all = [...records, soa]
  const messageOf = (answer: readonly DnsRecord[], type: number): Buffer =>
    Buffer.from(writeMessage(newMessage({ qr: true, aa: true, questions: [{ name, type, class: CLASS.IN }], answer })))
  const messages: Buffer[] = []
  for (let at = 0; at < all.length; at += RECORDS_PER_MESSAGE)
    messages.push(messageOf(all.slice(at, at + RECORDS_PER_MESSAGE), AXFR))
  return { question: Buffer.from(name), messages, soa: messageOf([soa], SOA) }
}

function sendAll(socket: Socket, answers: readonly Buffer[]): void {
  const framed = answers.flatMap((answer) => [Buffer.from([answer.length >> 8, answer.length & 255]), answer])
  if (framed.length > 0) socket.write(Buffer.concat(framed))
}

function tell(told: Told): void {
  process.send?.(told)
}
