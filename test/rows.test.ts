/** No row of our requirements is without a test that names it. */

import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LATER, ROWS } from './rows.ts'

/** What stands in quotes in the tests: their names, above all. */
const quoted = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'test/**/*.contract.ts'])
  .filter((path) => path !== 'test/rows.test.ts')
  .map((path) => readFileSync(path, 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, ''))
  .flatMap((text) => text.match(/'[^'\n]*'|`[^`\n]*`|"[^"\n]*"/g) ?? [])

const named = new Set(quoted.flatMap((text) => text.match(/\b[A-Z]{2}-\d{2}b?\b/g) ?? []))

test('every row has a test that names it', () => {
  const nameless = Object.entries(ROWS).filter(([id]) => !named.has(id))
  expect(nameless).toEqual([])
})

test('a row is kept, or waits for something, not both', () => {
  expect(Object.keys(LATER).filter((id) => id in ROWS)).toEqual([])
  expect(Object.values(LATER).filter(({ waitsFor }) => waitsFor === '')).toEqual([])
})
