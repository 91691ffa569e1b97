import assert from 'node:assert'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/doubles/virtual-clock.ts'
import { Alarms } from './alarms.ts'

test('an alarm of 100 days rings once, at its time', async () => {
  const clock = new VirtualClock()
  const rung: [string, number][] = []
  const alarms = new Alarms<string>(clock, (key) => rung.push([key, clock.time]))
  const day = 86_400_000
  alarms.set('expire', 100 * day)
  await clock.run(99 * day)
  expect(rung).toEqual([])
  await clock.run(200 * day)
  expect(rung).toEqual([['expire', 100 * day]])
})

test('whatever is set, replaced and cleared, each alarm rings at the last instant set and at no other', async () => {
  const action = fc.record({ key: fc.nat(5), at: fc.option(fc.nat(1000)), wait: fc.nat(50) })
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 100 }), async (actions) => {
      const clock = new VirtualClock()
      const model = new Map<number, number>()
      const alarms = new Alarms<number>(clock, (key) => {
        assert.strictEqual(Math.max(model.get(key) ?? NaN, clock.time), clock.time)
        model.delete(key)
      })
      for (const { key, at, wait } of actions) {
        if (at === null) {
          alarms.clear(key)
          model.delete(key)
        } else {
          alarms.set(key, at)
          model.set(key, at)
        }
        await clock.run(clock.time + wait)
        for (const due of model.values()) assert(due > clock.time)
      }
      await clock.run(1_000_000)
      assert.strictEqual(model.size, 0)
    }),
  )
})
