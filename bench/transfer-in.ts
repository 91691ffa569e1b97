/**
 * Taking in a large zone: twinzone and the three other secondaries, from the same primary, in the same run.
 *
 * Each run starts a server on an empty disk, lets it fetch the zone, lets it fetch the next version in full, leaves it
 * alone, kills it, and starts it again while the primary is silent.
 */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freeEndpoint } from '../test/interop/endpoint.ts'
import type { Endpoint } from '../test/interop/endpoint.ts'
import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import type { TransferKey } from '../test/interop/peers/kind.ts'
import { Peer, peerVersion } from '../test/interop/peers/peer.ts'
import type { PeerName } from '../test/interop/peers/peer.ts'
import { Twinzone } from '../test/interop/twinzone.ts'
import { TestZone } from '../test/interop/zones.ts'
import { versionOf } from './servers.ts'
import { MemoryMeter, memoryMiB, processorSeconds } from './meter.ts'
import { writeReport } from './report.ts'
import type { Figure, Subject } from './report.ts'

const APEX = 'bench.test.'
const KEY: TransferKey = { name: 'bench.key', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 3).toString('base64') }
const PATIENCE_MS = 300_000

const FIGURES: readonly Figure[] = [
  { key: 'firstSeconds', title: 'first transfer (s)', digits: 2 },
  { key: 'nextSeconds', title: 'next version (s)', digits: 2 },
  { key: 'processorSeconds', title: 'CPU, both (s)', digits: 1 },
  { key: 'peakMiB', title: 'peak PSS (MiB)', digits: 0 },
  { key: 'restMiB', title: 'PSS at rest (MiB)', digits: 0 },
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

/** The primary, and the zone file of which it always has the newest version. */
class Source {
  readonly peer: Peer
  readonly #file: string
  readonly #body: Buffer
  serial = 1

  constructor(peer: Peer, file: string, body: Buffer) {
    this.peer = peer
    this.#file = file
    this.#body = body
  }

  /** The next version differs in its serial only: what is measured is that all of it is fetched. */
  async advance(): Promise<void> {
    this.serial++
    await writeFile(this.#file, Buffer.concat([soaLine(this.serial), this.#body]))
    await this.peer.load(APEX, this.#file)
    await this.peer.waitForSerial(APEX, { serial: this.serial, deadlineMs: PATIENCE_MS })
  }
}

/** Measures, and writes the report. */
export async function benchTransferIn(options: TransferInOptions): Promise<string> {
  const folder = temporaryFolder()
  const endpoints = new Map<string, Endpoint>()
  for (const name of options.secondaries) endpoints.set(name, await freeEndpoint())
  const source = await startSource(folder, options, [...endpoints.values()])
  const subjects: Subject[] = []
  for (const [name, endpoint] of endpoints) {
    const runs: Record<string, number | undefined>[] = []
    for (let run = 0; run < options.runs; run++) {
      const measured = await measure(await contestant(name, endpoint, source, options), source)
      runs.push(measured)
      process.stderr.write(`${name} ${run + 1}/${options.runs} ${JSON.stringify(measured)}\n`)
    }
    subjects.push({ name, version: await versionOf(name), runs })
  }
  await source.peer.remove()
  removeFolder(folder)
  return writeReport({
    name: options.records === 1_000_000 ? 'transfer-in' : `transfer-in-${options.records}`,
    title: `Transfer in: ${options.records.toLocaleString('en')} records`,
    method: [
      'First transfer: from the order to fetch (for the others, from their start) to the first answer with the serial.',
      'Next version: a full transfer after NOTIFY, from the primary answering the new serial to the secondary answering it.',
      'At rest: ten seconds later. Restart: killed, started with a silent primary, until it answers the serial.',
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

async function startSource(
  folder: string,
  { records, primary, signed }: TransferInOptions,
  notify: readonly Endpoint[],
): Promise<Source> {
  const file = join(folder, 'zone')
  await new TestZone({ apex: APEX, records, refreshSeconds: 86_400 }).writeTo(file)
  const whole = await readFile(file)
  const body = whole.subarray(whole.indexOf('\n') + 1)
  await writeFile(file, Buffer.concat([soaLine(1), body]))
  const key = signed ? { key: KEY } : {}
  return new Source(
    await Peer.start(primary, { zones: [{ apex: APEX, file }], notify, ixfr: false, ...key }),
    file,
    body,
  )
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
    const server = await Peer.prepare(name as PeerName, options)
    return Object.assign(server, { begin: () => server.start() })
  }
  const server = await Twinzone.start({ endpoint })
  const begin = async (): Promise<void> => {
    await server.follow({ apex: APEX, primaries: [peer.endpoint], ixfr: false, ...key })
  }
  return Object.assign(server, { begin })
}

async function measure(server: Contestant, source: Source): Promise<Record<string, number | undefined>> {
  const meter = new MemoryMeter(server)
  const before = processorSeconds(server)
  const firstSeconds = await secondsUntilServed(server, source.serial, () => server.begin())
  await pause(3000)
  await source.advance()
  const nextSeconds = await secondsUntilServed(server, source.serial, async () => {})
  const spent = processorSeconds(server) - before
  await pause(10_000)
  const restMiB = memoryMiB(server)
  const peakMiB = meter.stop()
  await server.kill()
  source.peer.freeze(true)
  const restartSeconds = await secondsUntilServed(server, source.serial, () => server.start()).catch(told)
  source.peer.freeze(false)
  await server.remove()
  return { firstSeconds, nextSeconds, processorSeconds: spent, peakMiB, restMiB, restartSeconds }
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

function soaLine(serial: number): Buffer {
  return Buffer.from(`${APEX}\t3600\tIN\tSOA\tns1.${APEX} host.${APEX} ${serial} 86400 3600 1209600 300\n`)
}
