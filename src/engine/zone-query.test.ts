import { expect, test } from 'vitest'
import type { Zone } from '../store/objects.ts'
import { selectZones, type ZoneQuery } from './zone-query.ts'
import { ZoneIndex } from './zone-index.ts'

const ACCOUNT = 'f'.repeat(32)
const TIME = '2026-04-05T12:00:00.000000Z'

function zoneOf(at: number): Zone {
  return {
    id: at.toString(16).padStart(32, '0'),
    accountId: ACCOUNT,
    name: `zone-${(at * 7919) % 100_000}.example`,
    type: at % 2 === 0 ? 'secondary' : 'full',
    status: 'pending',
    paused: false,
    nameServers: [],
    createdOn: TIME,
    modifiedOn: TIME,
    activatedOn: null,
  }
}

function registered(count: number) {
  const zones = new ZoneIndex()
  zones.fill(Array.from({ length: count }, (_, at) => zoneOf(at)))
  return { zones, accounts: new Map([[ACCOUNT, { id: ACCOUNT, name: 'Default account', createdOn: TIME }]]) }
}

const PAGE: ZoneQuery = { match: 'all', order: 'name', direction: 'asc', offset: 0, limit: 50 }
const name = (operator: 'equal' | 'contains', value: string) => ({ name: { operator, value, caseSensitive: false } })

test('among 100,000 zones a page, a name and a part of a name are found at once', () => {
  const all = registered(100_000)
  const start = performance.now()
  const last = selectZones(all, { ...PAGE, offset: 99_990 })
  expect([last.total, last.zones.length]).toEqual([100_000, 10])
  expect(selectZones(all, { ...PAGE, ...name('equal', 'zone-5.example') }).total).toBe(1)
  expect(selectZones(all, { ...PAGE, ...name('contains', 'zone-777') }).total).toBe(111)
  expect(selectZones(all, { ...PAGE, types: ['full'], accountId: ACCOUNT }).total).toBe(50_000)
  expect(selectZones(all, { ...PAGE, order: 'status', direction: 'desc' }).zones).toHaveLength(50)
  // About 40 ms on an idle machine; the bound leaves room for a busy one and catches what is quadratic.
  expect(performance.now() - start).toBeLessThan(4000)
})

test('zones put in one by one stand in the same order as zones that came together', () => {
  const together = registered(500)
  const zones = new ZoneIndex()
  for (let at = 499; at >= 0; at--) zones.put(zoneOf(at))
  expect(zones.sorted()).toEqual(together.zones.sorted())
  expect(zones.sorted(ACCOUNT)).toEqual(together.zones.sorted(ACCOUNT))
  for (let at = 0; at < 500; at += 2) zones.remove(zoneOf(at))
  expect(zones.sorted().every(({ type }) => type === 'full')).toBe(true)
  expect(zones.sorted(ACCOUNT)).toHaveLength(250)
  expect(zones.named('zone-0.example')).toBeUndefined()
})
