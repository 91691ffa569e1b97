/** No row of our requirements is without a test that names it. */

import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { API_LATER, API_ROWS } from './api-rows.ts'
import { LATER, ROWS } from './rows.ts'

/** What stands in quotes in the tests: their names, above all. */
const quoted = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'test/**/*.contract.ts'])
  .filter((path) => path !== 'test/rows.test.ts')
  .map((path) => readFileSync(path, 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, ''))
  .flatMap((text) => text.match(/'[^'\n]*'|`[^`\n]*`|"[^"\n]*"/g) ?? [])

const named = new Set(quoted.flatMap((text) => text.match(/\b(?:CF-\d+|[A-Z]{2}-\d{2}b?)\b/g) ?? []))

const kept = { ...ROWS, ...API_ROWS }
const later = { ...LATER, ...API_LATER }

test('every row has a test that names it', () => {
  const nameless = Object.entries(kept).filter(([id]) => !named.has(id))
  expect(nameless).toEqual([])
})

test('a row is kept, or waits for something, not both', () => {
  expect(Object.keys(later).filter((id) => id in kept)).toEqual([])
  expect(Object.values(later).filter(({ waitsFor }) => waitsFor === '')).toEqual([])
})

test('rows of the API have three digits wherever they are named', () => {
  const odd = [...named, ...Object.keys(API_ROWS)].filter(
    (id) => id.startsWith('CF-') && !/^CF-(?:0\d\d|1[0-7]\d)$/.test(id),
  )
  expect(odd).toEqual([])
})
