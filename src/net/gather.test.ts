import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Frames, Piece } from '../protocol/frame-maker.ts'
import { Gather } from './gather.ts'
import { loadLibc, type Libc } from './libc.ts'
import { newTcpCounters, TCP_LIMITS, type TcpCounters } from './tcp-limits.ts'
import { listenTcp, type TcpServer } from './tcp.ts'

const libc = await loadLibc()
const found = typeof libc !== 'string'
/** Looked at only where it was found. */
const own = libc as Libc

let server: TcpServer | undefined
afterEach(() => server?.close())

/** Octets that tell where they stand. */
function pattern(length: number, from: number): Uint8Array {
  const octets = new Uint8Array(length)
  for (let at = 0; at < length; at++) octets[at] = (from + at) * 7 + ((from + at) >> 8)
  return octets
}

describe.skipIf(!found)('pieces written with one call', () => {
  test('come out one behind the other, from shared memory, parts of arrays and ten thousand places', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(100_000))
    const part = new Uint8Array(new ArrayBuffer(100_000), 37)
    const pieces: Piece[] = []
    for (let at = 0; at < 90_000; at += 9) {
      const octets = at % 2 === 0 ? shared : part
      octets.set(pattern(9, at), at)
      pieces.push({ octets, at, end: at + (at % 3 === 0 ? 9 : 8) })
    }
    const folder = mkdtempSync(join(tmpdir(), 'gather-'))
    const fd = openSync(join(folder, 'out'), 'w')
    const written = new Gather(own).write(fd, pieces)
    closeSync(fd)
    const came = readFileSync(join(folder, 'out'))
    rmSync(folder, { recursive: true })
    const wanted = Buffer.concat(pieces.map(({ octets, at, end }) => octets.slice(at, end)))
    expect(written).toBe(wanted.length)
    expect(Buffer.compare(came, wanted)).toBe(0)
  })

  test('a call that is interrupted is made again, and one that fails takes nothing', () => {
    const piece = { octets: new Uint8Array(5), at: 1, end: 4 }
    const answers = [-1, 3]
    const interrupted = { ...own, writev: () => answers.shift() ?? 0, errno: () => 4 }
    expect(new Gather(interrupted).write(9, [piece])).toBe(3)
    expect(new Gather(own).write(-1, [piece])).toBe(0)
  })
})

describe.each([
  ['in place', found ? () => new Gather(own) : undefined],
  ['copied', () => undefined],
  [
    'in place, and a part of it only',
    found ? () => new Gather({ ...own, writev: (fd, at) => own.writev(fd, at, 2) }) : undefined,
  ],
])('frames that are lent, %s,', (_, gather) => {
  const FRAMES = 40
  const PIECES = 50
  const PIECE_OCTETS = 5000

  /** Lends the same memory each time, with other octets in it. */
  async function* lent(served: { asked: number }): AsyncGenerator<Frames> {
    const octets = new Uint8Array(new SharedArrayBuffer(PIECES * PIECE_OCTETS))
    for (let frame = 0; frame < FRAMES; frame++) {
      served.asked++
      octets.set(pattern(octets.length, frame))
      const pieces = Array.from({ length: PIECES }, (__, at) => ({
        octets,
        at: at * PIECE_OCTETS,
        end: (at + 1) * PIECE_OCTETS,
      }))
      yield { pieces, messages: 4, records: 0, octets: octets.length }
      octets.fill(0)
    }
  }

  async function listen(served: { asked: number }): Promise<TcpCounters> {
    const counters = newTcpCounters()
    server = await listenTcp({
      endpoint: { address: '127.0.0.1', port: 0 },
      answer: () => -1,
      handOn: () => lent(served),
      limits: TCP_LIMITS,
      counters,
      gather: gather?.(),
      failed: (error) => expect.fail(String(error)),
    })
    return counters
  }

  test.skipIf(gather === undefined)(
    'arrive whole and in order, and are counted, however slowly they are read',
    async () => {
      const served = { asked: 0 }
      const counters = await listen(served)
      const { address: host, port } = (server as TcpServer).endpoint
      const socket = connect({ host, port })
      socket.write(Uint8Array.of(0, 12, ...new Uint8Array(12)))
      const wanted = FRAMES * PIECES * PIECE_OCTETS
      const chunks: Buffer[] = []
      let octets = 0
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        if (octets === 0) for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
        if (octets === 0) expect(served.asked).toBeLessThan(FRAMES) // no faster than it is read
        chunks.push(chunk)
        octets += chunk.length
        if (octets >= wanted) break
      }
      const whole = Buffer.concat(Array.from({ length: FRAMES }, (__, frame) => pattern(PIECES * PIECE_OCTETS, frame)))
      expect(Buffer.compare(Buffer.concat(chunks), whole)).toBe(0)
      expect(counters).toMatchObject({ sent: 4 * FRAMES, sentOctets: wanted })
    },
  )

  test.skipIf(gather === undefined)('end when the client is gone', async () => {
    const served = { asked: 0 }
    const counters = await listen(served)
    const { address: host, port } = (server as TcpServer).endpoint
    const socket = connect({ host, port })
    socket.write(Uint8Array.of(0, 12, ...new Uint8Array(12)))
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
    while (counters.inFlight > 0 || counters.open > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(counters).toMatchObject({ unreadOctets: 0 })
  })
})
