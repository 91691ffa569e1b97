/**
 * The metrics of the server, in Prometheus' form.
 *
 * No series per zone or per peer: a hundred thousand zones would drown whoever collects them. Facts per zone are in
 * the API. The one exception is short: the zones with the most questions.
 */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry as MetricRegistry } from 'prom-client'
import type { Analytics, AnalyticsFigures } from './analytics.ts'
import { COUNTED, readCounters, type Counted } from './counters.ts'
import type { UdpAnswered } from './thread-messages.ts'
import type { TransferMetrics } from './transfer-log.ts'

/** How often the main thread looks how late it is. Every 10 ms, as by default, costs an idle server a hundredth of a core. */
const LOOP_LOOKED_AT_MS = 500

export interface Metrics {
  readonly registry: MetricRegistry
  readonly transfers: TransferMetrics
  /** NOTIFY messages by what was decided. */
  readonly notifications: Counter<'verdict'>
  /** Hosts whose addresses were looked up. */
  readonly lookups: Counter<'outcome'>
  /** HTTP requests that ended with an error, by our code for it: limits that were met, among others. */
  readonly apiErrors: Counter<'code'>
  /** Tellings of a version to a peer, by how they ended. */
  readonly notified: Counter<'outcome'>
}

/** What is read at the moment somebody asks. */
export interface MetricSources {
  readonly counters: SharedArrayBuffer
  readonly zones: () => Readonly<Record<'serving' | 'empty' | 'expired', number>>
  readonly records: () => number
  readonly load: () => Readonly<Record<string, number>>
  readonly contentsOctets: () => number
  /** Which way each thread answers by UDP. */
  readonly udp: () => readonly UdpAnswered[]
  readonly analytics: () => Pick<Analytics, 'figures' | 'rows' | 'topZones'>
}

const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3600]

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new MetricRegistry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'twinzone_', eventLoopMonitoringPrecision: LOOP_LOOKED_AT_MS })
  gauge(registry, 'zones', 'zones by state', ['state'], sources.zones)
  gauge(registry, 'tasks', 'checks, transfers in and NOTIFY messages that run or wait', ['task'], sources.load)
  gauge(registry, 'records', 'records of all zones', [], () => ({ all: sources.records() }))
  gauge(registry, 'contents_octets', 'shared memory of all contents', [], () => ({ all: sources.contentsOctets() }))
  gauge(registry, 'udp_threads', 'threads that answer by UDP, in batches or plain', ['way'], () =>
    threadsByWay(sources.udp()),
  )
  countThreads(registry, sources.counters)
  countQuestions(registry, sources.analytics)
  return {
    registry,
    notifications: new Counter({
      name: 'twinzone_notifications_judged_total',
      help: 'NOTIFY messages by what was decided',
      labelNames: ['verdict'],
      registers,
    }),
    lookups: new Counter({
      name: 'twinzone_lookups_total',
      help: 'hosts that were looked up for CNAME records by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    apiErrors: new Counter({
      name: 'twinzone_api_errors_total',
      help: 'HTTP requests that ended with an error, by its code',
      labelNames: ['code'],
      registers,
    }),
    notified: new Counter({
      name: 'twinzone_notified_total',
      help: 'versions that peers were told of by NOTIFY, by how it ended',
      labelNames: ['outcome'],
      registers,
    }),
    transfers: {
      checks: new Counter({
        name: 'twinzone_checks_total',
        help: 'SOA checks of primaries by outcome',
        labelNames: ['outcome'],
        registers,
      }),
      transfers: new Counter({
        name: 'twinzone_transfers_in_total',
        help: 'transfers in by what was asked for, what came, and outcome',
        labelNames: ['asked', 'form', 'outcome'],
        registers,
      }),
      octets: new Counter({ name: 'twinzone_transfer_in_octets_total', help: 'octets of transfers in', registers }),
      records: new Counter({ name: 'twinzone_transfer_in_records_total', help: 'records of transfers in', registers }),
      seconds: new Histogram({
        name: 'twinzone_transfer_in_seconds',
        help: 'time of transfers in',
        buckets: SECONDS,
        registers,
      }),
    },
  }
}

function threadsByWay(threads: readonly UdpAnswered[]): Readonly<Record<UdpAnswered['way'], number>> {
  const batched = threads.filter(({ way }) => way === 'batched').length
  return { batched, plain: threads.length - batched }
}

function gauge(
  registry: MetricRegistry,
  name: string,
  help: string,
  labelNames: readonly string[],
  read: () => Readonly<Record<string, number>>,
): void {
  const [label] = labelNames
  const metric = new Gauge({
    name: `twinzone_${name}`,
    help,
    labelNames: [...labelNames],
    registers: [],
    collect() {
      this.reset()
      for (const [key, value] of Object.entries(read())) this.set(label === undefined ? {} : { [label]: key }, value)
    },
  })
  registry.registerMetric(metric)
}

/** What the analytics count, with the help text of its metric. */
export const FIGURES = {
  questions: 'questions that were counted, by zone or as in none',
  samples: 'samples of questions that this was done with',
  elsewhere: 'questions for names in no zone',
  summedUp: 'questions that were too many kinds in their zone to be told apart',
  minutesDropped: 'minutes of counts that went before their time because there were too many rows',
} as const satisfies Record<keyof AnalyticsFigures, string>

/** The zones with the most questions by their ids: /metrics needs no token, so it reveals no names. */
function countQuestions(registry: MetricRegistry, analytics: MetricSources['analytics']): void {
  for (const [figure, help] of Object.entries(FIGURES))
    counter(registry, `analytics_${figure}`, help, () => analytics().figures[figure as keyof AnalyticsFigures])
  gauge(registry, 'analytics_rows', 'kinds of questions told apart, in memory', ['kept'], () => ({
    ...analytics().rows,
  }))
  const top = 'questions of the last full minute to the zones with the most'
  gauge(registry, 'top_zone_questions', top, ['zone_id'], () => Object.fromEntries(analytics().topZones()))
}

/** The counters of the threads become metrics of their own: `udpQueries` is `twinzone_udp_queries_total`. */
function countThreads(registry: MetricRegistry, memory: SharedArrayBuffer): void {
  for (const [counted, help] of Object.entries(COUNTED))
    counter(registry, counted, help, () => readCounters(memory)[counted as Counted])
}

/** A sum since the start that is kept elsewhere; `summedUp` is `twinzone_summed_up_total`. */
function counter(registry: MetricRegistry, name: string, help: string, read: () => number): void {
  const metric = new Counter({
    name: `twinzone_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`,
    help,
    registers: [],
    collect() {
      this.reset()
      this.inc(read())
    },
  })
  registry.registerMetric(metric)
}
