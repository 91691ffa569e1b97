/**
 * The server without its HTTP: store, control plane, contents, answering, and the zones that follow primaries.
 *
 * Starts from the bottom up and stops from the top down. Nothing answers before what was stored is served again, and
 * nothing is cut off at the end that can be finished.
 */

import { randomBytes } from 'node:crypto'
import { MessageChannel } from 'node:worker_threads'
import type { Name } from '../dns/name.ts'
import { DirectoryReader } from '../zone/directory-reader.ts'
import { startStore, type StoreThread } from '../store/client.ts'
import type { Secret } from '../store/secret.ts'
import type { Store, TransferRecord } from '../store/store.ts'
import { Activations } from './activations.ts'
import { systemClock } from './alarms.ts'
import { adoptChunksFrom } from './chunks.ts'
import { ContentsClient } from './contents-client.ts'
import { countersMemory } from './counters.ts'
import { Delegations } from './delegation.ts'
import { DnsThreads, dnsThreadCount } from './dns-threads.ts'
import { Flattener } from './flattener.ts'
import { FrameUpkeep } from './frame-upkeep.ts'
import { HostAddresses, resolverOf } from './host-addresses.ts'
import { Hosting } from './hosting.ts'
import { tsigKey } from './keys.ts'
import type { Log } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { NotifyDesk } from './notify-desk.ts'
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
  /** Names of keys with one of which transfers out must be signed. */
  readonly transferKeys?: readonly string[]
  /** Hears of every check and transfer in that ended. */
  readonly transferred?: (record: TransferRecord) => void
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
    const { hosting, dns, contents, runtime, upkeep, flattener, frames, activations, sendKeys, log } = this.#parts
    await flattener.load()
    await hosting.takeUpStored()
    runtime.arrived('stored zones')
    const bound = await dns.start(contents.memory)
    runtime.arrived('listeners')
    sendKeys()
    upkeep.start()
    frames.refresh()
    activations.start()
    flattener.tidy().catch((error: unknown) => log.error({ err: error }, 'store.failed'))
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
    const { secondaries, timers, dns, contents, store, upkeep, flattener, activations } = this.#parts
    upkeep.stop()
    activations.stop()
    flattener.stop()
    secondaries.stop()
    await dns.stop()
    await contents.stop()
    await timers.flush()
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
  readonly timers: TimerKeeper
  readonly hosting: Hosting
  readonly dns: DnsThreads
  readonly runtime: Runtime
  readonly upkeep: Upkeep
  readonly primaries: Primaries
  readonly flattener: Flattener
  readonly frames: FrameUpkeep
  readonly activations: Activations
  readonly sendKeys: () => void
}

/** Keeps what is known of a transfer that ended, and notes that its zone has come. */
async function keepTransfer(
  record: TransferRecord,
  { registry, store, served }: { registry: Registry; store: Pick<Store, 'addTransfer'>; served: (id: string) => void },
) {
  const zone = registry.zones.get(record.zoneId)
  if (zone === undefined) return // with a zone goes its past: what ends after it is logged, and not kept
  if (record.outcome === 'done' && record.asked !== 'SOA') {
    served(zone.id)
    if (zone.ownContents === true) await registry.zones.cameFromPrimary(zone.id)
  }
  await store.addTransfer(record)
}

function newSecondaries({
  registry,
  contents,
  ...world
}: Pick<SecondariesWorld, 'settings' | 'transfers' | 'log' | 'moved'> & {
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

/** Zones that are edited here, with what keeps their versions in step with the world. */
function newPrimaries(world: {
  readonly registry: Registry
  readonly contents: ContentsClient
  readonly settings: Settings
  readonly store: StoreThread
  readonly metrics: Metrics
  readonly log: Log
  readonly failed: (error: Error) => void
  readonly records: Runtime['records']
  readonly served: (zoneId: string) => void
}) {
  const { registry, contents, settings, metrics, log, failed, records } = world
  const { store } = world.store
  const counted = (outcome: string) => metrics.lookups.inc({ outcome })
  const addresses = new HostAddresses(resolverOf(settings), settings, counted)
  const refresh = (zoneId: string, owners: readonly Name[]) => primaries.refresh(zoneId, owners)
  const flattener = new Flattener({ addresses, records, refresh, store, settings, clock: systemClock, log, failed })
  const edited = (zoneId: string) => world.served(zoneId)
  const primaries = new Primaries({ contents, registry, settings, flattener, clock: systemClock, log, edited })
  const frames = new FrameUpkeep({ registry, primaries, settings, store, failed })
  return { primaries, flattener, frames }
}

async function assemble(
  settings: Settings,
  log: Log,
  store: StoreThread,
  failed: (error: Error) => void,
  { transferKeys = [], transferred = () => {} }: EngineOptions,
): Promise<Parts> {
  const primaryNameServers = settings.primary.nameServers
  const { tokensPerUser: perUser, tokensPerAccount: perAccount } = settings.limits
  const tokenLimits = { perUser, perAccount }
  const { registry, madeToken } = await openRegistry({ ...settings, primaryNameServers, tokenLimits, store: store.store })
  const counters = countersMemory(dnsThreadCount(settings))
  const complain = (error: Error) => log.error({ err: error }, 'store.failed')
  const fault = (text: string) => log.error({ text }, 'fault')
  const exists = (zoneId: string) => registry.zones.get(zoneId) !== undefined
  const timers = new TimerKeeper({ store: store.store, clock: systemClock, failed: complain, exists })
  const metrics = createMetrics({
    counters,
    zones: () => runtime.zoneStates(),
    records: () => runtime.recordsInAll(),
    load: () => secondaries.load,
    contentsOctets: () => contents.octets,
  })
  const notify = new NotifyDesk({
    registry,
    settings,
    notified: (...news) => secondaries.notified(...news),
    verdicts: metrics.notifications,
    clock: systemClock,
    log,
  })
  const dns = new DnsThreads({
    settings,
    counters,
    cookieSecrets: [randomBytes(COOKIE_SECRET_OCTETS)],
    transferKeys,
    judge: (incoming) => notify.judge(incoming),
    transferredOut: (facts) => log.info(facts, 'transfer.out'),
    fault,
    failed,
  })
  const own = new MessageChannel()
  const contents = await ContentsClient.start(
    { settings, store: store.connect(), readers: [own.port1, ...dns.chunkPorts] },
    { failed, fault },
  )
  const reader = new DirectoryReader(contents.memory, adoptChunksFrom(own.port2))
  const activations = new Activations({
    registry,
    delegations: new Delegations(resolverOf(settings)),
    isServed: (zoneId) => runtime.facts(zoneId)?.state === 'serving',
    settings,
    clock: systemClock,
    log,
    failed: complain,
  })
  const served = (zoneId: string) => activations.served(zoneId)
  const keep = (record: TransferRecord) => {
    keepTransfer(record, { registry, store: store.store, served }).catch(complain)
    transferred(record)
  }
  const transfers = new TransferLog({ clock: systemClock, log, metrics: metrics.transfers, keep })
  const moved = (zone: SecondaryZone) => timers.moved(zone)
  const secondaries: Secondaries = newSecondaries({ registry, contents, settings, transfers, log, moved })
  const sendKeys = () =>
    dns.setKeys(registry.accounts.all().flatMap(({ id }) => registry.tsigs.in(id).map((tsig) => tsigKey(tsig))))
  const records = (zoneId: string) => runtime.records(zoneId)
  const editing = newPrimaries({ registry, contents, settings, store, metrics, log, failed: complain, records, served })
  const { primaries, frames } = editing
  const hosting = new Hosting({
    registry,
    contents,
    secondaries,
    primaries,
    timers,
    store: store.store,
    log,
    keysChanged: sendKeys,
    framesChanged: () => frames.refresh(),
    served,
  })
  registry.makeVersionsWith((plan, changes) =>
    plan.type === 'settings' ? primaries.makeVersion(plan, changes) : hosting.convert(plan.before, changes),
  )
  const runtime: Runtime = new Runtime({
    registry,
    secondaries,
    primaries,
    activations,
    hosting,
    reader,
    store: store.store,
    settings,
  })
  const upkeep = new Upkeep({ store: store.store, settings, clock: systemClock, failed: complain })
  const zones = { contents, secondaries, timers, hosting, runtime }
  return {
    settings,
    log,
    store,
    registry,
    madeToken,
    metrics,
    ...zones,
    ...editing,
    activations,
    dns,
    upkeep,
    sendKeys,
  }
}
