import assert from 'node:assert'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Alarms, DELAY_MS_MAX, type Clock } from './alarms.ts'

/** A clock that jumps to the next thing to do. */
class TestClock implements Clock {
  time = 0
  readonly timers = new Set<{ at: number; callback: () => void }>()
  now = () => this.time
  after(delayMs: number, callback: () => void) {
    assert(delayMs >= 0 && delayMs <= DELAY_MS_MAX)
    const timer = { at: this.time + delayMs, callback }
    this.timers.add(timer)
    return { cancel: () => void this.timers.delete(timer) }
  }
  run(until: number) {
    for (;;) {
      const next = [...this.timers].sort((a, b) => a.at - b.at)[0]
      if (next === undefined || next.at > until) break
      this.timers.delete(next)
      this.time = next.at
      next.callback()
    }
    this.time = until
  }
}

test('an alarm of 100 days rings once, at its time', () => {
  const clock = new TestClock()
  const rung: [string, number][] = []
  const alarms = new Alarms<string>(clock, (key) => rung.push([key, clock.time]))
  const day = 86_400_000
  alarms.set('expire', 100 * day)
  clock.run(99 * day)
  expect(rung).toEqual([])
  clock.run(200 * day)
  expect(rung).toEqual([['expire', 100 * day]])
})

test('whatever is set, replaced and cleared, each alarm rings at the last instant set and at no other', () => {
  const action = fc.record({ key: fc.nat(5), at: fc.option(fc.nat(1000)), wait: fc.nat(50) })
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const clock = new TestClock()
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
        clock.run(clock.time + wait)
        for (const due of model.values()) assert(due > clock.time)
      }
      clock.run(1_000_000)
      assert.strictEqual(model.size, 0)
    }),
  )
})
