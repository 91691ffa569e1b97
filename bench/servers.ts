/** The measured servers, ours and those of Debian, all used by the same few verbs and pinned to one core. */

import { readFile } from 'node:fs/promises'
import type { Endpoint } from '../test/interop/endpoint.ts'
import type { TransferKey } from '../test/interop/peers/kind.ts'
import { Peer, peerMissing, peerVersion, PEER_NAMES } from '../test/interop/peers/peer.ts'
import type { PeerName } from '../test/interop/peers/peer.ts'
import { PrimaryZone } from '../test/interop/primary-zone.ts'
import { Twinzone, type TwinzoneOptions } from '../test/interop/twinzone.ts'
import { ON_SERVER_CORE } from './cores.ts'
import type { Subject } from './report.ts'
import { startPartner, type FiledZone } from './source.ts'

export const PATIENCE_MS = 600_000
const OURS = 'twinzone'

/** A server that is measured. */
export interface Server {
  readonly endpoint: Endpoint
  start(): Promise<void>
  kill(): Promise<void>
  remove(): Promise<void>
  waitForSerial(apex: string, options: { serial?: number; deadlineMs?: number }): Promise<number>
  processIds(): number[]
}

export interface FollowOptions {
  readonly zones: readonly string[]
  readonly primary: Endpoint
  readonly ixfr?: boolean
  readonly endpoint?: Endpoint
  /** Settings of ours. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Lets PowerDNS answer from its caches. */
  readonly caches?: boolean
}

/** The servers that are installed here, ours first. */
export function contestants(): string[] {
  return [OURS, ...PEER_NAMES.filter((name) => peerMissing(name) === undefined)]
}

/** What a server says its version is. */
export async function versionOf(name: string): Promise<string> {
  if (name !== OURS) return peerVersion(name as PeerName)
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** A server that answers for zones and lets anyone on this machine, or whoever has the key, transfer them. */
export async function startServing(
  name: string,
  zones: readonly FiledZone[],
  { key }: { key?: TransferKey | undefined } = {},
): Promise<Server> {
  if (name !== OURS) {
    const options = { zones, ixfr: false, caches: true, backend: 'bind', under: ON_SERVER_CORE } as const
    return Peer.start(name as PeerName, key === undefined ? options : { ...options, key, allow: 'both' })
  }
  const source = await startPartner(zones)
  const server = await startOurs({})
  try {
    const peer = await server.addPeer({ endpoint: source.endpoint, ixfr: false })
    for (const { apex } of zones) {
      const id = await server.addZone({ apex, peerIds: [peer] })
      // It is handed on to an address that never asks; the key alone opens the door.
      if (key !== undefined) await PrimaryZone.of(server, apex, id).handOn([{ address: '127.0.0.1', port: 9 }], key)
      await server.waitForSerial(apex, { deadlineMs: PATIENCE_MS })
    }
  } finally {
    await source.remove()
  }
  return server
}

/** A secondary that follows zones of a primary; it is started, and no more. */
export async function startFollowing(name: string, options: FollowOptions): Promise<Server> {
  const { zones, primary, ixfr = false, endpoint, caches = false, config = {} } = options
  const place = endpoint === undefined ? {} : { endpoint }
  if (name !== OURS) {
    const apexes = zones.map((apex) => ({ apex }))
    const backend = zones.length > 10 ? 'sqlite' : 'lmdb'
    const peer = { zones: apexes, primaries: [primary], ixfr, caches, backend, under: ON_SERVER_CORE } as const
    return Peer.start(name as PeerName, { ...peer, ...place, many: zones.length > 10 })
  }
  const server = await startOurs({ ...place, config })
  const peerId = await server.addPeer({ endpoint: primary, ixfr })
  for (const apex of zones) await server.addZone({ apex, peerIds: [peerId] })
  return server
}

/** Measures one server after the other, ours first; one that cannot be measured is told of and left out. */
export async function measureEach(
  names: readonly string[],
  measure: (name: string) => Promise<Subject['runs']>,
): Promise<Subject[]> {
  const subjects: Subject[] = []
  for (const name of names.toSorted((a, b) => Number(b === OURS) - Number(a === OURS))) {
    const version = await versionOf(name)
    try {
      subjects.push({ name, version, runs: await measure(name) })
    } catch (error) {
      process.stderr.write(`${name} is left out: ${(error as Error).message}\n`)
    }
  }
  return subjects
}

/** Ours, on the core of measured servers. */
export function startOurs({ config, ...options }: TwinzoneOptions): Promise<Twinzone> {
  return Twinzone.start({ ...options, under: ON_SERVER_CORE, config: { threads: { answer: 1 }, ...config } })
}
