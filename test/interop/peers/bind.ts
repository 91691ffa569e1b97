/** BIND 9: how it is configured and reloaded. */

import { join } from 'node:path'
import { control, writeConfig } from './kind.ts'
import type { PeerKind, PeerSettings } from './kind.ts'

// Reaches a control channel on loopback that lives as long as a test.
const CONTROL_KEY = 'key "control" { algorithm hmac-sha256; secret "dGhyb3ctYXdheSBrZXkgb2YgYSB0ZXN0"; };'

export const BIND: PeerKind = {
  programs: ['named', 'rndc'],
  offersIxfr: true,

  async prepare(settings) {
    await writeConfig(settings, 'control.key', [CONTROL_KEY])
    const path = await writeConfig(settings, 'named.conf', configuration(settings))
    return ['named', '-f', '-n', '1', '-c', path]
  },

  async reload({ folder, controlPort }, { apex }) {
    const key = join(folder, 'etc', 'control.key')
    await control('rndc', '-k', key, '-s', '127.0.0.1', '-p', String(controlPort), 'reload', apex)
  },
}

function configuration(settings: PeerSettings): string[] {
  const { folder, key, endpoint, controlPort, ixfr, updates, notify, allow, role } = settings
  const signed = key === undefined ? '' : ` key "${key.name}"`
  const targets = (list: PeerSettings['primaries']): string =>
    list.map(({ address, port }) => `${address} port ${port}${signed};`).join(' ')
  const transferors = [allow === 'address' ? '' : `${signed};`, allow === 'key' ? '' : '127.0.0.0/8;'].join(' ')
  const yes = ixfr ? 'yes' : 'no'
  // A zone that takes UPDATE has its differences from there.
  const primaryOptions = updates ? 'allow-update { 127.0.0.0/8; };' : ixfr ? 'ixfr-from-differences yes;' : ''
  const zone = (apex: string, file: string | undefined): string =>
    role === 'primary'
      ? `zone "${apex}" { type primary; file "${file}"; ${primaryOptions} };`
      : `zone "${apex}" { type secondary; file "${apex}db"; primaries { ${targets(settings.primaries)} }; };`
  return [
    CONTROL_KEY,
    `controls { inet 127.0.0.1 port ${controlPort} allow { 127.0.0.0/8; } keys { "control"; }; };`,
    key === undefined ? '' : `key "${key.name}" { algorithm ${key.algorithm}; secret "${key.secret}"; };`,
    'options {',
    `  directory "${folder}/zones"; pid-file "${folder}/run/named.pid"; session-keyfile "${folder}/run/session.key";`,
    `  managed-keys-directory "${folder}/run"; lock-file none;`,
    `  listen-on port ${endpoint.port} { ${endpoint.address}; }; listen-on-v6 { none; };`,
    '  recursion no; empty-zones-enable no; dnssec-validation no; minimal-responses no-auth-recursive;',
    `  allow-transfer { ${transferors} }; allow-notify { 127.0.0.0/8; };`,
    // Names as odd as ours are data, not mistakes. A test must not wait for a batch of notifications to fill.
    '  check-names primary ignore; check-names secondary ignore; notify-delay 0; min-refresh-time 1; min-retry-time 1;',
    // Nor for a place among so many per second, 20 of each by default.
    '  notify-rate 10000; startup-notify-rate 10000; serial-query-rate 10000;',
    `  notify ${notify.length > 0 ? 'explicit' : 'no'}; also-notify { ${targets(notify)} };`,
    `  provide-ixfr ${yes}; request-ixfr ${yes}; max-journal-size unlimited;`,
    settings.many
      ? '  transfers-in 200; transfers-per-ns 200; transfers-out 400; tcp-clients 1000; tcp-listen-queue 512;'
      : '',
    '};',
    'logging {',
    `  channel file { file "${folder}/log/server.log"; severity info; print-time iso8601; print-category yes; };`,
    '  category default { file; }; category queries { null; }; category query-errors { null; };',
    '};',
    ...settings.zones.map(({ apex, file }) => zone(apex, file)),
  ]
}
