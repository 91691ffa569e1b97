/** The manual cannot lie: what is listed in code is listed there. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COUNTED, countersMemory } from '../src/engine/counters.ts'
import { OUTGOING_REASON_ROWS } from '../src/protocol/outgoing-reason.ts'
import { createMetrics, FIGURES } from '../src/engine/metrics.ts'
import { REASON_ROWS } from '../src/protocol/reason-rows.ts'

const page = (name: string) => readFileSync(`docs/manual/${name}.md`, 'utf8')

test.each(Object.entries(REASON_ROWS))('the manual says what "%s" means and what to do', (code, { sentence, mend }) => {
  expect(page('reasons')).toContain(`| \`${code}\` | ${sentence} | ${mend} |`)
})

test.each(Object.entries(OUTGOING_REASON_ROWS))(
  'the manual says what "%s" on the way out means and what to do',
  (code, row) => {
    expect(page('primary')).toContain(`| \`${code}\` | ${row.sentence} | ${row.mend} |`)
  },
)

const figures = Object.keys(FIGURES).map((figure) => `analytics_${figure}`)

test.each([...Object.keys(COUNTED), ...figures])('the manual names the metric of %s', (counted) => {
  const name = counted.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  expect(page('running')).toContain(`\`twinzone_${name}_total\``)
})

test('the manual names every metric, those of the process and of Node.js by their family', () => {
  const { registry } = createMetrics({
    counters: countersMemory(1),
    zones: () => ({ serving: 0, empty: 0, expired: 0 }),
    records: () => 0,
    load: () => ({ checks: 0, checksWaiting: 0, transfers: 0, transfersWaiting: 0 }),
    contentsOctets: () => 0,
    udp: () => [],
    analytics: () => {
      throw new Error('no metric is read here')
    },
  })
  const named = (name: string) =>
    [...page('running').matchAll(/^\| (`[^|]*`) \|/gm)].some(([, cell = '']) =>
      [...cell.matchAll(/`([a-z_]+)(…?)/g)].some(([, word = '', more]) =>
        more === '…' ? name.startsWith(word) : name === word,
      ),
    )
  const names = registry.getMetricsAsArray().map(({ name }) => name)
  expect(names.length).toBeGreaterThan(40)
  expect(names.filter((name) => !named(name))).toEqual([])
})
