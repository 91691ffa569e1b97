import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openDatabase } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { flawOf, ZONES, type Standing } from './store-world.ts'
import { wholeVersion } from '../whole-version.ts'

const WRITER = new URL('./store-writer.ts', import.meta.url).pathname

/** Set TWINZONE_KILLS for a longer run. */
const KILLS = Number(process.env['TWINZONE_KILLS'] ?? 200)

/** What is known of each zone: the last that was acknowledged, or found after the last kill. */
type Known = Map<string, Standing>

describe.concurrent('IC-14 MF-13 case 60: kill -9 at any moment leaves whole versions with their right serials', () => {
  test.each([['in-process'], ['threaded']])('%s', async (where) => {
    const directory = mkdtempSync(join(tmpdir(), 'twinzone-crash-'))
    const known: Known = new Map()
    let told = 0
    for (let kill = 0; kill < KILLS / 2; kill++) {
      told += await writeUntilKilled(directory, kill + 1, where, known)
      const store = openSqliteStore({ directory })
      await check(store, known)
      await store.close()
    }
    const database = openDatabase(join(directory, 'twinzone.db'))
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' })
    const { orphans } = database
      .prepare('SELECT count(*) AS orphans FROM segment WHERE id NOT IN (SELECT segment_id FROM base_segment)')
      .get() as { orphans: number }
    database.close()
    rmSync(directory, { recursive: true })
    expect(orphans).toBe(0)
    expect(told).toBeGreaterThan(KILLS)
  })
})

/** Lets a writer work for a random while, kills it, and notes what it was told. Says how many commits that were. */
async function writeUntilKilled(directory: string, seed: number, where: string, known: Known): Promise<number> {
  const writer = spawn(process.execPath, [WRITER, directory, String(seed), where], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(writer, 'exit')
  let told = 0
  // Now and then it dies while it still opens the store; else some milliseconds after.
  const kill = (ms: number) => setTimeout(() => writer.kill('SIGKILL'), ms)
  const early = seed % 10 === 0 ? kill(Math.random() * 150) : undefined
  for await (const line of createInterface({ input: writer.stdout })) {
    if (line === 'ready') {
      if (early === undefined) kill(Math.random() * 60)
      continue
    }
    const [zoneId = '', version, more] = line.split(' ')
    known.set(zoneId, { version: Number(version), gone: more === 'gone' })
    told++
  }
  const [code, signal] = (await gone) as [number | null, string | null]
  assert.deepEqual([code, signal], [null, 'SIGKILL'], 'the writer ended by itself')
  return told
}

/** What was acknowledged is there; what was not is there as a whole or not at all. */
async function check(store: Store, known: Known): Promise<void> {
  const standings = new Map((await store.objects('timers')).map(({ zoneId, state }) => [zoneId, state as Standing]))
  for (const zoneId of Object.keys(ZONES)) {
    const last = known.get(zoneId) ?? { version: 0, gone: true }
    const { version, gone } = standings.get(zoneId) ?? { version: 0, gone: true }
    known.set(zoneId, { version, gone })
    assert(version >= last.version, `${zoneId}: version ${last.version} was acknowledged, ${version} is stored`)
    assert(version <= last.version + 1, `${zoneId}: version ${version} was written before ${last.version} was known`)
    assert(version > last.version || gone || !last.gone, `${zoneId}: the removal after ${version} was acknowledged`)
    const stored = await wholeVersion(store, zoneId)
    assert.equal(stored === undefined, gone, `${zoneId}: objects say gone is ${gone}, contents differ`)
    if (stored === undefined) continue
    assert.equal(flawOf(stored, version), undefined, zoneId)
    const chain = await store.history(zoneId)
    assert(
      chain.every(({ to }, at) => at + 1 === chain.length || chain[at + 1]?.from === to),
      `${zoneId}: its history has a gap`,
    )
  }
}
