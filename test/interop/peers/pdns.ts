/** PowerDNS Authoritative: how it is configured and reloaded. */

import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { control, writeConfig } from './kind.ts'
import type { PeerKind, PeerSettings } from './kind.ts'
import { backendLines, fillBackend, withoutDot } from './pdns-backend.ts'
import { printEndpoint } from '../endpoint.ts'

export const PDNS: PeerKind = {
  programs: ['pdns_server', 'pdnsutil', 'pdns_control'],
  // It answers an IXFR with one SOA or with the whole zone; differences need another program of theirs.
  offersIxfr: false,

  async prepare(settings) {
    await writeConfig(settings, 'pdns.conf', configuration(settings))
    await fillBackend(settings, (...args) => util(settings, ...args))
    await useKey(settings)
    return ['pdns_server', `--config-dir=${join(settings.folder, 'etc')}`]
  },

  async reload(settings, { apex, file }) {
    const config = `--config-dir=${join(settings.folder, 'etc')}`
    if (settings.backend === 'bind') await control('pdns_control', config, 'bind-reload-now', withoutDot(apex))
    else await util(settings, 'load-zone', apex, file)
    // Else its caches answer the old version for up to 20 seconds.
    await control('pdns_control', config, 'purge', `${withoutDot(apex)}$`)
    await control('pdns_control', config, 'notify', withoutDot(apex))
  },
}

function configuration(settings: PeerSettings): string[] {
  const { folder, endpoint, role, allow, notify, caches, many } = settings
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
    'max-tcp-connections=200',
    caches ? '' : 'cache-ttl=0\nquery-cache-ttl=0\nnegquery-cache-ttl=0',
    many ? 'retrieval-threads=16\nslave-cycle-interval=5' : '',
    ...backendLines(settings),
  ]
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
