import { describe, expect, test } from 'vitest'
import { DOWN, HOUR, MINUTE, primary, SECOND, Story } from '../../test/transfer/story.ts'
import { reason } from './reason.ts'

const AB = [primary('a'), primary('b')]

/** At serial 8, which came as differences. */
function givenDifferences(): Story {
  const story = Story.following(7).notified(8).answers('a', 8).transfers(8)
  story.look()
  return story
}

describe('a NOTIFY', () => {
  test('NT-05 is as if the refresh timer had run out, the notifier asked first', () => {
    const story = Story.following(7, AB).notified(undefined, 'b')
    expect(story.look()).toEqual(['ask b', 'ask a'])
    expect(story.answers('b', 8).look()).toEqual(['IXFR from b since 7'])
  })

  test('NT-05 with a false serial changes nothing', () => {
    const story = Story.following(7).notified(999).answers('a', 7)
    expect(story.zone.soa?.serial).toBe(7)
    expect(story.deeds()).toEqual(['ask a'])
  })

  test('NT-06 SN-01 with a serial that is not newer starts nothing', () => {
    for (const hint of [7, 6, 0, 7 + 2 ** 31]) {
      expect(Story.following(7).notified(hint).look()).toEqual(['says notify-not-newer'])
    }
    const wrapping = Story.following(4_294_967_295)
    expect(wrapping.notified(4_294_967_294).look()).toEqual(['says notify-not-newer'])
    expect(wrapping.notified(0).look()).toEqual(['ask a'])
  })

  test('NT-06 with our serial revives an expired zone', () => {
    const story = Story.following(7)
      .passes(15 * 24 * 60 * MINUTE)
      .happens({ type: 'woke' })
      .answers('a', 7)
    expect(story.deeds()).toEqual(['expire', 'ask a', 'revive'])
  })

  test('NT-07 case 29: ahead of what the primaries have is looked for once more, and then given up', () => {
    const story = Story.following(7).notified(17).answers('a', 7)
    expect(story.look()).toEqual(['ask a', 'says round-ended', 'says hint-retry'])
    expect(story.wakesIn).toBe(5 * SECOND)
    expect(story.wakes().answers('a', 7).look()).toEqual(['ask a', 'says round-ended', 'says hint-given-up'])
    expect(story.wakesIn).toBe(120 * MINUTE)
  })

  test('NT-07 that was right a little too early is served by the second look', () => {
    const story = Story.following(7).notified(8).answers('a', 7).wakes().answers('a', 8)
    expect(story.deeds()).toEqual(['ask a', 'ask a', 'IXFR from a since 7'])
    expect(story.transfers(8).look()).toEqual(['says round-ended'])
  })

  test('NT-08 case 31: ten thousand start one check and leave one more to do', () => {
    const story = Story.following(7)
    for (let count = 0; count < 10_000; count++) story.passes(0.1).notified(8)
    expect(story.deeds()).toEqual(['ask a'])
    story.answers('a', 8).transfers(8)
    expect(story.deeds()).toEqual(['IXFR from a since 7'])
    expect(story.zone.phase.type).toBe('waiting')
  })

  test('NT-08 that bring nothing come ever slower, to one a minute', () => {
    const story = Story.following(7)
    const rounds: number[] = []
    const start = story.now
    while (story.now < start + 10 * MINUTE) {
      story.passes(100).notified()
      story.happens({ type: 'woke' })
      if (story.deeds().includes('ask a')) rounds.push(story.now - start)
      if (story.zone.phase.type === 'asking') story.answers('a', 7)
    }
    const gaps = rounds.slice(1).map((at, index) => Math.round((at - (rounds[index] as number)) / SECOND))
    expect(gaps.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
    expect(rounds.length).toBeLessThan(17)
  })

  test('NT-08 that bring news are never held back', () => {
    const story = Story.following(7)
    for (let serial = 8; serial < 40; serial++) {
      story.passes(10).notified(serial)
      expect(story.deeds()).toEqual(['ask a'])
      story.answers('a', serial).transfers(serial, { form: 'AXFR' }).look()
    }
  })

  test('NT-05 from a primary that gave differences last fetches the next at once, and asks the others', () => {
    const story = Story.following(7, AB).notified(8).answers('a', 8).answers('b', 7).transfers(8)
    story.look()
    expect(story.notified(9).look()).toEqual(['IXFR from a since 8', 'ask b'])
    expect(story.transfers(9).look()).toEqual([])
    expect(story.answers('b', 8).look()).toEqual(['says primary-behind', 'says round-ended'])
    expect(story.notified().deeds()).toEqual(['IXFR from a since 9', 'ask b'])
    expect(story.answers('b', 10).findsNothingNewer(9).deeds()).toEqual(['IXFR from b since 9'])
  })

  test('NT-05 with a false serial changes nothing where differences are fetched at once', () => {
    const story = givenDifferences().notified(999)
    expect(story.deeds()).toEqual(['IXFR from a since 8'])
    story.findsNothingNewer(8)
    expect(story.zone.soa?.serial).toBe(8)
    expect(story.look()).toEqual(['says round-ended', 'says hint-retry'])
    expect(story.wakes().deeds()).toEqual(['ask a'])
  })

  test('NT-05 asks first again after whatever went wrong, after a full transfer, and where EDNS is not understood', () => {
    const failed = givenDifferences().notified(9).transferFails(DOWN)
    expect(failed.passes(HOUR).notified(9).deeds().at(-1)).toBe('ask a')
    const full = givenDifferences().notified(9).transfers(9, { form: 'AXFR' })
    expect(full.notified(10).deeds().at(-1)).toBe('ask a')
    const plain = Story.following(7)
      .notified(8)
      .fails('a', reason('format-error', { detail: '' }))
    expect(plain.answers('a', 8).transfers(8).notified(9).deeds().at(-1)).toBe('ask a')
  })

  test('NT-08 that bring nothing come ever slower where differences are fetched at once', () => {
    const story = givenDifferences()
    let rounds = 0
    for (const start = story.now; story.now < start + 10 * MINUTE;) {
      story.passes(100).notified().happens({ type: 'woke' })
      if (story.deeds().length === 0) continue
      rounds++
      story.findsNothingNewer(8)
    }
    expect(rounds).toBeLessThan(17)
  })

  test('NT-09 during the first transfer of all is remembered, whatever serial it announces', () => {
    const story = new Story().happens({ type: 'restored' }).answers('a', 7).notified(8, 'a').transfers(7)
    expect(story.deeds()).toEqual(['ask a', 'AXFR from a', 'ask a'])
    expect(story.answers('a', 8).deeds()).toEqual(['IXFR from a since 7'])
  })

  test('NT-09 during a check is remembered and checked afterwards', () => {
    const story = Story.following(7, AB).wakes().answers('a', 8).wakes()
    story.look()
    expect(story.notified(9, 'b').look()).toEqual(['says notify-remembered'])
    story.answers('b', 8).transfers(8)
    expect(story.deeds()).toEqual(['ask b', 'ask a'])
    expect(story.answers('b', 9).deeds()).toEqual(['IXFR from b since 8'])
  })

  test('NT-09 during the first transfer of a zone is remembered, and checked afterwards if it announced more', () => {
    const first = () => new Story().happens({ type: 'restored' }).answers('a', 2)
    const behind = first().notified(3)
    behind.look()
    expect(behind.transfers(2).deeds()).toEqual(['ask a'])
    expect(behind.answers('a', 3).deeds()).toEqual(['IXFR from a since 2'])
    const overtaken = first().notified(2).transfers(2)
    expect(overtaken.look().at(-1)).toBe('says notify-overtaken')
    expect(overtaken.zone.phase.type).toBe('waiting')
  })

  test('NT-09 that the running transfer has overtaken starts nothing more', () => {
    const story = Story.following(7).notified(8).answers('a', 9).notified(9).transfers(9)
    expect(story.look().at(-1)).toBe('says notify-overtaken')
    expect(story.zone.phase.type).toBe('waiting')
  })

  test('a failed transfer after it is tried again at RETRY, not at REFRESH', () => {
    const story = Story.following(7)
      .notified(8)
      .answers('a', 8)
      .transferFails(reason('refused', { detail: '' }))
    story.transferFails(reason('refused', { detail: '' }))
    expect(story.wakesIn).toBe(5 * SECOND)
    story
      .wakes()
      .answers('a', 8)
      .transferFails(reason('refused', { detail: '' }))
      .transferFails(reason('refused', { detail: '' }))
    expect(story.wakesIn).toBe(15 * MINUTE)
  })

  test('from an address that is no primary asks all of them', () => {
    const story = Story.following(7, AB)
    story.happens({ type: 'notified', from: undefined, serialHint: undefined })
    expect(story.look()).toEqual(['ask a', 'ask b'])
  })

  test('NT-17 for a zone without contents starts the first transfer at once', () => {
    const story = new Story().happens({ type: 'restored' }).fails('a', reason('soa-lame', {}))
    story.look()
    expect(story.passes(10).notified(3).answers('a', 3).deeds()).toEqual(['ask a', 'AXFR from a'])
  })
})
