/** Handing out a large zone: to one that asks, signed and not, and to ten at once while questions are answered. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import type { TransferKey } from '../test/interop/peers/kind.ts'
import { leaveCoreToServer, ON_SERVER_CORE } from './cores.ts'
import { dnsperfMissing, measureLatency, measureLatencyDuring, warmUp } from './dnsperf.ts'
import { median } from './percentile.ts'
import { writeReport, type Figure } from './report.ts'
import { measureEach, startServing, type Server } from './servers.ts'
import { drainZone, pullZone, secondsOf } from './transfer-client.ts'
import { makeZoneFiles, type ZoneFiles } from './zone-file.ts'

const APEX = 'large.test.'
const KEY: TransferKey = { name: 'bench.key', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 3).toString('base64') }
const AT_ONCE = 10
const QUESTIONS_PER_SECOND = 5000
const IDLE_SECONDS = 2
const MEGA = 1e6

export interface TransferOutOptions {
  readonly records: number
  readonly runs: number
  readonly servers: readonly string[]
}

const FIGURES: readonly Figure[] = [
  { key: 'seconds', title: 'to one (s)', digits: 3 },
  { key: 'megabytesPerSecond', title: 'MB/s', digits: 0, better: 'more' },
  { key: 'megabytes', title: 'sent (MB)', digits: 1 },
  { key: 'signedSeconds', title: 'hmac-sha256 (s)', digits: 3 },
  { key: 'tenSeconds', title: `${AT_ONCE} at once (s)`, digits: 3 },
  { key: 'idleP99', title: 'answers p99, idle (µs)', digits: 0 },
  { key: 'busyP99', title: `answers p99, ${AT_ONCE} at once (µs)`, digits: 0 },
]

/** Measures, and writes the report. */
export async function benchTransferOut({ records, runs, servers }: TransferOutOptions): Promise<string> {
  const cores = leaveCoreToServer()
  const folder = temporaryFolder()
  const zone = await makeZoneFiles(folder, { apex: APEX, records })
  const ceiling = await senderCeiling()
  const subjects = await measureEach(servers, async (name) => {
    const server = await startServing(name, [zone], { key: KEY })
    try {
      await pullZone(server.endpoint, APEX)
      if (dnsperfMissing() === undefined) await warmUp({ server: server.endpoint, file: zone.questions })
      const all: Record<string, number>[] = []
      for (let run = 0; run < runs; run++) all.push(await measure(server, zone))
      process.stderr.write(`${name} ${JSON.stringify(all)}\n`)
      return all
    } finally {
      await server.remove()
    }
  })
  removeFolder(folder)
  return writeReport({
    name: 'transfer-out',
    title: `Transfer out: ${records.toLocaleString('en')} records`,
    method: [
      'From the connection to the last octet of an AXFR. A first client looks for its end and counts; those that are timed know',
      'how many octets to expect, and their kernel throws them away unread.',
      cores,
      `Meanwhile dnsperf asks ${QUESTIONS_PER_SECOND.toLocaleString('en')} questions a second, on the core of the clients, before whom it goes.`,
      'PowerDNS reads the zone from a master file.',
    ],
    settings: { 'a sender with all octets ready (MB/s)': Math.round(ceiling) },
    figures: FIGURES,
    subjects,
  })
}

async function measure({ endpoint }: Server, { questions }: ZoneFiles): Promise<Record<string, number>> {
  const { octets, records } = await pullZone(endpoint, APEX)
  const signed = await pullZone(endpoint, APEX, KEY)
  if (signed.records !== records) throw new Error(`${signed.records} records signed, ${records} unsigned`)
  const seconds = secondsOf(await drainZone(endpoint, APEX, { connections: 1, octets }))
  const signedSeconds = secondsOf(await drainZone(endpoint, APEX, { connections: 1, octets: signed.octets, key: KEY }))
  const pullTen = () => drainZone(endpoint, APEX, { connections: AT_ONCE, octets })
  const figures = {
    seconds,
    megabytesPerSecond: octets / seconds / MEGA,
    megabytes: octets / MEGA,
    signedSeconds,
  }
  if (dnsperfMissing() !== undefined) return { ...figures, tenSeconds: secondsOf(await pullTen()) }
  const asking = { server: endpoint, file: questions, rate: QUESTIONS_PER_SECOND }
  const idle = await measureLatency({ ...asking, seconds: IDLE_SECONDS })
  const busy = await measureLatencyDuring({ ...asking, seconds: 600 }, pullTen)
  return {
    ...figures,
    tenSeconds: secondsOf(busy.value),
    idleP99: idle.percentile(99),
    busyP99: busy.latencies.between(busy.value.from, busy.value.until).percentile(99),
  }
}

/** MB/s that come from a sender with no work to do. */
async function senderCeiling(): Promise<number> {
  const script = fileURLToPath(new URL('ready-sender.ts', import.meta.url))
  const command = [...ON_SERVER_CORE, process.execPath, script]
  const sender = spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [port] = (await once(sender.stdout, 'data')) as [Buffer]
    const endpoint = { address: '127.0.0.1', port: Number(port.toString()) }
    const { octets } = await pullZone(endpoint, '.')
    const rates: number[] = []
    for (let run = 0; run < 7; run++) {
      const span = await drainZone(endpoint, '.', { connections: 1, octets })
      rates.push(octets / secondsOf(span) / MEGA)
    }
    return median(rates)
  } finally {
    sender.kill()
  }
}
