/** Knot DNS: how it is configured and reloaded. */

import { join } from 'node:path'
import { control, writeConfig } from './kind.ts'
import type { PeerKind, PeerSettings } from './kind.ts'
import { printEndpoint } from '../endpoint.ts'

export const KNOT: PeerKind = {
  programs: ['knotd', 'knotc'],
  offersIxfr: true,

  async prepare(settings) {
    return ['knotd', '-c', await writeConfig(settings, 'knot.conf', configuration(settings))]
  },

  async reload({ folder }, { apex }) {
    await control('knotc', '-s', join(folder, 'run', 'knot.sock'), 'zone-reload', apex)
  },
}

function configuration(settings: PeerSettings): string[] {
  const { folder, key, endpoint, ixfr, updates, allow, role } = settings
  const keyId = key === undefined ? '' : `"${key.name}."`
  const remotes = [...settings.primaries, ...settings.notify].map((remote, at) => [
    `  - id: remote${at}`,
    `    address: ${printEndpoint(remote, '@')}`,
    ...(key === undefined ? [] : [`    key: ${keyId}`]),
  ])
  const ids = (from: number, count: number): string =>
    Array.from({ length: count }, (_, at) => `remote${from + at}`).join(', ')
  const rules = [
    ...(allow === 'address' ? [] : [`  - id: by-key\n    key: ${keyId}\n    action: transfer`]),
    ...(allow === 'key' ? [] : ['  - id: by-address\n    address: 127.0.0.0/8\n    action: transfer']),
    ...(updates ? ['  - id: update\n    address: 127.0.0.0/8\n    action: update'] : []),
    '  - id: notify\n    address: 127.0.0.0/8\n    action: notify',
    ...(key === undefined ? [] : [`  - id: notify-by-key\n    key: ${keyId}\n    action: notify`]),
  ]
  const ruleIds = rules.map((rule) => /id: (\S+)/.exec(rule)?.[1]).join(', ')
  return [
    'server:',
    `    rundir: "${folder}/run"`,
    `    listen: ${printEndpoint(endpoint, '@')}`,
    // It resets a transfer that is not read for half a second, and a busy test machine may well not read for so long.
    '    tcp-io-timeout: 20000',
    ...(settings.many ? ['    tcp-max-clients: 1000'] : []),
    '    udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1\n    version: ""\n    identity: ""',
    `control:\n    listen: "${folder}/run/knot.sock"`,
    `log:\n  - target: "${folder}/log/server.log"\n    any: info`,
    `database:\n    storage: "${folder}/db"`,
    ...(key === undefined
      ? []
      : ['key:', `  - id: ${keyId}\n    algorithm: ${key.algorithm}\n    secret: "${key.secret}"`]),
    ...(remotes.length === 0 ? [] : ['remote:', ...remotes.flat()]),
    'acl:',
    ...rules,
    'template:\n  - id: default',
    `    storage: "${folder}/zones"`,
    `    acl: [${ruleIds}]`,
    // It forgets all but 20 versions otherwise.
    ...(ixfr ? ['    journal-max-depth: 1100'] : []),
    `    provide-ixfr: ${ixfr ? 'on' : 'off'}`,
    ...(settings.notify.length === 0
      ? []
      : [`    notify: [${ids(settings.primaries.length, settings.notify.length)}]`]),
    ...(role === 'primary' ? loading(ixfr) : [`    master: [${ids(0, settings.primaries.length)}]`]),
    ...(role === 'secondary' && !ixfr ? ['    journal-content: none'] : []),
    'zone:',
    ...settings.zones.flatMap(({ apex, file }) => [
      `  - domain: ${apex}`,
      ...(file === undefined ? [] : [`    file: "${file}"`]),
    ]),
  ]
}

function loading(ixfr: boolean): string[] {
  const [load, journal] = ixfr ? ['difference', 'changes'] : ['whole', 'none']
  return ['    zonefile-sync: -1', `    zonefile-load: ${load}`, `    journal-content: ${journal}`]
}
