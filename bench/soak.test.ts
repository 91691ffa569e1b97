/** Whether a soak tells growth from noise, and what an hour's worth is. */

import { expect, test } from 'vitest'
import { HOUR, missingFrom, newTally, worthOf } from './soak-hour.ts'
import { faultsIn, metricSum } from './soak-measure.ts'
import { complaintsAbout, trendOf, type Series } from './soak-verdict.ts'

const STEADY = [40, 41, 40, 40, 41, 40, 40, 40]

const series = (more: Partial<Series>): Series => ({
  name: 'one',
  memory: [200, 300, 310, 308, 311, 309, 310, 309],
  descriptors: STEADY,
  ...more,
})

test('the line leaves out the warm-up, and is of the rounds that follow', () => {
  const { slope, growth } = trendOf([0, 1000, 100, 102, 104, 106, 108])
  expect(slope).toBeCloseTo(2)
  expect(growth).toBeCloseTo(8 / 104)
})

test('what rests, shrinks or varies does not grow', () => {
  expect(complaintsAbout(series({}))).toEqual([])
  expect(complaintsAbout(series({ memory: [300, 300, 300, 290, 280, 270, 260, 250] }))).toEqual([])
  expect(complaintsAbout(series({ memory: [300, 300, 300, 312, 298, 306, 299, 307] }))).toEqual([])
})

test('one round of garbage that was not collected is no growth, wherever it stands', () => {
  for (let at = 2; at < 8; at++) {
    const memory = series({}).memory.with(at, 400)
    expect(complaintsAbout(series({ memory })), String(at)).toEqual([])
  }
})

test('memory that grows a little with every round does, noise or not', () => {
  expect(complaintsAbout(series({ memory: [200, 300, 300, 305, 310, 315, 320, 325] }))).toEqual([
    'one: memory grows, by 8.0 % over 6 rounds',
  ])
  expect(complaintsAbout(series({ memory: [200, 300, 300, 312, 308, 320, 316, 328] }))).toHaveLength(1)
})

test('descriptors may differ by a few', () => {
  expect(complaintsAbout(series({ descriptors: [10, 20, 40, 43, 41, 46, 40, 40] }))).toEqual([])
  expect(complaintsAbout(series({ descriptors: [40, 40, 40, 42, 44, 46, 48, 50] }))).toEqual([
    'one: file descriptors go from 40 to 50',
  ])
})

test('too few rounds are no proof', () => {
  expect(complaintsAbout(series({ memory: [1, 1, 1], descriptors: [1, 1, 1] }))).toHaveLength(1)
})

test('a round is over when there was enough of each kind', () => {
  const worth = worthOf(1)
  expect(worth).toEqual(HOUR)
  expect(missingFrom(newTally(), worth)).toEqual(Object.keys(HOUR))
  expect(missingFrom({ ...HOUR, edits: HOUR.edits - 1 }, worth)).toEqual(['edits'])
  expect(worthOf(0.25)).toMatchObject({ edits: HOUR.edits / 4, primaryRestarts: 1 })
})

test('series of a metric are summed by their labels, those of longer names left out', () => {
  const text = '# TYPE a counter\na{form="IXFR",outcome="done"} 3\na{form="AXFR",outcome="done"} 4\na_total 9\nb 5\n'
  expect(metricSum(text, 'a')).toBe(7)
  expect(metricSum(text, 'a', { form: 'IXFR', outcome: 'done' })).toBe(3)
  expect(metricSum(text, 'b')).toBe(5)
})

test('a fault is an error, or what a process that dies writes', () => {
  const [warning, error] = ['{"level":40,"msg":"check"}', '{"level":50,"msg":"fault"}']
  expect(faultsIn(`${warning}\n${error}\nTypeError: no\n\n`)).toEqual([error, 'TypeError: no'])
})
