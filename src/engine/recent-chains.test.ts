import { expect, test, vi } from 'vitest'
import type { Serial } from '../dns/serial.ts'
import type { ZoneHandle } from '../zone/directory-layout.ts'
import { RecentChains, type ChainAsked, type ReadyChain } from './recent-chains.ts'

const asked = (change: { sequence?: number | undefined; version?: number; since?: number } = {}): ChainAsked => ({
  pin: {
    zone: 1 as ZoneHandle,
    version: change.version ?? 7,
    sequence: 'sequence' in change ? change.sequence : 3,
    slot: 0,
  },
  since: (change.since ?? 1) as Serial,
  backlogFrom: undefined,
  transport: 'tcp',
})

const chainOf = (octets: number): ReadyChain => ({
  type: 'differences',
  runs: [{ octets: new Uint8Array(octets), at: 0, end: octets }],
})

const maker = (chain: ReadyChain) => vi.fn<() => Promise<ReadyChain>>().mockResolvedValue(chain)

test('those who ask for the same chain, at once or later, share one', async () => {
  const chains = new RecentChains()
  const make = maker(chainOf(10))
  const [first, second] = await Promise.all([chains.of(asked(), make), chains.of(asked(), make)])
  expect(second).toBe(first)
  expect(await chains.of(asked(), make)).toBe(first)
  expect(make).toHaveBeenCalledTimes(1)
})

test.each([
  ['another publication', { sequence: 4 }],
  ['another version with the number before its own', { version: 8 }],
  ['another serial to begin at', { since: 2 }],
])('%s has a chain of its own', async (_, change) => {
  const chains = new RecentChains()
  await chains.of(asked(), maker(chainOf(10)))
  const make = maker(chainOf(20))
  expect(await chains.of(asked(change), make)).toEqual(chainOf(20))
  expect(make).toHaveBeenCalledTimes(1)
})

test('a version whose publication is not known keeps nothing', async () => {
  const chains = new RecentChains()
  const make = maker(chainOf(10))
  await chains.of(asked({ sequence: undefined }), make)
  await chains.of(asked({ sequence: undefined }), make)
  expect(make).toHaveBeenCalledTimes(2)
})

test('what was not there, or could not be read, is looked for again', async () => {
  const chains = new RecentChains()
  const make = maker({ type: 'full', why: 'history does not reach back' })
  await chains.of(asked(), make)
  await expect(chains.of(asked(), () => Promise.reject(new Error('the disk is gone')))).rejects.toThrow('disk')
  expect(await chains.of(asked(), maker(chainOf(10)))).toEqual(chainOf(10))
})

test('beyond so many octets those that were asked for longest ago go', async () => {
  const chains = new RecentChains(25)
  const makes = [1, 2, 3].map(() => maker(chainOf(10)))
  const take = (since: 1 | 2 | 3) => chains.of(asked({ since }), makes[since - 1] as () => Promise<ReadyChain>)
  await take(1)
  await take(2)
  await take(1)
  await take(3)
  await take(1)
  await take(2)
  expect(makes.map((make) => make.mock.calls.length)).toEqual([1, 2, 1])
})
