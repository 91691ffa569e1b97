import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
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
  const { open, ask } = await startPool(onTestFinished)
  await ask(10)
  await expect.poll(() => open().now, { timeout: 2000 }).toBe(4)
  await pause(200)
  expect(open()).toEqual({ now: 4, ever: 10 })
})

/** A pool, and a primary that sends each question back as its answer. */
async function startPool(onTestFinished: (end: () => void) => void) {
  const sockets = new Set<Socket>()
  let ever = 0
  const server = createServer((socket) => {
    ever++
    sockets.add(socket)
    socket.on('error', () => {}) // whoever asked has gone
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (octets) => {
      octets[4] = (octets[4] as number) | 0x80 // QR, behind length and ID
      socket.write(octets)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const pool = new ConnectionPool({ limits: LIMITS, localAddress: () => undefined })
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
  return { open: () => ({ now: sockets.size, ever }), ask }
}
