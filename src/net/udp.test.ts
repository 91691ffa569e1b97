import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { addressesOfHost } from './host-addresses.ts'
import { loadLibc } from './libc.ts'
import { chooseUdpWay, type UdpWay } from './udp-way.ts'
import { isAnswerable, newUdpCounters, type UdpOptions, type UdpServer } from './udp.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const libc = await loadLibc()
/** Both ways, where there are two. */
const names = typeof libc === 'string' ? (['plain'] as const) : (['plain', 'batched'] as const)
const ways = await Promise.all(names.map((name) => chooseUdpWay(name)))
const [plain] = ways

const linkLocal = addressesOfHost().find((address) => address.startsWith('fe80:'))

/** Answers with the request and the QR bit set. */
const echo = (request: Uint8Array, length: number, _asker: unknown, out: Uint8Array): number => {
  out.set(request.subarray(0, length))
  out[2] = 0x80
  return length
}

type Listening = UdpServer & { readonly port: number }

async function listenBy(way: UdpWay | undefined, options: Partial<UdpOptions> = {}): Promise<Listening> {
  if (way === undefined) throw new Error('there is no such way here')
  const server = await way.listen({
    endpoint: { address: '127.0.0.1', port: 0 },
    answer: echo,
    counters: newUdpCounters(),
    ...options,
  })
  open.push(server)
  return Object.assign(server, { port: server.endpoints[0]?.port as number })
}

async function client(port: number, address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  await new Promise<void>((resolve) => socket.connect(port, address, resolve))
  open.push(socket)
  return socket
}

/** Sends a query of a header with this id and waits for the answer. */
async function ask(socket: Socket, id = 1): Promise<Buffer> {
  const answer = once(socket, 'message') as Promise<[Buffer]>
  socket.send(query(id))
  return (await answer)[0]
}

const query = (id: number): Uint8Array => Uint8Array.of(id >> 8, id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

describe.each(ways)('$name', (way) => {
  const listen = (options: Partial<UdpOptions> = {}) => listenBy(way, options)

  test('a request is answered, to who sent it', async () => {
    const counters = newUdpCounters()
    const seen: string[] = []
    const server = await listen({
      counters,
      answer(request, length, asker, out) {
        const { address, port } = asker.endpoint
        seen.push(`${address}:${port} ${asker.octets.join('.')}`)
        return echo(request, length, asker, out)
      },
    })
    const socket = await client(server.port)
    expect((await ask(socket, 0x1234)).readUInt16BE(0)).toBe(0x1234)
    expect(seen).toEqual([`127.0.0.1:${socket.address().port} 127.0.0.1`])
    expect(counters).toEqual({
      received: 1,
      receivedOctets: 12,
      sent: 1,
      sentOctets: 12,
      ignored: 0,
      silent: 0,
      handedOn: 0,
      sendFailed: 0,
    })
  })

  test('answers to many requests in a row do not mix', async () => {
    const server = await listen()
    const socket = await client(server.port)
    const ids = new Set<number>()
    const all = new Promise<void>((resolve) => {
      socket.on('message', (answer) => {
        ids.add(answer.readUInt16BE(0))
        if (ids.size === 200) resolve()
      })
    })
    for (let id = 0; id < 200; id++) socket.send(query(id))
    await all
    expect([...ids].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, id) => id))
  })

  test('case 51: neither a response nor half a header is answered', async () => {
    const counters = newUdpCounters()
    const server = await listen({ counters })
    const socket = await client(server.port)
    socket.send(query(7).with(2, 0x80))
    socket.send(query(8).subarray(0, 11))
    socket.send(new Uint8Array(0))
    expect((await ask(socket, 9)).readUInt16BE(0)).toBe(9)
    expect(counters).toMatchObject({ received: 4, ignored: 3, sent: 1 })
  })

  test('a request may be left unanswered, or handed on and answered later', async () => {
    const counters = newUdpCounters()
    const codes: number[] = []
    const server = await listen({
      counters,
      answer: (request) => (request[1] === 1 ? 0 : -3),
      handOn(request, _, respond, code) {
        codes.push(code)
        setImmediate(() => respond(request.with(2, 0x80)))
      },
    })
    const socket = await client(server.port)
    socket.send(query(1))
    expect((await ask(socket, 2)).readUInt16BE(0)).toBe(2)
    expect(codes).toEqual([-3])
    expect(counters).toMatchObject({ silent: 1, handedOn: 1, sent: 1 })
  })

  test('an answer that comes after the socket was closed is dropped', async () => {
    let late: (() => void) | undefined
    const handedOn = new Promise<void>((resolve) => {
      void listen({
        answer: () => -1,
        handOn(request, _, respond) {
          late = () => respond(request)
          resolve()
        },
      }).then(async (server) => (await client(server.port)).send(query(1)))
    })
    await handedOn
    for (const one of open.splice(0)) await one.close()
    late?.()
  })

  test('IPv6 is answered', async () => {
    const server = await listen({ endpoint: { address: '::1', port: 0 } })
    expect(await ask(await client(server.port, '::1'))).toHaveLength(12)
  })

  test('the addresses of this host have their interface where they need one', async () => {
    const server = await listen({ endpoint: { address: '::', port: 0 } })
    expect(server.endpoints.map(({ address }) => address)).toContain('::1')
  })

  test('an address in use is refused, and may be shared if all agree', async () => {
    const first = await listen({ reusePort: true })
    const endpoint = { address: '127.0.0.1', port: first.port }
    await expect(listen({ endpoint })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const second = await listen({ endpoint, reusePort: true })
    expect(second.port).toBe(first.port)
  })

  test('sockets side by side answer for themselves', async () => {
    const servers = await Promise.all(
      [1, 2, 3].map((mark) =>
        listen({
          answer: (_request, length, _asker, out) => out.fill(mark, 0, length).length && length,
        }),
      ),
    )
    const answers = await Promise.all(servers.map(async ({ port }) => (await ask(await client(port)))[0]))
    expect(answers).toEqual([1, 2, 3])
  })

  test('it may be closed while datagrams come, and twice', async () => {
    const counters = newUdpCounters()
    const server = await listen({ counters })
    const socket = await client(server.port)
    socket.on('error', () => {}) // nobody is there any more
    await ask(socket)
    for (let id = 0; id < 100; id++) socket.send(query(id))
    await server.close()
    const { received } = counters
    await new Promise((resolve) => setImmediate(resolve))
    expect(counters.received).toBe(received)
    open.splice(open.indexOf(server), 1)
  })

  test('what is responded later, and what waits for a promise, arrives though nothing else happens', async () => {
    const server = await listen({
      answer: () => -1,
      handOn(request, _, respond) {
        void (async () => {
          for (let turn = 0; turn < 10; turn++) await Promise.resolve()
          respond(request.with(2, 0x80))
        })()
      },
    })
    expect(await ask(await client(server.port), 77)).toHaveLength(12)
  })

  test('a batch is begun before its answers and ended after them', async () => {
    const events: string[] = []
    const server = await listen({
      batch: { begin: () => events.push('begin'), end: () => events.push('end') },
      answer(request, length, asker, out) {
        events.push('answer')
        return echo(request, length, asker, out)
      },
    })
    await ask(await client(server.port))
    expect(events).toEqual(['begin', 'answer', 'end'])
  })

  test.runIf(linkLocal)(
    'whoever asks at a link-local address is answered there, and known with the interface',
    async () => {
      const address = linkLocal as string
      const seen: string[] = []
      const server = await listen({
        endpoint: { address, port: 0 },
        answer(request, length, asker, out) {
          seen.push(asker.endpoint.address)
          return echo(request, length, asker, out)
        },
      })
      expect(await ask(await client(server.port, address))).toHaveLength(12)
      expect(seen).toEqual([address])
    },
  )
})

// What a wildcard stands for is bound one by one where sockets cannot tell which address was asked.

test('MB-12 on a wildcard the answer leaves from the address that was asked', async () => {
  const server = await listenBy(plain, {
    endpoint: { address: '0.0.0.0', port: 0 },
    hostAddresses: () => ['127.0.0.1', '127.0.0.2', '::1'],
  })
  expect(server.endpoints).toEqual([
    { address: '127.0.0.1', port: server.port },
    { address: '127.0.0.2', port: server.port },
  ])
  // A connected socket takes answers from the address it asked only.
  expect(await ask(await client(server.port, '127.0.0.2'), 5)).toHaveLength(12)
  expect(await ask(await client(server.port, '127.0.0.1'), 6)).toHaveLength(12)
})

test('addresses that come and go are followed', async () => {
  let host = ['127.0.0.1', '127.0.0.2']
  const server = await listenBy(plain, { endpoint: { address: '0.0.0.0', port: 0 }, hostAddresses: () => host })
  host = ['127.0.0.1', '127.0.0.3']
  await server.rescan()
  expect(server.endpoints.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.3'])
  expect(await ask(await client(server.port, '127.0.0.3'))).toHaveLength(12)
})

test('an address that is not settled yet does not keep the others from being bound', async () => {
  const failures: Error[] = []
  const server = await listenBy(plain, {
    endpoint: { address: '0.0.0.0', port: 0 },
    hostAddresses: () => ['192.0.2.1', '127.0.0.1'],
    failed: (error) => failures.push(error),
  })
  expect(server.endpoints.map(({ address }) => address)).toEqual(['127.0.0.1'])
  expect(failures).toMatchObject([{ code: 'EADDRNOTAVAIL' }])
})

test('what is no request, or came from where no answer can go, is not answerable', () => {
  expect(isAnswerable(query(1), 12, 53)).toBe(true)
  expect(isAnswerable(query(1), 11, 53)).toBe(false)
  expect(isAnswerable(query(1), 12, 0)).toBe(false)
  expect(isAnswerable(query(1).with(2, 0x80), 12, 53)).toBe(false)
})
