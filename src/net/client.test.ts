import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeTimers } from '../../test/fake-timers.ts'
import { PrimaryConnection, type ConnectionLimits, type ConnectionOptions } from './client.ts'
import { FrameReader, frameOf } from './framing.ts'

const LIMITS: ConnectionLimits = { connectMs: 10_000, idleMs: 60_000, rate: { octets: 10_240, windowMs: 300_000 } }

let timers: FakeTimers
let primary: Server
let port: number
let peers: Socket[]
/** What the primary does with a query. */
let serve: (query: Uint8Array, socket: Socket) => void
let opened: PrimaryConnection[]

beforeEach(async () => {
  timers = new FakeTimers()
  peers = []
  opened = []
  serve = () => {}
  primary = createServer((socket) => {
    peers.push(socket)
    const reader = new FrameReader()
    socket.on('error', () => {})
    socket.on('data', (chunk: Uint8Array) => {
      reader.push(chunk)
      for (let query = reader.next(); query !== undefined; query = reader.next()) serve(query.slice(), socket)
    })
  })
  await new Promise<void>((resolve) => primary.listen(0, '127.0.0.1', resolve))
  port = (primary.address() as AddressInfo).port
})
afterEach(async () => {
  for (const connection of opened) connection.close()
  for (const socket of peers) socket.destroy()
  await new Promise<void>((resolve) => void primary.close(() => resolve()))
})

function connectTo(options: Partial<ConnectionOptions> = {}): PrimaryConnection {
  const connection = new PrimaryConnection({
    endpoint: { address: '127.0.0.1', port },
    limits: LIMITS,
    timers,
    ...options,
  })
  opened.push(connection)
  return connection
}

const QUERY = new Uint8Array(12)

/** A response to the query, with a number in its last octet. */
const response = (query: Uint8Array, number = 0, octets = 20): Uint8Array => {
  const message = new Uint8Array(octets)
  message.set(query.subarray(0, 2))
  message[2] = 0x80
  message[octets - 1] = number
  return message
}

/** Asks and collects the last octets of `count` messages. */
function ask(connection: PrimaryConnection, count = 1, totalMs?: number) {
  const numbers: number[] = []
  const outcome = connection.request({
    message: QUERY,
    onMessage: (message) => (numbers.push(message.at(-1) as number) === count ? 'done' : 'more'),
    ...(totalMs === undefined ? {} : { totalMs }),
  })
  return { numbers, outcome }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

test('TR-02 requests share a connection, and each gets the messages with its id', async () => {
  const queries: Uint8Array[] = []
  serve = (query, socket) => {
    queries.push(query)
    if (queries.length < 3) return
    const [a, b, c] = queries as [Uint8Array, Uint8Array, Uint8Array]
    const order = [response(c, 1), response(a, 2), response(b, 3), response(a, 4), response(c, 5), response(a, 6)]
    socket.write(Buffer.concat(order.map(frameOf)))
  }
  const connection = connectTo()
  const asked = [ask(connection, 3), ask(connection, 1), ask(connection, 2)]
  for (const { outcome } of asked) expect(await outcome).toEqual({ type: 'done' })
  expect(asked.map(({ numbers }) => numbers)).toEqual([[2, 4, 6], [3], [1, 5]])
  expect(new Set(queries.map((query) => String(query.subarray(0, 2)))).size).toBe(3)
  expect(connection.octets).toBe(6 * 22)
})

test('AX-19 a query leaves in one write with its length', async () => {
  const chunks: Uint8Array[] = []
  const raw = createServer((socket) => {
    peers.push(socket)
    socket.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  })
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
  const connection = connectTo({ endpoint: { address: '127.0.0.1', port: (raw.address() as AddressInfo).port } })
  void ask(connection)
  await until(() => chunks.length > 0)
  expect(chunks[0]).toHaveLength(14)
  connection.close()
  peers.at(-1)?.destroy()
  raw.close()
})

test('TR-03 a long answer is put together, however it is split', async () => {
  const count = 200
  serve = (query, socket) => {
    const stream = Buffer.concat(Array.from({ length: count }, (_, at) => frameOf(response(query, at, 40_001))))
    for (let at = 0; at < stream.length; at += 7001) socket.write(stream.subarray(at, at + 7001))
  }
  const { numbers, outcome } = ask(connectTo(), count)
  expect(await outcome).toEqual({ type: 'done' })
  assert.deepEqual(
    numbers,
    Array.from({ length: count }, (_, at) => at),
  )
})

test('another request may follow on the same connection', async () => {
  serve = (query, socket) => socket.write(frameOf(response(query, 1)))
  const connection = connectTo()
  for (let count = 0; count < 3; count++) expect(await ask(connection).outcome).toEqual({ type: 'done' })
  expect(peers).toHaveLength(1)
  expect(timers.pending).toBeLessThanOrEqual(1)
})

describe('a connection ends', () => {
  test('as refused where nobody listens', async () => {
    await new Promise<void>((resolve) => void primary.close(() => resolve()))
    const connection = connectTo()
    expect(await ask(connection).outcome).toEqual({ type: 'refused' })
    expect(await connection.ended).toEqual({ type: 'refused' })
    expect(await ask(connection).outcome).toEqual({ type: 'refused' })
    expect(timers.pending).toBe(0)
  })

  test('as unreachable from an address that is not ours', async () => {
    const { outcome } = ask(connectTo({ localAddress: '192.0.2.1' }))
    expect(await outcome).toEqual({ type: 'unreachable', code: 'EADDRNOTAVAIL' })
  })

  test.each([
    ['between messages', 20, false],
    ['in the middle of a message', 10, true],
    ['in the middle of a length', 1, true],
  ])('as closed by the primary %s', async (_, octets, midMessage) => {
    serve = (query, socket) => {
      const frame = frameOf(response(query, 1))
      socket.end(octets === 20 ? frame : Buffer.concat([frame, frame.subarray(0, octets)]))
    }
    const { numbers, outcome } = ask(connectTo(), 2)
    expect(await outcome).toEqual({ type: 'closed', midMessage })
    expect(numbers).toEqual([1])
  })

  test('as reset', async () => {
    serve = (_, socket) => socket.resetAndDestroy()
    expect(await ask(connectTo()).outcome).toEqual({ type: 'reset' })
  })

  test('as stopped by us, with all that is asked', async () => {
    const connection = connectTo()
    const asked = [ask(connection), ask(connection)]
    await until(() => peers.length === 1)
    connection.close()
    for (const { outcome } of asked) expect(await outcome).toEqual({ type: 'stopped' })
    expect(await connection.ended).toEqual({ type: 'stopped' })
    expect(timers.pending).toBe(0)
  })

  test.each([
    ['a message of no octets', () => Uint8Array.of(0, 0)],
    ['less than a header', () => frameOf(new Uint8Array(11))],
    ['a query instead of a response', (query: Uint8Array) => frameOf(query)],
  ])('as malformed at %s', async (_, make) => {
    serve = (query, socket) => socket.write(make(query))
    expect(await ask(connectTo()).outcome).toMatchObject({ type: 'malformed' })
  })

  test('AC-06 as malformed at an id that was not asked with, however right the rest is', async () => {
    serve = (query, socket) => {
      const stray = response(query.with(0, (query[0] as number) ^ 1), 2)
      socket.write(Buffer.concat([frameOf(response(query, 1)), frameOf(stray), frameOf(response(query, 3))]))
    }
    const { numbers, outcome } = ask(connectTo(), 3)
    expect(await outcome).toEqual({ type: 'malformed', detail: 'a message with an ID that was not asked with' })
    expect(numbers).toEqual([1])
  })

  test('as malformed when the primary keeps saying what nobody waits for any more', async () => {
    const connection = connectTo()
    serve = (query, socket) => {
      for (let count = 0; count < 1002; count++) socket.write(frameOf(response(query)))
    }
    expect(await ask(connection).outcome).toEqual({ type: 'done' })
    expect(await connection.ended).toEqual({ type: 'malformed', detail: 'messages that nobody waits for any more' })
  })
})

test('the rest of an answer that nobody waits for any more is passed over', async () => {
  const connection = connectTo()
  serve = (query, socket) => socket.write(Buffer.concat([frameOf(response(query, 1)), frameOf(response(query, 2))]))
  for (let round = 0; round < 3; round++) {
    const { numbers, outcome } = ask(connection)
    expect(await outcome).toEqual({ type: 'done' })
    expect(numbers).toEqual([1])
  }
})

test('an exception of whoever reads reaches the one who asked, and ends the connection', async () => {
  serve = (query, socket) => socket.write(frameOf(response(query)))
  const connection = connectTo()
  const outcome = connection.request({
    message: QUERY,
    onMessage: () => {
      throw new Error('bug')
    },
  })
  await expect(outcome).rejects.toThrow('bug')
  expect(await connection.ended).toEqual({ type: 'stopped' })
})

describe('a primary is not waited for without end:', () => {
  test('one that does not accept', async () => {
    const connection = connectTo()
    const { outcome } = ask(connection)
    timers.advance(9_999)
    timers.advance(1)
    expect(await outcome).toEqual({ type: 'timeout', of: 'connect' })
  })

  test('one that accepts and says nothing', async () => {
    const { outcome } = ask(connectTo())
    await until(() => peers.length === 1)
    let asked = false
    serve = () => (asked = true)
    await until(() => asked)
    timers.advance(59_999)
    timers.advance(1)
    expect(await outcome).toEqual({ type: 'timeout', of: 'idle' })
  })

  test('case 14: one that sends an octet every 59 seconds', async () => {
    let socket: Socket | undefined
    serve = (_, from) => (socket = from)
    const connection = connectTo()
    const { outcome } = ask(connection)
    await until(() => socket !== undefined)
    for (let octets = 1; octets <= 5; octets++) {
      timers.advance(59_000)
      socket?.write(Uint8Array.of(octets === 1 ? 1 : 0))
      await until(() => connection.octets === octets)
    }
    timers.advance(5_000)
    expect(await outcome).toEqual({ type: 'timeout', of: 'rate' })
  })

  test('one that is fast enough goes on for as long as it takes', async () => {
    let query: Uint8Array | undefined
    serve = (asked) => (query = asked)
    const connection = connectTo()
    const { numbers, outcome } = ask(connection, 20)
    await until(() => query !== undefined)
    for (let minute = 1; minute <= 20; minute++) {
      timers.advance(59_000)
      peers[0]?.write(frameOf(response(query as Uint8Array, minute, 4000)))
      await until(() => numbers.length === minute)
    }
    expect(await outcome).toEqual({ type: 'done' })
  })

  test('one request may take too long without ending the others', async () => {
    const queries: Uint8Array[] = []
    serve = (query) => queries.push(query)
    const connection = connectTo()
    const [patient, hasty] = [ask(connection, 1, 50_000), ask(connection, 1, 3_000)]
    await until(() => queries.length === 2)
    timers.advance(3_000)
    expect(await hasty.outcome).toEqual({ type: 'timeout', of: 'total' })
    peers[0]?.write(frameOf(response(queries[0] as Uint8Array, 7)))
    expect(await patient.outcome).toEqual({ type: 'done' })
    const last = ask(connection, 1, 5_000)
    timers.advance(5_000)
    expect(await last.outcome).toEqual({ type: 'timeout', of: 'total' })
    expect(await connection.ended).toEqual({ type: 'timeout', of: 'total' })
  })

  test('a connection at rest has no limit', async () => {
    serve = (query, socket) => socket.write(frameOf(response(query)))
    const connection = connectTo()
    await ask(connection).outcome
    timers.advance(10_000_000)
    expect(await ask(connection).outcome).toEqual({ type: 'done' })
  })
})

test('the connection comes from the address that was asked for', async () => {
  serve = (query, socket) => socket.write(frameOf(response(query)))
  await ask(connectTo({ localAddress: '127.0.0.4' })).outcome
  expect(peers[0]?.remoteAddress).toBe('127.0.0.4')
})
