/**
 * The server without its HTTP: store, control plane, contents, answering, and the zones that follow primaries.
 *
 * Starts from the bottom up and stops from the top down. Nothing answers before what was stored is served again, and
 * nothing is cut off at the end that can be finished.
 */

import { randomBytes } from 'node:crypto'
import { MessageChannel } from 'node:worker_threads'
import type { TsigKey } from '../dns/tsig.ts'
import { DirectoryReader } from '../zone/directory-reader.ts'
import { startStore, type StoreThread } from '../store/client.ts'
import type { Secret } from '../store/secret.ts'
import type { Store, TransferRecord } from '../store/store.ts'
import { systemClock } from './alarms.ts'
import { Analytics, type AnalyticsWorld } from './analytics.ts'
import { adoptChunksFrom } from './chunks.ts'
import { ContentsClient } from './contents-client.ts'
import { countersMemory } from './counters.ts'
import { DnsThreads, dnsThreadCount, type DnsThreadsWorld, type IncomingNotify } from './dns-threads.ts'
import type { HandingOn } from './handing-on.ts'
import { Hosting, type HostingWorld } from './hosting.ts'
import { tsigKey } from './keys.ts'
import type { Log } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { Notifier } from './notifier.ts'
import { NotifyDesk } from './notify-desk.ts'
import { outgoingParts, type OutgoingParts } from './outgoing-parts.ts'
import type { OutgoingUses } from './outgoing-uses.ts'
import { Primaries } from './primaries.ts'
import { openRegistry, type Registry } from './registry.ts'
import { Runtime } from './runtime-live.ts'
import { Secondaries, type SecondariesWorld } from './secondaries.ts'
import type { SecondaryZone } from './secondary-zone.ts'
import type { Settings } from './settings.ts'
import { TimerKeeper } from './timer-keeper.ts'
import { TlsKeeper } from './tls-keeper.ts'
import { TransferLog } from './transfer-log.ts'
import { Upkeep } from './upkeep.ts'

const COOKIE_SECRET_OCTETS = 16

export interface EngineOptions {
  /** Hears of every check and transfer in that ended. */
  readonly transferred?: (record: TransferRecord) => void
  /** Hears of every version of zones that are edited here. */
  readonly edited?: (zoneId: string) => void
}

export class Engine {
  readonly registry: Registry
  readonly runtime: Runtime
  readonly metrics: Metrics
  /** The administrator's token, if it was made at this start. */
  readonly madeToken: Secret | undefined
  readonly contents: ContentsClient
  readonly hosting: Hosting
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.#parts = parts
    this.registry = parts.registry
    this.runtime = parts.runtime
    this.metrics = parts.metrics
    this.madeToken = parts.madeToken
    this.contents = parts.contents
    this.hosting = parts.hosting
  }

  /** Opens the store, and prepares everything but answering. Throws if the data directory cannot be used. */
  static async open(
    settings: Settings,
    log: Log,
    failed: (error: Error) => void,
    options: EngineOptions = {},
  ): Promise<Engine> {
    const store = await startStore({ directory: settings.data, sealKey: settings.sealKey })
    void store.died.then(failed)
    try {
      return new Engine(await assemble(settings, log, store, failed, options))
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** Serves what was stored, then binds the addresses; resolves to those bound. */
  async start(): Promise<readonly string[]> {
    const { hosting, dns, contents, runtime, upkeep, analytics } = this.#parts
    await hosting.takeUpStored()
    runtime.arrived('stored zones')
    const bound = await dns.start(contents.memory)
    runtime.arrived('listeners')
    upkeep.start()
    analytics.start()
    return bound
  }

  /** The certificate for HTTPS. */
  openTls(): Promise<TlsKeeper> {
    const { store, settings, log } = this.#parts
    return TlsKeeper.open({ store: store.store, settings, clock: systemClock, log })
  }

  /** Answers no more questions; those under way are answered. Part of `stop`, and may come before it. */
  stopAnswering(): Promise<void> {
    return this.#parts.dns.stop()
  }

  /** Ends what can be ended, writes what must be kept, and closes the store. */
  async stop(): Promise<void> {
    const { secondaries, notifier, uses, timers, dns, contents, store, upkeep, analytics } = this.#parts
    upkeep.stop()
    secondaries.stop()
    notifier.stop()
    await dns.stop()
    await contents.stop()
    await Promise.all([timers.flush(), uses.flush(), analytics.stop()])
    await store.close()
  }
}

interface Parts {
  readonly settings: Settings
  readonly log: Log
  readonly store: StoreThread
  readonly registry: Registry
  readonly madeToken: Secret | undefined
  readonly metrics: Metrics
  readonly contents: ContentsClient
  readonly secondaries: Secondaries
  readonly notifier: Notifier
  readonly uses: OutgoingUses
  readonly timers: TimerKeeper
  readonly hosting: Hosting
  readonly dns: DnsThreads
  readonly runtime: Runtime
  readonly upkeep: Upkeep
  readonly analytics: Analytics
}

/** Keeps what is known of a transfer that ended, and notes that its zone has come. */
async function keepTransfer(record: TransferRecord, { zones }: Registry, store: Pick<Store, 'addTransfer'>) {
  const zone = zones.get(record.zoneId)
  if (zone === undefined) return // with a zone goes its past: what ends after it is logged, and not kept
  const brought = record.direction === 'in' && record.outcome === 'done' && record.asked !== 'SOA'
  const activated = brought && zone.status === 'pending' ? [zones.activate(zone.id)] : []
  await Promise.all([store.addTransfer(record), ...activated])
}

function newSecondaries({
  registry,
  contents,
  ...world
}: Pick<SecondariesWorld, 'settings' | 'transfers' | 'log' | 'moved' | 'transferred'> & {
  readonly registry: Registry
  readonly contents: ContentsClient
}): Secondaries {
  return new Secondaries({
    ...world,
    clock: systemClock,
    roll: Math.random,
    port: contents,
    objects: {
      incoming: (zoneId) => registry.incomings.get(zoneId),
      peer: (id) => registry.peers.get(id),
      tsig: (id) => registry.tsigs.get(id),
    },
  })
}

/** Counts of questions, which go with their zones. */
async function openAnalytics(
  registry: Registry,
  store: Store,
  world: Pick<AnalyticsWorld, 'settings' | 'log' | 'gather' | 'failed'>,
): Promise<Analytics> {
  const analytics = await Analytics.open({ ...world, store, zones: registry.zones, clock: systemClock })
  registry.onChange((event) => {
    if (event.type === 'zone removed') analytics.forget(event.zone.id)
  })
  return analytics
}

async function assemble(
  settings: Settings,
  log: Log,
  store: StoreThread,
  failed: (error: Error) => void,
  { transferred = () => {}, edited = () => {} }: EngineOptions,
): Promise<Parts> {
  const serial = settings.primary.serial
  const { tokensPerUser: perUser, tokensPerAccount: perAccount } = settings.limits
  const tokenLimits = { perUser, perAccount }
  const { registry, madeToken } = await openRegistry({ ...settings, serial, tokenLimits, store: store.store })
  const counters = countersMemory(dnsThreadCount(settings))
  const complain = (error: Error) => log.error({ err: error }, 'store.failed')
  const fault = (text: string) => log.error({ text }, 'fault')
  const exists = (zoneId: string) => registry.zones.get(zoneId) !== undefined
  const timers = new TimerKeeper({ store: store.store, clock: systemClock, failed: complain, exists })
  const metrics = createMetrics({
    counters,
    zones: () => runtime.zoneStates(),
    records: () => runtime.recordsInAll(),
    load: () => ({ ...secondaries.load, ...outgoing.notifier.load }),
    contentsOctets: () => contents.octets,
    analytics: () => analytics,
  })
  const notify = new NotifyDesk({
    registry,
    settings,
    notified: (...news) => secondaries.notified(...news),
    verdicts: metrics.notifications,
    clock: systemClock,
    log,
  })
  const judge = (incoming: IncomingNotify) => notify.judge(incoming)
  const common = { registry, settings, log, metrics }
  const sampled = (samples: Uint8Array) => analytics.take(samples)
  const dns = newDnsThreads({ ...common, store, counters, judge, outgoing: () => outgoing, sampled, fault, failed })
  const gather = () => dns.gather()
  const analytics: Analytics = await openAnalytics(registry, store.store, { settings, log, gather, failed: complain })
  const own = new MessageChannel()
  const contents = await ContentsClient.start(
    { settings, store: store.connect(), readers: [own.port1, ...dns.chunkPorts] },
    { failed, fault },
  )
  const reader = new DirectoryReader(contents.memory, adoptChunksFrom(own.port2))
  const keep = (record: TransferRecord) => {
    keepTransfer(record, registry, store.store).catch(complain)
    transferred(record)
  }
  const transfers = new TransferLog({ clock: systemClock, log, metrics: metrics.transfers, keep })
  const outgoing = outgoingParts({
    ...common,
    reader,
    handleOf: (zoneId) => hosting.get(zoneId)?.handle,
    sendRules: (changes) => dns.setRules(changes),
    keep,
    failed: complain,
  })
  const keysChanged = () => dns.setKeys(allKeys(registry))
  const world = { ...common, contents, transfers, timers, reader, store: store.store, keysChanged, edited, analytics }
  const { secondaries, hosting, runtime } = newZoneParts({ ...world, handingOn: outgoing.handingOn })
  const upkeep = new Upkeep({ store: store.store, settings, clock: systemClock, failed: complain })
  const zones = { contents, secondaries, timers, hosting, runtime, notifier: outgoing.notifier, uses: outgoing.uses }
  return { settings, log, store, registry, madeToken, metrics, ...zones, dns, upkeep, analytics }
}

interface ZoneWorld extends Pick<HostingWorld, 'registry' | 'timers' | 'log' | 'keysChanged'> {
  readonly settings: Settings
  readonly contents: ContentsClient
  readonly transfers: TransferLog
  readonly reader: DirectoryReader
  readonly store: Store
  readonly handingOn: HandingOn
  readonly analytics: Analytics
  readonly edited: (zoneId: string) => void
}

/** What follows and edits zones, and those who know how they stand. */
function newZoneParts(world: ZoneWorld): { secondaries: Secondaries; hosting: Hosting; runtime: Runtime } {
  const { timers, handingOn, edited } = world
  const moved = (zone: SecondaryZone) => timers.moved(zone)
  const served = (zoneId: string) => handingOn.changed(zoneId)
  const secondaries = newSecondaries({ ...world, moved, transferred: served })
  const primaries = new Primaries({
    ...world,
    clock: systemClock,
    edited(zoneId) {
      served(zoneId)
      edited(zoneId)
    },
  })
  const hosting = new Hosting({ ...world, secondaries, primaries })
  return { secondaries, hosting, runtime: new Runtime({ ...world, secondaries, primaries, hosting }) }
}

interface DnsWorld extends Pick<DnsThreadsWorld, 'settings' | 'counters' | 'judge' | 'sampled' | 'fault' | 'failed'> {
  readonly registry: Registry
  readonly store: StoreThread
  readonly outgoing: () => OutgoingParts
}

function newDnsThreads({ registry, store, outgoing, ...world }: DnsWorld): DnsThreads {
  return new DnsThreads({
    ...world,
    cookieSecrets: [randomBytes(COOKIE_SECRET_OCTETS)],
    transferredOut: (facts) => outgoing().handingOn.transferredOut(facts),
    asked: (asked) => outgoing().handingOn.asked(asked),
    connectStore: () => store.connect(),
    first: () => [
      { type: 'keys', keys: allKeys(registry) },
      { type: 'rules', changes: outgoing().rules.all(), ticket: 0 },
    ],
  })
}

/** Of all accounts: whoever signs with one of them is known, and what that is good for is decided elsewhere. */
function allKeys({ accounts, tsigs }: Registry): readonly TsigKey[] {
  return accounts.all().flatMap(({ id }) => tsigs.in(id).map((tsig) => tsigKey(tsig)))
}
