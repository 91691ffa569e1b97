/**
 * Writes versions and objects until it is killed, and tells on its standard output what was acknowledged.
 *
 *     node store-writer.ts <directory> <seed> in-process|threaded
 *
 * Each line is `<zone> <version>`, or `<zone> <version> gone` for a zone that was removed after that version.
 */

import { writeSync } from 'node:fs'
import { startStore } from '../../src/store/client.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import type { Store } from '../../src/store/store.ts'
import { differenceTo, octetsOf, segmentsAt, serialOf, ZONES, type Standing } from './store-world.ts'

const [directory = '', seed = '1', where = ''] = process.argv.slice(2)

let state = Number(seed)
/** A number below `limit`, the same for the same seed (mulberry32). */
function roll(limit: number): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
}

/** At once and whole: what was said counts even if the next instruction never runs. A full pipe is waited for. */
function say(line: string): void {
  const octets = Buffer.from(`${line}\n`)
  for (let at = 0; at < octets.length;) {
    try {
      at += writeSync(1, octets, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

async function write(store: Store): Promise<never> {
  const standings = new Map((await store.objects('timers')).map(({ zoneId, state: standing }) => [zoneId, standing]))
  say('ready')
  await Promise.all(
    Object.keys(ZONES).map((zoneId) => keepWriting(store, zoneId, standings.get(zoneId) as Standing | undefined)),
  )
  throw new Error('zones are written until the end')
}

async function keepWriting(store: Store, zoneId: string, known: Standing | undefined): Promise<never> {
  let { version, gone } = known ?? { version: 0, gone: true }
  for (;;) {
    const act = gone ? 0 : roll(20)
    if (act === 19) {
      await store.change([{ removeContents: zoneId }, tell(zoneId, { version, gone: true })])
      say(`${zoneId} ${version} gone`)
      gone = true
    } else if (act >= 16) {
      const { zoneId: id, serial, soa, recordCount, at } = head(zoneId, version)
      await store.checkpoint({ zoneId: id, serial, soa, recordCount, at, segments: segmentsAt(zoneId, version) })
    } else {
      version++
      await store.commitVersion({ ...head(zoneId, version), ...body(zoneId, version, act) })
      say(`${zoneId} ${version}`)
      gone = false
    }
  }
}

/** Objects tell of the contents, in the same transaction: both must always agree. */
const tell = (zoneId: string, state: Standing) => ({ put: 'timers' as const, object: { zoneId, state } })

const head = (zoneId: string, version: number) => ({
  zoneId,
  serial: serialOf(zoneId, version),
  soa: octetsOf(`soa ${serialOf(zoneId, version)}`),
  recordCount: version,
  at: version,
  changes: [tell(zoneId, { version, gone: false })],
})

function body(zoneId: string, version: number, act: number) {
  const difference = differenceTo(zoneId, version)
  if (act >= 5) return { base: 'difference' as const, difference }
  const full = { base: 'full' as const, segments: segmentsAt(zoneId, version) }
  return act >= 2 ? { ...full, difference } : full
}

if (where === 'threaded') await write((await startStore({ directory })).store)
else await write(openSqliteStore({ directory }))
