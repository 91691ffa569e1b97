import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toSerial } from '../dns/serial.ts'
import { Secret } from './secret.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { openDatabase, schemaOf } from './sqlite.ts'
import type { FullVersion } from './store.ts'
import { wholeVersion } from '../../test/whole-version.ts'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'twinzone-sqlite-'))
  path = join(directory, 'twinzone.db')
})
afterEach(() => rmSync(directory, { recursive: true }))

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

function version(zoneId: string, segments: number): FullVersion {
  const runs = Array.from({ length: segments }, (_, at) => ({
    firstOwner: Uint8Array.of(at),
    recordCount: 100,
    octets: Uint8Array.from({ length: 20_000 }, (__, octet) => (octet * 31 + at) % 251),
  }))
  return { zoneId, serial: toSerial(1), soa: Uint8Array.of(1), recordCount: 1, at: 1, base: 'full', segments: runs }
}

async function withStore(act: (store: ReturnType<typeof openSqliteStore>) => Promise<unknown>): Promise<void> {
  const store = openSqliteStore({ directory })
  await act(store)
  await store.close()
}

const rows = (sql: string): number => {
  const database = openDatabase(path)
  const { count } = database.prepare(`SELECT count(*) AS count FROM ${sql}`).get() as { count: number }
  database.close()
  return count
}

test('the migrations lead to the schema of the repository', () => {
  const database = openDatabase(path)
  const schema = schemaOf(database)
  database.close()
  const file = new URL('./schema.sql', import.meta.url)
  if (process.env['TWINZONE_WRITE_SCHEMA'] !== undefined) writeFileSync(file, schema)
  expect(schema).toBe(readFileSync(file, 'utf8'))
})

describe('a database we cannot use is refused and left as it is:', () => {
  const refusal = (): unknown => {
    const before = digest(path)
    try {
      openSqliteStore({ directory })
      return undefined
    } catch (error) {
      return error
    } finally {
      expect(digest(path)).toBe(before)
    }
  }

  test('one of a newer twinzone', async () => {
    await withStore((store) => store.setMeta('a', '1'))
    const database = openDatabase(path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    expect(refusal()).toMatchObject({
      code: 'newer schema',
      message: expect.stringMatching(/twinzone\.db has schema 99, this program knows schemas up to \d+/) as string,
    })
  })

  test('one of another program', () => {
    const database = openDatabase(path)
    database.exec('PRAGMA application_id = 1')
    database.close()
    expect(refusal()).toMatchObject({ code: 'foreign database' })
  })

  test('a file that is no database', () => {
    writeFileSync(path, 'zone "example.org" {};\n'.repeat(1000))
    expect(refusal()).toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('is damaged, restore it from a backup') as string,
    })
  })

  test('one cut short', async () => {
    await withStore((store) => store.commitVersion(version('a', 5)))
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096)
    expect(refusal()).toMatchObject({ code: 'corrupt' })
  })

  test('one whose TSIG keys were sealed with another key', async () => {
    const secret = new Secret('c2VjcmV0')
    const key = { id: '1', accountId: '2', name: 'key.example.', algo: 'hmac-sha256.', secret }
    await withStore((store) => store.change([{ put: 'tsig', object: key }]))
    rmSync(join(directory, 'seal.key'))
    expect(refusal()).toMatchObject({
      code: 'wrong key',
      message: expect.stringMatching(/key\.example\. is sealed with key [0-9a-f]{16}, no key is there/) as string,
    })
    expect(() => openSqliteStore({ directory, sealKey: Buffer.alloc(32).toString('base64') })).toThrow(
      /the key at hand/,
    )
  })
})

test('an empty file, as a crash at first start may leave it, is taken for a new database', async () => {
  writeFileSync(path, '')
  await withStore((store) => store.setMeta('a', '1'))
  expect(rows('meta')).toBe(1)
})

test('damaged contents are reported, not served', async () => {
  await withStore((store) => store.commitVersion(version('a', 3)))
  const database = openDatabase(path)
  database.exec(
    "UPDATE segment SET contents = CAST(substr(contents, 1, length(contents) - 1) || x'00' AS BLOB) WHERE id = 2",
  )
  database.close()
  await withStore(async (store) => {
    await expect(wholeVersion(store, 'a')).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/segment [0-9a-f]{8} is damaged/) as string,
    })
  })
})

test('equal segments are kept once, and go when no base names them', async () => {
  await withStore(async (store) => {
    await store.commitVersion(version('a', 4))
    await store.commitVersion(version('b', 3))
  })
  expect(rows('segment')).toBe(4)
  expect(rows('base_segment')).toBe(7)
  await withStore((store) => store.removeZone('a'))
  expect(rows('segment')).toBe(3)
  await withStore((store) => store.commitVersion(version('b', 1)))
  expect(rows('segment')).toBe(1)
  await withStore((store) => store.removeZone('b'))
  expect([rows('segment'), rows('base_segment'), rows('base'), rows('difference')]).toEqual([0, 0, 0, 0])
})

test('a secret does not stand in the database', async () => {
  const object = { id: '1', accountId: '2', name: 'k.', algo: 'hmac-sha256.', secret: new Secret('VGhlIHNlY3JldA==') }
  await withStore((store) => store.change([{ put: 'tsig', object }]))
  expect(readFileSync(path).includes('VGhlIHNlY3JldA==')).toBe(false)
})

test('a second instance on the same directory is refused until the first is gone', async () => {
  const store = openSqliteStore({ directory })
  expect(() => openSqliteStore({ directory })).toThrow(
    expect.objectContaining({
      code: 'in use',
      message: `the data directory ${directory} is in use by another twinzone, process ${process.pid}`,
    }) as Error,
  )
  await store.close()
  await withStore((next) => next.setMeta('a', '1'))
})

test('a directory that cannot be made is refused', () => {
  writeFileSync(join(directory, 'file'), '')
  expect(() => openSqliteStore({ directory: join(directory, 'file', 'data') })).toThrow(
    'cannot make the data directory',
  )
})
