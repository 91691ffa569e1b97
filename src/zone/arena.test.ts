import { ok, strictEqual } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dice } from '../../test/zone-model.ts'
import { Arena, type ChunkPart } from './arena.ts'
import { ArenaView, CHUNK_OCTETS, offsetOf, type Pointer } from './arena-view.ts'

const SLAB_OCTETS = 65_536

describe('the arena', () => {
  test('pages never overlap, keep what is written to them, and are all free in the end', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const roll = dice(seed)
        const arena = new Arena()
        const pages = new Map<Pointer, { octets: number; mark: number }>()
        for (let times = 0; times < 3000; times++) {
          if (pages.size > 0 && roll(5) < 2) {
            const [pointer, { octets, mark }] = [...pages][roll(pages.size)] as [
              Pointer,
              { octets: number; mark: number },
            ]
            const page = arena.octetsOf(pointer).subarray(offsetOf(pointer), offsetOf(pointer) + octets)
            ok(
              page.every((octet) => octet === mark),
              'a page was written to by another',
            )
            arena.free(pointer)
            pages.delete(pointer)
            for (const { chunk, at, end } of arena.takeIdle()) new Uint8Array(chunk).fill(0xff, at, end)
          } else {
            const octets = 1 + roll(roll(30) === 0 ? 200_000 : 2 ** (5 + roll(9)))
            const pointer = arena.allocate(octets)
            ok(arena.sizeOf(pointer) >= octets)
            ok(pointer !== 0 && !pages.has(pointer))
            const mark = roll(256)
            arena.octetsOf(pointer).fill(mark, offsetOf(pointer), offsetOf(pointer) + octets)
            pages.set(pointer, { octets, mark })
          }
        }
        for (const pointer of pages.keys()) arena.free(pointer)
        strictEqual(arena.use.usedOctets, 0)
      }),
      { numRuns: 5 },
    )
  })

  test('a page wastes a fifth at most', () => {
    const arena = new Arena()
    for (let octets = 64; octets <= 32_768; octets += 7) {
      const pointer = arena.allocate(octets)
      ok(arena.sizeOf(pointer) < octets * 1.25 + 1)
      arena.free(pointer)
    }
  })

  test('memory that pages of one size leave serves all others', () => {
    const arena = new Arena()
    for (const octets of [64, 8192, 700, 100_000, 2048, 32_768]) {
      const pages = Array.from({ length: Math.floor(10_000_000 / octets) }, () => arena.allocate(octets))
      for (const page of pages) arena.free(page)
    }
    expect(arena.use).toEqual({ chunks: 1, usedOctets: 0, freeOctets: CHUNK_OCTETS })
  })

  test('what stays free is given away once, and never what is in use or was free for less than a look', () => {
    const arena = new Arena()
    const pages = Array.from({ length: 40 }, () => arena.allocate(30_000))
    const large = arena.allocate(300_000)
    const octetsOf = (parts: readonly ChunkPart[]) => parts.reduce((sum, { at, end }) => sum + end - at, 0)
    expect(arena.takeIdle()).toEqual([])
    for (const page of pages) arena.free(page)
    expect(arena.takeIdle(), 'free for the first time').toEqual([])
    const again = arena.allocate(30_000)
    const idle = arena.takeIdle()
    expect(octetsOf(idle)).toBe(19 * SLAB_OCTETS)
    for (const { chunk, at, end } of idle) new Uint8Array(chunk).fill(0, at, end)
    expect(arena.takeIdle(), 'once').toEqual([])
    arena.free(large)
    arena.free(again)
    arena.takeIdle()
    const rest = arena.takeIdle()
    expect(octetsOf(rest)).toBe(6 * SLAB_OCTETS)
    for (const part of rest)
      for (const before of idle) expect(part.at >= before.end || part.end <= before.at).toBe(true)
  })

  test('every chunk is announced before a pointer into it exists, and a view asks for those it has not heard of', () => {
    const announced: SharedArrayBuffer[] = []
    const arena = new Arena((index, chunk) => {
      announced[index] = chunk
    })
    const view: ArenaView = new ArenaView((index) => view.adopt(index, announced[index] as SharedArrayBuffer))
    for (let page = 0; page < 3000; page++) {
      const pointer = arena.allocate(16_384)
      arena.wordsOf(pointer)[offsetOf(pointer) >>> 2] = page
      strictEqual(view.wordsOf(pointer)[offsetOf(pointer) >>> 2], page)
    }
    expect(announced.length).toBe(3)
  })

  test('a chunk that nobody hands over is a bug', () => {
    const pointer = new Arena().allocate(64)
    expect(() => new ArenaView().octetsOf(pointer)).toThrow('was never handed to this thread')
  })
})
