import { expect, test } from 'vitest'
import { Scans } from './scans.ts'
import { Slices, sortSliced } from './slices.ts'

const scan = (question: string, version = 1, zoneId = 'zone') => ({ zoneId, version, question })

/** Work that can be counted, with a result of some octets. */
function counted(octets = 4) {
  const work = async () => {
    counter.times++
    return new Uint32Array(octets / 4)
  }
  const counter = { times: 0, work }
  return counter
}

test('one question about one version is worked out once, however many ask', async () => {
  const scans = new Scans()
  const counter = counted()
  const [first, second] = await Promise.all([
    scans.result(scan('a'), counter.work),
    scans.result(scan('a'), counter.work),
  ])
  expect(first).toBe(second)
  expect(await scans.result(scan('a'), counter.work)).toBe(first)
  expect(counter.times).toBe(1)
  await scans.result(scan('a', 2), counter.work)
  await scans.result(scan('a', 2, 'other'), counter.work)
  expect(counter.times).toBe(3)
})

test('scans run one at a time', async () => {
  const scans = new Scans()
  let running = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    running--
    return new Uint32Array(1)
  }
  await Promise.all(['a', 'b', 'c'].map((question) => scans.result(scan(question), work)))
  expect(most).toBe(1)
})

test('a scan that fails is not kept, and does not stop the next', async () => {
  const scans = new Scans()
  await expect(scans.result(scan('a'), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  const again = counted()
  await scans.result(scan('a'), again.work)
  expect(again.times).toBe(1)
})

test('what was used longest ago goes when there is no room', async () => {
  const scans = new Scans(100)
  const [a, b, c] = [counted(40), counted(40), counted(40)]
  await scans.result(scan('a'), a.work)
  await scans.result(scan('b'), b.work)
  await scans.result(scan('a'), a.work)
  await scans.result(scan('c'), c.work)
  await scans.result(scan('a'), a.work)
  await scans.result(scan('b'), b.work)
  expect([a.times, b.times, c.times]).toEqual([1, 2, 1])
})

test('sorting in slices gives the stable order that sorting in one go gives', async () => {
  for (const count of [0, 1, 2, 2047, 2048, 2049, 10_000]) {
    const keys = Array.from({ length: count }, (_, at) => String((at * 7919) % 1000))
    const plain = keys.map((_, at) => at).sort((a, b) => order(keys[a] ?? '', keys[b] ?? '') || a - b)
    expect([...(await sortSliced(keys, new Slices()))]).toEqual(plain)
  }
})

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
