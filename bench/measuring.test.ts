/** What numbers come to, and which questions are asked. */

import { describe, expect, test } from 'vitest'
import { dice } from '../test/zone-model.ts'
import { readLatencies, readRate } from './dnsperf.ts'
import { median, percentile } from './percentile.ts'
import { askableOf, MIX, questionsOf } from './questions.ts'
import { realisticLines } from './realistic-zone.ts'
import { againstBest } from './report.ts'

const APEX = 'zone.test.'

test('percentiles are values that occurred', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at)
  expect([0, 1, 50, 99, 100].map((percent) => percentile(values, percent))).toEqual([1, 1, 50, 99, 100])
  expect(percentile([7], 99)).toBe(7)
  expect(percentile([], 50)).toBeNaN()
})

test('the median of an even number lies between the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5])
  expect(median([])).toBeNaN()
})

describe('a realistic zone', () => {
  test('has exactly the records asked for, and is the same each time', () => {
    for (const records of [10, 11, 100, 1017]) {
      const lines = [...realisticLines({ apex: APEX, records })]
      expect(lines).toHaveLength(records - 1) // the SOA is told apart
      expect(lines).toEqual([...realisticLines({ apex: APEX, records })])
    }
  })

  test('has about the names asked for', () => {
    const owners = new Set([...realisticLines({ apex: APEX, names: 5000 })].map(([owner]) => owner))
    expect(Math.abs(owners.size - 5000)).toBeLessThan(10)
  })
})

test('questions are mixed as they should be, and each kind gets its kind of answer', () => {
  const lines = [...realisticLines({ apex: APEX, records: 20_000 })]
  const askable = askableOf(lines, APEX)
  const sets = new Set(lines.map(([owner, , type]) => `${owner} ${type}`))
  const owners = new Set(lines.map(([owner]) => owner))
  const count = 20_000
  const kinds = { hits: 0, missing: 0, referrals: 0, absent: 0 }
  for (const question of questionsOf(askable, { apex: APEX, count, roll: dice(5) })) {
    const [owner = '', type = ''] = question.split(' ')
    if (owner.includes('.child.')) kinds.referrals++
    else if (sets.has(question) || owner.includes('.wild.')) kinds.hits++
    else if (owners.has(owner)) kinds.absent++
    else kinds.missing++
    expect(type).not.toBe('')
  }
  const percent = (value: number): number => Math.round((100 * value) / count)
  expect([percent(kinds.hits), percent(kinds.missing), percent(kinds.referrals), percent(kinds.absent)]).toEqual([
    MIX.hits,
    MIX.missing,
    MIX.referrals,
    5,
  ])
})

test('what dnsperf tells is read', () => {
  const told = ['> NOERROR a.test A 0.000123', '> NXDOMAIN b.test A 0.001000', '> T c.test A', 'Warning: other']
  expect(readLatencies(told).map((value) => Math.round(value))).toEqual([123, 1000, 1_000_000])
  const text = `  Queries lost:         3 (0.01%)
  Response codes:       NOERROR 90 (90.00%), NXDOMAIN 10 (10.00%)
  Queries per second:   1234.500000
`
  expect(readRate(text)).toEqual({ perSecond: 1234.5, lost: 3 })
  expect(() => readRate(text.replace('NXDOMAIN', 'SERVFAIL'))).toThrow('not an honest rate')
  expect(() => readRate('')).toThrow('no rate')
})

test('ours is compared with whoever of the others is best', () => {
  const subject = (name: string, value: number | undefined) => ({ name, version: '', runs: [{ key: value }] })
  const subjects = [subject('twinzone', 10), subject('slow', 20), subject('fast', 5), subject('none', undefined)]
  const figure = { key: 'key', title: '', digits: 0 }
  expect(againstBest(figure, subjects)).toEqual({ ratio: 2, name: 'fast' })
  expect(againstBest({ ...figure, better: 'more' }, subjects)).toEqual({ ratio: 0.5, name: 'slow' })
  expect(againstBest(figure, subjects.slice(0, 1))).toBeUndefined()
})
