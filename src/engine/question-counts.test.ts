import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HOUR_MS, MINUTE_MS, QuestionCounts, type QuestionCountsOptions } from './question-counts.ts'
import { OTHER, packRows, timeQuantile, unpackRows, type QuestionRow } from './question-row.ts'
import type { Sample } from './sample.ts'
import { zoneOfName } from './zone-of-name.ts'
import type { Zone } from '../store/objects.ts'

const NOON = Date.UTC(2026, 3, 5, 12)
const OPTIONS = { rowsPerZoneMax: 100, rowsMax: 1000, minutesMs: 2 * HOUR_MS }

const sampleOf = (sample: Partial<Sample> = {}): Sample => ({
  weight: 1,
  name: 'www.example.org',
  type: 1,
  rcode: 0,
  tcp: false,
  ipv6: false,
  requestOctets: 40,
  answerOctets: 60,
  microseconds: 10,
  ...sample,
})

const countsOf = (options: Partial<QuestionCountsOptions> = {}, now = NOON) =>
  new QuestionCounts({ ...OPTIONS, ...options }, now)

const sum = (rows: Iterable<QuestionRow>): number => [...rows].reduce((total, { tally }) => total + tally.count, 0)

/** The minutes of a zone and their sums, in minutes after noon. */
const minutes = (counts: QuestionCounts, zoneId = 'a', from = 0, until = Infinity) =>
  [...counts.minutesOf(zoneId, from, until)].map(({ at, rows }) => [(at - NOON) / MINUTE_MS, sum(rows)])

const stored = (counts: QuestionCounts): string[] => {
  const taken = counts.takeChanged(Infinity)
  counts.settle(taken, 'stored')
  return taken.map(({ at, zoneId }) => `${zoneId}${(at - NOON) / HOUR_MS}`)
}

describe('questions are told apart', () => {
  const kinds: readonly (readonly [string, Partial<Sample>])[] = [
    ['name', { name: 'example.org' }],
    ['type', { type: 28 }],
    ['RCODE', { rcode: 3 }],
    ['transport', { tcp: true }],
    ['IP version', { ipv6: true }],
    ['size', { requestOctets: 48 }],
    ['size of the answer', { answerOctets: 64 }],
  ]

  test.each(kinds)('by %s', (_, other) => {
    const counts = countsOf()
    for (const sample of [sampleOf(), sampleOf(other), sampleOf({ ...other, weight: 5 })]) counts.add('a', sample, NOON)
    const [bucket] = counts.minutesOf('a', 0, Infinity)
    assert(bucket)
    expect(Array.from(bucket.rows, ({ tally }) => tally.count)).toEqual([1, 6])
  })

  test('but not by sizes that are about the same, nor by the time the answer took', () => {
    const counts = countsOf()
    counts.add('a', sampleOf(), NOON)
    counts.add('a', sampleOf({ requestOctets: 47, answerOctets: 48, microseconds: 900 }), NOON)
    const [bucket] = counts.minutesOf('a', 0, Infinity)
    const [row, ...more] = bucket?.rows ?? []
    expect(more).toEqual([])
    expect(row).toMatchObject({ requestStep: 2, answerStep: 3, tally: { count: 2, microseconds: 910 } })
  })
})

test('each question is counted in its minute and in its hour', () => {
  const counts = countsOf()
  for (const [zone, minute] of [
    ['a', 0],
    ['a', 0],
    ['a', 59],
    ['b', 59],
    ['a', 60],
  ] as const)
    counts.add(zone, sampleOf(), NOON + minute * MINUTE_MS + 7)
  expect(minutes(counts)).toEqual([
    [0, 2],
    [59, 1],
    [60, 1],
  ])
  expect(minutes(counts, 'b')).toEqual([[59, 1]])
  expect(minutes(counts, 'a', NOON + MINUTE_MS, NOON + HOUR_MS)).toEqual([[59, 1]])
  expect(counts.hourOf('a', NOON)?.count).toBe(3)
  expect(counts.hourOf('a', NOON + HOUR_MS)?.count).toBe(1)
  expect(counts.rows).toEqual({ minute: 4, hour: 3 })
  expect(counts.topZones(NOON + HOUR_MS, 9)).toEqual([
    ['a', 1],
    ['b', 1],
  ])
  expect(counts.topZones(NOON + HOUR_MS, 0)).toEqual([])
})

describe('when there are too many kinds', () => {
  const flood = (counts: QuestionCounts, zone: string, names: number): number =>
    Array.from({ length: names }, (_, at) =>
      counts.add(zone, sampleOf({ name: `x${at}.example.org`, rcode: 3 }), NOON),
    ).filter((fits) => !fits).length

  test('the rest of a zone is summed up under one name, by RCODE and transport still', () => {
    const counts = countsOf({ rowsPerZoneMax: 10 })
    expect(flood(counts, 'a', 50)).toBe(40)
    counts.add('a', sampleOf({ tcp: true }), NOON)
    counts.add('a', sampleOf({ name: 'x3.example.org', rcode: 3 }), NOON)
    const rows = [...(counts.hourOf('a', NOON)?.rows.values() ?? [])]
    expect(rows).toHaveLength(12)
    expect(rows.filter(({ name }) => name === OTHER)).toMatchObject([
      { type: -1, rcode: 3, tcp: false, tally: { count: 40 } },
      { type: -1, rcode: 0, tcp: true, tally: { count: 1 } },
    ])
    expect(rows.find(({ name }) => name === 'x3.example.org')?.tally.count).toBe(2)
    expect(sum(rows)).toBe(52)
  })

  test('of all zones together, each zone still has its sum', () => {
    const counts = countsOf({ rowsMax: 20 })
    expect(flood(counts, 'a', 15)).toBe(0)
    expect(flood(counts, 'b', 15)).toBe(10)
    expect(flood(counts, 'c', 15)).toBe(15)
    for (const zone of ['a', 'b', 'c']) expect(counts.hourOf(zone, NOON)?.count).toBe(15)
    expect(counts.rows.hour).toBe(22)
  })

  test('of all minutes together, the oldest minutes go first', () => {
    const counts = countsOf({ rowsMax: 25 })
    for (let minute = 0; minute < 10; minute++)
      for (let at = 0; at < 10; at++)
        counts.add('a', sampleOf({ name: `x${at}.example.org` }), NOON + minute * MINUTE_MS)
    expect(counts.moveOn(NOON + 9 * MINUTE_MS)).toBe(8)
    expect(minutes(counts)).toEqual([
      [8, 10],
      [9, 10],
    ])
    expect(counts.minutesSince(NOON)).toBe(NOON + HOUR_MS)
    expect(counts.minutesSince(NOON + 8 * MINUTE_MS + 5)).toBe(NOON + 8 * MINUTE_MS)
    expect(counts.hourOf('a', NOON)?.count).toBe(100)
  })
})

describe('hours', () => {
  test('are stored as they change, and go once they are over and stored', () => {
    const counts = countsOf()
    counts.add('a', sampleOf(), NOON)
    counts.add('b', sampleOf(), NOON)
    expect(stored(counts)).toEqual(['a0', 'b0'])
    expect(stored(counts)).toEqual([])
    counts.add('a', sampleOf(), NOON + 1)
    counts.add('a', sampleOf(), NOON + HOUR_MS)
    counts.moveOn(NOON + HOUR_MS)
    expect(counts.hours).toEqual([NOON, NOON + HOUR_MS])
    expect(stored(counts)).toEqual(['a0', 'a1'])
    counts.moveOn(NOON + HOUR_MS)
    expect(counts.hours).toEqual([NOON + HOUR_MS])
  })

  test('stay while they are on their way to the store, and come again if they did not arrive', () => {
    const counts = countsOf()
    counts.add('a', sampleOf(), NOON)
    counts.add('b', sampleOf(), NOON)
    const first = counts.takeChanged(1)
    expect(first).toHaveLength(1)
    const second = counts.takeChanged(1)
    counts.settle(second, 'stored')
    counts.moveOn(NOON + HOUR_MS)
    expect(counts.hours).toEqual([NOON])
    counts.settle(first, 'failed')
    expect(stored(counts)).toEqual(['a0'])
    counts.moveOn(NOON + HOUR_MS)
    expect(counts.hours).toEqual([])
  })

  test('are given up when the store fails for long', () => {
    const counts = countsOf()
    for (let hour = 0; hour < 10; hour++) {
      counts.add('a', sampleOf(), NOON + hour * HOUR_MS)
      counts.settle(counts.takeChanged(Infinity), 'failed')
      counts.moveOn(NOON + hour * HOUR_MS)
    }
    expect(counts.hours.map((at) => (at - NOON) / HOUR_MS)).toEqual([7, 8, 9])
  })

  test('go on after a restart where they were', () => {
    const before = countsOf()
    for (const name of ['a', 'b']) before.add('a', sampleOf({ name, weight: 3 }), NOON)
    const rows = unpackRows(packRows(before.hourOf('a', NOON)?.rows.values() ?? []))
    const now = NOON + 10 * MINUTE_MS + 5
    const counts = new QuestionCounts(OPTIONS, now, [{ zoneId: 'a', at: NOON, rows }])
    counts.add('a', sampleOf({ name: 'b' }), now)
    expect([...(counts.hourOf('a', NOON)?.rows.values() ?? [])]).toMatchObject([
      { name: 'a', tally: { count: 3 } },
      { name: 'b', tally: { count: 4 } },
    ])
    expect(stored(counts)).toEqual(['a0'])
    // Of the minutes before nothing is known, so the hour stands for itself.
    expect(counts.minutesSince(NOON)).toBe(NOON + HOUR_MS)
    expect(counts.minutesSince(now + MINUTE_MS)).toBe(NOON + 11 * MINUTE_MS)
  })
})

test('minutes go when they are old, and reports begin with whole hours then', () => {
  const counts = countsOf({ minutesMs: HOUR_MS })
  for (const minute of [0, 30, 90]) counts.add('a', sampleOf(), NOON + minute * MINUTE_MS)
  expect(counts.minutesSince(NOON)).toBe(NOON)
  expect(counts.moveOn(NOON + 90 * MINUTE_MS)).toBe(0)
  expect(minutes(counts)).toEqual([
    [30, 1],
    [90, 1],
  ])
  expect(counts.minutesSince(NOON)).toBe(NOON + HOUR_MS)
})

test('a zone that is gone is forgotten altogether', () => {
  const counts = countsOf()
  for (const zone of ['a', 'b']) counts.add(zone, sampleOf(), NOON)
  counts.forget('a')
  expect(minutes(counts)).toEqual([])
  expect(counts.rows).toEqual({ minute: 1, hour: 1 })
  expect(stored(counts)).toEqual(['b0'])
})

test('however many kinds come and whenever, the sum of the rows is the sum of the weights', () => {
  const sample = fc.record({
    weight: fc.integer({ min: 1, max: 1000 }),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    type: fc.integer({ min: 0, max: 65_535 }),
    rcode: fc.constantFrom(0, 3, 5),
    tcp: fc.boolean(),
    ipv6: fc.boolean(),
    requestOctets: fc.integer({ min: 12, max: 65_535 }),
    answerOctets: fc.integer({ min: 12, max: 65_535 }),
    microseconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  })
  const asked = fc.tuple(fc.constantFrom('a', 'b'), sample, fc.integer({ min: 0, max: 3 * 60 }))
  const limits = fc.record({ rowsPerZoneMax: fc.integer({ min: 1, max: 8 }), rowsMax: fc.integer({ min: 1, max: 12 }) })
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 60 }), limits, (all, { rowsPerZoneMax, rowsMax }) => {
      const counts = countsOf({ rowsPerZoneMax, rowsMax, minutesMs: 9 * HOUR_MS })
      for (const [zone, one, minute] of all) counts.add(zone, one, NOON + minute * MINUTE_MS)
      for (const zone of ['a', 'b']) {
        const weight = all.reduce((total, [of, one]) => total + (of === zone ? one.weight : 0), 0)
        const hours = counts.hours.map((at) => counts.hourOf(zone, at))
        assert.equal(
          hours.reduce((total, hour) => total + sum(hour?.rows.values() ?? []), 0),
          weight,
        )
        assert.equal(
          hours.reduce((total, hour) => total + (hour?.count ?? 0), 0),
          weight,
        )
        assert.equal(
          minutes(counts, zone).reduce((total, [, count]) => total + (count as number), 0),
          weight,
        )
        for (const hour of hours) {
          const rows = [...(hour?.rows.values() ?? [])]
          for (const { tally } of rows)
            assert.equal(
              tally.times.reduce((total, times) => total + times, 0),
              tally.count,
            )
          assert.deepEqual(unpackRows(packRows(rows)), rows)
          assert(rows.filter(({ name }) => name !== OTHER).length <= Math.min(rowsPerZoneMax, rowsMax))
        }
      }
    }),
    { numRuns: 200 },
  )
})

test('quantiles of times are right to within a factor of two', () => {
  const counts = countsOf()
  const times = Array.from({ length: 1000 }, (_, at) => 1 + ((at * 7919) % 1000))
  for (const microseconds of times) counts.add('a', sampleOf({ microseconds }), NOON)
  const [row] = counts.hourOf('a', NOON)?.rows.values() ?? []
  assert(row)
  const sorted = times.toSorted((a, b) => a - b)
  for (const share of [0.01, 0.5, 0.9, 0.99]) {
    const real = sorted[Math.ceil(share * 1000) - 1] as number
    const told = timeQuantile(row.tally, share)
    assert(told >= real / 2 && told <= real * 2, `${share}: ${told} for ${real}`)
  }
  expect(timeQuantile({ count: 0, microseconds: 0, times: [] }, 0.5)).toBe(0)
})

test.each([
  ['www.example.org', 'example.org'],
  ['example.org', 'example.org'],
  ['a.b.sub.example.org', 'sub.example.org'],
  ['sub.example.org', 'sub.example.org'],
  ['xsub.example.org', 'example.org'],
  ['a\\.sub.example.org', 'example.org'],
  ['a\\046sub.example.org', 'example.org'],
  ['example.net', undefined],
  ['org', undefined],
  ['', undefined],
])('"%s" is in the zone %s', (name, zone) => {
  const zones = ['example.org', 'sub.example.org']
  const named = (text: string) => (zones.includes(text) ? ({ name: text } as Zone) : undefined)
  expect(zoneOfName(name, { named })?.name).toBe(zone)
})
