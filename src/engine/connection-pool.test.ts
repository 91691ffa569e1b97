import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { FakeTimers } from '../../test/fake-timers.ts'
import { ConnectionPool } from './connection-pool.ts'

const QUERY = new Uint8Array(12)
const LIMITS = { connectMs: 5000, idleMs: 5000 }

test('the next zones of a primary are asked for over the connections of those before', async ({ onTestFinished }) => {
  const { open, ask } = await startPool(onTestFinished)
  await ask(10)
  expect(open()).toEqual({ now: 10, ever: 10 })
  await ask(10)
  expect(open()).toEqual({ now: 10, ever: 10 })
})

test('of connections that nobody needs next, a few rest', async ({ onTestFinished }) => {
  const { open, ask, timers, closed } = await startPool(onTestFinished)
  await ask(10)
  timers.advance(1000)
  await closed(6)
  expect(open()).toEqual({ now: 4, ever: 10 })
  timers.advance(1999)
  await ask(1)
  timers.advance(101)
  await closed(9)
  expect(open(), 'the one that was needed rests from then on').toEqual({ now: 1, ever: 10 })
})

test('a pool that is closed leaves no alarm behind', async ({ onTestFinished }) => {
  const { ask, timers, closed, close } = await startPool(onTestFinished)
  await ask(10)
  await ask(3)
  close()
  await closed(10)
  expect(timers.pending).toBe(0)
})

/** A pool, and a primary that sends each question back as its answer. */
async function startPool(onTestFinished: (end: () => void) => void) {
  const sockets = new Set<Socket>()
  const timers = new FakeTimers()
  const seen = { ever: 0, gone: 0 }
  let someHaveGone = () => {}
  const server = createServer((socket) => {
    seen.ever++
    sockets.add(socket)
    socket.on('error', () => {}) // whoever asked has gone
    socket.on('close', () => {
      sockets.delete(socket)
      seen.gone++
      someHaveGone()
    })
    socket.on('data', (octets) => {
      octets[4] = (octets[4] as number) | 0x80 // QR, behind length and ID
      socket.write(octets)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const pool = new ConnectionPool({ limits: LIMITS, localAddress: () => undefined, timers })
  onTestFinished(() => {
    pool.close()
    server.close()
  })
  const endpoint = { address: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const one = () =>
    pool.request(endpoint, {
      message: QUERY,
      onMessage: () => 'done',
      signal: new AbortController().signal,
    })
  const ask = async (count: number) => {
    const outcomes = await Promise.all(Array.from({ length: count }, one))
    expect(outcomes).toEqual(outcomes.map(() => ({ type: 'done' })))
  }
  const closed = async (count: number) => {
    while (seen.gone < count) await new Promise<void>((resolve) => (someHaveGone = resolve))
  }
  return { timers, closed, close: () => pool.close(), open: () => ({ now: sockets.size, ever: seen.ever }), ask }
}
