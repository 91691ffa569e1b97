/** The rules of the house that a linter cannot say. */

import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/** From the ground up. A file imports from its own floor and from those below; floors side by side do not know each other. */
const FLOORS = [
  ['dns'],
  ['zone'],
  ['protocol'],
  ['store', 'net'],
  ['engine'],
  ['api', 'cli'],
  ['serve.ts'],
  ['main.ts'],
]

/** Floors without a clock, chance, sockets or files. (`types: []` in tsconfig.pure.json refuses the rest.) */
const PURE = ['dns', 'zone', 'protocol']
const IMPURE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(/

/** The only files that may name a database engine. */
const NAMES_SQLITE = ['src/store/sqlite.ts', 'src/store/thread.ts']

const files = globSync('src/**/*.ts')
  .filter((path) => !path.endsWith('.test.ts') && !path.includes('.contract.'))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }))

describe.each(files)('$path', ({ path, text }) => {
  const floor = floorOf(path)

  test('looks down only', () => {
    const upward = importsOf(path, text).filter((target) => floorOf(target) !== floor && rankOf(target) >= rankOf(path))
    expect(upward).toEqual([])
  })

  test.runIf(PURE.includes(floor))('knows no clock and no chance', () => {
    expect(text).not.toMatch(IMPURE)
  })

  test.skipIf(NAMES_SQLITE.includes(path))('does not name a database engine', () => {
    expect(text).not.toMatch(/from 'node:sqlite'/)
  })
})

function floorOf(path: string): string {
  return relative('src', path).split('/')[0] ?? ''
}

function rankOf(path: string): number {
  const rank = FLOORS.findIndex((names) => names.includes(floorOf(path)))
  if (rank < 0) throw new Error(`${path} stands on no floor`)
  return rank
}

function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(/ from '(\.[^']+)'/g)].map(([, target]) => join(dirname(path), target as string))
}
