/** What is drawn and written from results. */

import { expect, test } from 'vitest'
import { barChart, curveChart } from './chart.ts'
import { best, worsened } from './guard.ts'
import { fillPage } from './page.ts'
import { standing, TARGETS } from './targets.ts'

const bar = (name: string, value: number) => ({
  name,
  value,
  min: value,
  max: value,
  strong: name === 'twinzone',
  label: String(value),
})

/** All values of an attribute, in order. */
function numbersOf(svg: string, attribute: string): number[] {
  return Array.from(svg.matchAll(new RegExp(` ${attribute}="([\\d.]+)"`, 'g')), ([, value]) => Number(value))
}

test('bars are as long as their values, and names cannot break the file', () => {
  const svg = barChart('A <title>', [{ title: 'x & y', bars: [bar('twinzone', 10), bar('other', 5)] }])
  const [, full, half] = numbersOf(svg, 'width') as [number, number, number]
  expect(half / full).toBeCloseTo(0.5)
  expect(svg).toContain('A &lt;title&gt;')
  expect(svg).toContain('x &amp; y')
  expect(svg.match(/class="bar strong"/g)).toHaveLength(1)
})

test('a curve of equal ratios is a straight line, and one of equal values is flat', () => {
  const points = (ys: number[]) => ys.map((y, at) => ({ x: 10 ** at, y, label: '' }))
  const straight = curveChart('', [{ name: '', points: points([1, 10, 100]) }])
  const [first = 0, second = 0, third = 0] = numbersOf(straight, 'cy')
  expect(first - second).toBeCloseTo(second - third, 0)
  const flat = curveChart('', [{ name: '', points: points([7, 7, 7]) }])
  expect(new Set(numbersOf(flat, 'cy')).size).toBe(1)
})

const report = (ours: number, other: number | undefined, better: 'less' | 'more' = 'less') => ({
  name: 'answers',
  title: 'Answers',
  method: [],
  settings: {},
  figures: [{ key: 'smallPerSecond', title: 'answers/s', digits: 0, better }],
  subjects: [
    { name: 'twinzone', version: '1', runs: [{ smallPerSecond: ours }] },
    { name: 'nsd', version: '2', runs: [{ smallPerSecond: other }] },
  ],
  machine: { processor: 'a processor', system: 'Linux', node: 'v24', commit: 'abc', measured: 'today' },
})

test('a target is met or missed by the ratio to the best other', () => {
  const [target] = TARGETS
  if (target === undefined) throw new Error('there are targets')
  expect(standing(target, report(120, 100, 'more'))).toEqual({ measured: '×1.20 of nsd', met: true })
  expect(standing(target, report(100, 100, 'more'))).toMatchObject({ met: false })
  expect(standing(target, report(100, undefined, 'more'))).toBeUndefined()
})

test('places in the page are filled, again and again, and the rest is left as it is', () => {
  const page =
    'before\n<!-- measured: answers -->\nold\n<!-- end -->\nbetween\n<!-- measured: start -->\n<!-- end -->\nafter\n'
  const read = (name: string) => (name === 'answers' ? report(120, 100, 'more') : undefined)
  const filled = fillPage(page, read)
  expect(filled).toContain('| answers/s | 120 | 100 | ×1.20 |')
  expect(filled).toContain('Not measured yet: `npm run bench -- start`.')
  expect(filled).not.toContain('old')
  expect(filled.startsWith('before\n')).toBe(true)
  expect(fillPage(filled, read)).toBe(filled)
})

test('the guard takes the best of several processes, and tells of what got worse by more than a tenth', () => {
  expect(
    best([
      { a: 2, b: 5 },
      { a: 3, b: 4 },
    ]),
  ).toEqual({ a: 2, b: 4 })
  expect(worsened({ a: 1.09, b: 1.11, c: 9 }, { a: 1, b: 1 })).toEqual(['b'])
})
