import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toSerial } from '../dns/serial.ts'
import { startStore, StoreClient, type StoreThread } from './client.ts'
import { Secret } from './secret.ts'
import type { FullVersion } from './store.ts'
import { wholeVersion } from '../../test/whole-version.ts'

let directory: string
let thread: StoreThread

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'twinzone-client-'))
  thread = await startStore({ directory })
})
afterEach(async () => {
  await thread.close()
  rmSync(directory, { recursive: true })
})

function version(octets: Uint8Array): FullVersion {
  const segments = [{ firstOwner: Uint8Array.of(), recordCount: 1, octets }]
  return { zoneId: 'a', serial: toSerial(1), soa: Uint8Array.of(1), recordCount: 1, at: 1, base: 'full', segments }
}

test('several threads use it, each by its own port', async () => {
  const clients = Array.from({ length: 3 }, () => new StoreClient(thread.connect()))
  await Promise.all(clients.map((client, at) => client.setMeta(`from ${at}`, 'yes')))
  expect(await thread.store.meta('from 2')).toBe('yes')
  expect(await clients[0]?.meta('from 1')).toBe('yes')
  await Promise.all(clients.map((client) => client.close()))
  expect(await thread.store.meta('from 0')).toBe('yes')
})

test('big contents change hands instead of being copied', async () => {
  const octets = new Uint8Array(100_000)
  await thread.store.commitVersion(version(octets))
  expect(octets.buffer.detached).toBe(true)
  expect((await wholeVersion(thread.store, 'a'))?.base.segments[0]?.octets.length).toBe(100_000)
})

test('a secret passes in a version commit too', async () => {
  const secret = new Secret('c2VjcmV0')
  const object = { id: '1', accountId: '2', name: 'key.example.', algo: 'hmac-sha256.', secret }
  await thread.store.commitVersion({ ...version(new Uint8Array(3)), changes: [{ put: 'tsig', object }] })
  expect((await thread.store.objects('tsig')).map((key) => key.secret.reveal())).toEqual(['c2VjcmV0'])
})

test('an error arrives as what it was', async () => {
  await expect(thread.store.objects('zone', { nonsense: '1' } as object)).rejects.toThrow('cannot be found by nonsense')
  await expect(startStore({ directory })).rejects.toMatchObject({ name: 'StoreError', code: 'in use' })
})

test('a store that cannot be opened says why', async () => {
  const other = mkdtempSync(join(tmpdir(), 'twinzone-client-'))
  writeFileSync(join(other, 'twinzone.db'), 'no database at all, and long enough to tell'.repeat(100))
  await expect(startStore({ directory: other })).rejects.toMatchObject({ code: 'corrupt' })
  rmSync(other, { recursive: true })
})

test('who waits for a thread that died is told so, and so is its starter', async () => {
  const client = new StoreClient(thread.connect())
  await client.meta('a')
  thread.connect().postMessage(1) // no list of calls: the thread runs into a bug
  expect(await thread.died).toMatchObject({ code: 'closed' })
  await expect(client.meta('a')).rejects.toMatchObject({ code: 'closed' })
  await expect(thread.store.setMeta('a', 'b')).rejects.toMatchObject({ code: 'closed' })
})
