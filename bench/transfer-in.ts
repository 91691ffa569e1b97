/**
 * Taking in a large zone: twinzone and other secondaries, from the same primary, in the same run.
 *
 * Each run starts a server on an empty disk, lets it fetch the zone, lets it fetch the next version in full, leaves it
 * alone, kills it, and starts it again while the primary is silent.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { freeEndpoint } from '../test/interop/endpoint.ts'
import type { Endpoint } from '../test/interop/endpoint.ts'
import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import type { TransferKey } from '../test/interop/peers/kind.ts'
import { Peer, peerVersion } from '../test/interop/peers/peer.ts'
import type { PeerName } from '../test/interop/peers/peer.ts'
import { leaveCoreToServer, ON_SERVER_CORE } from './cores.ts'
import { MemoryMeter, memoryMiB, processorSeconds } from './meter.ts'
import { writeReport } from './report.ts'
import type { Figure } from './report.ts'
import { measureEach, startOurs } from './servers.ts'
import { Source } from './source.ts'
import { ZoneVersions } from './zone-versions.ts'

const APEX = 'bench.test.'
const KEY: TransferKey = { name: 'bench.key', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 3).toString('base64') }
const PATIENCE_MS = 300_000

const FIGURES: readonly Figure[] = [
  { key: 'firstSeconds', title: 'first transfer (s)', digits: 2 },
  { key: 'nextSeconds', title: 'next version (s)', digits: 2 },
  { key: 'processorSeconds', title: 'CPU, both (s)', digits: 1 },
  { key: 'peakMiB', title: 'peak PSS (MiB)', digits: 0 },
  { key: 'restMiB', title: 'PSS at rest (MiB)', digits: 0 },
  { key: 'peakRatio', title: 'peak to rest', digits: 2 },
  { key: 'restartSeconds', title: 'restart after kill -9 (s)', digits: 2 },
]

/** How to measure. */
export interface TransferInOptions {
  readonly records: number
  readonly runs: number
  readonly primary: PeerName
  readonly signed: boolean
  readonly secondaries: readonly string[]
}

/** A secondary that can be measured. */
interface Contestant {
  /** Begins to fetch the zone. */
  begin(): Promise<void>
  start(): Promise<void>
  kill(): Promise<void>
  remove(): Promise<void>
  waitForSerial(apex: string, options: { serial: number; deadlineMs: number }): Promise<number>
  processIds(): number[]
}

/** Measures, and writes the report. */
export async function benchTransferIn(options: TransferInOptions): Promise<string> {
  const cores = leaveCoreToServer()
  const folder = temporaryFolder()
  const endpoints = new Map<string, Endpoint>()
  for (const name of options.secondaries) endpoints.set(name, await freeEndpoint())
  const versions = await ZoneVersions.make(folder, { apex: APEX, records: options.records })
  const key = options.signed ? { key: KEY } : {}
  const source = await Source.start(options.primary, versions, { notify: [...endpoints.values()], ixfr: false, ...key })
  const subjects = await measureEach(options.secondaries, async (name) => {
    const runs: Record<string, number | undefined>[] = []
    for (let run = 0; run < options.runs; run++) {
      const endpoint = endpoints.get(name) as Endpoint
      const measured = await measure(await contestant(name, endpoint, source, options), source)
      runs.push(measured)
      process.stderr.write(`${name} ${run + 1}/${options.runs} ${JSON.stringify(measured)}\n`)
    }
    return runs
  })
  await source.peer.remove()
  removeFolder(folder)
  return writeReport({
    name: options.records === 1_000_000 ? 'transfer-in' : `transfer-in-${options.records}`,
    title: `Transfer in: ${options.records.toLocaleString('en')} records`,
    method: [
      'First transfer: from the order to fetch (for the others, from their start) to the first answer with the serial.',
      'Next version: a full transfer after NOTIFY, from the primary answering the new serial to the secondary answering it.',
      'At rest: ten seconds later. Restart: killed, started with a silent primary, until it answers the serial.',
      cores,
      'Memory is the proportional set size of all processes, ours including the command that starts the server.',
    ],
    settings: {
      primary: `${options.primary} ${await peerVersion(options.primary)}`,
      'signed with TSIG': options.signed,
    },
    figures: FIGURES,
    subjects,
  })
}

async function contestant(
  name: string,
  endpoint: Endpoint,
  { peer }: Source,
  { signed }: TransferInOptions,
): Promise<Contestant> {
  const key = signed ? { key: KEY } : {}
  if (name !== 'twinzone') {
    const options = { zones: [{ apex: APEX }], primaries: [peer.endpoint], ixfr: false, endpoint, ...key }
    const server = await Peer.prepare(name as PeerName, { ...options, backend: 'lmdb', under: ON_SERVER_CORE })
    return Object.assign(server, { begin: () => server.start() })
  }
  const server = await startOurs({ endpoint })
  const begin = async (): Promise<void> => {
    await server.follow({ apex: APEX, primaries: [peer.endpoint], ixfr: false, ...key })
  }
  return Object.assign(server, { begin })
}

async function measure(server: Contestant, source: Source): Promise<Record<string, number | undefined>> {
  const meter = new MemoryMeter(server)
  const before = processorSeconds(server)
  const firstSeconds = await secondsUntilServed(server, source.versions.serial, () => server.begin())
  await pause(3000)
  await source.advance(0)
  const nextSeconds = await secondsUntilServed(server, source.versions.serial, async () => {})
  const spent = processorSeconds(server) - before
  await pause(10_000)
  const restMiB = memoryMiB(server)
  const peakMiB = meter.stop()
  const peakRatio = peakMiB / restMiB
  await server.kill()
  source.peer.freeze(true)
  const restartSeconds = await secondsUntilServed(server, source.versions.serial, () => server.start()).catch(told)
  source.peer.freeze(false)
  await server.remove()
  return { firstSeconds, nextSeconds, processorSeconds: spent, peakMiB, restMiB, peakRatio, restartSeconds }
}

/** A server that does not come back has no figure; why stands beside. */
function told(error: unknown): undefined {
  process.stderr.write(`${(error as Error).message}\n`)
}

async function secondsUntilServed(server: Contestant, serial: number, order: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await order()
  await server.waitForSerial(APEX, { serial, deadlineMs: PATIENCE_MS })
  return (performance.now() - started) / 1000
}
