import { Registry as MetricRegistry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { settle, VirtualClock } from '../../test/doubles/virtual-clock.ts'
import type { Serial } from '../dns/serial.ts'
import { reason } from '../protocol/reason.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import type { Incoming, Peer } from '../store/objects.ts'
import type { TransferRecord } from '../store/store.ts'
import { loadConfig } from './config.ts'
import { countersMemory } from './counters.ts'
import { noLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { Secondaries } from './secondaries.ts'
import { TransferLog } from './transfer-log.ts'
import type { ProbeOutcome, ProbeRequest, TransferOutcome, TransferPort, TransferRequest } from './transfer-port.ts'

const HOUR = 3_600_000
const soa = (serial: number): SoaFacts => ({ serial: serial as Serial, refresh: 3600, retry: 600, expire: 86_400 })
const counts = { messages: 1, records: 4, octets: 200 }

/** A contents thread whose answers the test decides on. */
class Pretended implements TransferPort {
  readonly probes: (ProbeRequest & { answer: (outcome: ProbeOutcome) => void })[] = []
  readonly transfers: (TransferRequest & { end: (outcome: TransferOutcome) => void })[] = []
  readonly cancelled: number[] = []
  readonly shown: string[] = []

  probe(request: ProbeRequest): Promise<ProbeOutcome> {
    return new Promise((answer) => this.probes.push({ ...request, answer }))
  }

  transfer(request: TransferRequest): Promise<TransferOutcome> {
    return new Promise((end) => this.transfers.push({ ...request, end }))
  }

  cancel(task: number): void {
    this.cancelled.push(task)
  }

  readonly leases: number[] = []

  lease(_zone: number, expirySeconds: number): void {
    this.leases.push(expirySeconds)
  }

  show(_zone: number, state: string): void {
    this.shown.push(state)
  }
}

const NO_QUESTIONS = { questions: 0, samples: 0, elsewhere: 0, summedUp: 0, minutesDropped: 0 }

function scene({ primaries = 1, limits = {} }: { primaries?: number; limits?: object } = {}) {
  const clock = new VirtualClock(1_000_000)
  const port = new Pretended()
  const kept: TransferRecord[] = []
  const settings = loadConfig({ environment: {} })
  const peers = Array.from({ length: primaries }, (_, at): Peer => {
    return { id: `p${at}`, accountId: 'a', name: `primary ${at}`, ip: `192.0.2.${at + 1}`, port: 0, ixfrEnable: true }
  })
  const incoming = (zoneId: string): Incoming => ({
    zoneId,
    name: `${zoneId}.`,
    peers: peers.map(({ id }) => id),
    autoRefreshSeconds: 0,
    soaSerial: 0,
    createdTime: '',
    checkedTime: '',
    modifiedTime: '',
  })
  const nothing = () => ({ serving: 0, empty: 0, expired: 0 })
  const metrics = createMetrics({
    counters: countersMemory(1),
    zones: nothing,
    records: () => 0,
    load: () => secondaries.load,
    contentsOctets: () => 0,
    udp: () => [],
    analytics: () => ({ figures: NO_QUESTIONS, rows: { minute: 0, hour: 0 }, topZones: () => [] }),
  })
  const secondaries: Secondaries = new Secondaries({
    clock,
    roll: () => 0,
    port,
    objects: { incoming, peer: (id) => peers.find((peer) => peer.id === id), tsig: () => undefined },
    settings: { ...settings, limits: { ...settings.limits, ...limits } },
    transfers: new TransferLog({ clock, log: noLog, metrics: metrics.transfers, keep: (record) => kept.push(record) }),
    log: noLog,
    moved: () => {},
    transferred: () => {},
  })
  const add = (name: string, number = 1) =>
    secondaries.add({ id: name, name }, number, { soa: undefined, committedAt: undefined, timers: undefined })
  return { clock, port, kept, secondaries, add, metrics }
}

/** A zone that has just got its first version, serial 1. */
async function withZone(options: Parameters<typeof scene>[0] = {}) {
  const world = scene(options)
  world.add('example.org')
  world.port.probes.shift()?.answer({ type: 'probed', soa: soa(1), expireSeconds: undefined })
  await world.clock.run(world.clock.time + 1000)
  const done = {
    type: 'transferred',
    form: 'AXFR',
    soa: soa(1),
    expireSeconds: undefined,
    findings: [],
    counts,
  } as const
  world.port.transfers.shift()?.end(done)
  await settle()
  return world
}

describe('a secondary zone', () => {
  test('CF-033: is asked for at port 53 where the peer has none, fetched, and asked for again after REFRESH', async () => {
    const { clock, port, kept, secondaries } = await withZone()
    expect(secondaries.get('example.org')?.machine.soa?.serial).toBe(1)
    expect(kept.map(({ asked, outcome, trigger }) => [asked, outcome, trigger])).toEqual([
      ['SOA', 'done', 'start'],
      ['AXFR', 'done', 'start'],
    ])
    await clock.run(clock.time + HOUR - 2000)
    expect(port.probes).toHaveLength(0)
    await clock.run(clock.time + 5000)
    expect(port.probes).toMatchObject([{ endpoint: { address: '192.0.2.1', port: 53 }, transport: 'udp' }])
  })

  test('expires when nobody answers, and is shown again when somebody does', async () => {
    const { clock, port } = await withZone()
    const silent: ProbeOutcome = { type: 'probe failed', reason: reason('no-answer', { seconds: 3 }) }
    const dead: TransferOutcome = {
      type: 'transfer failed',
      reason: reason('connect-timeout', { seconds: 10 }),
      serial: undefined,
      counts: { messages: 0, records: 0, octets: 0 },
    }
    const answerAll = () => {
      for (const probe of port.probes.splice(0)) probe.answer(silent)
      for (const transfer of port.transfers.splice(0)) transfer.end(dead)
    }
    for (let minute = 0; minute < 26 * 60; minute++) {
      answerAll()
      await clock.run(clock.time + 60_000)
    }
    expect(port.shown).toEqual(['expired'])
    while (port.probes.length === 0) {
      answerAll()
      await clock.run(clock.time + 60_000)
    }
    for (const probe of port.probes.splice(0)) probe.answer({ type: 'probed', soa: soa(1), expireSeconds: undefined })
    await clock.run(clock.time + 1000)
    expect(port.shown).toEqual(['expired', 'serving'])
  })

  test('case 61: one that is removed during a transfer is cancelled, and its end has no effect', async () => {
    const { port, secondaries, kept } = await withZone()
    secondaries.force('example.org', true)
    for (const probe of port.probes.splice(0)) probe.answer({ type: 'probed', soa: soa(1), expireSeconds: undefined })
    await settle()
    const [running] = port.transfers
    secondaries.remove('example.org')
    expect(port.cancelled).toContain(running?.task)
    running?.end({ type: 'up to date', soa: soa(1), expireSeconds: undefined, counts })
    await settle()
    expect(secondaries.get('example.org')).toBeUndefined()
    expect(kept.at(-1)).toMatchObject({ asked: 'AXFR', trigger: 'api' })
    expect(secondaries.load.transfers).toBe(0)
  })

  test('case 13: zones of a dead primary leave room for the zones of another', () => {
    const { port, add, secondaries } = scene({ primaries: 2, limits: { checks: 10, checksPerPrimary: 4 } })
    for (let zone = 0; zone < 50; zone++) add(`zone${zone}.example`, zone)
    const asked = port.probes.map(({ endpoint }) => endpoint.address)
    expect(asked.filter((address) => address === '192.0.2.1')).toHaveLength(4)
    expect(asked.filter((address) => address === '192.0.2.2')).toHaveLength(4)
    expect(secondaries.load).toMatchObject({ checks: 8, checksWaiting: 92 })
  })
})

test('a metric counts each outcome', async () => {
  const { metrics } = await withZone()
  expect(metrics.registry).toBeInstanceOf(MetricRegistry)
  const text = await metrics.registry.metrics()
  expect(text).toContain('twinzone_checks_total{outcome="done"} 1')
  expect(text).toContain('twinzone_transfers_in_total{asked="AXFR",form="AXFR",outcome="done"} 1')
})
