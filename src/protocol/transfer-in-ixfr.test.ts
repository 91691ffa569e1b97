import { describe, expect, test } from 'vitest'
import { answerMessage, endOf, records, soa, take } from '../../test/transfer/kit.ts'

const BASE = '@ NS ns\nns A 192.0.2.1\nold A 192.0.2.2\n'

/** Differences from 1 to 2 and from 2 to 3. */
const STEPS = `${soa(3)}${soa(1)}old A 192.0.2.2\n${soa(2)}new A 192.0.2.3\n${soa(2)}new A 192.0.2.3\n${soa(3)}last A 192.0.2.4\n${soa(3)}`

function oneByOne(text: string): Uint8Array[] {
  return records(text).map((record) => answerMessage([record], { asked: 'IXFR' }))
}

/** The end of an IXFR from serial 1, which must be the same however the records are split over messages. */
function end(text: string, options: Parameters<typeof take>[1] = {}): string {
  const all = { since: 1, base: BASE, ...options }
  const whole = endOf(take([answerMessage(text, { asked: 'IXFR' })], all))
  const split = endOf(take(oneByOne(text), all))
  if (whole !== 'soa-in-the-middle' && whole !== 'trailing-records') expect(split).toBe(whole)
  return whole
}

describe('an incremental transfer', () => {
  test('IC-01 IC-02 IC-04 is known by its first records, however they are split over messages', () => {
    for (const messages of [[answerMessage(STEPS, { asked: 'IXFR' })], oneByOne(STEPS)]) {
      const taken = take(messages, { since: 1, base: BASE })
      expect(endOf(taken)).toBe('IXFR')
      expect(taken.sink.zone).toEqual([
        'example. 3600 IN NS ns.example.',
        'last.example. 3600 IN A 192.0.2.4',
        'ns.example. 3600 IN A 192.0.2.1',
      ])
      expect(taken.sink.soaLine).toContain(' 3 7200')
      expect(taken.transfer.steps).toBe(2)
    }
  })

  test('IC-01 one SOA that is not newer means that there is nothing to fetch', () => {
    for (const serial of [1, 0, 4_294_967_295]) expect(end(soa(serial))).toBe('up to date')
    expect(end(soa(2 ** 31 + 1))).toBe('up to date')
  })

  test('IC-01 one newer SOA by UDP means: come by TCP', () => {
    const one = answerMessage(soa(2), { asked: 'IXFR' })
    expect(endOf(take([one], { since: 1, over: 'udp' }))).toBe('retry over TCP')
    expect(endOf(take([one], { since: 1 }))).toBe('cut')
    const truncated = answerMessage('', { asked: 'IXFR', tc: true })
    expect(endOf(take([truncated], { since: 1, over: 'udp' }))).toBe('retry over TCP')
    const started = answerMessage(`${soa(2)}@ NS ns\n`, { asked: 'IXFR' })
    expect(endOf(take([started], { since: 1, over: 'udp' }))).toBe('retry over TCP')
    expect(endOf(take([answerMessage(STEPS, { asked: 'IXFR' })], { since: 1, base: BASE, over: 'udp' }))).toBe('IXFR')
  })

  test('IC-01 IX-05 anything else is the whole zone, even an empty one', () => {
    const taken = take(oneByOne(`${soa(3)}@ NS ns\n${soa(3)}`), { since: 1, base: BASE })
    expect(endOf(taken)).toBe('AXFR')
    expect(taken.sink.zone).toEqual(['example. 3600 IN NS ns.example.'])
    const empty = take(oneByOne(soa(3) + soa(3)), { since: 1, base: BASE })
    expect(endOf(empty)).toBe('AXFR')
    expect(empty.sink.zone).toEqual([])
  })

  test('IC-02 the first step starts from our serial', () => {
    expect(end(`${soa(3)}${soa(2)}${soa(3)}a A 192.0.2.1\n${soa(3)}`)).toBe('wrong-start')
    expect(end(`${soa(3)}${soa(0)}${soa(3)}a A 192.0.2.1\n${soa(3)}`)).toBe('wrong-start')
  })

  test('IC-02 the steps chain and end at what was announced', () => {
    expect(end(`${soa(4)}${soa(1)}${soa(2)}${soa(3)}${soa(4)}${soa(4)}`)).toBe('broken-chain')
    expect(end(`${soa(4)}${soa(1)}${soa(2)}${soa(4)}`)).toBe('wrong-end')
    expect(end(`${soa(4)}${soa(1)}${soa(5)}${soa(4)}`)).toBe('wrong-end')
    expect(end(`${soa(4)}${soa(1)}${soa(4)}${soa(9)}`)).toBe('wrong-end')
    expect(end(`${soa(4)}${soa(1)}${soa(4)}${soa(4, 'other. host.')}`)).toBe('unequal-soa')
    expect(end(`${soa(4)}${soa(1)}${soa(4, 'other. host.')}${soa(4)}`)).toBe('unequal-soa')
  })

  test('IC-03 SN-01 serials may not repeat nor go back (case 21)', () => {
    expect(end(`${soa(4)}${soa(1)}${soa(1)}${soa(1)}${soa(4)}${soa(4)}`)).toBe('serial-not-newer')
    expect(end(`${soa(4)}${soa(1)}${soa(3)}${soa(3)}${soa(2)}${soa(2)}${soa(4)}${soa(4)}`)).toBe('serial-not-newer')
  })

  test('SN-01 SN-05 serials wrap within the steps', () => {
    const top = 4_294_967_295
    const text = `${soa(1)}${soa(top)}${soa(0)}a A 192.0.2.1\n${soa(0)}${soa(1)}b A 192.0.2.1\n${soa(1)}`
    expect(end(text, { since: top })).toBe('IXFR')
  })

  test('SN-02 a serial half around the circle is not newer', () => {
    expect(end(`${soa(2 ** 31 + 1)}${soa(1)}${soa(2 ** 31 + 1)}${soa(2 ** 31 + 1)}`)).toBe('up to date')
  })

  test('IC-05 removing what we lack fails unless told to be lenient', () => {
    const absent = `${soa(2)}${soa(1)}nobody A 192.0.2.2\n${soa(2)}${soa(2)}`
    expect(end(absent)).toBe('absent-record')
    expect(end(absent, { lenient: true })).toBe('IXFR')
  })

  test('IC-05 adding what we have changes nothing, and is counted', () => {
    const present = `${soa(2)}${soa(1)}${soa(2)}old A 192.0.2.2\n${soa(2)}`
    expect(end(present)).toBe('IXFR')
    expect(take([answerMessage(present, { asked: 'IXFR' })], { since: 1, base: BASE }).transfer.repeated).toBe(1)
  })

  test('IX-09 a record removed and added with another TTL has that TTL', () => {
    const text = `${soa(2)}${soa(1)}old A 192.0.2.2\n${soa(2)}old 60 A 192.0.2.2\n${soa(2)}`
    const taken = take([answerMessage(text, { asked: 'IXFR' })], { since: 1, base: BASE })
    expect(taken.sink.zone).toContain('old.example. 60 IN A 192.0.2.2')
  })

  test('IC-06 every SOA has the apex as owner (case 18)', () => {
    const bad = `bad-owner ${soa(2).slice(2)}`
    expect(end(`${soa(2)}${soa(1)}${bad}${soa(2)}`)).toBe('soa-not-at-apex')
    expect(end(`${soa(2)}${bad}`)).toBe('soa-not-at-apex')
    expect(end(`${soa(2)}${soa(1)}${soa(2)}${bad}${soa(2)}`)).toBe('soa-not-at-apex')
  })

  test('IC-10 the number of steps has a limit', () => {
    expect(end(STEPS, { limits: { steps: 2 } })).toBe('IXFR')
    expect(end(STEPS, { limits: { steps: 1 } })).toBe('too-many-steps')
  })

  test('AC-12 nothing follows the end', () => {
    expect(end(`${STEPS}a A 192.0.2.1\n`)).toBe('trailing-records')
  })

  test('AC-09 AC-10 records of elsewhere are dropped, and records of another class are not', () => {
    const text = `${soa(2)}${soa(1)}a.test. A 192.0.2.1\n${soa(2)}b.test. A 192.0.2.1\n${soa(2)}`
    expect(take(oneByOne(text), { since: 1 }).transfer.dropped).toBe(2)
    expect(end(text)).toBe('IXFR')
    const list = records(`${soa(2)}${soa(1)}${soa(2)}oc A 192.0.2.1\n${soa(2)}`)
    const chaos = list.map((record) => (record.type === 1 ? { ...record, class: 3 } : record))
    expect(endOf(take([answerMessage(chaos, { asked: 'IXFR' })], { since: 1 }))).toBe('wrong-class')
  })

  test('IC-04 cut anywhere it is not done', () => {
    const messages = oneByOne(STEPS)
    for (let kept = 1; kept < messages.length; kept++) {
      expect(endOf(take(messages.slice(0, kept), { since: 1, base: BASE }))).toBe('cut')
    }
  })

  test('IC-07 whatever the primary answers to IXFR has a reason of its own', () => {
    const code = (rcode: number) => endOf(take([answerMessage('', { asked: 'IXFR', rcode })], { since: 1 }))
    expect([1, 2, 3, 4, 5, 9].map(code)).toEqual([
      'format-error',
      'server-failure',
      'name-error',
      'not-implemented',
      'refused',
      'not-authoritative',
    ])
  })
})
