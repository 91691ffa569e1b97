import { expect, test } from 'vitest'
import { newTarget, stepTarget, wakeTargetAt, type Target, type TargetEvent } from './flattening.ts'

const POLICY = { ttlSecondsMin: 30, ttlSecondsMax: 600 }
const A = (last: number) => Uint8Array.of(192, 0, 2, last)
const found = (ttl: number, ...last: number[]): TargetEvent => ({
  type: 'answered',
  found: { ipv4: last.map(A), ipv6: [], ttl },
})

/** Runs events one after the other, each when the machine wants to be woken; returns what was said of each. */
function run(target: Target, events: readonly TargetEvent[], from = 0) {
  let now = from
  let at = target
  const said = events.map((event) => {
    const [asking, ...effects] = stepTarget(at, { type: 'woke' }, now, POLICY)
    expect(effects).toEqual([{ type: 'ask' }])
    const [after, ...told] = stepTarget(asking, event, now, POLICY)
    at = after
    const seconds = (wakeTargetAt(after) - now) / 1000
    now = wakeTargetAt(after)
    return { seconds, told: told.map((effect) => (effect.type === 'changed' ? effect.answer : effect)) }
  })
  return { at, said }
}

test('a new target is asked for at once, and while it is asked for nobody is woken', () => {
  const [asking] = stepTarget(newTarget(5), { type: 'woke' }, 5, POLICY)
  expect(wakeTargetAt(asking)).toBe(Infinity)
  expect(stepTarget(asking, { type: 'woke' }, 1e9, POLICY)).toEqual([asking])
})

test('an answer is asked for again when its TTL has passed, within bounds', () => {
  const { said } = run(newTarget(0), [found(60, 1), found(1, 2), found(99_999, 3)])
  expect(said.map(({ seconds }) => seconds)).toEqual([60, 30, 600])
  expect(said.map(({ told }) => told)).toMatchObject([[{ ttl: 60 }], [{ ttl: 30 }], [{ ttl: 600 }]])
})

test('the same addresses in another order, with a TTL that runs down, are no change', () => {
  const { said } = run(newTarget(0), [found(300, 1, 2), found(200, 2, 1), found(40, 1, 2)])
  expect(said.map(({ told }) => told.length)).toEqual([1, 0, 0])
  expect(said.map(({ seconds }) => seconds)).toEqual([300, 200, 40])
})

test('a longer TTL of the same addresses is a change, so that a first answer about to expire does not count for ever', () => {
  const { said, at } = run(newTarget(0), [found(31, 1), found(300, 1), found(299, 1)])
  expect(said.map(({ told }) => told.length)).toEqual([1, 1, 0])
  expect(at.answer?.ttl).toBe(300)
})

test('a name that has lost its addresses has none, and that is a change', () => {
  const { said } = run(newTarget(0), [found(300, 1), found(60)])
  expect(said[1]?.told).toMatchObject([{ ipv4: [], ipv6: [] }])
})

test('CF-099: the last good answer survives failures, which are tried again ever more seldom', () => {
  const failed: TargetEvent = { type: 'failed' }
  const { said, at } = run(newTarget(0), [found(60, 1), failed, failed, failed, failed, failed, failed, found(60, 1)])
  expect(said.map(({ seconds }) => seconds)).toEqual([60, 30, 60, 120, 240, 480, 600, 60])
  expect(said.slice(1).every(({ told }) => told.length === 0)).toBe(true)
  expect(at.failures).toBe(0)
})

test('an answer that was kept from an earlier run stands, and is asked for again at once', () => {
  const kept = { ipv4: [A(1)], ipv6: [], ttl: 300 }
  const target = newTarget(7, kept)
  expect([target.answer, wakeTargetAt(target)]).toEqual([kept, 7])
  expect(run(target, [found(200, 1)], 7).said[0]?.told).toEqual([])
})
