import { expect, test } from 'vitest'
import { MemoryStore } from '../store/memory.ts'
import type { Clock } from './alarms.ts'
import { loadConfig } from './config.ts'
import { Upkeep } from './upkeep.ts'

const DAY = 86_400_000
const NOW = 1000 * DAY

const settings = loadConfig({ environment: {} })
const clock = { now: () => NOW } as Clock

test('lines of the audit log are forgotten after the days they are kept', async () => {
  const store = new MemoryStore()
  for (const days of [40, 31, 29, 0]) {
    const audit = { at: NOW - days * DAY, accountId: 'a', action: `${days} days ago` }
    await store.change([{ audit }])
  }
  const history = { differences: 1, differenceDays: 1, transfers: 1, transferDays: 1, auditDays: 30 }
  await new Upkeep({ store, settings: { ...settings, history }, clock, failed: () => {} }).prune()
  const left = await store.listAudit({ accountId: 'a', limit: 9 })
  expect(left.map(({ action }) => action)).toEqual(['0 days ago', '29 days ago'])
})

test('counts of questions are forgotten after the days they are kept, and where they are too many', async () => {
  const store = new MemoryStore()
  const hours = [40, 31, 29, 3, 2, 1].map((days) => ({ zoneId: 'a', at: NOW - days * DAY, rows: `${days} days ago` }))
  await store.putQuestions(hours)
  const analytics = { ...settings.analytics, hourDays: 30 }
  const limits = { ...settings.limits, analyticsHours: 3 }
  await new Upkeep({ store, settings: { ...settings, analytics, limits }, clock, failed: () => {} }).prune()
  const left = await store.listQuestions({ from: 0, until: NOW })
  expect(left.map(({ rows }) => rows)).toEqual(['3 days ago', '2 days ago', '1 days ago'])
})
