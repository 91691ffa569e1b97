import { expect, test } from 'vitest'
import {
  newActivation,
  stepActivation,
  wakeActivationAt,
  type Activation,
  type ActivationEffect,
} from './activation.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const POLICY = {
  firstMs: MINUTE,
  intervalMsMax: DAY,
  movedChecks: 3,
  pendingMsMax: 28 * DAY,
  movedMsMax: 7 * DAY,
}

type Verdict = 'delegated' | 'elsewhere' | 'unclear'

/** Lets the machine check as it wants to, with these verdicts; returns minutes between checks and what was said. */
function run(from: Activation, verdicts: readonly Verdict[], policy = POLICY, start = 0) {
  let at = from
  let now = start
  const minutes: number[] = []
  const said: ActivationEffect[] = []
  for (const verdict of verdicts) {
    if (said.at(-1)?.type === 'delete') break
    const wake = wakeActivationAt(at)
    minutes.push((wake - now) / MINUTE)
    now = wake
    const [checking, ...first] = stepActivation(at, { type: 'woke' }, now, policy)
    expect(first).toEqual([{ type: 'check' }])
    expect(wakeActivationAt(checking)).toBe(Infinity)
    const [after, ...effects] = stepActivation(checking, { type: 'checked', verdict }, now, policy)
    at = after
    said.push(...effects)
  }
  return { at, now, minutes, said }
}

const pending = newActivation({ status: 'pending', since: 0 }, 0, POLICY)

test('CF-136: a pending zone is checked after a minute, then ever more seldom, and is active once it is delegated', () => {
  const { minutes, said, at } = run(pending, [...Array<Verdict>(13).fill('elsewhere'), 'delegated'])
  expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440])
  expect(said).toEqual([{ type: 'become', status: 'active' }])
  expect(at.status).toBe('active')
})

test('CF-136: an active zone has moved after some failed checks in a row, and comes back when it is delegated to us', () => {
  const active = newActivation({ status: 'active', since: 0 }, 0, POLICY)
  const moved = run(active, ['elsewhere', 'elsewhere', 'delegated', 'elsewhere', 'unclear', 'elsewhere', 'elsewhere'])
  expect(moved.said).toEqual([{ type: 'become', status: 'moved' }])
  expect(run(moved.at, ['elsewhere', 'delegated'], POLICY, moved.now).said).toEqual([
    { type: 'become', status: 'active' },
  ])
})

test('CF-136: what is pending or moved for too long goes, after a last look', () => {
  const { said, now } = run(pending, Array<Verdict>(40).fill('elsewhere'))
  expect(said[0]).toEqual({ type: 'delete' })
  expect(now).toBeGreaterThanOrEqual(28 * DAY)
  const late = newActivation({ status: 'moved', since: -7 * DAY }, 0, POLICY)
  expect(run(late, ['elsewhere']).said).toEqual([{ type: 'delete' }])
  expect(run(late, ['delegated']).said).toEqual([{ type: 'become', status: 'active' }])
  expect(run(late, ['unclear']).said, 'nothing goes on no evidence').toEqual([])
})

test('without limits nothing is ever deleted', () => {
  const forever = { ...POLICY, pendingMsMax: Infinity, movedMsMax: Infinity }
  expect(run(pending, Array<Verdict>(100).fill('elsewhere'), forever).said).toEqual([])
})

test('who asks is answered by a check at once, and by one only', () => {
  const [checking, ...effects] = stepActivation(pending, { type: 'asked' }, 5, POLICY)
  expect(effects).toEqual([{ type: 'check' }])
  expect(stepActivation(checking, { type: 'asked' }, 6, POLICY)).toEqual([checking])
})
