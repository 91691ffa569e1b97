import { describe, expect, test } from 'vitest'
import {
  BAD,
  DAY,
  DOWN,
  HOUR,
  MINUTE,
  NO_IXFR,
  primary,
  REFUSED,
  SECOND,
  SILENT,
  soaOf,
  Story,
} from '../../test/transfer/story.ts'
import { reason } from './reason.ts'

const AB = [primary('a'), primary('b')]

describe('a zone without contents', () => {
  test('asks all primaries and fetches the newest serial in full', () => {
    const story = new Story(AB).happens({ type: 'restored' })
    expect(story.look()).toEqual(['ask a', 'ask b'])
    expect(story.answers('a', 7).look()).toEqual([])
    expect(story.answers('b', 8).look()).toEqual(['AXFR from b'])
    expect(story.transfers(8).look()).toEqual(['says round-ended'])
    expect(story.zone.soa?.serial).toBe(8)
    expect(story.wakesIn).toBe(2 * HOUR)
  })

  test('tries again after a minute, and ever more slowly up to six hours', () => {
    const story = new Story().happens({ type: 'restored' })
    const waits: number[] = []
    for (let round = 0; round < 11; round++) {
      story.fails('a', reason('soa-lame', {}))
      waits.push(story.wakesIn / MINUTE)
      story.wakes()
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360])
  })

  test('never waits longer than the interval the operator set', () => {
    const story = new Story([primary('a')], { autoRefreshSeconds: 300 }).happens({ type: 'restored' })
    for (let round = 0; round < 5; round++) story.fails('a', reason('soa-lame', {})).wakes()
    story.fails('a', reason('soa-lame', {}))
    expect(story.wakesIn).toBe(5 * MINUTE)
  })
})

describe('a refresh', () => {
  test('asks all primaries, because one that has what we have does not prove that no other has more', () => {
    const story = Story.following(7, AB).wakes()
    expect(story.look()).toEqual(['ask a', 'ask b'])
    expect(story.answers('a', 7).look()).toEqual([])
    expect(story.answers('b', 8).look()).toEqual(['IXFR from b since 7'])
  })

  test('CF-073: does not wait for a dead primary once another has news', () => {
    const story = Story.following(7, AB).wakes().answers('b', 8)
    expect(story.wakesIn).toBe(500)
    story.look()
    expect(story.wakes().look()).toEqual(['IXFR from b since 7'])
    expect(story.transfers(8).look()).toEqual([])
    expect(story.fails('a').look()).toEqual(['says primary-failed', 'IXFR from a since 8'])
    expect(story.transferFails(DOWN).look()).toEqual(['says primary-failed', 'says round-ended'])
  })

  test('fetches a serial that turns up while another is being fetched', () => {
    const story = Story.following(7, AB).wakes().answers('a', 8).wakes().answers('b', 9)
    story.look()
    expect(story.transfers(8).look()).toEqual(['IXFR from b since 8'])
    expect(story.transfers(9).look()).toEqual(['says round-ended'])
  })

  test('CF-073: falls over to the other primaries, the newest first', () => {
    const story = Story.following(7, [primary('a'), primary('b'), primary('c')]).wakes()
    story.answers('a', 8).answers('b', 10).answers('c', 9)
    expect(story.deeds().at(-1)).toBe('IXFR from b since 7')
    story.transferFails(DOWN)
    expect(story.deeds()).toEqual(['IXFR from c since 7'])
    story.transferFails(DOWN)
    expect(story.deeds()).toEqual(['IXFR from a since 7'])
    story.transfers(8)
    expect(story.look()).toEqual(['says round-failed'])
    expect(story.wakesIn).toBe(15 * MINUTE)
  })

  test('waits RETRY when it fails, and REFRESH when it does not', () => {
    const story = Story.following(7).wakes().fails('a', reason('soa-lame', {}))
    expect(story.wakesIn).toBe(15 * MINUTE)
    expect(story.wakes().answers('a', 7).wakesIn).toBe(2 * HOUR)
  })

  test('CF-065: is due at the interval the operator set, in place of SOA REFRESH', () => {
    expect(Story.following(7, AB, { autoRefreshSeconds: 600 }).wakesIn).toBe(10 * MINUTE)
  })

  test('keeps the SOA timers within bounds', () => {
    const hasty = new Story([primary('a')], { refreshSecondsMin: 60, retrySecondsMin: 20 }).happens({
      type: 'restored',
    })
    const timers = { refresh: 0, retry: 0, expire: 0 }
    hasty.answers('a', 1).transfers(1, { soa: timers })
    expect(hasty.wakesIn).toBe(MINUTE)
    expect((hasty.zone.expireAt ?? 0) - hasty.now).toBe(80 * SECOND)
    hasty.wakes().fails('a', reason('soa-lame', {}))
    expect(hasty.wakesIn).toBe(20 * SECOND)
  })

  test('spreads with chance, by a quarter at most', () => {
    const story = Story.following(7, [primary('a')], { jitter: 0.25 })
    expect(story.wakesIn).toBe(2 * HOUR)
  })

  test('SN-02 takes a serial without order for not newer, and says so', () => {
    const story = Story.following(7).wakes()
    story.look()
    expect(story.answers('a', 7 + 2 ** 31).look()).toEqual(['says serial-undefined', 'says round-failed'])
  })

  test('tries TCP when the answer is truncated, and without EDNS when EDNS may be the trouble', () => {
    const story = Story.following(7).wakes()
    story.look()
    expect(story.fails('a', reason('soa-truncated', {})).look()).toEqual(['ask a by tcp'])
    expect(story.fails('a', reason('format-error', { detail: '' })).look()).toEqual(['ask a by tcp plainly'])
    expect(story.fails('a', reason('server-failure', { detail: '' })).deeds()).toEqual([])
  })

  test('tries the transfer where the SOA query was refused or not answered', () => {
    for (const why of [REFUSED, SILENT]) {
      const story = Story.following(7).wakes().fails('a', why)
      expect(story.deeds().at(-1)).toBe('IXFR from a since 7')
      expect(story.findsNothingNewer(7).look()).toContain('says round-ended')
      expect(story.zone.confirmedAt).toBe(story.now)
    }
    const full = Story.following(7, [primary('a', { ixfr: 'off' })])
      .wakes()
      .fails('a', REFUSED)
    expect(full.deeds().at(-1)).toBe('AXFR from a since 7')
  })

  test('does not connect to a primary that was unreachable a moment ago', () => {
    const story = Story.following(7, [primary('a')], { retrySecondsMin: 5, autoRefreshSeconds: 5 })
    const holds: number[] = []
    for (let round = 0; round < 1000 && holds.length < 9; round++) {
      story.wakes().fails('a')
      if (story.deeds().some((deed) => deed.startsWith('IXFR'))) {
        story.transferFails(DOWN)
        holds.push(story.zone.primaries[0]?.memory.hold?.ms ?? 0)
      }
    }
    expect(holds.map((ms) => ms / SECOND)).toEqual([10, 20, 40, 80, 160, 320, 640, 640, 640])
    expect(story.wakes().answers('a', 8).deeds().at(-1)).toBe('IXFR from a since 7')
  })
})

describe('IXFR', () => {
  test('CF-034, CF-069: is asked for only where zone and primary allow it', () => {
    const form = (zone: 'off' | 'on' | 'udp first', peer: 'off' | 'on' | 'udp first') =>
      Story.following(7, [primary('a', { ixfr: peer })], { ixfr: zone })
        .wakes()
        .answers('a', 8)
        .deeds()
        .at(-1)
    expect(form('on', 'on')).toBe('IXFR from a since 7')
    expect(form('off', 'on')).toBe('AXFR from a since 7')
    expect(form('on', 'off')).toBe('AXFR from a since 7')
    expect(form('on', 'udp first')).toBe('IXFR from a since 7 by udp')
    expect(form('udp first', 'on')).toBe('IXFR from a since 7 by udp')
    expect(form('udp first', 'off')).toBe('AXFR from a since 7')
  })

  test('by UDP goes on by TCP when it does not fit or does not come', () => {
    const begin = () => Story.following(7, AB, { ixfr: 'udp first' }).wakes().answers('b', 7).answers('a', 8)
    const story = begin()
    story.look()
    const { phase } = story.zone
    const attempt = phase.type === 'transferring' ? phase.transfer.attempt : 0
    expect(story.happens({ type: 'too large for udp', primary: 'a', attempt }).deeds()).toEqual(['IXFR from a since 7'])
    const silent = begin()
    silent.look()
    expect(silent.transferFails(SILENT).deeds()).toEqual(['IXFR from a since 7'])
    expect(silent.transferFails(BAD).deeds()).toEqual(['AXFR from a since 7'])
  })

  test.each([
    ['NOTIMP', NO_IXFR],
    ['REFUSED', REFUSED],
    ['FORMERR', reason('format-error', { detail: '' })],
    ['SERVFAIL', reason('server-failure', { detail: '' })],
    ['an empty answer', reason('empty-answer', {})],
    ['malformed differences', reason('broken-chain', { found: 1, expected: 2 })],
    ['a limit', reason('limit', { limit: 'records', seen: 2, max: 1, owner: '.', type: 'A' })],
    ['too many steps', reason('too-many-steps', { max: 1 })],
    ['no answer in time', SILENT],
    ['a cut connection', reason('cut', { records: 1 })],
  ])('IC-07 IC-11 CF-069 is followed by AXFR from the same primary after %s', (_, why) => {
    const story = Story.following(7, AB).wakes().answers('b', 8).answers('a', 8)
    story.look()
    expect(story.transferFails(why).deeds()).toEqual(['AXFR from a since 7'])
    expect(story.transfers(8).look()).toEqual(['says round-ended'])
  })

  test('IC-08 is not followed by AXFR when the connection was lost before any answer', () => {
    const story = Story.following(7, AB).wakes().answers('b', 8).answers('a', 8)
    story.look()
    expect(story.transferFails(reason('connection-lost', {})).deeds()).toEqual(['IXFR from b since 7'])
  })

  test('IC-09 is not asked for again for two days where it is unknown, unless that is forgiven', () => {
    const story = Story.following(7).wakes().answers('a', 8).transferFails(NO_IXFR).transfers(8)
    expect(story.deeds()).toContain('AXFR from a since 7')
    story
      .passes(47 * HOUR)
      .wakes()
      .answers('a', 9)
    expect(story.deeds()).toContain('AXFR from a since 8')
    story
      .transfers(9)
      .passes(2 * HOUR)
      .wakes()
      .answers('a', 10)
    expect(story.deeds()).toContain('IXFR from a since 9')
    story.transferFails(NO_IXFR).transfers(10).happens({ type: 'forgiven' }).wakes().answers('a', 11)
    expect(story.deeds()).toContain('IXFR from a since 10')
  })
})

describe('lower serials', () => {
  test('CF-077: are ignored, and do not renew the lease', () => {
    const story = Story.following(7)
    const { expireAt } = story.zone
    story.wakes().answers('a', 6)
    expect(story.look()).toContain('says primary-behind')
    expect(story.zone.expireAt).toBe(expireAt)
    expect(story.wakesIn).toBe(15 * MINUTE)
  })

  test('are followed when the policy says so and every primary has gone back', () => {
    const story = Story.following(7, AB, { lowerSerial: 'follow' }).wakes().answers('a', 5).answers('b', 6)
    expect(story.deeds().at(-1)).toBe('AXFR from b')
    expect(story.transfers(6).look()).toEqual(['says round-ended'])
    expect(story.zone.soa?.serial).toBe(6)
  })

  test('are not followed while a primary has what we have, or does not answer', () => {
    const story = Story.following(7, AB, { lowerSerial: 'follow' }).wakes().answers('a', 5).answers('b', 7)
    expect(story.deeds().at(-1)).toBe('ask b')
    story.wakes().answers('a', 5).fails('b', reason('soa-lame', {}))
    expect(story.deeds()).toEqual(['ask a', 'ask b'])
  })

  test('are taken once the zone has expired, for then there is nothing to lose', () => {
    const story = Story.following(7)
      .passes(15 * DAY)
      .happens({ type: 'woke' })
    expect(story.deeds()).toEqual(['expire', 'ask a'])
    expect(story.answers('a', 3).deeds()).toEqual(['AXFR from a'])
    expect(story.transfers(3).deeds()).toEqual(['revive'])
  })
})

describe('content that was refused', () => {
  test('case 28: is not fetched again at once, whatever NOTIFYs come', () => {
    const story = Story.following(7).notified(8).answers('a', 8).transferFails(BAD, 8).transferFails(BAD, 8)
    story.look()
    for (let count = 0; count < 50; count++) {
      story.passes(5 * SECOND).notified(8)
      if (story.zone.phase.type === 'asking') story.answers('a', 8)
      story.happens({ type: 'woke' })
      if (story.zone.phase.type === 'asking') story.answers('a', 8)
    }
    expect(story.deeds().filter((deed) => deed.includes('XFR'))).toEqual([])
    expect(
      story
        .passes(15 * MINUTE)
        .notified(8)
        .answers('a', 8)
        .deeds(),
    ).toContain('IXFR from a since 7')
  })

  test('does not keep us from the next serial, nor from another primary', () => {
    const story = Story.following(7, AB).wakes().answers('a', 8).answers('b', 8)
    story.look()
    expect(story.transferFails(BAD, 8).deeds()).toEqual(['AXFR from a since 7'])
    expect(story.transferFails(BAD, 8).deeds()).toEqual(['IXFR from b since 7'])
    story.transferFails(DOWN)
    story.look()
    expect(story.notified(9).answers('b', 7).answers('a', 9).deeds()).toContain('IXFR from a since 7')
  })

  test('is fetched again when a person asks for it', () => {
    const story = Story.following(7).wakes().answers('a', 8).transferFails(BAD, 8).transferFails(BAD, 8)
    story.look()
    expect(story.happens({ type: 'forced', full: false }).answers('a', 8).deeds()).toContain('IXFR from a since 7')
  })
})

describe('a forced transfer', () => {
  test('CF-064, CF-077: fetches in full from the newest primary, whatever the serials', () => {
    const story = Story.following(7, AB).happens({ type: 'forced', full: true })
    expect(story.deeds()).toEqual(['ask a', 'ask b'])
    expect(story.answers('a', 5).answers('b', 6).deeds()).toEqual(['AXFR from b'])
    expect(story.transferFails(DOWN).deeds()).toEqual(['AXFR from a'])
    expect(story.transfers(5).look()).toEqual(['says round-ended'])
    expect(story.zone.soa?.serial).toBe(5)
  })

  test('follows the running round', () => {
    const story = Story.following(7).wakes()
    expect(story.happens({ type: 'forced', full: true }).look()).toContain('says force-remembered')
    expect(story.answers('a', 7).deeds()).toEqual(['ask a'])
    expect(story.answers('a', 7).deeds()).toEqual(['AXFR from a'])
  })

  test('without primaries says why nothing happens', () => {
    const story = new Story([]).happens({ type: 'forced', full: true })
    expect(story.look()).toEqual(['says no-primaries'])
  })
})

test('a fault of ours is not mended by another primary', () => {
  const story = Story.following(7, AB).wakes().answers('a', 8).answers('b', 8)
  story.look()
  expect(story.transferFails(reason('local-failure', { error: 'disk full' })).deeds()).toEqual([])
  expect(story.zone.phase.type).toBe('waiting')
  expect(story.wakesIn).toBe(15 * MINUTE)
})

test('case 64: one transfer runs at a time', () => {
  const story = Story.following(7, AB).notified(8, 'a').answers('a', 8)
  expect(story.deeds()).toEqual(['ask a', 'ask b', 'IXFR from a since 7'])
  expect(story.answers('b', 9).notified(9, 'b').deeds()).toEqual([])
  expect(story.transfers(8).deeds()).toEqual(['IXFR from b since 8'])
})

test('an answer to a question given up is told and passed over', () => {
  const story = Story.following(7)
  story.happens({ type: 'probed', primary: 'a', attempt: 1, soa: soaOf(9) })
  expect(story.look()).toEqual(['says late-answer'])
  expect(story.zone.soa?.serial).toBe(7)
})
