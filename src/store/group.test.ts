import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Group } from './group.ts'
import { openDatabase, prepare, type Database } from './sqlite.ts'

let directory: string
let database: Database
let group: Group

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'twinzone-group-'))
  const path = join(directory, 'group.db')
  database = openDatabase(path)
  group = new Group(database, path)
})
afterEach(() => {
  if (database.isOpen) database.close()
  rmSync(directory, { recursive: true })
})

const put = (key: string, value: string) => () =>
  database.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(key, value)

const keys = (): string[] => {
  const { all } = prepare(database, { all: 'SELECT key FROM meta ORDER BY key' })
  return all.all().map((row) => (row as { key: string }).key)
}

const outcomes = (results: readonly PromiseSettledResult<unknown>[]): string =>
  results.map(({ status }) => status[0]).join('')

test('acts of one turn share a transaction, in order', async () => {
  const open: boolean[] = []
  const acts = ['a', 'b', 'c'].map((key) =>
    group.run(() => {
      open.push(database.isTransaction)
      put(key, '1')()
      return keys().length
    }),
  )
  expect(database.isTransaction).toBe(false)
  expect(await Promise.all(acts)).toEqual([1, 2, 3])
  expect(open).toEqual([true, true, true])
  expect(database.isTransaction).toBe(false)
})

test('an act that fails takes back what it did, and nothing else', async () => {
  const results = await Promise.allSettled([
    group.run(put('a', '1')),
    group.run(() => {
      put('b', '1')()
      throw new Error('no')
    }),
    group.run(put('a', '2')),
    group.run(put('c', '1')),
  ])
  expect(outcomes(results)).toBe('frrf')
  expect(keys()).toEqual(['a', 'c'])
})

test('a full disk fails those who wanted to write, and is got over', async () => {
  await group.run(put('a', '1'))
  const { max_page_count: before } = database.prepare('PRAGMA max_page_count').get() as { max_page_count: number }
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number }
  database.exec(`PRAGMA max_page_count = ${pages}`)
  const results = await Promise.allSettled([group.run(put('b', 'x'.repeat(100_000))), group.run(() => keys().length)])
  expect(results[0]).toMatchObject({ status: 'rejected', reason: { code: 'disk' } })
  expect(keys()).toEqual(['a'])
  database.exec(`PRAGMA max_page_count = ${before}`)
  await group.run(put('b', 'x'.repeat(100_000)))
  expect(keys()).toEqual(['a', 'b'])
})

test('a commit that is refused fails the whole group', async () => {
  database.exec('CREATE TABLE child (parent TEXT REFERENCES meta (key) DEFERRABLE INITIALLY DEFERRED)')
  const orphan = group.run(() => database.prepare('INSERT INTO child VALUES (?)').run('nobody'))
  const results = await Promise.allSettled([group.run(put('a', '1')), orphan])
  expect(outcomes(results)).toBe('rr')
  expect(keys()).toEqual([])
  await group.run(put('a', '1'))
  expect(keys()).toEqual(['a'])
})

test('after closing nothing is taken, before it all is done', async () => {
  const begun = group.run(put('a', '1'))
  group.close()
  await begun
  await expect(group.run(put('b', '1'))).rejects.toMatchObject({ code: 'closed' })
  expect(keys()).toEqual(['a'])
})
