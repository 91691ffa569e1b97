import { describe, expect, test } from 'vitest'
import { loadLibc } from '../net/libc.ts'
import { Arena } from '../zone/arena.ts'
import { offsetOf } from '../zone/arena-view.ts'
import { IdleMemory } from './idle-memory.ts'

const PAGE_OCTETS = 60_000
const libc = await loadLibc()

function fill(arena: Arena, count: number): number[] {
  return Array.from({ length: count }, () => {
    const page = arena.allocate(PAGE_OCTETS)
    octetsOf(arena, page).fill(7)
    return page
  })
}

const octetsOf = (arena: Arena, page: number): Uint8Array =>
  arena.octetsOf(page).subarray(offsetOf(page), offsetOf(page) + PAGE_OCTETS)

describe.skipIf(typeof libc === 'string')('memory that zones have left', () => {
  test('goes back after two looks', async () => {
    const arena = new Arena()
    const pages = fill(arena, 40)
    for (const page of pages) arena.free(page)
    const idle = new IdleMemory(arena)
    await idle.giveBack()
    expect(pages.every((page) => octetsOf(arena, page).includes(7))).toBe(true)
    await idle.giveBack()
    const zeros = pages.map((page) => octetsOf(arena, page).filter((octet) => octet === 0).length)
    expect(zeros.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(39 * PAGE_OCTETS)
  })

  test('that is used again while the library is waited for keeps what is in it', async () => {
    const arena = new Arena()
    for (const page of fill(arena, 40)) arena.free(page)
    arena.takeIdle()
    const { promise, resolve } = Promise.withResolvers<typeof libc>()
    const given = new IdleMemory(arena, () => promise).giveBack()
    const pages = fill(arena, 40)
    resolve(libc)
    await given
    expect(pages.every((page) => octetsOf(arena, page).every((octet) => octet === 7))).toBe(true)
  })
})
