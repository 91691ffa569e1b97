import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { questionMessage } from '../../test/interop/ask.ts'
import { MemoryStore } from '../store/memory.ts'
import type { Zone } from '../store/objects.ts'
import { Analytics } from './analytics.ts'
import { loadConfig } from './config.ts'
import { HOUR_MS, MINUTE_MS } from './question-counts.ts'
import { Sampler } from './sampler.ts'

const NOON = Date.UTC(2026, 3, 5, 12)

/** A server's counts over several lives, with a clock of its own. */
class Scene {
  readonly store = new MemoryStore()
  readonly lines: [string, object][] = []
  readonly zones = new Map(['example.org', 'example.net'].map((name) => [name, { id: name, name } as Zone]))
  readonly failures: Error[] = []
  now = NOON
  analytics!: Analytics
  #settings = loadConfig({ environment: {} })

  static async open(limits: Partial<{ analyticsRowsPerZone: number; analyticsRows: number }> = {}): Promise<Scene> {
    const scene = new Scene()
    scene.#settings = { ...scene.#settings, limits: { ...scene.#settings.limits, ...limits } }
    await scene.start()
    return scene
  }

  async start(): Promise<void> {
    this.analytics = await Analytics.open({
      zones: { get: (id) => this.zones.get(id), named: (name) => this.zones.get(name) },
      store: this.store,
      settings: this.#settings,
      clock: { now: () => this.now, after: () => ({ cancel() {} }) },
      log: { warn: (facts: object, event?: string) => void this.lines.push([event ?? '', facts]) },
      gather: async () => {},
      failed: (error) => void this.failures.push(error),
    })
  }

  ask(name: string, times = 1): void {
    const sampler = new Sampler({ samplesPerSecond: 10_000, transport: 'udp', seed: 1 })
    const answer = questionMessage({ name: `${name}.`, type: 1 })
    const question = { rcode: 0, ipv6: false, octets: 30, microseconds: 5 }
    for (let time = 0; time < times; time++) if (sampler.isDue()) sampler.take(answer, answer.length, question)
    this.analytics.take(sampler.drain())
  }

  async sum(zone: string, since = 0, until = Infinity): Promise<number> {
    let sum = 0
    for await (const { rows } of this.analytics.questions(zone, { since, until }))
      for (const { tally } of rows) sum += tally.count
    return sum
  }
}

test('what is asked in no zone is known as such, and counted nowhere else', async () => {
  const scene = await Scene.open()
  scene.ask('www.example.org', 3)
  scene.ask('example.com', 2)
  expect(scene.analytics.figures).toEqual({ questions: 5, samples: 5, elsewhere: 2, summedUp: 0, minutesDropped: 0 })
  expect(await scene.sum('example.org')).toBe(3)
})

test('the zones with the most questions of the last full minute are told, and no more of them than was set', async () => {
  const scene = await Scene.open()
  for (let at = 0; at < 30; at++) scene.zones.set(`zone${at}.test`, { id: `id${at}`, name: `zone${at}.test` } as Zone)
  for (let at = 0; at < 30; at++) scene.ask(`zone${at}.test`, at + 1)
  expect(scene.analytics.topZones()).toEqual([])
  scene.now += MINUTE_MS
  expect(scene.analytics.topZones()).toEqual(Array.from({ length: 20 }, (_, at) => [`id${29 - at}`, 30 - at]))
  scene.now += MINUTE_MS
  expect(scene.analytics.topZones()).toEqual([])
})

test('a zone with too many kinds of questions is a line in the log, once a minute', async () => {
  const scene = await Scene.open({ analyticsRowsPerZone: 5 })
  for (let at = 0; at < 20; at++) scene.ask(`x${at}.example.org`)
  await scene.analytics.flush()
  await scene.analytics.flush()
  const facts = { zones: 1, zone: 'example.org', analyticsRowsPerZone: 5, analyticsRows: 200_000 }
  expect(scene.lines).toEqual([['analytics.full', facts]])
  expect(scene.analytics.figures.summedUp).toBe(15)
  expect(await scene.sum('example.org')).toBe(20)
})

test('minutes that go before their time are a line in the log', async () => {
  const scene = await Scene.open({ analyticsRows: 10 })
  for (let minute = 0; minute < 4; minute++) {
    scene.now = NOON + minute * MINUTE_MS
    for (let at = 0; at < 5; at++) scene.ask(`x${at}.example.org`)
  }
  await scene.analytics.flush()
  expect(scene.lines).toEqual([['analytics.minutes.dropped', { minutes: 2, analyticsRows: 10 }]])
  expect(scene.analytics.figures.minutesDropped).toBe(2)
  expect(await scene.sum('example.org', NOON)).toBe(20)
})

describe('the store', () => {
  test('that fails is complained of, and gets everything the next time', async () => {
    const scene = await Scene.open()
    scene.ask('example.org', 7)
    await scene.store.close()
    await scene.analytics.flush()
    expect(scene.failures).toHaveLength(1)
    scene.store.reopen()
    await scene.analytics.flush()
    await scene.start()
    expect(await scene.sum('example.org')).toBe(7)
  })

  test('that cannot be read does not keep the server from starting', async () => {
    const scene = await Scene.open()
    await scene.store.putQuestions([{ zoneId: 'example.org', at: NOON, rows: 'nonsense' }])
    await scene.start()
    expect(scene.failures).toHaveLength(1)
    scene.ask('example.org')
    expect(await scene.sum('example.org', NOON)).toBe(1)
  })

  test('hears nothing of zones that are gone', async () => {
    const scene = await Scene.open()
    scene.ask('example.org')
    scene.ask('example.net')
    scene.zones.delete('example.org')
    await scene.analytics.flush()
    expect((await scene.store.listQuestions({ from: 0, until: Infinity })).map(({ zoneId }) => zoneId)).toEqual([
      'example.net',
    ])
  })
})

test('whenever counts are written and the server starts again, each hour has what was asked in it', async () => {
  const step = fc.oneof(
    fc.record({ minutes: fc.integer({ min: 0, max: 100 }), times: fc.integer({ min: 1, max: 50 }) }),
    fc.constantFrom('flush' as const, 'restart' as const),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const scene = await Scene.open()
      const hours = new Map<number, number>()
      for (const one of steps) {
        if (one === 'flush') await scene.analytics.flush()
        else if (one === 'restart') {
          await scene.analytics.stop()
          await scene.start()
        } else {
          // As it writes every minute, no hours pile up: more than three would be given up, as when the store fails.
          if (one.minutes > 0) {
            scene.now += MINUTE_MS
            await scene.analytics.flush()
            scene.now += (one.minutes - 1) * MINUTE_MS
          }
          scene.ask('example.org', one.times)
          const hour = Math.floor(scene.now / HOUR_MS) * HOUR_MS
          hours.set(hour, (hours.get(hour) ?? 0) + one.times)
        }
      }
      const all = [...hours.values()].reduce((sum, count) => sum + count, 0)
      assert.equal(await scene.sum('example.org'), all)
      for (const [hour, count] of hours) assert.equal(await scene.sum('example.org', hour, hour + HOUR_MS), count)
      assert.deepEqual(scene.failures, [])
    }),
    { numRuns: 50 },
  )
})
