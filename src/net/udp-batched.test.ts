import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, assert, describe, expect, test } from 'vitest'
import { addressesOfHost } from './host-addresses.ts'
import { loadLibc, type Libc } from './libc.ts'
import { BatchedUdp } from './udp-batched.ts'
import { chooseUdpWay } from './udp-way.ts'
import { newUdpCounters, type UdpOptions, type UdpServer } from './udp.ts'

const EPERM = 1
const EAGAIN = 11
const ENOBUFS = 105
/** What requests and answers take in the memory of a batch, of four slots in that of the check. */
const BUFFER = 4160

const found = await loadLibc()
const isKnown = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)
const ipv6 = addressesOfHost().includes('::1')
const linkLocal = addressesOfHost().find((address) => address.startsWith('fe80:'))

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

/** The library, with some of its calls made in another way. */
function libcWith(changes: (libc: Libc) => Partial<Libc> = () => ({})): Libc {
  assert(typeof found !== 'string')
  return { ...found, ...changes(found) }
}

async function listen(options: Partial<UdpOptions> = {}, libc = libcWith()): Promise<UdpServer & { port: number }> {
  const server = await new BatchedUdp(libc).listen({
    endpoint: { address: '127.0.0.1', port: 0 },
    answer: (request, length, _asker, out) => (out.set(request.subarray(0, length)), length),
    counters: newUdpCounters(),
    ...options,
  })
  open.push(server)
  return Object.assign(server, { port: server.endpoints[0]?.port as number })
}

/** A socket that hears only whom it asks. */
async function client(port: number, address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  await new Promise<void>((resolve) => socket.connect(port, address, resolve))
  open.push(socket)
  return socket
}

async function ask(socket: Socket, request = new Uint8Array(12)): Promise<Buffer> {
  const answer = once(socket, 'message') as Promise<[Buffer]>
  socket.send(request)
  return (await answer)[0]
}

/** Asks with so many datagrams before the server looks, and gathers the first octets of the answers that come. */
async function askAtOnce(socket: Socket, requests: number, answers: number): Promise<number[]> {
  const came: number[] = []
  const all = new Promise<void>((resolve) => {
    socket.on('message', (answer) => {
      came.push(answer[0] as number)
      if (came.length === answers) resolve()
    })
  })
  for (let id = 0; id < requests; id++) socket.send(new Uint8Array(12).with(0, id))
  await all
  return came.sort((a, b) => a - b)
}

test.runIf(isKnown)('batches work here', async () => {
  expect(await chooseUdpWay('auto')).toMatchObject({ name: 'batched', reason: undefined })
})

describe.skipIf(typeof found === 'string')('in batches', () => {
  test.each<[string, string]>([
    ['0.0.0.0', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.2'],
    ['0.0.0.0', '127.255.255.254'],
    ...(ipv6 ? [['::', '::1'] as [string, string]] : []),
    ...(linkLocal === undefined ? [] : [['::', linkLocal] as [string, string]]),
  ])('MB-12 on %s the answer leaves from %s when asked there, at once and later', async (wildcard, address) => {
    const server = await listen({
      endpoint: { address: wildcard, port: 0 },
      answer: (request, length, _asker, out) =>
        request[0] === 1 ? -1 : (out.set(request.subarray(0, length)), length),
      handOn: (request, _client, respond) => respond(request),
    })
    const socket = await client(server.port, address)
    expect(await ask(socket)).toHaveLength(12)
    expect(await ask(socket, new Uint8Array(12).fill(1, 0, 1))).toHaveLength(12)
    expect(await ask(socket)).toHaveLength(12)
  })

  test('a wildcard is told as the addresses it stands for now', async () => {
    let host = ['192.0.2.1', '::1']
    const server = await listen({ endpoint: { address: '0.0.0.0', port: 0 }, hostAddresses: () => host })
    const { port } = server
    expect(server.endpoints).toEqual([{ address: '192.0.2.1', port }])
    host = ['192.0.2.1', '192.0.2.2']
    await server.rescan()
    expect(server.endpoints.map(({ address }) => address)).toEqual(host)
  })

  test('a request of more than 4096 octets is cut', async () => {
    const lengths: number[] = []
    const server = await listen({
      answer(_request, length, _asker, out) {
        lengths.push(length)
        return out.fill(0, 0, 12) && 12
      },
    })
    const socket = await client(server.port)
    for (const octets of [4096, 4097, 60_000]) await ask(socket, new Uint8Array(octets))
    expect(lengths).toEqual([4096, 4096, 4096])
  })

  test('the largest answer arrives, and one that is larger fails alone', async () => {
    const counters = newUdpCounters()
    const server = await listen({
      counters,
      answer: (request, _length, _asker, out) => (request[0] === 1 ? -1 : out.length),
      handOn: (_request, _client, respond) => respond(new Uint8Array(4097)),
    })
    const socket = await client(server.port)
    socket.send(new Uint8Array(12).with(0, 1))
    expect(await ask(socket)).toHaveLength(4096)
    expect(counters).toMatchObject({ sendFailed: 1 })
  })

  test('silence between answers moves none of them', async () => {
    const counters = newUdpCounters()
    const server = await listen({
      counters,
      answer: (request, length, _asker, out) =>
        (request[0] as number) % 3 === 0 ? 0 : (out.set(request.subarray(0, length)), length),
    })
    const came = await askAtOnce(await client(server.port), 90, 60)
    expect(came).toEqual(Array.from({ length: 90 }, (_, id) => id).filter((id) => id % 3 !== 0))
    expect(counters).toMatchObject({ received: 90, silent: 30, sent: 60 })
  })

  test('a flood without end leaves everything else its turn', async () => {
    const counters = newUdpCounters()
    let flooded = true
    const libc = libcWith(({ recvmmsg }) => ({
      recvmmsg: (fd, headers, count, flags, timeout) =>
        flooded ? count : recvmmsg(fd, headers, count, flags, timeout),
    }))
    const server = await listen({ counters, answer: () => 0 }, libc)
    ;(await client(server.port)).send(new Uint8Array(12))
    const turns = new Set<number>()
    await untilTrue(() => turns.add(counters.received).size === 5)
    flooded = false
    expect([...turns].map((received) => received % 64)).toEqual([0, 0, 0, 0, 0])
  })

  test.each([EPERM, ENOBUFS])('an answer that cannot be sent (error %i) takes no other with it', async (error) => {
    const counters = newUdpCounters()
    let calls = 0
    const libc = libcWith(({ sendmmsg, errno }) => ({
      // Of each three calls, one sends a single message, one the rest but fails at its first, and one all.
      sendmmsg: (fd, headers, count, flags) => {
        if (++calls % 3 === 2) return -1
        return sendmmsg(fd, headers, calls % 3 === 1 ? 1 : count, flags)
      },
      errno: () => (calls % 3 === 2 ? error : errno()),
    }))
    const server = await listen({ counters }, libc)
    const socket = await client(server.port)
    const came: number[] = []
    socket.on('message', (answer) => came.push(answer[0] as number))
    for (let id = 0; id < 20; id++) socket.send(new Uint8Array(12).with(0, id))
    await untilTrue(() => counters.received === 20 && came.length + counters.sendFailed === 20)
    expect(counters.sendFailed).toBeGreaterThan(0)
    expect(new Set(came).size).toBe(20 - counters.sendFailed)
  })

  test('a socket that takes no more is waited for once, and then the rest of the batch is lost', async () => {
    const counters = newUdpCounters()
    let full = true
    const polled: number[] = []
    const libc = libcWith(({ sendmmsg, poll, errno }) => ({
      sendmmsg: (...call) => (full ? -1 : sendmmsg(...call)),
      poll: (entries, count, timeoutMs) => {
        polled.push(timeoutMs)
        return poll(entries, count, timeoutMs)
      },
      errno: () => (full ? EAGAIN : errno()),
    }))
    const server = await listen({ counters }, libc)
    const socket = await client(server.port)
    socket.send(new Uint8Array(12))
    await untilTrue(() => counters.sendFailed === 1)
    expect(polled).toHaveLength(1)
    full = false
    expect(await ask(socket)).toHaveLength(12)
    expect(counters).toMatchObject({ received: 2, sendFailed: 1 })
  })

  test('after an error on the socket it is watched again', async () => {
    let ready: (status: number) => void = () => {}
    let started = 0
    const failures: Error[] = []
    const libc = libcWith(({ watch, recvmmsg, errno }) => {
      let broken = false
      return {
        watch(fd, told) {
          const real = watch(fd, told)
          ready = (status) => {
            broken = true
            told(status)
            broken = false
          }
          return {
            start: (...call) => (started++, real.start(...call)),
            stop: () => real.stop(),
            close: () => real.close(),
          }
        },
        recvmmsg: (...call) => (broken ? -1 : recvmmsg(...call)),
        errno: () => (broken ? EPERM : errno()),
      }
    })
    const server = await listen({ failed: (error) => failures.push(error) }, libc)
    ready(-9)
    expect(started).toBe(1)
    expect(failures).toMatchObject([{ code: 'EPERM', syscall: 'recvmmsg' }])
    expect(await ask(await client(server.port))).toHaveLength(12)
  })

  test('an exception is told, and costs what is behind it in its batch, nothing else', async () => {
    const failures: Error[] = []
    const server = await listen({
      failed: (error) => failures.push(error),
      answer(request, length, _asker, out) {
        if (request[0] === 70) throw new Error('a bug')
        return (out.set(request.subarray(0, length)), length)
      },
    })
    const socket = await client(server.port)
    // The second batch, when nobody watches any more.
    expect(await askAtOnce(socket, 71, 70)).toEqual(Array.from({ length: 70 }, (_, id) => id))
    expect(failures).toMatchObject([{ message: 'a bug' }])
    expect((await ask(socket, new Uint8Array(12).with(0, 99)))[0]).toBe(99)
  })

  test('what cannot be bound is refused as Node.js does', async () => {
    await expect(listen({ endpoint: { address: '192.0.2.1', port: 0 } })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
      syscall: 'bind',
      message: 'bind EADDRNOTAVAIL 192.0.2.1:0',
    })
  })
})

describe.skipIf(typeof found === 'string')('where batches do not work', () => {
  test.each<[string, string, (libc: Libc) => Partial<Libc>]>([
    ['no sockets', 'socket E', () => ({ socket: () => -1 })],
    ['nothing that can be sent', 'a datagram could not be sent', () => ({ sendmmsg: () => -1, errno: () => EPERM })],
    ['nothing that arrives', 'datagrams were lost', () => ({ poll: () => 0 })],
    [
      'answers for somebody else',
      'answers came back wrong from 127.0.0.1',
      ({ recvmmsg, addressOf }) => {
        const memories: ArrayBufferLike[] = []
        return {
          addressOf: (memory) => (memories.push(memory), addressOf(memory)),
          // The id of every request is another by the time it is read.
          recvmmsg: (...call) => {
            const count = recvmmsg(...call)
            for (const memory of memories) new Uint8Array(memory).subarray(-8 * BUFFER, -4 * BUFFER).fill(9)
            return count
          },
        }
      },
    ],
  ])('%s: there is the plain way, and the reason', async (_, reason, changes) => {
    const way = await chooseUdpWay('auto', () => Promise.resolve(libcWith(changes)))
    expect(way).toMatchObject({ name: 'plain', reason: expect.stringContaining(reason) as string })
    await expect(chooseUdpWay('batched', () => Promise.resolve(libcWith(changes)))).rejects.toThrow(
      `UDP cannot be answered in batches: ${reason}`,
    )
  })
})

test('without the library there is the plain way, and the reason', async () => {
  const load = () => Promise.resolve('nothing of the kind')
  expect(await chooseUdpWay('auto', load)).toMatchObject({ name: 'plain', reason: 'nothing of the kind' })
  await expect(chooseUdpWay('batched', load)).rejects.toThrow('UDP cannot be answered in batches: nothing of the kind')
  expect(await chooseUdpWay('plain', load)).toMatchObject({ name: 'plain', reason: 'as set' })
})

/** Lets the event loop turn until something holds. */
async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
