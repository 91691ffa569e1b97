import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, primary, SECOND, soaOf, Story } from '../../test/transfer/story.ts'
import { reason } from './reason.ts'
import { timersOf } from './refresh-change.ts'
import { REFRESH_POLICY_DEFAULTS } from './refresh-policy.ts'
import type { Timers } from './refresh-state.ts'

const LAME = reason('soa-lame', {})
const AB = [primary('a'), primary('b')]

function leaseSeconds(story: Story): number {
  return ((story.zone.expireAt ?? 0) - story.now) / SECOND
}

function following(expireSeconds: number | undefined): Story {
  const story = new Story([primary('a')]).happens({ type: 'restored' }).answers('a', 7)
  return story.transfers(7, expireSeconds === undefined ? {} : { expireSeconds })
}

describe('EXPIRE', () => {
  test('ends the service when no primary has confirmed us for so long', () => {
    const story = following(undefined)
    let hours = 0
    while (!story.zone.expired) {
      story.wakes()
      if (story.zone.phase.type === 'asking') story.fails('a', LAME)
      hours = (story.now - (story.zone.confirmedAt ?? 0)) / HOUR
    }
    expect(hours).toBe(14 * 24)
    expect(story.deeds()).toContain('expire')
    expect(story.wakesIn).toBeLessThanOrEqual(15 * MINUTE)
  })

  test('passes while a transfer runs, and the transfer revives the zone', () => {
    const story = following(undefined)
      .wakes()
      .answers('a', 8)
      .passes(15 * DAY)
      .happens({ type: 'woke' })
    expect(story.deeds().slice(-2)).toEqual(['IXFR from a since 7', 'expire'])
    expect(story.transfers(8).deeds()).toEqual(['revive'])
  })

  test('is only told where the policy is to serve on', () => {
    const story = new Story([primary('a')], { expired: 'serve' })
      .happens({ type: 'restored' })
      .answers('a', 7)
      .transfers(7)
    story.look()
    expect(
      story
        .passes(15 * DAY)
        .happens({ type: 'woke' })
        .look(),
    ).toEqual(['says serving-expired', 'ask a'])
    expect(story.answers('a', 7).deeds()).toEqual([])
    expect(story.zone.expired).toBe(false)
  })

  test('is renewed by each primary that has what we have', () => {
    const story = following(undefined).wakes()
    expect(leaseSeconds(story)).toBe(1_209_600 - 7200)
    expect(leaseSeconds(story.answers('a', 7))).toBe(1_209_600)
  })

  test('EX-02 handed down by the option counts from the root of the chain', () => {
    expect(leaseSeconds(following(5000))).toBe(5000)
    expect(leaseSeconds(following(9_999_999))).toBe(1_209_600)
    const story = following(5000).wakes()
    expect(leaseSeconds(story)).toBe(2500)
    expect(leaseSeconds(story.answers('a', 7, { expireSeconds: 1000 }))).toBe(2500)
    story.wakes().answers('a', 7, { expireSeconds: 4000 })
    expect(leaseSeconds(story)).toBe(4000)
    story.wakes().answers('a', 7, { expireSeconds: 9_999_999 })
    expect(leaseSeconds(story)).toBe(1_209_600)
  })

  test('EX-02 a lease shorter than REFRESH is looked after in time', () => {
    expect(following(5000).wakesIn).toBe(2500 * SECOND)
  })

  test('EX-03 a primary that has itself lost the zone is passed over', () => {
    const story = Story.following(7, AB).wakes()
    story.look()
    expect(story.answers('a', 9, { expireSeconds: 1 }).answers('b', 8, { expireSeconds: 5000 }).deeds()).toEqual([
      'IXFR from b since 7',
    ])
    const alone = following(undefined).wakes()
    alone.answers('a', 7, { expireSeconds: 0 })
    expect(alone.zone.confirmedAt).toBe(alone.now - 2 * HOUR)
  })

  test('is never shorter than one refresh and one retry, so that a success is possible', () => {
    const story = new Story([primary('a')], { autoRefreshSeconds: 86_400 }).happens({ type: 'restored' })
    story.answers('a', 1).transfers(1, { soa: { expire: 3600 } })
    expect(leaseSeconds(story)).toBe(86_400 + 900)
  })
})

describe('after a restart', () => {
  const restart = (before: Story, downMs: number, more: { soa?: number; policy?: object } = {}): Story => {
    const story = new Story([primary('a')], more.policy)
    story.now = before.now + downMs
    const timers = JSON.parse(JSON.stringify(timersOf(before.zone))) as Timers
    return story.happens({ type: 'restored', soa: soaOf(more.soa ?? 7), committedAt: before.now, timers })
  }

  test('timers go on where they were', () => {
    const story = restart(following(undefined), 30 * MINUTE)
    expect(story.look()).toEqual([])
    expect(story.wakesIn).toBe(90 * MINUTE)
    expect(leaseSeconds(story)).toBe(1_209_600 - 1800)
  })

  test('what was due meanwhile is done at once', () => {
    expect(restart(following(undefined), 3 * HOUR).look()).toEqual(['ask a'])
  })

  test('a zone that expired while we were down stays expired until a primary confirms it', () => {
    const story = restart(following(undefined), 15 * DAY)
    expect(story.deeds()).toEqual(['expire', 'ask a'])
    story.fails('a', LAME)
    const again = restart(story, MINUTE)
    expect(again.deeds()).toEqual(['expire', 'ask a'])
    expect(again.answers('a', 7).deeds()).toEqual(['revive'])
  })

  test('IC-14 the version in the store counts, not what the timers say of it', () => {
    const before = following(undefined)
    const story = restart(before, MINUTE, { soa: 8 })
    expect(story.zone.soa?.serial).toBe(8)
    expect(story.look()).toEqual(['ask a'])
    expect(story.zone.expireAt).toBe(before.zone.expireAt)
  })

  test('SN-04 a serial beyond 2^31 is the same afterwards', () => {
    const before = new Story().happens({ type: 'restored' }).answers('a', 4_000_000_000).transfers(4_000_000_000)
    const story = restart(before, MINUTE, { soa: 4_000_000_000 })
    expect(story.look()).toEqual([])
    expect(story.notified(4_000_000_000).look()).toEqual(['says notify-not-newer'])
  })

  test('a version without timers is checked at once and leased from when it was stored', () => {
    const story = new Story()
    story.happens({ type: 'restored', soa: soaOf(7), committedAt: story.now - DAY })
    expect(story.look()).toEqual(['ask a'])
    expect(leaseSeconds(story)).toBe(1_209_600 - 86_400)
  })

  test('a clock that was set back puts nothing off', () => {
    const story = restart(following(undefined), -400 * DAY)
    expect(story.wakesIn).toBe(2 * HOUR)
    expect(leaseSeconds(story)).toBe(1_209_600)
  })

  test('what is remembered of primaries is still remembered', () => {
    const before = following(undefined)
      .wakes()
      .answers('a', 8)
      .transferFails(reason('not-implemented', { detail: '' }))
      .transfers(8)
    const story = restart(before, 3 * HOUR, { soa: 8 })
    expect(story.answers('a', 9).deeds()).toEqual(['ask a', 'AXFR from a since 8'])
  })
})

describe('a clock', () => {
  test('that goes back takes the timers with it', () => {
    const story = following(undefined)
    story.look()
    expect(story.passes(-HOUR).happens({ type: 'woke' }).look()).toEqual(['says clock-went-back'])
    expect(story.wakesIn).toBe(2 * HOUR)
    expect(leaseSeconds(story)).toBe(1_209_600)
  })
})

describe('another configuration', () => {
  const policy = { ...REFRESH_POLICY_DEFAULTS, jitter: 0 }

  test('without primaries the zone keeps what it has, for ever', () => {
    const story = following(undefined).happens({ type: 'configured', primaries: [], policy })
    expect(story.look().at(-1)).toBe('says no-primaries')
    expect(story.wakesIn).toBe(Infinity)
    expect(
      story
        .passes(100 * DAY)
        .happens({ type: 'woke' })
        .look(),
    ).toEqual([])
    expect(story.zone.expired).toBe(false)
    story.happens({ type: 'configured', primaries: AB, policy })
    expect(story.look()).toEqual(['ask a', 'ask b'])
    expect(leaseSeconds(story)).toBe(1_209_600)
  })

  test('is followed by a check', () => {
    const story = following(undefined)
    story.look()
    expect(story.happens({ type: 'configured', primaries: AB, policy }).look()).toEqual(['ask a', 'ask b'])
    story.answers('a', 7).answers('b', 7)
    story.look()
    expect(story.happens({ type: 'configured', primaries: AB, policy }).look()).toEqual(['says nothing-changed'])
  })

  test('cancels a transfer from a primary that is gone or has moved, and goes on with the others', () => {
    const story = Story.following(7, AB).wakes().answers('b', 8).answers('a', 8)
    story.look()
    story.happens({ type: 'configured', primaries: [primary('b')], policy })
    expect(story.deeds()).toEqual(['cancel a', 'IXFR from b since 7'])
    story.happens({ type: 'configured', primaries: [primary('b', { endpoint: 'elsewhere' })], policy })
    expect(story.deeds()).toEqual(['cancel b', 'ask b'])
  })

  test('does not disturb a transfer from a primary that stays', () => {
    const story = Story.following(7).wakes().answers('a', 8)
    story.look()
    expect(story.happens({ type: 'configured', primaries: AB, policy }).deeds()).toEqual([])
    expect(story.transfers(8).deeds()).toEqual(['ask a', 'ask b'])
  })

  test('forgets what it knew of a primary whose endpoint has changed', () => {
    const story = following(undefined)
      .wakes()
      .answers('a', 8)
      .transferFails(reason('not-implemented', { detail: '' }))
      .transfers(8)
    story.happens({ type: 'configured', primaries: [primary('a', { endpoint: 'new' })], policy })
    story.look()
    expect(story.answers('a', 9).deeds()).toEqual(['IXFR from a since 8'])
  })

  test('takes effect on an expired zone at once', () => {
    const story = following(undefined)
      .passes(15 * DAY)
      .happens({ type: 'woke' })
      .fails('a', LAME)
    story.look()
    const serve = { ...policy, expired: 'serve' } as const
    expect(story.happens({ type: 'configured', primaries: [primary('a')], policy: serve }).deeds()).toEqual([
      'revive',
      'ask a',
    ])
    story.fails('a', LAME)
    expect(story.happens({ type: 'configured', primaries: [primary('a')], policy }).deeds()).toEqual([
      'expire',
      'ask a',
    ])
  })

  test('that comes while contents arrive does not lose them', () => {
    const story = Story.following(7).wakes().answers('a', 8)
    const { phase } = story.zone
    const attempt = phase.type === 'transferring' ? phase.transfer.attempt : 0
    story.happens({ type: 'configured', primaries: [], policy })
    story.happens({ type: 'transferred', form: 'IXFR', primary: 'a', attempt, soa: soaOf(8) })
    expect(story.zone.soa?.serial).toBe(8)
    expect(story.zone.phase.type).toBe('waiting')
  })
})
