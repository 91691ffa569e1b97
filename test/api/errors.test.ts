import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERRORS } from '../../src/api/errors.ts'

const manual = readFileSync('docs/manual/api-errors.md', 'utf8')

test('the manual lists every error with its number, status and meaning', () => {
  const rows = Object.entries(ERRORS).map(([code, { number, status, text }]) => {
    return `| ${number} | ${status} | \`${code}\` | ${text} |`
  })
  expect(rows.filter((row) => !manual.includes(row))).toEqual([])
})

test('the manual lists no error that there is not', () => {
  const listed = [...manual.matchAll(/^\| \d+ \| \d+ \| `([\w-]+)` \|/gm)].map(([, code]) => code)
  expect(listed.filter((code) => code !== undefined && !Object.hasOwn(ERRORS, code))).toEqual([])
})

test('CF-002, CF-012: no two errors share number and status, none is below 1000, and none is a 408 or 409', () => {
  const rows = Object.values(ERRORS)
  expect(new Set(rows.map(({ number, status }) => `${number} ${status}`)).size).toBe(rows.length)
  expect(rows.every(({ number }) => number >= 1000)).toBe(true)
  expect(rows.some(({ status }) => [408, 409].includes(status))).toBe(false)
})
