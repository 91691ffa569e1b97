/**
 * SQLite as we use it: opened safely, brought to our schema, and its faults told apart.
 *
 * The journal is a write-ahead log with `synchronous=FULL`: a commit that returned has been flushed. A database that is
 * damaged, not ours or newer than this program is refused before anything is written to it.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { StoreError, type StoreFault } from './error.ts'

export type Database = DatabaseSync
export type Statement = StatementSync

/** Written into the header of every database of ours, so that `file` and we can tell. */
const APPLICATION_ID = 0x74777a6f // "twzo"

const MIGRATIONS = new URL('./migrations/', import.meta.url)

/** Opens the database at `path`, makes it if there is none, and brings it to the newest schema. */
export function openDatabase(path: string): Database {
  const migrations = listMigrations()
  if (existsSync(path)) checkDatabase(path, migrations.length)
  return guarded(path, () => {
    const database = new DatabaseSync(path, { timeout: 5000 })
    try {
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -16384; -- 16 MiB: beside it the system keeps what is read again
        PRAGMA wal_autocheckpoint = 4000; -- 16 MiB: pages that change often are moved into the database less often
        PRAGMA journal_size_limit = 67108864;
      `)
      migrate(database, migrations)
    } catch (error) {
      database.close()
      throw error
    }
    return database
  })
}

/** Looks before anything is written: read only, so that a database we cannot use stays as it is. */
function checkDatabase(path: string, newest: number): void {
  guarded(path, () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    try {
      const application = pragma(database, 'application_id')
      const version = pragma(database, 'user_version')
      const tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number }
      if (tables.count > 0 && application !== APPLICATION_ID)
        throw new StoreError('foreign database', `${path} is not a database of twinzone`)
      if (version > newest)
        throw new StoreError(
          'newer schema',
          `${path} has schema ${version}, this program knows schemas up to ${newest}: it was written by a newer twinzone`,
        )
    } finally {
      database.close()
    }
  })
}

/** The migrations in order: the n-th leads to schema n. */
function listMigrations(): string[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => /^\d{3}-.*\.sql$/.test(name))
    .sort()
    .map((name) => readFileSync(new URL(name, MIGRATIONS), 'utf8'))
}

/** Forward only, each step in a transaction of its own, its number first. */
function migrate(database: Database, migrations: readonly string[]): void {
  for (let version = pragma(database, 'user_version'); version < migrations.length; version++)
    database.exec(`
      BEGIN IMMEDIATE;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${version + 1};
      ${migrations[version]}
      COMMIT;
    `)
}

function pragma(database: Database, name: 'application_id' | 'user_version'): number {
  return (database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[name] as number
}

/** Prepares each question once. */
export function prepare<Name extends string>(
  database: Database,
  questions: Readonly<Record<Name, string>>,
): Record<Name, Statement> {
  const entries = Object.entries<string>(questions).map(([name, sql]) => [name, database.prepare(sql)])
  return Object.fromEntries(entries) as Record<Name, Statement>
}

/** The schema as SQL, ordered by name; the repository holds a copy to compare with. */
export function schemaOf(database: Database): string {
  const rows = database.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').all()
  return rows.map((row) => `${(row as { sql: string }).sql};\n`).join('')
}

/** Takes an exclusive lock on a file that lasts until the database is closed or the process ends; false if it is taken. */
export function holdExclusively(path: string): Database | undefined {
  return guarded(path, () => {
    const database = new DatabaseSync(path, { timeout: 0 })
    try {
      database.exec('BEGIN EXCLUSIVE')
      return database
    } catch (error) {
      database.close()
      if (faultOf(error) === 'in use') return undefined
      throw error
    }
  })
}

/** Runs `act` and gives SQLite's errors our names. */
export function guarded<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw asStoreError(error, path)
  }
}

/** SQLite's error as one of ours; any other error as it is. */
export function asStoreError(error: unknown, path: string): unknown {
  const fault = faultOf(error)
  if (fault === undefined) return error
  const said = (error as Error).message
  const message = fault === 'corrupt' ? `${path} is damaged, restore it from a backup: ${said}` : `${path}: ${said}`
  return new StoreError(fault, message, { cause: error })
}

/** SQLite's primary result codes that have a meaning to us (https://sqlite.org/rescode.html). */
const FAULTS: Readonly<Record<number, StoreFault>> = {
  5: 'in use',
  6: 'in use',
  8: 'disk', // read-only
  10: 'disk', // I/O error
  11: 'corrupt',
  13: 'disk', // full
  14: 'disk', // cannot open
  26: 'corrupt', // not a database
}

function faultOf(error: unknown): StoreFault | undefined {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' ? FAULTS[errcode & 0xff] : undefined
}
