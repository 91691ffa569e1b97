/** RFC 5936 §4, RFC 1995 §2, RFC 9103 §6.1: transfers by TCP, many on one connection, and by UDP. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { META_TYPE, rcodeName } from '../../src/dns/code.ts'
import { type DnsRecord, type Message, newMessage, readMessage } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { type Name, parseName } from '../../src/dns/name.ts'
import { Counters, countersMemory } from '../../src/engine/counters.ts'
import { RecentChains } from '../../src/engine/recent-chains.ts'
import { RuleBook } from '../../src/engine/transfer-rules.ts'
import { accessForAll, TransfersOut } from '../../src/engine/transfers-out.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { frameOf, FrameReader } from '../../src/net/framing.ts'
import { newTcpCounters, TCP_LIMITS } from '../../src/net/tcp-limits.ts'
import { listenTcp, type TcpServer } from '../../src/net/tcp.ts'
import { recordsOf, World } from '../answer/world.ts'

const APEXES = ['one.example.', 'two.example.', 'three.example.']
const RECORDS = 2000
const SOA = 6

const world = new World()
let server: TcpServer

beforeAll(async () => {
  const lines = Array.from({ length: RECORDS }, (_, n) => `host${n} TXT "${'x'.repeat(100)}"`)
  for (const apex of APEXES) world.load(apex, `@ NS ns\n${lines.join('\n')}`)
  const transfers = transfersOut('tcp')
  server = await listenTcp({
    endpoint: { address: '127.0.0.1', port: 0 },
    answer: (request, _, out) =>
      world.responder.respond(request, request.length, out, { ...world.client, transport: 'tcp' }),
    handOn: (request, client) => transfers.answer(request, client),
    limits: TCP_LIMITS,
    counters: newTcpCounters(),
    failed: (error) => {
      throw error
    },
  })
})

afterAll(() => server.close())

function transfersOut(transport: 'udp' | 'tcp'): TransfersOut {
  return new TransfersOut({
    transport,
    udpSizeMax: 1232,
    directory: world.reader,
    counters: new Counters(countersMemory(1), 0),
    access: accessForAll(['127.0.0.0/8']),
    rules: new RuleBook(),
    sources: {
      store: new MemoryStore(),
      recent: new RecentChains(),
      octetsMax: 1e6,
      condensed: false,
      leftOut: new Set(),
    },
    keyOf: () => undefined,
    runningMax: 100,
    perClientMax: 100,
    ended: () => {},
  })
}

/** A question whose ID is its number; IXFR asks from a serial so old that the zone comes whole. */
function ask(id: number, apex: string, type: number): Uint8Array {
  const name = parseName(apex)
  const soa = recordsOf(apex, '').map((record): DnsRecord => ({ ...record, owner: name }))
  const authority = type === META_TYPE.IXFR ? soa.map((record) => ({ ...record, rdata: older(record.rdata) })) : []
  return writeMessage(newMessage({ id, questions: [{ name, type, class: 1 }], authority }))
}

/** The same SOA with the serial before. */
function older(rdata: Uint8Array): Uint8Array {
  const copy = rdata.slice()
  copy[copy.length - 17] = (copy[copy.length - 17] as number) - 1
  return copy
}

/** Sends everything at once and reads until each question has its whole answer. Gives the messages of each, in order. */
async function converse(questions: readonly Uint8Array[], isTransfer: (id: number) => boolean): Promise<Message[][]> {
  const socket = connect(server.endpoint.port, server.endpoint.address)
  await once(socket, 'connect')
  socket.write(Buffer.concat(questions.map((question) => frameOf(question))))
  const answers: Message[][] = questions.map(() => [])
  const reader = new FrameReader()
  let left = questions.length
  for await (const chunk of socket) {
    reader.push(chunk as Uint8Array)
    for (let octets = reader.next(); octets !== undefined; octets = reader.next()) {
      const message = readMessage(octets)
      const own = answers[message.id] as Message[]
      own.push(message)
      const soas = own.flatMap(({ answer }) => answer).filter(({ type }) => type === SOA).length
      if (!isTransfer(message.id) || soas === 2) left--
    }
    if (left === 0) break
  }
  return answers
}

test.each([
  ['AX-11 ten full transfers and a question', META_TYPE.AXFR, 10],
  ['IX-12 twenty transfers that were asked for as differences, and a question', META_TYPE.IXFR, 20],
])('%s share a connection, and each has its own ID and every record', async (_, type, count) => {
  const apexOf = (id: number): string => APEXES[id % APEXES.length] as string
  const questions = Array.from({ length: count }, (_, id) => ask(id, apexOf(id), type))
  const answers = await converse([...questions, ask(count, apexOf(0), SOA)], (id) => id < count)
  for (const [id, messages] of answers.slice(0, count).entries()) {
    const records = messages.flatMap(({ answer }) => answer)
    expect(records.length).toBe(RECORDS + 3)
    expect([records[0]?.type, records.at(-1)?.type]).toEqual([SOA, SOA])
    const apex: Name = parseName(apexOf(id))
    expect(messages.every(({ questions: [question] }) => question?.name.length === apex.length)).toBe(true)
  }
  expect(answers.at(-1)?.[0]?.answer).toHaveLength(1)
})

test.each([
  ['IX-06 IXFR is answered with one SOA', META_TYPE.IXFR, '127.0.0.1', 'NOERROR', 1],
  ['AX-12 AXFR is not there', META_TYPE.AXFR, '127.0.0.1', 'NOTIMP', 0],
  ['AX-13 strangers are refused', META_TYPE.IXFR, '192.0.2.1', 'REFUSED', 0],
])('by UDP %s', async (_, type, address, rcode, records) => {
  const octets = await transfersOut('udp').answerOnce(ask(7, 'one.example.', type), {
    address,
    port: 5353,
  })
  const answer = readMessage(octets ?? new Uint8Array())
  expect([answer.id, rcodeName(answer.rcode), answer.answer.map((record) => record.type)]).toEqual([
    7,
    rcode,
    Array.from({ length: records }, () => SOA),
  ])
})
