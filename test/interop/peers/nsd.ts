/** NSD: how it is configured and reloaded. */

import { join } from 'node:path'
import { control, writeConfig } from './kind.ts'
import type { PeerKind, PeerSettings } from './kind.ts'
import { printEndpoint } from '../endpoint.ts'

export const NSD: PeerKind = {
  programs: ['nsd', 'nsd-control'],
  offersIxfr: true,

  async prepare(settings) {
    return ['nsd', '-d', '-c', await writeConfig(settings, 'nsd.conf', configuration(settings))]
  },

  async reload({ folder }, { apex }) {
    await control('nsd-control', '-c', join(folder, 'etc', 'nsd.conf'), 'reload', apex)
  },
}

function configuration(settings: PeerSettings): string[] {
  const { folder, key, endpoint, ixfr, allow, role } = settings
  const keyName = key?.name ?? 'NOKEY'
  return [
    'server:',
    '    server-count: 1',
    `    ip-address: ${printEndpoint(endpoint, '@')}`,
    `    port: ${endpoint.port}`,
    '    username: ""\n    chroot: ""\n    database: ""',
    `    zonesdir: "${folder}/zones"`,
    `    logfile: "${folder}/log/server.log"`,
    `    pidfile: "${folder}/run/nsd.pid"`,
    `    xfrdfile: "${folder}/db/xfrd.state"`,
    `    zonelistfile: "${folder}/db/zone.list"`,
    `    xfrdir: "${folder}/db"`,
    // Debian builds NSD with response rate limiting, and it is on unless told otherwise.
    '    hide-version: yes\n    rrl-ratelimit: 0\n    verbosity: 1',
    `    tcp-count: ${settings.many ? 1000 : 200}`,
    // What came by transfer is written to the zone file soon, not within the hour.
    '    zonefiles-write: 2',
    'remote-control:\n    control-enable: yes',
    `    control-interface: "${folder}/run/nsd.ctl"`,
    ...(key === undefined
      ? []
      : ['key:', `    name: "${key.name}"\n    algorithm: ${key.algorithm}\n    secret: "${key.secret}"`]),
    'pattern:\n    name: "all"',
    ...(allow === 'address' ? [] : [`    provide-xfr: 127.0.0.0/8 ${keyName}`]),
    ...(allow === 'key' ? [] : ['    provide-xfr: 127.0.0.0/8 NOKEY']),
    ...settings.notify.map((target) => `    notify: ${printEndpoint(target, '@')} ${keyName}`),
    ...settings.primaries.map(
      (from) => `    request-xfr: ${ixfr ? '' : 'AXFR '}${printEndpoint(from, '@')} ${keyName}`,
    ),
    ...(role === 'secondary' ? ['    allow-notify: 127.0.0.0/8 NOKEY', `    zonefile: "${folder}/zones/%s.zone"`] : []),
    ...(role === 'secondary' && key !== undefined ? [`    allow-notify: 127.0.0.0/8 ${keyName}`] : []),
    ...(ixfr ? ['    store-ixfr: yes\n    ixfr-number: 1001\n    ixfr-size: 0'] : []),
    ...(ixfr && role === 'primary' ? ['    create-ixfr: yes'] : []),
    ...settings.zones.flatMap(({ apex, file }) => [
      `zone:\n    name: "${apex}"`,
      ...(file === undefined ? [] : [`    zonefile: "${file}"`]),
      '    include-pattern: "all"',
    ]),
  ]
}
