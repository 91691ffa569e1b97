/**
 * Answers by UDP while other zones change: while a large zone comes in whole, and while a thousand small changes a second
 * come to other zones. What counts is how much longer the slowest of a hundred answers take than without.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import { freeEndpoint, type Endpoint } from '../test/interop/endpoint.ts'
import { waitForSerial } from '../test/interop/ask.ts'
import { leaveCoreToServer } from './cores.ts'
import { dnsperfMissing, measureLatency, measureLatencyDuring, warmUp, type Latencies } from './dnsperf.ts'
import { MadePrimary } from './made-primary.ts'
import { madeApex } from './made-zones.ts'
import { writeReport, type Figure } from './report.ts'
import { measureEach, PATIENCE_MS, startFollowing } from './servers.ts'
import { Source } from './source.ts'
import { makeZoneFiles, type ZoneFiles } from './zone-file.ts'
import { ZoneVersions } from './zone-versions.ts'

const RATE = 20_000
const CHANGES_PER_SECOND = 1000
const CHANGING_ZONES = 200
/** What is left to do after zones came in is done by then. */
const SETTLE_MS = 3000
const LOAD_APEX = 'load.test.'

export interface AnswersBusyOptions {
  /** Of the zone that comes in. */
  readonly records: number
  readonly runs: number
  readonly seconds: number
  readonly servers: readonly string[]
}

const FIGURES: readonly Figure[] = [
  { key: 'idleP99', title: 'idle p99 (µs)', digits: 0 },
  { key: 'fullP99', title: 'during an AXFR, p99 (µs)', digits: 0 },
  { key: 'fullRatio', title: 'to idle', digits: 2 },
  { key: 'fullSeconds', title: 'the AXFR took (s)', digits: 2 },
  { key: 'changesP99', title: 'during IXFRs, p99 (µs)', digits: 0 },
  { key: 'changesRatio', title: 'to idle', digits: 2 },
  { key: 'changesPerSecond', title: 'IXFRs/s', digits: 0, better: 'more' },
]

/** Measures, and writes the report. */
export async function benchAnswersBusy(options: AnswersBusyOptions): Promise<string> {
  const missing = dnsperfMissing()
  if (missing !== undefined) return `answers-busy: left out, ${missing}`
  const cores = leaveCoreToServer()
  const folder = temporaryFolder()
  const asked = await makeZoneFiles(folder, { apex: 'small.test.', names: 10_000 })
  const versions = await ZoneVersions.make(folder, { apex: LOAD_APEX, records: options.records })
  const endpoint = await freeEndpoint()
  const source = await Source.start(undefined, versions, { beside: [asked], notify: [endpoint] })
  const made = await MadePrimary.start({ zones: CHANGING_ZONES, large: asked })
  const subjects = await measureEach(options.servers, async (name) => {
    const full = await measureFull(name, { asked, source, endpoint }, options)
    const changes = await measureChanges(name, { asked, made }, options)
    const all = full.map((figures, run) => ({ ...figures, ...changes[run] }))
    process.stderr.write(`${name} ${JSON.stringify(all)}\n`)
    return all
  })
  made.stop()
  await source.peer.remove()
  removeFolder(folder)
  return writeReport({
    name: 'answers-busy',
    title: 'Answers while zones change',
    method: [
      `dnsperf asks ${RATE.toLocaleString('en')} questions a second about a zone of 10,000 names.`,
      `Meanwhile a zone of ${options.records.toLocaleString('en')} records comes in whole; or NOTIFY comes for ${CHANGES_PER_SECOND.toLocaleString('en')} changes a second, spread over ${CHANGING_ZONES} zones, each to be fetched by IXFR.`,
      'IXFRs/s: how many were fetched; who gathers changes fetches fewer.',
      cores,
    ],
    settings: { secondsPerRun: options.seconds },
    figures: FIGURES,
    subjects,
  })
}

type Figures = Record<string, number>

const p99 = (latencies: Latencies): number => latencies.percentile(99)

async function measureFull(
  name: string,
  { asked, source, endpoint }: { asked: ZoneFiles; source: Source; endpoint: Endpoint },
  { runs, seconds }: AnswersBusyOptions,
): Promise<Figures[]> {
  const zones = [asked.apex, LOAD_APEX]
  const server = await startFollowing(name, { zones, primary: source.peer.endpoint, endpoint, caches: true })
  try {
    for (const apex of zones) await server.waitForSerial(apex, { deadlineMs: PATIENCE_MS })
    await pause(SETTLE_MS)
    const asking = { server: endpoint, file: asked.questions, rate: RATE }
    await warmUp(asking)
    const all: Figures[] = []
    for (let run = 0; run < runs; run++) {
      const idleP99 = p99(await measureLatency({ ...asking, seconds }))
      const { latencies, value } = await measureLatencyDuring({ ...asking, seconds: PATIENCE_MS / 1000 }, async () => {
        await source.advance(0)
        const from = performance.now()
        await waitForSerial(endpoint, { apex: LOAD_APEX, serial: source.versions.serial, deadlineMs: PATIENCE_MS })
        return { from, until: performance.now() }
      })
      const fullP99 = p99(latencies.between(value.from, value.until))
      all.push({ idleP99, fullP99, fullRatio: fullP99 / idleP99, fullSeconds: (value.until - value.from) / 1000 })
    }
    return all
  } finally {
    await server.remove()
  }
}

async function measureChanges(
  name: string,
  { asked, made }: { asked: ZoneFiles; made: MadePrimary },
  { runs, seconds }: AnswersBusyOptions,
): Promise<Figures[]> {
  const zones = [asked.apex, ...Array.from({ length: CHANGING_ZONES }, (_, number) => madeApex(number))]
  const server = await startFollowing(name, { zones, primary: made.endpoint, ixfr: true, caches: true })
  try {
    for (const apex of zones) await server.waitForSerial(apex, { deadlineMs: PATIENCE_MS })
    await pause(SETTLE_MS)
    const asking = { server: server.endpoint, file: asked.questions, rate: RATE }
    await warmUp(asking)
    const order = { zones: CHANGING_ZONES, secondary: server.endpoint, perSecond: CHANGES_PER_SECOND, seconds }
    const all: Figures[] = []
    for (let run = 0; run < runs; run++) {
      const idleP99 = p99(await measureLatency({ ...asking, seconds }))
      const busy = await measureLatencyDuring({ ...asking, seconds: PATIENCE_MS / 1000 }, () => made.advance(order))
      const changesP99 = p99(busy.latencies)
      const changesPerSecond = busy.value.fetched / seconds
      all.push({ changesP99, changesRatio: changesP99 / idleP99, changesPerSecond })
    }
    return all
  } finally {
    await server.remove()
  }
}
