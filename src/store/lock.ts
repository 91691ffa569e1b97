/**
 * One server per data directory.
 *
 * The lock is a record lock that SQLite holds on a small file of its own. The kernel drops it when the process ends,
 * however it ends, so a dead server never stands in the way of the next. Who holds it is written beside it, for the
 * message only.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StoreError } from './error.ts'
import { holdExclusively } from './sqlite.ts'

/** Held until it is released, or the process ends. */
export interface DirectoryLock {
  release(): void
}

/** Takes the data directory for this process; throws a StoreError `in use` if another server has it. */
export function lockDirectory(directory: string): DirectoryLock {
  makeDirectory(directory)
  const holder = join(directory, 'lock.pid')
  const lock = holdExclusively(join(directory, 'lock.db'))
  if (lock === undefined)
    throw new StoreError('in use', `the data directory ${directory} is in use by another twinzone${holderOf(holder)}`)
  writeFileSync(holder, `${process.pid}\n`)
  return {
    release: () => {
      rmSync(holder, { force: true })
      lock.close()
    },
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o750 })
  } catch (error) {
    throw new StoreError('disk', `cannot make the data directory ${directory}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function holderOf(path: string): string {
  try {
    return `, process ${readFileSync(path, 'utf8').trim()}`
  } catch {
    return ''
  }
}
