import { expect, test } from 'vitest'
import { parseName } from '../dns/name.ts'
import { settle } from '../../test/doubles/virtual-clock.ts'
import { MemoryStore } from '../store/memory.ts'
import type { Account, Zone } from '../store/objects.ts'
import type { Scope } from '../zone/edit-records.ts'
import { storeRecord } from '../zone/stored-form.ts'
import { loadConfig } from './config.ts'
import { FrameUpkeep } from './frame-upkeep.ts'
import type { PrimaryZone } from './primaries.ts'
import type { RecordReader } from './runtime.ts'

const A = 1
const CAA = 257

/** A version with a record of each of these types at its apex. */
function recordsOf(...types: readonly number[]): RecordReader {
  const apex = parseName('example.org.')
  const stored = types.map((type) =>
    storeRecord({ owner: apex, type, class: 1, ttl: 1, rdata: new Uint8Array() }, apex),
  )
  const records = () => stored.map((octets) => ({ octets, at: 0, end: octets.length }))
  return {
    edited: false,
    apex,
    version: 1,
    recordCount: 1,
    records,
    recordsOf: records,
    byId: () => undefined,
    release() {},
  }
}

type Primary = Record<string, unknown>

/** Two accounts: one with two zones that are edited here and one that is not, the other with one zone. */
function scene() {
  const store = new MemoryStore()
  const zone = (id: string, accountId: string) =>
    ({ id, accountId, type: id === 'secondary' ? 'secondary' : 'full' }) as Zone
  const zones = [zone('a1', 'a'), zone('a2', 'a'), zone('secondary', 'a'), zone('b1', 'b')]
  const state = {
    dnsOnly: new Set<string>(),
    refresh: async (_zoneId: string) => true,
    failures: [] as string[],
    withCaa: ['a1', 'a2'],
    takenUp: (_zoneId: string) => true,
  }
  const refreshed: string[] = []
  const { primary } = loadConfig({ environment: {} })
  /** The server begins anew with these settings; resolves to what it makes anew. */
  const start = async (settings: Primary = {}) => {
    const upkeep = new FrameUpkeep({
      registry: {
        accounts: { all: () => [{ id: 'a' }, { id: 'b' }] as Account[] },
        zones: { all: () => zones },
        dnsSettings: { isDnsOnly: (accountId: string) => state.dnsOnly.has(accountId) },
      } as never,
      primaries: {
        get: (zoneId) =>
          zoneId !== 'secondary' && state.takenUp(zoneId) ? ({ id: zoneId } as PrimaryZone) : undefined,
        renew: async (zoneId: string) => {
          refreshed.push(`${zoneId} renewed`)
          return state.refresh(zoneId)
        },
        refresh: (zoneId: string, scope: Scope) => {
          refreshed.push(`${zoneId} ${String(scope)}`)
          return state.refresh(zoneId)
        },
      },
      served: (zoneId) => (state.withCaa.includes(zoneId) ? recordsOf(A, CAA) : recordsOf(A)),
      settings: { primary: { ...primary, ...settings } },
      store,
      failed: (error) => void state.failures.push(error.message),
    })
    return { upkeep, made: await done(upkeep) }
  }
  const done = async (upkeep: FrameUpkeep) => {
    upkeep.refresh()
    for (let turn = 0; turn < 5; turn++) await settle()
    return refreshed.splice(0)
  }
  return { start, done, state, store }
}

test('of a store that is new nothing is made anew, nor where nothing has changed', async () => {
  const { start } = scene()
  expect((await start()).made).toEqual([])
  expect((await start()).made).toEqual([])
})

test('a setting that has changed between two starts reaches all zones that are edited here, once', async () => {
  const { start } = scene()
  await start()
  expect((await start({ automaticTtl: 60 })).made).toEqual(['a1 all', 'a2 all', 'b1 all'])
  expect((await start({ automaticTtl: 60 })).made).toEqual([])
})

test('a setting of an account reaches its zones while the server runs', async () => {
  const { start, done, state } = scene()
  const { upkeep } = await start()
  state.dnsOnly.add('b')
  expect(await done(upkeep)).toEqual(['b1 all'])
  expect(await done(upkeep)).toEqual([])
})

test.each([
  ['could not be made', async (zoneId: string) => zoneId !== 'a1'],
  ['met a bug', async (zoneId: string) => zoneId === 'a1' && Promise.reject(new Error('a bug'))],
])(
  'where one zone %s its account is gone through again at the next start, whatever came of the others',
  async (_, refresh) => {
    const { start, state } = scene()
    await start()
    state.refresh = refresh
    await start({ automaticTtl: 60 })
    state.refresh = async () => true
    const { made } = await start({ automaticTtl: 60 })
    expect(made.slice(0, 2)).toEqual(['a1 all', 'a2 all'])
    expect((await start({ automaticTtl: 60 })).made).toEqual([])
  },
)

test('a crash in between leaves what is to be done, and what was done is not done again', async () => {
  const { start, state } = scene()
  await start()
  const crash = new Promise<boolean>(() => {})
  state.refresh = async (zoneId) => (zoneId === 'b1' ? crash : true)
  expect((await start({ automaticTtl: 60 })).made).toEqual(['a1 all', 'a2 all', 'b1 all'])
  state.refresh = async () => true
  expect((await start({ automaticTtl: 60 })).made).toEqual(['b1 all'])
})

test('a change of what is handed on renews the zones that have CAA records, once', async () => {
  const { start } = scene()
  await start()
  expect((await start({ transferCaa: true })).made).toEqual(['a1 renewed', 'a2 renewed'])
  expect((await start({ transferCaa: true })).made).toEqual([])
  expect((await start({ transferCaa: false })).made).toEqual(['a1 renewed', 'a2 renewed'])
})

test('a zone that could not be renewed is tried again at the next start', async () => {
  const { start, state } = scene()
  await start()
  state.refresh = async (zoneId) => zoneId !== 'a2'
  await start({ transferCaa: true })
  state.refresh = async () => true
  expect((await start({ transferCaa: true })).made).toContain('a2 renewed')
  expect((await start({ transferCaa: true })).made).toEqual([])
})

test('what was handed on before anything was noted is taken to be what is handed on by default', async () => {
  expect((await scene().start({ transferCaa: false })).made).toEqual([])
  expect((await scene().start({ transferCaa: true })).made).toEqual(['a1 renewed', 'a2 renewed'])
})

test('zones that are not taken up yet are made anew at the next start', async () => {
  const { start, state } = scene()
  await start()
  state.takenUp = (zoneId) => zoneId !== 'a2'
  expect((await start({ automaticTtl: 60 })).made).toEqual(['a1 all', 'b1 all'])
  state.takenUp = () => true
  expect((await start({ automaticTtl: 60 })).made).toEqual(['a1 all', 'a2 all'])
})

test('of a zone whose last CAA record has gone the past is not handed on by another rule', async () => {
  const { start, state, store } = scene()
  const ended: unknown[] = []
  const change = store.change.bind(store)
  store.change = async (changes) => {
    ended.push(...changes)
    await change(changes)
  }
  state.withCaa = ['a1']
  await start()
  expect((await start({ transferCaa: true })).made).toEqual(['a1 renewed'])
  expect(ended).toEqual([{ endBacklog: 'a2' }, { endBacklog: 'b1' }])
})
