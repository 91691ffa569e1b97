/** Answers by UDP: how many per second, and how long one takes at a fixed rate, as dnsperf sees it. */

import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import { leaveCoreToServer } from './cores.ts'
import { dnsperfMissing, measureLatency, measureRate, warmUp } from './dnsperf.ts'
import { writeReport, type Figure } from './report.ts'
import { measureEach, startServing } from './servers.ts'
import { makeZoneFiles, type ZoneFiles } from './zone-file.ts'

const RATE = 20_000

export interface AnswersOptions {
  /** Of the large zone; the small one has 10,000 names. */
  readonly records: number
  readonly runs: number
  readonly seconds: number
  readonly servers: readonly string[]
}

const FIGURES: readonly Figure[] = [
  { key: 'smallPerSecond', title: '10,000 names, answers/s', digits: 0, better: 'more' },
  { key: 'smallP50', title: 'p50 (µs)', digits: 0 },
  { key: 'smallP99', title: 'p99 (µs)', digits: 0 },
  { key: 'largePerSecond', title: 'large zone, answers/s', digits: 0, better: 'more' },
  { key: 'largeP50', title: 'p50 (µs)', digits: 0 },
  { key: 'largeP99', title: 'p99 (µs)', digits: 0 },
  { key: 'lostPercent', title: 'lost at full speed (%)', digits: 2 },
]

/** Measures, and writes the report. */
export async function benchAnswers({ records, runs, seconds, servers }: AnswersOptions): Promise<string> {
  const missing = dnsperfMissing()
  if (missing !== undefined) return `answers: left out, ${missing}`
  const cores = leaveCoreToServer()
  const folder = temporaryFolder()
  const small = await makeZoneFiles(folder, { apex: 'small.test.', names: 10_000 })
  const large = await makeZoneFiles(folder, { apex: 'large.test.', records })
  const subjects = await measureEach(servers, async (name) => {
    const all = Array.from({ length: runs }, (): Record<string, number> => ({}))
    for (const [prefix, zone] of [['small', small] as const, ['large', large] as const]) {
      const results = await measureZone(name, zone, { runs, seconds })
      for (const [run, { perSecond, lost, p50, p99 }] of results.entries()) {
        const figures = { [`${prefix}PerSecond`]: perSecond, [`${prefix}P50`]: p50, [`${prefix}P99`]: p99 }
        const lostPercent = Math.max(all[run]?.['lostPercent'] ?? 0, (100 * lost) / (lost + perSecond * seconds))
        Object.assign(all[run] ?? {}, figures, { lostPercent })
      }
    }
    process.stderr.write(`${name} ${JSON.stringify(all)}\n`)
    return all
  })
  removeFolder(folder)
  return writeReport({
    name: 'answers',
    title: 'Answers by UDP',
    method: [
      'dnsperf asks with EDNS: 80 % hits, 10 % NXDOMAIN, 5 % referrals and 5 % types that a name does not have.',
      `First as fast as answers come, then ${RATE.toLocaleString('en')} questions a second, of which p50 and p99 are told.`,
      cores,
      'PowerDNS has its packet and query caches, as by default, and reads the zone from a master file.',
    ],
    settings: { 'large zone': `${large.records} records, ${large.names} names`, secondsPerRun: seconds },
    figures: FIGURES,
    subjects,
  })
}

interface Result {
  readonly perSecond: number
  readonly lost: number
  readonly p50: number
  readonly p99: number
}

async function measureZone(
  name: string,
  zone: ZoneFiles,
  { runs, seconds }: { runs: number; seconds: number },
): Promise<Result[]> {
  const server = await startServing(name, [zone])
  try {
    const asking = { server: server.endpoint, file: zone.questions, seconds }
    await warmUp(asking)
    const results: Result[] = []
    for (let run = 0; run < runs; run++) {
      const { perSecond, lost } = await measureRate(asking)
      const latencies = await measureLatency({ ...asking, rate: RATE })
      results.push({ perSecond, lost, p50: latencies.percentile(50), p99: latencies.percentile(99) })
    }
    return results
  } finally {
    await server.remove()
  }
}
