import { createSocket, type Socket } from 'node:dgram'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeTimers } from '../../test/fake-timers.ts'
import { parseName } from '../dns/name.ts'
import { concatOctets } from '../dns/octets.ts'
import { udpExchange, type ExchangeOptions } from './exchange.ts'

type Reply = (query: Uint8Array, from: { address: string; port: number }, socket: Socket) => void

let server: Socket
let port: number
let timers: FakeTimers
let reply: Reply
let heard: Uint8Array[]
let next: () => void

beforeEach(async () => {
  timers = new FakeTimers()
  heard = []
  next = () => {}
  server = createSocket('udp4')
  server.on('message', (query, from) => {
    heard.push(new Uint8Array(query))
    reply(new Uint8Array(query), from, server)
    next()
  })
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  port = server.address().port
})
afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())))

/** `example.org. SOA` with id 0, which every try replaces. */
const SOA_QUERY = concatOctets(
  Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0),
  parseName('example.org.'),
  Uint8Array.of(0, 6, 0, 1),
)

const respond = (query: Uint8Array): Uint8Array => query.with(2, (query[2] as number) | 0x80)

const exchange = (options: Partial<ExchangeOptions> = {}, at = port) =>
  udpExchange({ address: '127.0.0.1', port: at }, SOA_QUERY, { timeoutMs: 3000, tries: 3, timers, ...options })

/** Resolves once the server heard so many queries. */
async function heardSoMany(count: number): Promise<void> {
  while (heard.length < count) await new Promise<void>((resolve) => (next = resolve))
}

test('a question is answered, and every question has its own id and port', async () => {
  const from = new Set<number>()
  reply = (query, { address, port: clientPort }, socket) => {
    from.add(clientPort)
    socket.send(respond(query), clientPort, address)
  }
  for (let count = 0; count < 20; count++) {
    const outcome = await exchange()
    expect(outcome).toEqual({ type: 'answered', octets: respond(heard.at(-1) as Uint8Array), tries: 1 })
  }
  expect(from.size).toBeGreaterThan(15)
  expect(new Set(heard.map((query) => ((query[0] as number) << 8) | (query[1] as number))).size).toBeGreaterThan(15)
  expect(timers.pending).toBe(0)
})

test('the name may come back in other case', async () => {
  reply = (query, { address, port: to }, socket) => socket.send(respond(query).with(14, 0x58), to, address)
  expect(await exchange()).toMatchObject({ type: 'answered' })
})

test('case 24: what is no answer to the question is ignored, and the right answer still taken', async () => {
  reply = (query, { address, port: to }, socket) => {
    const right = respond(query)
    const wrong = [
      right.with(0, (right[0] as number) ^ 1), // id
      query, // no response
      right.with(2, 0x80 | 0x20), // opcode
      right.with(15, 0x21), // name
      right.with(26, 7), // type
      right.with(28, 3), // class
      right.with(5, 2), // two questions
      right.with(5, 0).subarray(0, 12), // none, and no error
      right.subarray(0, 11), // shorter than a header
      right.subarray(0, 20), // shorter than its question
      new Uint8Array(0),
    ]
    for (const octets of wrong) socket.send(octets, to, address)
    setImmediate(() => socket.send(right, to, address))
  }
  expect(await exchange()).toMatchObject({ type: 'answered', octets: respond(heard[0] as Uint8Array) })
})

test('an error that leaves the question out is an answer', async () => {
  reply = (query, { address, port: to }, socket) =>
    socket.send(respond(query).with(3, 1).with(5, 0).subarray(0, 12), to, address)
  expect(await exchange()).toMatchObject({ type: 'answered', tries: 1 })
})

test('an answer from elsewhere is ignored', async () => {
  const stranger = createSocket('udp4')
  const sent = new Promise<void>((resolve) => {
    reply = (query, { address, port: to }) => stranger.send(respond(query), to, address, () => resolve())
  })
  const outcome = exchange({ tries: 1 })
  await sent
  timers.advance(3000)
  expect(await outcome).toEqual({ type: 'timeout', tries: 1 })
  stranger.close()
})

test('silence is asked again, with another id, and given up in the end', async () => {
  reply = () => {}
  const outcome = exchange()
  for (let tries = 1; tries <= 3; tries++) {
    await heardSoMany(tries)
    timers.advance(3000)
  }
  expect(await outcome).toEqual({ type: 'timeout', tries: 3 })
  expect(new Set(heard.map(String)).size).toBe(3)
  expect(timers.pending).toBe(0)
})

test('a late answer to an earlier try counts', async () => {
  reply = (_, { address, port: to }, socket) => {
    if (heard.length === 2) socket.send(respond(heard[0] as Uint8Array), to, address)
  }
  const outcome = exchange()
  await heardSoMany(1)
  timers.advance(3000)
  expect(await outcome).toMatchObject({ type: 'answered', tries: 2 })
})

test('a message may be made when its id is known, as a signed one must', async () => {
  reply = (query, { address, port: to }, socket) => socket.send(respond(query), to, address)
  const ids: number[] = []
  const make = (id: number) => {
    ids.push(id)
    return SOA_QUERY.with(0, id >> 8).with(1, id & 0xff)
  }
  const outcome = await udpExchange({ address: '127.0.0.1', port }, make, { timeoutMs: 1, tries: 1, timers })
  expect(outcome).toMatchObject({ type: 'answered' })
  expect(ids).toHaveLength(1)
})

test('where nobody listens the question is refused', async () => {
  const unused = createSocket('udp4')
  await new Promise<void>((resolve) => unused.bind(0, '127.0.0.1', resolve))
  const closed = unused.address().port
  await new Promise<void>((resolve) => void unused.close(() => resolve()))
  expect(await exchange({}, closed)).toEqual({ type: 'refused' })
})

test('an address that is not ours cannot be asked from', async () => {
  reply = () => {}
  expect(await exchange({ localAddress: '192.0.2.1' })).toEqual({ type: 'unreachable', code: 'EADDRNOTAVAIL' })
})

test('an address of ours is asked from', async () => {
  let address = ''
  reply = (query, from, socket) => {
    address = from.address
    socket.send(respond(query), from.port, from.address)
  }
  await exchange({ localAddress: '127.0.0.3' })
  expect(address).toBe('127.0.0.3')
})

test('an exchange may be stopped, before or while it waits', async () => {
  reply = () => {}
  expect(await exchange({ signal: AbortSignal.abort() })).toEqual({ type: 'stopped' })
  const abort = new AbortController()
  const outcome = exchange({ signal: abort.signal })
  await heardSoMany(1)
  abort.abort()
  expect(await outcome).toEqual({ type: 'stopped' })
  expect(timers.pending).toBe(0)
})
