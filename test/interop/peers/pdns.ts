/** PowerDNS Authoritative with its SQLite backend: how it is configured and reloaded. */

import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { control, writeConfig } from './kind.ts'
import type { PeerKind, PeerSettings } from './kind.ts'
import { printEndpoint } from '../endpoint.ts'

const SCHEMA = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql'

export const PDNS: PeerKind = {
  programs: ['pdns_server', 'pdnsutil', 'pdns_control'],
  // It answers an IXFR with one SOA or with the whole zone; differences need another program of theirs.
  offersIxfr: false,

  async prepare(settings) {
    await writeConfig(settings, 'pdns.conf', configuration(settings))
    const database = new DatabaseSync(databasePath(settings))
    database.exec('pragma journal_mode = wal')
    database.exec(await readFile(SCHEMA, 'utf8'))
    database.close()
    for (const { apex, file } of settings.zones) {
      await (file === undefined ? createSecondary(settings, apex) : createPrimary(settings, apex, file))
    }
    await useKey(settings)
    return ['pdns_server', `--config-dir=${join(settings.folder, 'etc')}`]
  },

  async reload(settings, { apex, file }) {
    await util(settings, 'load-zone', apex, file)
    // Else its caches answer the old version for up to 20 seconds.
    const config = `--config-dir=${join(settings.folder, 'etc')}`
    await control('pdns_control', config, 'purge', `${withoutDot(apex)}$`)
    await control('pdns_control', config, 'notify', withoutDot(apex))
  },
}

function configuration({ folder, endpoint, role, allow, notify }: PeerSettings): string[] {
  return [
    `local-address=${endpoint.address}`,
    `local-port=${endpoint.port}`,
    `socket-dir=${folder}/run`,
    'daemon=no\nguardian=no\nmaster=yes',
    `slave=${role === 'secondary' ? 'yes' : 'no'}`,
    `allow-axfr-ips=${allow === 'key' ? '' : '127.0.0.0/8'}`,
    'allow-notify-from=127.0.0.0/8\nonly-notify=',
    `also-notify=${notify.map((target) => printEndpoint(target)).join(',')}`,
    'receiver-threads=1\nloglevel=5\nversion-string=anonymous\nsecurity-poll-suffix=\nxfr-max-received-mbytes=0',
    'cache-ttl=0\nquery-cache-ttl=0\nnegquery-cache-ttl=0',
    'launch=gsqlite3',
    `gsqlite3-database=${folder}/db/pdns.sqlite`,
    'gsqlite3-pragma-synchronous=0\ngsqlite3-dnssec=yes',
  ]
}

async function createPrimary(settings: PeerSettings, apex: string, file: string): Promise<void> {
  await util(settings, 'load-zone', apex, file)
  await util(settings, 'set-kind', apex, 'primary')
}

async function createSecondary(settings: PeerSettings, apex: string): Promise<void> {
  const from = settings.primaries.map((primary) => printEndpoint(primary))
  await util(settings, 'create-secondary-zone', apex, ...from)
  if (settings.ixfr) await util(settings, 'set-meta', apex, 'IXFR', '1')
}

async function useKey(settings: PeerSettings): Promise<void> {
  const { key, role, zones } = settings
  if (key === undefined) return
  await util(settings, 'import-tsig-key', key.name, key.algorithm, key.secret)
  for (const { apex } of zones) {
    await util(settings, 'activate-tsig-key', apex, key.name, 'primary')
    if (role === 'secondary') await util(settings, 'activate-tsig-key', apex, key.name, 'secondary')
  }
}

async function util(settings: PeerSettings, ...args: string[]): Promise<void> {
  const said = await control('pdnsutil', `--config-dir=${join(settings.folder, 'etc')}`, ...args)
  await appendFile(join(settings.folder, 'log', 'load.log'), said)
}

function databasePath({ folder }: PeerSettings): string {
  return join(folder, 'db', 'pdns.sqlite')
}

function withoutDot(apex: string): string {
  return apex.replace(/\.$/, '')
}
