import { expect, test } from 'vitest'
import { MemoryStore } from '../store/memory.ts'
import type { Clock } from './alarms.ts'
import type { Settings } from './settings.ts'
import { Upkeep } from './upkeep.ts'

const DAY = 86_400_000
const NOW = 1000 * DAY

test('lines of the audit log are forgotten after the days they are kept', async () => {
  const store = new MemoryStore()
  for (const days of [40, 31, 29, 0]) {
    const audit = { at: NOW - days * DAY, accountId: 'a', action: `${days} days ago` }
    await store.change([{ audit }])
  }
  const history = { differences: 1, differenceDays: 1, transfers: 1, transferDays: 1, auditDays: 30 }
  const settings = { history } as Pick<Settings, 'history'>
  const clock = { now: () => NOW } as Clock
  await new Upkeep({ store, settings, clock, failed: () => {} }).prune()
  const left = await store.listAudit({ accountId: 'a', limit: 9 })
  expect(left.map(({ action }) => action)).toEqual(['0 days ago', '29 days ago'])
})
