import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { countersMemory } from './counters.ts'
import { createMetrics } from './metrics.ts'

test('only the zones that have the most questions now have a series, and each by its id', async () => {
  let top: readonly (readonly [string, number])[] = [
    ['id1', 7],
    ['id2', 5],
  ]
  const figures = { questions: 30, samples: 20, elsewhere: 3, summedUp: 2, minutesDropped: 1 }
  const { registry } = createMetrics({
    counters: countersMemory(1),
    zones: () => ({ serving: 0, empty: 0, expired: 0 }),
    records: () => 0,
    load: () => ({ checks: 0, checksWaiting: 0, transfers: 0, transfersWaiting: 0 }),
    contentsOctets: () => 0,
    udp: () => [],
    analytics: () => ({ figures, rows: { minute: 4, hour: 9 }, topZones: () => top }),
  })
  const lines = async (part: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.includes(part) && !line.startsWith('#'))
  const series = (id: string, count: number) => `twinzone_top_zone_questions{zone_id="${id}"} ${count}`
  expect(await lines('top_zone')).toEqual([series('id1', 7), series('id2', 5)])
  top = [['id3', 2]]
  expect(await lines('top_zone')).toEqual([series('id3', 2)])
  assert.deepEqual(await lines('analytics'), [
    'twinzone_analytics_questions_total 30',
    'twinzone_analytics_samples_total 20',
    'twinzone_analytics_elsewhere_total 3',
    'twinzone_analytics_summed_up_total 2',
    'twinzone_analytics_minutes_dropped_total 1',
    'twinzone_analytics_rows{kept="minute"} 4',
    'twinzone_analytics_rows{kept="hour"} 9',
  ])
})
