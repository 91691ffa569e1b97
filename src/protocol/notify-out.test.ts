import { expect, test } from 'vitest'
import type { Serial } from '../dns/serial.ts'
import { newNotifyOut, step, wakeAt, type NotifyEffect, type NotifyEvent, type NotifyOut } from './notify-out.ts'
import { outgoingReason } from './outgoing-reason.ts'

const POLICY = { delayMs: 100, tries: 5, timeoutMs: 3000 }
const serial = (value: number) => value as Serial
const unanswered = outgoingReason('notify-unanswered', { seconds: 3 })

/** A peer in a test: what it is fed, and what comes of it. */
class Fed {
  peer: NotifyOut = newNotifyOut(POLICY)
  readonly effects: NotifyEffect[] = []

  feed(event: NotifyEvent, now: number): readonly NotifyEffect[] {
    const [after, ...effects] = step(this.peer, event, now)
    this.peer = after
    this.effects.push(...effects)
    return effects
  }

  /** Wakes it when it wants. */
  wake(): { readonly at: number; readonly effects: readonly NotifyEffect[] } {
    const at = wakeAt(this.peer)
    return { at, effects: this.feed({ type: 'woke' }, at) }
  }
}

const sends = (effects: readonly NotifyEffect[]) => effects.filter((effect) => effect.type === 'send')

test('NT-11: the first change after quiet is told at once, and all that follow within the delay as one', () => {
  const fed = new Fed()
  fed.feed({ type: 'changed', serial: serial(1) }, 1)
  expect(fed.effects).toEqual([{ type: 'send', attempt: 1, serial: 1, transport: 'udp', timeoutMs: 3000 }])
  for (let change = 2; change <= 100; change++) fed.feed({ type: 'changed', serial: serial(change) }, change)
  expect(fed.effects).toHaveLength(1)
  const { at, effects } = fed.wake()
  expect(at, 'no change waits longer than the delay').toBe(1 + POLICY.delayMs)
  expect(sends(effects)).toEqual([{ type: 'send', attempt: 2, serial: 100, transport: 'udp', timeoutMs: 3000 }])
})

test('changes that never end are told once per delay', () => {
  const fed = new Fed()
  const told: number[] = []
  for (let now = 0; now < 1000; now += 10) {
    if (wakeAt(fed.peer) <= now) told.push(...sends(fed.feed({ type: 'woke' }, now)).map(() => now))
    told.push(...sends(fed.feed({ type: 'changed', serial: serial(now + 1) }, now)).map(() => now))
  }
  expect(told).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
})

test('a clock that is set back makes no change wait for longer than the delay', () => {
  const fed = new Fed()
  fed.feed({ type: 'changed', serial: serial(1) }, 1_000_000)
  fed.feed({ type: 'changed', serial: serial(2) }, 5000)
  expect(wakeAt(fed.peer)).toBe(5000 + POLICY.delayMs)
})

test('nor does it when a change waited already, and those that follow put off nothing', () => {
  const fed = new Fed()
  for (const [value, now] of [
    [1, 1_000_000],
    [2, 1_000_010],
    [3, 5000],
    [4, 5050],
  ] as const)
    fed.feed({ type: 'changed', serial: serial(value) }, now)
  const { at, effects } = fed.wake()
  expect(at).toBe(5000 + POLICY.delayMs)
  expect(sends(effects)).toMatchObject([{ serial: 4 }])
})

test('NT-02: a silent peer is told five times with growing pauses, the last time by TCP, and then given up', () => {
  const fed = new Fed()
  fed.feed({ type: 'forced', serial: serial(7) }, 0)
  const told: [number, string][] = [[0, 'udp']]
  for (let now = 0; ;) {
    fed.feed({ type: 'failed', attempt: fed.peer.attempt, reason: unanswered }, now + POLICY.timeoutMs)
    if (fed.peer.phase.type === 'resting') break
    const { at, effects } = fed.wake()
    now = at
    const [send] = sends(effects)
    if (send?.type === 'send') told.push([at, send.transport])
  }
  expect(told.map(([at]) => at)).toEqual([0, 6000, 15_000, 30_000, 57_000])
  expect(told.map(([, transport]) => transport)).toEqual(['udp', 'udp', 'udp', 'udp', 'tcp'])
  expect(fed.effects.at(-1)).toMatchObject({ type: 'report', tries: 5, told: { serial: 7, failure: unanswered } })
  expect(wakeAt(fed.peer)).toBe(Infinity)
})

test('an answer ends the telling, and the same version is not told again by itself', () => {
  const fed = new Fed()
  fed.feed({ type: 'changed', serial: serial(7) }, 0)
  expect(fed.feed({ type: 'answered', attempt: 1 }, 120)).toMatchObject([
    { type: 'report', told: { serial: 7, at: 120 } },
  ])
  fed.feed({ type: 'changed', serial: serial(7) }, 200)
  expect(wakeAt(fed.peer)).toBe(Infinity)
  expect(sends(fed.feed({ type: 'forced', serial: serial(7) }, 300))).toHaveLength(1)
})

test('an answer to an older NOTIFY does not end a newer one', () => {
  const fed = new Fed()
  fed.feed({ type: 'changed', serial: serial(1) }, 0)
  expect(fed.feed({ type: 'changed', serial: serial(2) }, 150)).toMatchObject([
    { type: 'cancel', attempt: 1 },
    { type: 'send', attempt: 2, serial: 2 },
  ])
  expect(fed.feed({ type: 'answered', attempt: 1 }, 260)).toEqual([])
  expect(fed.peer.phase).toMatchObject({ type: 'sending', serial: 2 })
  expect(fed.feed({ type: 'answered', attempt: 2 }, 270)).toMatchObject([{ type: 'report', told: { serial: 2 } }])
})

test('a newer version takes the place of one that waits to be tried again, and is tried as often as any', () => {
  const fed = new Fed()
  fed.feed({ type: 'forced', serial: serial(1) }, 0)
  fed.feed({ type: 'failed', attempt: 1, reason: unanswered }, 3000)
  expect(fed.feed({ type: 'changed', serial: serial(2) }, 3100)).toMatchObject([
    { type: 'send', serial: 2, transport: 'udp' },
  ])
  expect(fed.peer.phase).toMatchObject({ tries: 1 })
})

test('a peer that says no is not asked again before there is something new', () => {
  const fed = new Fed()
  const refused = outgoingReason('notify-refused', { rcode: 'REFUSED', detail: '' })
  fed.feed({ type: 'forced', serial: serial(1) }, 0)
  expect(fed.feed({ type: 'failed', attempt: 1, reason: refused }, 5)).toMatchObject([{ type: 'report', tries: 1 }])
  expect(wakeAt(fed.peer)).toBe(Infinity)
  fed.feed({ type: 'changed', serial: serial(2) }, 10)
  expect(fed.wake().effects).toMatchObject([{ type: 'send', serial: 2 }])
})
