import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Id } from '../../src/engine/object-id.ts'
import { ask } from './questions.ts'
import { openWorld, START, STRANGE_ID, type World } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let world: World
let zoneId: Id

async function begin(): Promise<void> {
  world = await openWorld()
  zoneId = await world.zone('example.org')
}

/** Noon in spring is a Sunday. */
const at = (minute: number): void => void (world.clock.now = START + minute * MINUTE)

const get = (query: string, path = 'report') =>
  world.call('GET', `/zones/${zoneId}/dns_analytics/${path}${query === '' ? '' : `?${query}`}`)

const rowsOf = async (query: string): Promise<unknown[][]> => {
  const { body } = await get(query)
  return body.result.data.map(({ dimensions, metrics }: { dimensions: string[]; metrics: number[] }) => [
    ...dimensions,
    ...metrics,
  ])
}

/** What most of these tests ask. */
function askSome(): void {
  ask(world, { question: 'www.example.org. A', times: 5 })
  ask(world, { question: 'WWW.example.org. AAAA', times: 2, ipv6: true, octets: 130 })
  ask(world, { question: 'nothing.example.org. A', times: 3, rcode: 'NXDOMAIN', transport: 'tcp' })
  ask(world, { question: 'example.net. A', times: 9, rcode: 'REFUSED' })
}

describe('a report', () => {
  beforeAll(async () => {
    await begin()
    askSome()
    at(1)
  })

  test('has the shape of the API, and counts only what was asked of the zone', async () => {
    const { status, body } = await get('metrics=queryCount,uncachedCount,staleCount&dimensions=queryType')
    expect(status).toBe(200)
    expect(body).toEqual({
      success: true,
      errors: [],
      messages: [],
      result: {
        rows: 2,
        data: [
          { dimensions: ['A'], metrics: [8, 8, 0] },
          { dimensions: ['AAAA'], metrics: [2, 2, 0] },
        ],
        data_lag: 0,
        min: {},
        max: {},
        totals: { queryCount: 10, uncachedCount: 10, staleCount: 0 },
        query: {
          dimensions: ['queryType'],
          metrics: ['queryCount', 'uncachedCount', 'staleCount'],
          since: '2026-04-05T06:01:00Z',
          until: '2026-04-05T12:01:00Z',
          limit: 100_000,
        },
      },
    })
  })

  test('without parameters is one row: how much was asked in six hours', async () => {
    expect(await rowsOf('')).toEqual([[10]])
    expect(await rowsOf('since=-6d&until=-5d')).toEqual([[0]])
  })

  test.each([
    ['queryName', ['www.example.org', 7], ['nothing.example.org', 3]],
    ['responseCode', ['NOERROR', 7], ['NXDOMAIN', 3]],
    ['responseCached', ['Uncached', 10]],
    ['coloName', ['local', 10]],
    ['origin', ['', 10]],
    ['dayOfWeek', ['7', 10]],
    ['tcp', ['0', 7], ['1', 3]],
    ['ipVersion', ['4', 8], ['6', 2]],
    ['querySizeBucket', ['32-47', 8], ['128-143', 2]],
    ['tcp,ipVersion', ['0', '4', 5], ['1', '4', 3], ['0', '6', 2]],
  ])('tells apart by %s', async (dimensions, ...rows) => {
    expect(await rowsOf(`dimensions=${dimensions}`)).toEqual(rows)
  })

  test.each([
    ['sort=queryName', ['nothing.example.org', 'www.example.org']],
    ['sort=-queryName', ['www.example.org', 'nothing.example.org']],
    ['sort=%2BqueryCount', ['nothing.example.org', 'www.example.org']],
    ['sort=+queryCount', ['nothing.example.org', 'www.example.org']],
    ['sort=-queryCount', ['www.example.org', 'nothing.example.org']],
    ['sort=-queryCount&limit=1', ['www.example.org']],
  ])('asked for with %s has its rows in that order', async (sort, names) => {
    expect((await rowsOf(`dimensions=queryName&${sort}`)).map(([name]) => name)).toEqual(names)
    expect((await get(`dimensions=queryName&${sort}`)).body.result.totals).toEqual({ queryCount: 10 })
  })

  test.each([
    ['queryName==www.example.org', 7],
    ['queryName=="WWW.EXAMPLE.ORG."', 7],
    ["queryName!='www.example.org'", 3],
    ['queryType==aaaa', 2],
    ['responseCode==NXDOMAIN,queryType==AAAA', 5],
    ['responseCode==NOERROR;queryType==AAAA', 2],
    ['responseCode == NOERROR AND queryType == AAAA OR tcp == 1', 5],
    ['tcp==1,responseCode==NOERROR;queryType==A', 8],
    ['querySizeBucket>=128', 2],
    ['querySizeBucket<128', 8],
    ['querySizeBucket==32-47', 8],
    ['ipVersion>4', 2],
    ['queryName>o', 7],
    ['queryName==nobody.example.org', 0],
    ['', 10],
  ])('filtered by %s counts %i', async (filter, count) => {
    expect(await rowsOf(`filters=${encodeURIComponent(filter)}`)).toEqual([[count]])
  })

  test('tells how long answers took, in milliseconds', async () => {
    await begin()
    ask(world, { question: 'example.org. A', times: 98, microseconds: 10 })
    ask(world, { question: 'example.org. A', times: 2, microseconds: 5000 })
    at(1)
    const [[average, median, ninety, ninetyNine]] = (await rowsOf(
      'metrics=responseTimeAvg,responseTimeMedian,responseTime90th,responseTime99th',
    )) as [[number, number, number, number]]
    expect(average).toBeCloseTo(0.11, 2)
    for (const most of [median, ninety]) expect(most >= 0.005 && most <= 0.02).toBe(true)
    expect(ninetyNine >= 2.5 && ninetyNine <= 10).toBe(true)
  })
})

describe('the time of a report', () => {
  beforeAll(async () => {
    await begin()
    for (const minute of [0, 10, 70]) {
      at(minute)
      ask(world, { question: 'example.org. A', times: minute + 1 })
    }
    at(80)
  })

  test.each([
    ['since=2026-04-05T12:00:00Z&until=2026-04-05T12:10:00Z', 1],
    ['since=2026-04-05T12:00:00Z&until=2026-04-05T12:10:01Z', 12],
    ['since=2026-04-05T14:00:00%2B02:00', 83],
    ['since=2026-04-05T14:00:00+02:00', 83],
    ['since=2026-04-05T12:05:00.123456Z', 82],
    ['since=2026-04-05', 83],
    ['since=-15m', 71],
    ['since=-90m&until=-30m', 12],
    ['until=now', 83],
    ['since=2027-01-01&until=2028-01-01', 0],
    ['since=0001-01-01', 83],
    ['since=-999999999w', 83],
  ])('%s counts %i', async (query, count) => {
    expect(await rowsOf(query)).toEqual([[count]])
  })

  test('may be days ago, when all is in the store and kept by the hour', async () => {
    await world.runtime.analytics.flush()
    at(80 + 3 * 24 * 60)
    await world.runtime.analytics.flush()
    expect(world.runtime.analytics.rows).toEqual({ minute: 0, hour: 0 })
    const days = 'since=2026-04-05&until=2026-04-09'
    expect(await rowsOf(days)).toEqual([[83]])
    expect(await rowsOf(`dimensions=dayOfWeek&${days}`)).toEqual([['7', 83]])
    ask(world, { question: 'example.org. A', times: 100 })
    expect(await rowsOf(`dimensions=dayOfWeek&${days}`)).toEqual([
      ['3', 100],
      ['7', 83],
    ])
    const hours = await get(`${days}&time_delta=hour`, 'report/bytime')
    const [counts] = hours.body.result.data[0].metrics as [number[]]
    expect(counts.filter((count) => count > 0)).toEqual([12, 71, 100])
  })

  test('ends with the zone', async () => {
    at(80)
    ask(world, { question: 'example.org. A' })
    await world.runtime.analytics.flush()
    world.runtime.analytics.forget(zoneId)
    await world.call('DELETE', `/zones/${zoneId}`)
    ask(world, { question: 'example.org. A' })
    await world.runtime.analytics.flush()
    expect(await world.store.listQuestions({ from: 0, until: Infinity })).toEqual([])
  })
})

describe('a report by time', () => {
  beforeEach(begin)

  test('has one figure per interval, and says what these are', async () => {
    for (const minute of [0, 10, 70]) {
      at(minute)
      ask(world, { question: 'www.example.org. A', times: minute + 1 })
    }
    ask(world, { question: 'example.org. A', times: 2 })
    at(80)
    const query = 'metrics=queryCount,staleCount&dimensions=queryName&since=2026-04-05T11:30:00Z&time_delta=hour'
    const { status, body } = await get(query, 'report/bytime')
    expect(status).toBe(200)
    expect(body.result).toEqual({
      rows: 2,
      data: [
        {
          dimensions: ['www.example.org'],
          metrics: [
            [0, 12, 71],
            [0, 0, 0],
          ],
        },
        {
          dimensions: ['example.org'],
          metrics: [
            [0, 0, 2],
            [0, 0, 0],
          ],
        },
      ],
      data_lag: 0,
      min: {},
      max: {},
      totals: { queryCount: 85, staleCount: 0 },
      query: {
        dimensions: ['queryName'],
        metrics: ['queryCount', 'staleCount'],
        since: '2026-04-05T11:30:00Z',
        until: '2026-04-05T13:20:00Z',
        limit: 100_000,
        time_delta: 'hour',
      },
      time_intervals: [
        ['2026-04-05T11:30:00Z', '2026-04-05T12:00:00Z'],
        ['2026-04-05T12:00:00Z', '2026-04-05T13:00:00Z'],
        ['2026-04-05T13:00:00Z', '2026-04-05T13:20:00Z'],
      ],
    })
  })

  test.each([
    ['all', 'since=2026-01-01', 1, ['2026-01-01T00:00:00Z', '2026-04-05T12:00:00Z']],
    ['minute', 'since=-5m', 5, ['2026-04-05T11:55:00Z', '2026-04-05T11:56:00Z']],
    ['dekaminute', 'since=-25m', 3, ['2026-04-05T11:35:00Z', '2026-04-05T11:40:00Z']],
    ['day', 'since=-36h', 2, ['2026-04-04T00:00:00Z', '2026-04-05T00:00:00Z']],
    ['week', 'since=2026-04-01', 1, ['2026-04-01T00:00:00Z', '2026-04-05T12:00:00Z']],
    ['week', 'since=2026-03-25', 2, ['2026-03-25T00:00:00Z', '2026-03-30T00:00:00Z']],
    ['month', 'since=2026-01-15', 4, ['2026-01-15T00:00:00Z', '2026-02-01T00:00:00Z']],
    ['quarter', 'since=2025-11-01', 3, ['2025-11-01T00:00:00Z', '2026-01-01T00:00:00Z']],
    ['year', 'since=2024-06-01', 3, ['2024-06-01T00:00:00Z', '2025-01-01T00:00:00Z']],
    ['auto', 'since=-1h', 60, ['2026-04-05T11:00:00Z', '2026-04-05T11:01:00Z']],
    ['auto', 'since=-6h', 36, ['2026-04-05T06:00:00Z', '2026-04-05T06:10:00Z']],
    ['auto', 'since=-3d', 72, ['2026-04-02T12:00:00Z', '2026-04-02T13:00:00Z']],
    ['auto', 'since=1970-01-01', 676, ['1970-01-01T00:00:00Z', '1970-02-01T00:00:00Z']],
  ])('by %s, %s, has %i intervals', async (delta, span, count, first) => {
    const { body } = await get(`time_delta=${delta}&${span}`, 'report/bytime')
    expect(body.result.time_intervals).toHaveLength(count)
    expect(body.result.time_intervals[0]).toEqual(first)
    expect(body.result.time_intervals.at(-1)[1]).toBe('2026-04-05T12:00:00Z')
    expect(body.result.data[0].metrics[0]).toHaveLength(count)
  })
})

describe('what cannot be understood is told with its place:', () => {
  beforeAll(begin)

  test.each([
    ['metrics=queryCounts', 'metrics must be among queryCount, uncachedCount', 'found "queryCounts"'],
    ['dimensions=queryName,host', 'dimensions must be among queryName', 'found "host"'],
    ['sort=-queryName', 'sort must be among the metrics and dimensions asked for (queryCount)', 'found "-queryName"'],
    ['limit=0', 'limit must be >= 1', ''],
    ['limit=many', 'limit must be integer', ''],
    ['since=yesterday', 'since must be a time as 2026-11-29T10:00:00Z', 'found "yesterday"'],
    ['until=2026-13-01', 'until must be a time', 'found "2026-13-01"'],
    ['since=2026-04-06', 'since must be before until, found 2026-04-06T00:00:00Z and 2026-04-05T12:00:00Z', ''],
    ['filters=queryName', 'filters: expected one of ==, !=', 'found the end (character 10)'],
    ['filters=queryName=~www', 'filters: expected one of ==, !=', 'found "=~" (character 10)'],
    ['filters=queryName=@www', 'filters: expected one of ==, !=', 'found "=@" (character 10)'],
    ['filters=queryName!~www', 'filters: expected one of ==, !=', 'found "!~" (character 10)'],
    ['filters=host==a', 'filters: expected one of queryName', 'found "host" (character 1)'],
    ['filters=tcp==1;', 'filters: expected a dimension, found the end (character 8)', ''],
    ['filters=tcp==', 'filters: expected a value, found the end (character 6)', ''],
    ['filters=queryName==%22a%22%20b', 'filters: expected ";" or "," or the end', 'found "b" (character 16)'],
    ['filters=queryCount>5', 'filters: expected one of queryName', 'found "queryCount" (character 1)'],
  ])('%s', async (query, said, found) => {
    const { status, body } = await get(query)
    expect(status).toBe(400)
    expect(body).toMatchObject({ success: false, result: null, errors: [{ code: 6011 }] })
    expect(body.errors[0].message).toContain(said)
    expect(body.errors[0].message).toContain(found)
  })

  test('more intervals than an answer can have, and an unknown unit', async () => {
    const many = await get('since=-2d&time_delta=minute', 'report/bytime')
    expect(many.status).toBe(400)
    expect(many.body.errors[0].message).toContain('1440 intervals at most, found "minute"')
    const unknown = await get('time_delta=fortnight', 'report/bytime')
    expect(unknown.status).toBe(400)
    expect(unknown.body.errors[0].message).toMatch(/^time_delta must be/)
  })

  test('a filter with more conditions than anybody needs', async () => {
    const { status, body } = await get(`filters=${Array(101).fill('tcp==1').join(',')}`)
    expect(status).toBe(400)
    expect(body.errors[0].message).toContain('expected 100 conditions at most')
  })

  test('a zone that does not exist', async () => {
    for (const path of ['report', 'report/bytime'])
      expect((await world.call('GET', `/zones/${STRANGE_ID}/dns_analytics/${path}`)).status).toBe(404)
    expect((await world.call('GET', `/api/v1/zones/nobody.example/queries`)).status).toBe(404)
  })
})

test('the queries of a zone at a glance', async () => {
  await begin()
  ask(world, { question: 'www.example.org. A', times: 5 })
  at(10)
  askSome()
  at(20)
  const { status, body } = await world.call('GET', '/api/v1/zones/example.org/queries?since=-30m&by=dekaminute&top=1')
  expect(status).toBe(200)
  expect(body.result).toEqual({
    id: zoneId,
    name: 'example.org',
    since: '2026-04-05T11:50:00Z',
    until: '2026-04-05T12:20:00Z',
    count: 15,
    answer_microseconds: { average: 100, median: 96, p99: 127 },
    buckets: [
      { since: '2026-04-05T11:50:00Z', until: '2026-04-05T12:00:00Z', count: 0, rcodes: {} },
      { since: '2026-04-05T12:00:00Z', until: '2026-04-05T12:10:00Z', count: 5, rcodes: { NOERROR: 5 } },
      { since: '2026-04-05T12:10:00Z', until: '2026-04-05T12:20:00Z', count: 10, rcodes: { NOERROR: 7, NXDOMAIN: 3 } },
    ],
    names: [{ value: 'www.example.org', count: 12 }],
    types: [{ value: 'A', count: 13 }],
    rcodes: [
      { value: 'NOERROR', count: 12 },
      { value: 'NXDOMAIN', count: 3 },
    ],
    transports: [{ value: 'udp', count: 12 }],
    ip_versions: [{ value: '4', count: 13 }],
  })
  const whole = await world.call('GET', `/api/v1/zones/${zoneId}/queries?by=all&since=-${HOUR}s`)
  expect(whole.body.result).toMatchObject({ buckets: [{ count: 15, rcodes: { NOERROR: 12, NXDOMAIN: 3 } }] })
  expect(whole.body.result.transports).toEqual([
    { value: 'udp', count: 12 },
    { value: 'tcp', count: 3 },
  ])
})
