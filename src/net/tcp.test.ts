import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeTimers } from '../../test/fake-timers.ts'
import { FrameReader, frameOf } from './framing.ts'
import { idleMsUnderLoad, newTcpCounters, TCP_LIMITS, type TcpCounters, type TcpLimits } from './tcp-limits.ts'
import { listenTcp, type TcpOptions, type TcpServer } from './tcp.ts'

let timers: FakeTimers
let counters: TcpCounters
let server: TcpServer | undefined
let clients: Socket[]
let failures: unknown[]

beforeEach(() => {
  timers = new FakeTimers()
  counters = newTcpCounters()
  clients = []
  failures = []
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await server?.close()
  server = undefined
})

/** Answers with the request and the QR bit set. */
const echo: TcpOptions['answer'] = (request, _, out) => {
  out.set(request)
  out[2] = 0x80
  return request.length
}

async function listen(options: Partial<Omit<TcpOptions, 'limits'>> & { limits?: Partial<TcpLimits> } = {}) {
  server = await listenTcp({
    endpoint: { address: '127.0.0.1', port: 0 },
    answer: echo,
    counters,
    timers,
    failed: (error) => failures.push(error),
    ...options,
    limits: { ...TCP_LIMITS, ...options.limits },
  })
  return server
}

/** A client, and what it reads. */
async function dial(localAddress = '127.0.0.1') {
  const { address: host, port } = (server as TcpServer).endpoint
  const socket = connect({ host, port, localAddress })
  clients.push(socket)
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()))
  const closed = new Promise<void>((resolve) => (socket.closed ? resolve() : socket.on('close', () => resolve())))
  const reader = new FrameReader()
  const inbox: Uint8Array[] = []
  let arrived = () => {}
  const collect = (chunk: Uint8Array) => {
    reader.push(chunk)
    for (let message = reader.next(); message !== undefined; message = reader.next())
      inbox.push(new Uint8Array(message))
    arrived()
  }
  return {
    socket,
    closed,
    read: () => socket.on('data', collect),
    /** The first messages, once there are so many. */
    async messages(count: number): Promise<Uint8Array[]> {
      if (socket.listenerCount('data') === 0) socket.on('data', collect)
      while (inbox.length < count) await new Promise<void>((resolve) => (arrived = resolve))
      return inbox.splice(0, count)
    },
  }
}

const query = (id: number, octets = 12): Uint8Array => {
  const message = new Uint8Array(octets)
  message.set([id >> 8, id & 0xff])
  return message
}

const idOf = (message: Uint8Array): number => ((message[0] as number) << 8) | (message[1] as number)

/** Waits until something is so; every turn of the loop lets the sockets go on. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)

describe('questions', () => {
  test('TR-01 a question by TCP is answered as by UDP', async () => {
    await listen()
    const client = await dial()
    client.socket.write(frameOf(query(0x1234)))
    expect(await client.messages(1)).toEqual([query(0x1234).with(2, 0x80)])
    expect(counters).toMatchObject({ open: 1, accepted: 1, received: 1, sent: 1, receivedOctets: 14, sentOctets: 14 })
  })

  test('TR-02 1,000 pipelined questions are answered, each once', async () => {
    await listen()
    const client = await dial()
    client.socket.write(concat(Array.from({ length: 1000 }, (_, id) => frameOf(query(id)))))
    const answers = await client.messages(1000)
    expect(new Set(answers.map(idOf)).size).toBe(1000)
    client.socket.end()
    await client.closed
    expect(counters).toMatchObject({ received: 1000, sent: 1000, unreadOctets: 0 })
  })

  test('TR-02 answers may leave in another order than the questions came', async () => {
    const later = new Map<number, (answer: Uint8Array) => void>()
    await listen({
      answer: (request, client, out) => (idOf(request) % 2 === 0 ? -1 : echo(request, client, out)),
      handOn: (request) => new Promise((resolve) => later.set(idOf(request), () => resolve(request))),
    })
    const client = await dial()
    client.socket.write(concat([2, 1, 4, 3].map((id) => frameOf(query(id)))))
    expect((await client.messages(2)).map(idOf)).toEqual([1, 3])
    expect(counters.inFlight).toBe(2)
    later.get(4)?.(query(4))
    expect((await client.messages(1)).map(idOf)).toEqual([4])
    later.get(2)?.(query(2))
    expect((await client.messages(1)).map(idOf)).toEqual([2])
    expect(counters.inFlight).toBe(0)
  })

  test('TR-03 the length may be split from its message, and one octet may come at a time', async () => {
    await listen()
    const client = await dial()
    client.socket.setNoDelay(true)
    for (const octet of concat([frameOf(query(1)), frameOf(query(2))])) {
      client.socket.write(Uint8Array.of(octet))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await client.messages(2)).map(idOf)).toEqual([1, 2])
  })

  test('AX-19 a length leaves in one write with its message', async () => {
    async function* zone() {
      for (let id = 0; id < 20; id++) yield query(id, 2000)
    }
    await listen({ answer: (request, c, out) => (idOf(request) === 7 ? -1 : echo(request, c, out)), handOn: zone })
    const client = await dial()
    const chunks: Uint8Array[] = []
    client.socket.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    client.socket.write(frameOf(query(1)))
    await until(() => chunks.length > 0)
    assert.deepEqual(chunks[0], Buffer.from(frameOf(query(1).with(2, 0x80))))
    client.socket.write(frameOf(query(7)))
    await until(() => chunks.reduce((sum, chunk) => sum + chunk.length, 0) === 14 + 20 * 2002)
    assert(
      chunks.every((chunk) => chunk.length !== 2),
      'a length came alone',
    )
  })

  test('a question left unanswered leaves nothing behind', async () => {
    await listen({ answer: (request, c, out) => (idOf(request) === 1 ? 0 : echo(request, c, out)) })
    const client = await dial()
    client.socket.write(concat([frameOf(query(1)), frameOf(query(2))]))
    expect((await client.messages(1)).map(idOf)).toEqual([2])
  })

  test('an exception of whoever answers closes the connection and is reported', async () => {
    await listen({
      answer: (request, client, out) => {
        if (idOf(request) === 1) throw new Error('bug')
        return idOf(request) === 2 ? -1 : echo(request, client, out)
      },
      handOn: () => Promise.reject(new Error('late bug')),
    })
    for (const id of [1, 2]) {
      const client = await dial()
      client.socket.write(concat([frameOf(query(3)), frameOf(query(id))]))
      client.read()
      await client.closed
    }
    expect(failures).toMatchObject([{ message: 'bug' }, { message: 'late bug' }])
    expect(counters).toMatchObject({ open: 0, inFlight: 0, malformed: 0 })
  })
})

describe('streams of messages', () => {
  /** A zone of so many messages of 60,000 octets, which notes how far it was pulled and whether it was ended. */
  function zone(count: number) {
    const state = { pulled: 0, ended: false }
    async function* messages() {
      try {
        for (; state.pulled < count; state.pulled++) yield query(state.pulled, 60_000)
      } finally {
        state.ended = true
      }
    }
    return { state, messages }
  }

  const transfers = (messages: () => AsyncIterable<Uint8Array>): Partial<TcpOptions> => ({
    answer: (request, client, out) => (idOf(request) === 0xffff ? -3 : echo(request, client, out)),
    handOn: (_, __, code) => {
      assert.equal(code, -3)
      return messages()
    },
  })

  test('a transfer arrives whole and in order', async () => {
    const { messages } = zone(200)
    await listen(transfers(messages))
    const client = await dial()
    client.socket.write(frameOf(query(0xffff)))
    const arrived = await client.messages(200)
    assert.deepEqual(
      arrived.map(idOf),
      Array.from({ length: 200 }, (_, id) => id),
    )
    expect(arrived.every((message) => message.length === 60_000)).toBe(true)
    await until(() => counters.unreadOctets === 0 && counters.inFlight === 0)
    expect(counters.sent).toBe(200)
  })

  test('other questions are answered during a transfer', async () => {
    let release = () => {}
    async function* messages() {
      yield query(100)
      await new Promise<void>((resolve) => (release = resolve))
      yield query(101)
    }
    await listen(transfers(messages))
    const client = await dial()
    client.socket.write(frameOf(query(0xffff)))
    expect((await client.messages(1)).map(idOf)).toEqual([100])
    client.socket.write(frameOf(query(5)))
    expect((await client.messages(1)).map(idOf)).toEqual([5])
    release()
    expect((await client.messages(1)).map(idOf)).toEqual([101])
  })

  test('a transfer is pulled no faster than the client reads, and goes on when it does', async () => {
    const { state, messages } = zone(2000)
    await listen({ ...transfers(messages), limits: { unreadOctetsMax: 200_000 } })
    const client = await dial()
    client.socket.pause()
    client.socket.write(frameOf(query(0xffff)))
    await until(() => counters.unreadOctets >= 200_000)
    expect(counters.unreadOctets).toBeLessThan(200_000 + 60_002)
    expect(state.pulled).toBeLessThan(300)
    client.socket.resume()
    expect(await client.messages(2000)).toHaveLength(2000)
    await until(() => state.ended)
  })

  test('a client that is gone ends its transfer', async () => {
    const { state, messages } = zone(1_000_000)
    await listen(transfers(messages))
    const client = await dial()
    client.socket.write(frameOf(query(0xffff)))
    await client.messages(10)
    client.socket.destroy()
    await until(() => state.ended && counters.open === 0)
    expect(counters).toMatchObject({ inFlight: 0, unreadOctets: 0 })
  })

  test('who answers later learns that nobody waits any more', async () => {
    let aborted = false
    await listen({
      answer: () => -1,
      handOn: (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true
            resolve(undefined)
          })
        }),
    })
    const client = await dial()
    client.socket.write(frameOf(query(1)))
    await until(() => counters.inFlight === 1)
    client.socket.resetAndDestroy()
    await until(() => aborted && counters.inFlight === 0)
  })

  test('a stream that fails in the middle ends the connection, so that it does not look whole', async () => {
    async function* messages() {
      yield query(1)
      throw new Error('the disk is gone')
    }
    await listen(transfers(messages))
    const client = await dial()
    client.read()
    client.socket.write(frameOf(query(0xffff)))
    await client.closed
    expect(failures).toMatchObject([{ message: 'the disk is gone' }])
  })
})

describe('limits', () => {
  test('TR-04 a connection that rests is closed, and one that asks is not', async () => {
    await listen({ limits: { idleMs: 10_000 } })
    const [resting, asking] = [await dial(), await dial()]
    await until(() => counters.open === 2)
    timers.advance(9_000)
    asking.socket.write(frameOf(query(1)))
    await asking.messages(1)
    timers.advance(2_000)
    resting.read()
    await resting.closed
    expect(counters).toMatchObject({ open: 1, idle: 1 })
    timers.advance(10_000)
    await asking.closed
    expect(counters).toMatchObject({ open: 0, idle: 2 })
  })

  test('TR-04 octets without a whole question do not keep a connection open', async () => {
    await listen({ limits: { idleMs: 10_000 } })
    const client = await dial()
    client.read()
    for (let octets = 1; octets <= 11; octets++) {
      client.socket.write(Uint8Array.of(0))
      if (octets === 1) client.socket.write(Uint8Array.of(200))
      await until(() => counters.receivedOctets > octets)
      timers.advance(1_000)
    }
    await client.closed
    expect(counters.idle).toBe(1)
  })

  test('TR-04 the time to rest gets shorter as the connections run out', () => {
    const limits = { ...TCP_LIMITS, idleMs: 10_000, connectionsMax: 100 }
    expect([0, 50, 75, 90, 100].map((open) => Math.round(idleMsUnderLoad(limits, open)))).toEqual([
      10_000, 10_000, 5_000, 2_000, 1_000,
    ])
  })

  test('TR-04 case 9: a client that asks no more is answered, and its connection ends', async () => {
    await listen({ answer: () => -1, handOn: async (request) => request })
    const client = await dial()
    client.socket.end(frameOf(query(1)))
    expect((await client.messages(1)).map(idOf)).toEqual([1])
    await client.closed
    const silent = await dial()
    silent.read()
    silent.socket.end()
    await silent.closed
    expect(counters).toMatchObject({ open: 0, idle: 0, inFlight: 0 })
  })

  test('TR-05 beyond the limit the connection that rests longest makes room, busy ones stay', async () => {
    await listen({
      limits: { connectionsMax: 3 },
      answer: (request, c, out) => (idOf(request) === 9 ? -1 : echo(request, c, out)),
      handOn: () => new Promise(() => {}),
    })
    const busy = await dial()
    busy.socket.write(frameOf(query(9)))
    await until(() => counters.inFlight === 1)
    const first = await dial()
    const second = await dial()
    second.socket.write(frameOf(query(1)))
    await second.messages(1)
    first.socket.write(frameOf(query(1)))
    await first.messages(1)
    const third = await dial()
    second.read()
    await second.closed
    third.socket.write(frameOf(query(1)))
    await third.messages(1)
    expect(counters).toMatchObject({ open: 3, evicted: 1, refused: 0 })
    for (const client of [first, third]) client.socket.write(frameOf(query(9)))
    await until(() => counters.inFlight === 3)
    const turnedAway = await dial()
    turnedAway.read()
    await turnedAway.closed
    expect(counters).toMatchObject({ open: 3, evicted: 1, refused: 1 })
  })

  test('TR-05 one client cannot take all connections', async () => {
    await listen({ limits: { connectionsMax: 100, connectionsPerClientMax: 2 } })
    const other = await dial('127.0.0.2')
    const [first] = [await dial(), await dial(), await dial()]
    first?.read()
    await first?.closed
    expect(counters).toMatchObject({ open: 3, evicted: 1 })
    other.socket.write(frameOf(query(1)))
    expect(await other.messages(1)).toHaveLength(1)
  })

  test('TR-05 case 7: thousands of connections come and go, and the counters return to zero', async () => {
    await listen({ limits: { connectionsMax: 50, connectionsPerClientMax: 40 } })
    for (let round = 0; round < 5; round++) {
      const batch = await Promise.allSettled(Array.from({ length: 200 }, () => dial()))
      for (const result of batch) if (result.status === 'fulfilled') result.value.socket.destroy()
    }
    await until(() => counters.open === 0 && counters.accepted + counters.refused === 1000)
    expect(counters).toMatchObject({ open: 0, inFlight: 0, unreadOctets: 0 })
    const client = await dial()
    client.socket.write(frameOf(query(1)))
    expect(await client.messages(1)).toHaveLength(1)
  })

  test('TR-06 the idle time in force can be told to clients', async () => {
    const { idleMs } = await listen({ limits: { idleMs: 7_000 } })
    expect(idleMs).toBe(7_000)
  })

  test('case 6: a client that asks and never reads is not read from, and dropped in the end', async () => {
    await listen({
      limits: { unreadOctetsMax: 300_000, stallMs: 20_000 },
      answer: (request, _, out) => {
        out.fill(1, 0, 5_000)
        out.set(request)
        return 5_000
      },
    })
    const client = await dial()
    client.socket.pause()
    const burst = concat(Array.from({ length: 1000 }, () => frameOf(query(1))))
    let asked = 0
    const pump = () => {
      while (asked < 100_000 && client.socket.write(burst)) asked += 1000
    }
    client.socket.on('drain', pump)
    pump()
    await until(() => counters.unreadOctets >= 300_000)
    expect(counters.unreadOctets).toBeLessThan(300_000 + 2 * 65_537)
    timers.advance(19_000)
    expect(counters.open).toBe(1)
    timers.advance(21_000)
    await until(() => counters.open === 0)
    expect(counters).toMatchObject({ stalled: 1, unreadOctets: 0 })
    expect(counters.received).toBeLessThan(100_000)
  })

  test('case 6: all clients together may not make us hold more than the total, and each still has a turn', async () => {
    await listen({
      limits: { unreadOctetsTotalMax: 500_000 },
      answer: (request, _, out) => {
        out.set(request)
        return 50_000
      },
    })
    const burst = concat(Array.from({ length: 500 }, () => frameOf(query(1))))
    for (let count = 0; count < 5; count++) {
      const greedy = await dial()
      greedy.socket.pause()
      greedy.socket.write(burst)
    }
    await until(() => counters.unreadOctets >= 500_000)
    const modest = await dial()
    modest.socket.write(frameOf(query(2)))
    expect((await modest.messages(1)).map(idOf)).toEqual([2])
    expect(counters.unreadOctets).toBeLessThan(500_000 + 6 * 2 * 65_537)
  })

  test('case 8: 100,000 pipelined questions on one connection are all answered, within the limits', async () => {
    await listen({ limits: { unreadOctetsMax: 100_000 } })
    const client = await dial()
    client.socket.write(concat(Array.from({ length: 100_000 }, (_, id) => frameOf(query(id & 0xffff)))))
    let highest = 0
    let answered = 0
    while (answered < 100_000) {
      answered += (await client.messages(1000)).length
      highest = Math.max(highest, counters.unreadOctets)
    }
    expect(highest).toBeLessThan(100_000 + 2 * 65_537)
    expect(counters.sent).toBe(100_000)
  })

  test('case 8: questions that others answer are taken only so many at a time', async () => {
    const waiting: (() => void)[] = []
    await listen({
      limits: { inFlightMax: 10 },
      answer: () => -1,
      handOn: (request) => new Promise((resolve) => waiting.push(() => resolve(request))),
    })
    const client = await dial()
    client.socket.write(concat(Array.from({ length: 1000 }, (_, id) => frameOf(query(id)))))
    await until(() => counters.inFlight === 10)
    expect(counters.received).toBe(10)
    const all = client.messages(1000)
    const release = async () => {
      while (counters.sent < 1000) {
        for (const answer of waiting.splice(0)) answer()
        expect(counters.inFlight).toBeLessThanOrEqual(10)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await release()
    expect(new Set((await all).map(idOf)).size).toBe(1000)
  })

  test('case 10: the largest message, whatever is in it, is taken and answered', async () => {
    await listen()
    const client = await dial()
    const junk = new Uint8Array(65_535).map((_, at) => (at * 7919) & 0xff).with(2, 0)
    client.socket.write(concat([frameOf(junk), frameOf(query(2))]))
    const [answer, next] = await client.messages(2)
    expect(answer).toEqual(junk.with(2, 0x80))
    expect(idOf(next as Uint8Array)).toBe(2)
  })

  test.each([
    ['no octets', Uint8Array.of(0, 0)],
    ['one octet', Uint8Array.of(0, 1, 7)],
    ['less than a header', frameOf(new Uint8Array(11))],
  ])('case 11: a message of %s ends the connection, after what was asked before it', async (_, frame) => {
    await listen()
    const client = await dial()
    client.socket.write(concat([frameOf(query(1)), frame, frameOf(query(2))]))
    expect((await client.messages(1)).map(idOf)).toEqual([1])
    await client.closed
    expect(counters).toMatchObject({ received: 1, malformed: 1, open: 0 })
  })

  test('who should answer and does not is not waited for', async () => {
    await listen({ limits: { answerMs: 5_000 }, answer: () => -1, handOn: () => new Promise(() => {}) })
    const client = await dial()
    client.read()
    client.socket.write(frameOf(query(1)))
    await until(() => counters.inFlight === 1)
    timers.advance(6_000)
    await client.closed
    expect(counters).toMatchObject({ unanswered: 1, open: 0 })
  })
})

describe('closing', () => {
  test('lets answers in the making leave', async () => {
    let answer = () => {}
    const listening = await listen({
      answer: () => -1,
      handOn: (request) => new Promise((resolve) => (answer = () => resolve(request))),
    })
    const [busy, resting] = [await dial(), await dial()]
    busy.socket.write(frameOf(query(1)))
    await until(() => counters.inFlight === 1)
    const closed = listening.close(10_000)
    resting.read()
    await resting.closed
    answer()
    expect(await busy.messages(1)).toHaveLength(1)
    await busy.closed
    await closed
    expect(timers.pending).toBe(0)
  })

  test('does not wait longer than it was told', async () => {
    const listening = await listen({ answer: () => -1, handOn: () => new Promise(() => {}) })
    const busy = await dial()
    busy.read()
    busy.socket.write(frameOf(query(1)))
    await until(() => counters.inFlight === 1)
    const closed = listening.close(10_000)
    timers.advance(10_000)
    await closed
    await busy.closed
    expect(counters.open).toBe(0)
  })

  test('an address in use is refused', async () => {
    const { endpoint } = await listen()
    const other = { answer: echo, counters, limits: TCP_LIMITS, failed: () => {} }
    await expect(listenTcp({ ...other, endpoint })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
