/** Where PowerDNS keeps zones: rows in SQLite, master files as BIND has them, or LMDB. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { writeConfig } from './kind.ts'
import type { PeerSettings } from './kind.ts'
import { printEndpoint } from '../endpoint.ts'

const SCHEMA = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql'

/** Runs `pdnsutil`. */
type Util = (...args: string[]) => Promise<void>

/** Its part of the configuration. */
export function backendLines({ folder, backend }: PeerSettings): string[] {
  return {
    sqlite: [
      'launch=gsqlite3',
      `gsqlite3-database=${folder}/db/pdns.sqlite`,
      'gsqlite3-pragma-synchronous=0\ngsqlite3-dnssec=yes',
    ],
    bind: ['launch=bind', `bind-config=${folder}/etc/named.conf`, `bind-dnssec-db=${folder}/db/dnssec.sqlite`],
    lmdb: ['launch=lmdb', `lmdb-filename=${folder}/db/pdns.lmdb`],
  }[backend]
}

/** Makes the zones known before the server starts. */
export async function fillBackend(settings: PeerSettings, util: Util): Promise<void> {
  if (settings.backend === 'bind') return fillBind(settings, util)
  if (settings.backend === 'sqlite') await makeDatabase(settings)
  if (settings.backend === 'sqlite' && settings.role === 'secondary') return insertSecondaries(settings)
  for (const { apex, file } of settings.zones) {
    if (file !== undefined) {
      await util('load-zone', apex, file)
      await util('set-kind', apex, 'primary')
    } else {
      await util('create-secondary-zone', apex, ...settings.primaries.map((primary) => printEndpoint(primary)))
      if (settings.ixfr) await util('set-meta', apex, 'IXFR', '1')
    }
  }
}

async function makeDatabase(settings: PeerSettings): Promise<void> {
  const database = openDatabase(settings)
  database.exec('pragma journal_mode = wal')
  database.exec(await readFile(SCHEMA, 'utf8'))
  database.close()
}

/** What `pdnsutil` does zone by zone, for a hundred thousand at once. */
function insertSecondaries(settings: PeerSettings): void {
  const database = openDatabase(settings)
  const masters = settings.primaries.map((primary) => printEndpoint(primary)).join(',')
  const insert = database.prepare("insert into domains (name, master, type) values (?, ?, 'SLAVE')")
  database.exec('begin')
  for (const { apex } of settings.zones) insert.run(withoutDot(apex).toLowerCase(), masters)
  if (settings.ixfr)
    database.exec("insert into domainmetadata (domain_id, kind, content) select id, 'IXFR', '1' from domains")
  database.exec('commit')
  database.close()
}

async function fillBind(settings: PeerSettings, util: Util): Promise<void> {
  const { folder, zones, primaries, role } = settings
  const masters = primaries.map(({ address, port }) => `${address}:${port};`).join(' ')
  const lines = zones.map(({ apex, file }) =>
    role === 'primary'
      ? `zone "${withoutDot(apex)}" { type master; file "${file}"; };`
      : `zone "${withoutDot(apex)}" { type slave; file "${folder}/zones/${apex}db"; masters { ${masters} }; };`,
  )
  await writeConfig(settings, 'named.conf', lines)
  await util('create-bind-db', join(folder, 'db', 'dnssec.sqlite'))
}

function openDatabase({ folder }: PeerSettings): DatabaseSync {
  return new DatabaseSync(join(folder, 'db', 'pdns.sqlite'))
}

export function withoutDot(apex: string): string {
  return apex.replace(/\.$/, '')
}
