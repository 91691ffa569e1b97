/** Very many small zones of one primary: all fetched, left alone, and there again after a start. */

import { setTimeout as pause } from 'node:timers/promises'
import { freeEndpoint, type Endpoint } from '../test/interop/endpoint.ts'
import { ADMIN_TOKEN } from '../test/interop/twinzone.ts'
import { allAnswered } from './all-answered.ts'
import { leaveCoreToServer, ON_SERVER_CORE } from './cores.ts'
import { HttpClient } from './http-client.ts'
import { MADE_RECORDS, madeApex } from './made-zones.ts'
import { MadePrimary } from './made-primary.ts'
import { memoryMiB, processorSeconds } from './meter.ts'
import { Peer, type PeerName } from '../test/interop/peers/peer.ts'
import { writeReport, type Figure } from './report.ts'
import { measureEach, startOurs, type Server } from './servers.ts'

const PATIENCE_MS = 1_200_000
const CONNECTIONS = 8
const SETTLE_MS = 10_000

export interface ManyZonesOptions {
  readonly zones: number
  readonly runs: number
  /** SOA REFRESH of the zones. */
  readonly refreshSeconds: number
  /** For so long they are left alone. As long as REFRESH, each is checked once. */
  readonly idleSeconds: number
  readonly servers: readonly string[]
}

const FIGURES: readonly Figure[] = [
  { key: 'fetchSeconds', title: 'all fetched (s)', digits: 1 },
  { key: 'fetchProcessorSeconds', title: 'CPU (s)', digits: 1 },
  { key: 'pssMiB', title: 'PSS (MiB)', digits: 0 },
  { key: 'idlePercent', title: 'CPU of SOA checks (%)', digits: 2 },
  { key: 'startSeconds', title: 'start until all answer (s)', digits: 1 },
]

/** Measures, and writes the report. */
export async function benchManyZones(options: ManyZonesOptions): Promise<string> {
  const { zones, refreshSeconds, idleSeconds } = options
  const cores = leaveCoreToServer()
  const subjects = await measureEach(options.servers, async (name) => {
    const all: Record<string, number>[] = []
    for (let run = 0; run < options.runs; run++) {
      all.push(await measure(name, options))
      process.stderr.write(`${name} ${run + 1}/${options.runs} ${JSON.stringify(all[run])}\n`)
    }
    return all
  })
  return writeReport({
    name: `many-zones-${zones}`,
    title: `${zones.toLocaleString('en')} zones of ${MADE_RECORDS} records`,
    method: [
      'Each is a secondary of all zones of one primary. Fetched: started with nothing but the list of zones, until it answers for each.',
      'Ours has made the zones before, by its API, while the primary was silent.',
      `CPU of SOA checks: of one core, for ${idleSeconds} seconds of a REFRESH of ${refreshSeconds}. Then killed and started again.`,
      'Limits for transfers and checks at once are raised with all that have them.',
      cores,
    ],
    settings: { refreshSeconds, idleSeconds },
    figures: FIGURES,
    subjects,
  })
}

async function measure(
  name: string,
  { zones, refreshSeconds, idleSeconds }: ManyZonesOptions,
): Promise<Record<string, number>> {
  const apexes = Array.from({ length: zones }, (_, number) => madeApex(number))
  const place = await freeEndpoint()
  const server = name === 'twinzone' ? await prepareOurs(apexes, place) : await prepare(name, apexes, place)
  const primary = await MadePrimary.start({ zones, refreshSeconds, endpoint: place })
  const startUntilAll = async (): Promise<number> => {
    const started = performance.now()
    await server.start()
    return ((await allAnswered(server.endpoint, apexes, PATIENCE_MS)) - started) / 1000
  }
  try {
    const fetchSeconds = await startUntilAll()
    const fetchProcessorSeconds = processorSeconds(server)
    await pause(SETTLE_MS)
    const pssMiB = memoryMiB(server)
    const before = processorSeconds(server)
    await pause(idleSeconds * 1000)
    const idlePercent = (100 * (processorSeconds(server) - before)) / idleSeconds
    await server.kill()
    const startSeconds = await startUntilAll()
    return { fetchSeconds, fetchProcessorSeconds, pssMiB, idlePercent, startSeconds }
  } finally {
    primary.stop()
    await server.remove()
  }
}

function prepare(name: string, apexes: readonly string[], primary: Endpoint): Promise<Server> {
  return Peer.prepare(name as PeerName, {
    zones: apexes.map((apex) => ({ apex })),
    primaries: [primary],
    ixfr: false,
    many: true,
    under: ON_SERVER_CORE,
  })
}

/** Ours, which knows all zones, has none, and is stopped. */
async function prepareOurs(apexes: readonly string[], primary: Endpoint): Promise<Server> {
  const [atOnce, checks] = [200, 1000]
  const limits = { transfersIn: atOnce, transfersPerPrimary: atOnce, checks, checksPerPrimary: checks }
  const server = await startOurs({ config: { limits, rateLimit: { requests: 1_000_000_000 } } })
  const client = new HttpClient(server.url, { connections: CONNECTIONS, token: ADMIN_TOKEN })
  const peer = await server.addPeer({ endpoint: primary, ixfr: false })
  let next = 0
  const work = async (): Promise<void> => {
    for (let number = next++; number < apexes.length; number = next++) {
      const apex = apexes[number] as string
      const { id } = await client.call<{ id: string }>('POST', '/zones', { name: apex.slice(0, -1), type: 'secondary' })
      const incoming = { name: apex, peers: [peer], auto_refresh_seconds: 0 }
      await client.call('POST', `/zones/${id}/secondary_dns/incoming`, incoming)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  client.close()
  await server.stop()
  return server
}
