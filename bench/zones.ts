/**
 * Many zones: what a hundred thousand of them cost that are edited here, of ten records each.
 *
 * They are made by the API over several connections, as a provider would: one request for the zone, one batch for its
 * records. Then they are listed, one is edited, all are left alone, and the server is killed and started again.
 */

import { statSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { askSerial } from '../test/interop/ask.ts'
import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import { ADMIN_TOKEN, Twinzone } from '../test/interop/twinzone.ts'
import { waitFor } from '../test/interop/wait.ts'
import { VERSION } from '../src/engine/version.ts'
import { HttpClient } from './http-client.ts'
import { memoryMiB, processorSeconds, residentMiB } from './meter.ts'
import { percentile } from './percentile.ts'
import { writeReport, type Figure } from './report.ts'

const MIB = 2 ** 20
const RECORDS = 10
const CONNECTIONS = 8
const PATIENCE_MS = 600_000

export interface ZonesOptions {
  readonly zones: number
  readonly runs: number
  /** How many zones are edited, one after the other, while all are there. */
  readonly edits: number
  readonly idleSeconds: number
}

const FIGURES: readonly Figure[] = [
  { key: 'createSeconds', title: 'create (s)', digits: 1 },
  { key: 'zonesPerSecond', title: 'zones/s', digits: 0 },
  { key: 'firstPageMs', title: 'first page (ms)', digits: 1 },
  { key: 'lastPageMs', title: 'last page (ms)', digits: 1 },
  { key: 'nameMs', title: 'one name (ms)', digits: 1 },
  { key: 'containsMs', title: 'part of a name (ms)', digits: 1 },
  { key: 'edit50Ms', title: 'edit p50 (ms)', digits: 1 },
  { key: 'edit99Ms', title: 'edit p99 (ms)', digits: 1 },
  { key: 'idleSecondsPerMinute', title: 'CPU at rest (s/min)', digits: 2 },
  { key: 'pssMiB', title: 'PSS (MiB)', digits: 0 },
  { key: 'rssMiB', title: 'RSS (MiB)', digits: 0 },
  { key: 'heapMiB', title: 'heap of the main thread (MiB)', digits: 0 },
  { key: 'contentsMiB', title: 'contents (MiB)', digits: 0 },
  { key: 'diskMiB', title: 'disk (MiB)', digits: 0 },
  { key: 'kibPerZone', title: 'PSS per zone (KiB)', digits: 1 },
  { key: 'apiSeconds', title: 'start to API (s)', digits: 2 },
  { key: 'answerSeconds', title: 'start to answers for all (s)', digits: 2 },
  { key: 'restartMiB', title: 'PSS after start (MiB)', digits: 0 },
]

/** Measures, and writes the report. */
export async function benchZones(options: ZonesOptions): Promise<string> {
  const { zones } = options
  const runs: Record<string, number>[] = []
  for (let run = 0; run < options.runs; run++) {
    const measured = await measure(options)
    runs.push(measured)
    process.stderr.write(`zones ${run + 1}/${options.runs} ${JSON.stringify(measured)}\n`)
  }
  return writeReport({
    name: zones === 100_000 ? 'zones' : `zones-${zones}`,
    title: `${zones.toLocaleString('en')} zones`,
    method: [
      `Each zone is made by one request, and its ${RECORDS} records by one batch; ${CONNECTIONS} connections do so at once.`,
      'Lists have 100 zones to a page; each kind of question is asked twenty times, and the median stands here.',
      'An edit adds one record to one zone, over one connection, until it is acknowledged.',
      'PSS per zone is what the zones add to a server without any. The start is one after kill -9.',
    ],
    settings: { ...options },
    figures: FIGURES,
    subjects: [{ name: 'twinzone', version: VERSION, runs }],
  })
}

const nameOf = (number: number): string => `zone${number}.bench.test`

async function measure({ zones, edits, idleSeconds }: ZonesOptions): Promise<Record<string, number>> {
  const folder = temporaryFolder()
  // Nobody else makes so many zones at once.
  const config = { rateLimit: { requests: 1_000_000_000 } }
  const server = await Twinzone.start({ config, environment: { TWINZONE_DATA: folder } })
  const client = new HttpClient(server.url, { connections: CONNECTIONS, token: ADMIN_TOKEN })
  try {
    const emptyMiB = memoryMiB(server)
    const [createSeconds, ids] = await seconds(() => create(client, zones))
    const listed = await lists(client, zones)
    const edited = await editSome(client, ids, edits)
    const before = processorSeconds(server)
    await pause(idleSeconds * 1000)
    const idleSecondsPerMinute = ((processorSeconds(server) - before) * 60) / idleSeconds
    const held = await memory(server, client)
    const kibPerZone = ((held.pssMiB - emptyMiB) * 1024) / zones
    const diskMiB = octetsIn(folder) / MIB
    const restarted = await restart(server, zones)
    const created = { createSeconds, zonesPerSecond: zones / createSeconds }
    return { ...created, ...listed, ...edited, idleSecondsPerMinute, ...held, kibPerZone, diskMiB, ...restarted }
  } finally {
    client.close()
    await server.remove()
    removeFolder(folder)
  }
}

/** Makes all zones with their records; gives their ids. */
async function create(client: HttpClient, zones: number): Promise<string[]> {
  const ids: string[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let number = next++; number < zones; number = next++) {
      const { id } = await client.call<{ id: string }>('POST', '/zones', { name: nameOf(number), type: 'full' })
      await client.call('POST', `/zones/${id}/dns_records/batch`, { posts: recordsOf(number) })
      ids[number] = id
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  return ids
}

/** What a small site has. */
function recordsOf(number: number): object[] {
  const zone = nameOf(number)
  const address = `192.0.2.${number & 255}`
  const record = (type: string, name: string, content: string, more = {}) => ({
    type,
    name,
    content,
    ttl: 3600,
    ...more,
  })
  return [
    record('A', zone, address),
    record('AAAA', zone, `2001:db8::${(number & 0xffff).toString(16)}`),
    record('MX', zone, `mail.${zone}`, { priority: 10 }),
    record('TXT', zone, 'v=spf1 mx -all'),
    record('CNAME', `www.${zone}`, zone),
    record('A', `mail.${zone}`, address),
    record('AAAA', `mail.${zone}`, `2001:db8::1:${(number & 0xffff).toString(16)}`),
    record('TXT', `_dmarc.${zone}`, 'v=DMARC1; p=reject'),
    record('TXT', `key._domainkey.${zone}`, `v=DKIM1; k=rsa; p=${'MIGf'.repeat(20)}${number}`),
    record('A', `ftp.${zone}`, address),
  ]
}

async function lists(client: HttpClient, zones: number): Promise<Record<string, number>> {
  const last = Math.ceil(zones / 100)
  const ask = async (query: string): Promise<number> => {
    const times: number[] = []
    for (let time = 0; time < 20; time++)
      times.push((await seconds(() => client.call('GET', `/zones?per_page=100&${query}`)))[0])
    return 1000 * percentile(times, 50)
  }
  return {
    firstPageMs: await ask('page=1'),
    lastPageMs: await ask(`page=${last}`),
    nameMs: await ask(`name=${nameOf(zones >> 1)}`),
    containsMs: await ask('name=contains:e77'),
  }
}

async function editSome(client: HttpClient, ids: readonly string[], edits: number): Promise<Record<string, number>> {
  const times: number[] = []
  for (let edit = 0; edit < edits; edit++) {
    const number = Math.floor((edit * ids.length) / edits)
    const record = { type: 'A', name: `edited.${nameOf(number)}`, content: '192.0.2.1', ttl: 60 }
    times.push((await seconds(() => client.call('POST', `/zones/${ids[number]}/dns_records`, record)))[0])
  }
  return { edit50Ms: 1000 * percentile(times, 50), edit99Ms: 1000 * percentile(times, 99) }
}

async function memory(server: Twinzone, client: HttpClient) {
  const metrics = await client.text('/metrics')
  const metric = (name: string): number => Number(new RegExp(`^${name}\\S* (\\S+)`, 'm').exec(metrics)?.[1])
  return {
    pssMiB: memoryMiB(server),
    rssMiB: residentMiB(server),
    heapMiB: metric('twinzone_nodejs_heap_size_used_bytes') / MIB,
    contentsMiB: metric('twinzone_contents_octets') / MIB,
  }
}

/** Killed and started: when the API answers, and when the zones are answered; what is stored last is loaded last. */
async function restart(server: Twinzone, zones: number): Promise<Record<string, number>> {
  await server.kill()
  const begun = performance.now()
  const since = () => (performance.now() - begun) / 1000
  const started = server.start(PATIENCE_MS)
  const asked = () => server.fetch('GET', '/client/v4/zones?per_page=5').then(({ ok }) => (ok ? since() : undefined))
  const answering = waitFor('an answer of the API', () => asked().catch(() => undefined), { deadlineMs: PATIENCE_MS })
  await started
  for (const number of [0, zones >> 1, zones - 1])
    if ((await askSerial(server.endpoint, `${nameOf(number)}.`)) === undefined)
      throw new Error(`${nameOf(number)} is not answered after the start`)
  const answerSeconds = since()
  await pause(3000)
  return { apiSeconds: await answering, answerSeconds, restartMiB: memoryMiB(server) }
}

async function seconds<T>(act: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now()
  const value = await act()
  return [(performance.now() - start) / 1000, value]
}

/** What the files of a folder take. */
function octetsIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).blocks * 512, 0)
}
