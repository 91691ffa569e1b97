import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/doubles/virtual-clock.ts'
import { MemoryStore } from '../store/memory.ts'
import type { TransferRecord } from '../store/store.ts'
import { TransferKeeper, type TransferKeeperWorld } from './transfer-keeper.ts'

const ended = (zoneId: string, at: number): TransferRecord => ({
  zoneId,
  at,
  ms: 3,
  direction: 'in',
  peer: '192.0.2.1:53',
  trigger: 'notify',
  transport: 'udp',
  asked: 'SOA',
  outcome: 'done',
  messages: 1,
  records: 1,
  octets: 80,
})

function scene() {
  const memory = new MemoryStore()
  const disk = { isFull: false }
  const store: TransferKeeperWorld['store'] = {
    addTransfer: (record) => (disk.isFull ? Promise.reject(new Error('the disk is full')) : memory.addTransfer(record)),
    listTransfers: (query) => memory.listTransfers(query),
  }
  const clock = new VirtualClock()
  const zones = new Set(['one', 'two'])
  const failures: Error[] = []
  const exists = (zoneId: string) => zones.has(zoneId)
  const keeper = new TransferKeeper({ store, clock, exists, failed: (error) => failures.push(error) })
  const stored = async () => (await store.listTransfers({ limit: 10 })).map(({ zoneId, at }) => `${zoneId} ${at}`)
  return { disk, clock, zones, failures, keeper, stored }
}

test('what has ended is written together, a moment later, newest first in the list', async () => {
  const { clock, keeper, stored } = scene()
  for (const at of [1, 2, 3]) keeper.keep(ended('one', at))
  await clock.run(900)
  expect(await stored()).toEqual([])
  await clock.run(1000)
  expect(await stored()).toEqual(['one 3', 'one 2', 'one 1'])
})

test('whoever asks for the log is told of what has just ended', async () => {
  const { clock, keeper, stored } = scene()
  keeper.keep(ended('one', 1))
  expect(await keeper.list({ limit: 10 })).toMatchObject([{ zoneId: 'one', at: 1 }])
  await clock.run(10_000)
  expect(await stored(), 'it is not written twice').toEqual(['one 1'])
})

test('of a zone that is gone nothing is written any more', async () => {
  const { zones, keeper, stored } = scene()
  for (const zone of ['one', 'two']) keeper.keep(ended(zone, 1))
  zones.delete('one')
  await keeper.flush()
  expect(await stored()).toEqual(['two 1'])
})

test('a store that fails is told of, once, and the next moment is tried again', async () => {
  const { disk, failures, keeper, stored } = scene()
  disk.isFull = true
  keeper.keep(ended('one', 1))
  await keeper.flush()
  expect(failures.map(({ message }) => message)).toEqual(['the disk is full'])
  disk.isFull = false
  keeper.keep(ended('one', 2))
  await keeper.flush()
  expect(await stored()).toEqual(['one 2'])
})
