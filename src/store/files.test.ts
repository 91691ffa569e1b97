import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toSerial } from '../dns/serial.ts'
import type { Zone } from './objects.ts'
import { openSqliteStore } from './sqlite-store.ts'

const HOSTILE = [
  '../../etc/passwd',
  '..\\/..\\/etc',
  '/tmp/x',
  'a\u0000b',
  'CON',
  '.',
  '"; DROP TABLE zone; --',
  '%2e%2e',
]

function zoneNamed(name: string, number: number): Zone {
  return {
    id: number.toString(16).padStart(32, '0'),
    accountId: '0'.repeat(32),
    name,
    type: 'secondary',
    status: 'active',
    paused: false,
    nameServers: ['ns1.example.net', 'ns2.example.net'],
    createdOn: '2026-11-21T10:00:00Z',
    modifiedOn: '2026-11-21T10:00:00Z',
    activatedOn: null,
  }
}

test('MF-12 case 43: whatever a zone is called, no file is called after it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'twinzone-files-'))
  const octets = Uint8Array.of(1, 2, 3)
  const store = openSqliteStore({ directory })
  const before = readdirSync(directory)
  const zones = HOSTILE.map(zoneNamed)
  await store.change(zones.map((object) => ({ put: 'zone', object })))
  for (const { id } of zones) {
    const segments = [{ firstOwner: octets, recordCount: 1, octets }]
    const version = { zoneId: id, serial: toSerial(1), soa: octets, at: 1, recordCount: 1 }
    await store.commitVersion({ ...version, base: 'full', segments })
  }
  expect(new Set(readdirSync(directory, { recursive: true, encoding: 'utf8' }))).toEqual(new Set(before))
  await store.close()
  const again = openSqliteStore({ directory })
  expect((await again.objects('zone')).map(({ name }) => name)).toEqual(HOSTILE)
  await again.close()
  rmSync(directory, { recursive: true })
})
