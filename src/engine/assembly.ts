/**
 * How a server is put together: its threads, its control plane, and what runs its zones.
 *
 * Some parts need each other. Where one is needed that is not there yet, it is asked for when the need arises.
 */

import type { TsigKey } from '../dns/tsig.ts'
import { DirectoryReader } from '../zone/directory-reader.ts'
import type { StoreThread } from '../store/client.ts'
import type { Secret } from '../store/secret.ts'
import type { Store, TransferRecord } from '../store/store.ts'
import { systemClock } from './alarms.ts'
import { adoptChunksFrom } from './chunks.ts'
import type { ContentsClient } from './contents-client.ts'
import type { DnsThreads, DnsThreadsHearer, IncomingNotify } from './dns-threads.ts'
import type { HandingOn } from './handing-on.ts'
import { Hosting, type HostingWorld } from './hosting.ts'
import { tsigKey } from './keys.ts'
import type { Log } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { Notifier } from './notifier.ts'
import { NotifyDesk, type NotifyDeskWorld } from './notify-desk.ts'
import { outgoingParts, type OutgoingParts } from './outgoing-parts.ts'
import type { OutgoingUses } from './outgoing-uses.ts'
import { Primaries } from './primaries.ts'
import { openRegistry, type Registry } from './registry.ts'
import { Runtime } from './runtime-live.ts'
import { Secondaries, type SecondariesWorld } from './secondaries.ts'
import type { SecondaryZone } from './secondary-zone.ts'
import type { Settings } from './settings.ts'
import { TimerKeeper } from './timer-keeper.ts'
import { TransferKeeper } from './transfer-keeper.ts'
import type { Threads } from './threads.ts'
import type { AnswerOrder } from './thread-messages.ts'
import { TransferLog } from './transfer-log.ts'
import { Upkeep } from './upkeep.ts'
import { ZoneOverrides } from './zone-overrides.ts'
import { Analytics, type AnalyticsWorld } from './analytics.ts'
import { Activations } from './activations.ts'
import { Delegations } from './delegation.ts'
import { Flattener, type FlattenerWorld } from './flattener.ts'
import { FrameUpkeep } from './frame-upkeep.ts'
import { HostAddresses, resolverOf } from './host-addresses.ts'

export interface EngineOptions {
  /** Hears of every check and transfer in that ended. */
  readonly transferred?: (record: TransferRecord) => void
  /** Hears of every version of zones that are edited here. */
  readonly edited?: (zoneId: string) => void
}

/** What a server is made of. */
export interface Parts {
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
  readonly past: TransferKeeper
  readonly hosting: Hosting
  readonly dns: DnsThreads
  /** Binds the addresses and answers; resolves to those bound. */
  readonly answer: () => Promise<readonly string[]>
  readonly runtime: Runtime
  readonly upkeep: Upkeep
  readonly flattener: Flattener
  readonly frames: FrameUpkeep
  readonly activations: Activations
  readonly analytics: Analytics
}

/** Keeps what is known of a transfer that ended, and notes that its zone has come. */
async function keepTransfer(
  record: TransferRecord,
  { registry, past, served }: { registry: Registry; past: TransferKeeper; served: (id: string) => void },
) {
  const zone = registry.zones.get(record.zoneId)
  if (zone === undefined) return // with a zone goes its past: what ends after it is logged, and not kept
  past.keep(record)
  if (record.direction === 'in' && record.outcome === 'done' && record.asked !== 'SOA') {
    served(zone.id)
    if (zone.ownContents === true) await registry.zones.cameFromPrimary(zone.id)
  }
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

/** Puts a server together. The parts know each other; nothing is done yet. */
export async function assemble(
  settings: Settings,
  log: Log,
  threads: Threads,
  { transferred = () => {}, edited = () => {} }: EngineOptions,
): Promise<Parts> {
  const { store, dns, counters } = threads
  await store.opened
  const { registry, madeToken } = await openControlPlane(settings, store.store)
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
    udp: () => dns.udp,
    analytics: () => analytics,
  })
  const common = { registry, settings, log, metrics }
  const judge = judgeOfNotify({ ...common, notified: (...news) => secondaries.notified(...news) })
  const gather = () => dns.gather()
  const analytics: Analytics = await openAnalytics(registry, store.store, { settings, log, gather, failed: complain })
  const contents = await threads.contents
  const reader = new DirectoryReader(contents.memory, adoptChunksFrom(threads.chunks))
  const activations = new Activations({
    registry,
    delegations: new Delegations(resolverOf(settings), { port: settings.nameServerPort }),
    isServed: (zoneId) => runtime.facts(zoneId)?.state === 'serving',
    settings,
    clock: systemClock,
    log,
    failed: complain,
  })
  const served = (zoneId: string) => activations.served(zoneId)
  const past = new TransferKeeper({ store: store.store, clock: systemClock, exists, failed: complain })
  const keep = (record: TransferRecord) => {
    keepTransfer(record, { registry, past, served }).catch(complain)
    transferred(record)
  }
  const transfers = new TransferLog({ clock: systemClock, log, metrics: metrics.transfers, keep })
  const outgoing: OutgoingParts = outgoingParts({
    ...common,
    reader,
    handleOf: (zoneId) => hosting.get(zoneId)?.handle,
    sendRules: (changes) => dns.setRules(changes),
    keep,
    failed: complain,
  })
  const keysChanged = () => dns.setKeys(allKeys(registry))
  const world = {
    ...common,
    contents,
    transfers,
    timers,
    reader,
    store: store.store,
    past,
    keysChanged,
    served,
    edited,
  }
  const zones = newZoneParts({ ...world, activations, analytics, handingOn: outgoing.handingOn, failed: complain })
  const { secondaries, hosting, runtime } = zones
  const upkeep = new Upkeep({ store: store.store, settings, clock: systemClock, failed: complain })
  const { notifier, uses } = outgoing
  const hearer: DnsThreadsHearer = {
    judge,
    transferredOut: (facts) => outgoing.handingOn.transferredOut(facts),
    asked: (asked) => outgoing.handingOn.asked(asked),
    sampled: (samples) => analytics.take(samples),
    fault,
  }
  const answer = () => dns.start(contents.memory, knownAtFirst(registry, outgoing), hearer)
  const also = { activations, analytics, dns, answer, upkeep }
  return { ...common, ...zones, ...also, store, madeToken, contents, timers, past, notifier, uses }
}

function openControlPlane(settings: Settings, store: Store) {
  const { tokensPerUser: perUser, tokensPerAccount: perAccount, overridesPerZone } = settings.limits
  const primaryNameServers = settings.primary.nameServers
  return openRegistry({
    ...settings,
    primaryNameServers,
    tokenLimits: { perUser, perAccount },
    overridesPerZone,
    store,
  })
}

function judgeOfNotify({
  metrics,
  ...world
}: Pick<NotifyDeskWorld, 'registry' | 'settings' | 'notified' | 'log'> & { readonly metrics: Metrics }) {
  const desk = new NotifyDesk({ ...world, verdicts: metrics.notifications, clock: systemClock })
  return (incoming: IncomingNotify) => desk.judge(incoming)
}

interface ZoneWorld extends Pick<HostingWorld, 'registry' | 'timers' | 'log' | 'keysChanged' | 'served'> {
  readonly settings: Settings
  readonly metrics: Metrics
  readonly contents: ContentsClient
  readonly transfers: TransferLog
  readonly reader: DirectoryReader
  readonly store: Store
  readonly past: TransferKeeper
  readonly activations: Activations
  readonly handingOn: HandingOn
  readonly analytics: Analytics
  /** Hears of every new version that people make. */
  readonly edited: (zoneId: string) => void
  readonly failed: (error: Error) => void
}

/** What follows and edits zones, and those who know how they stand. */
function newZoneParts(world: ZoneWorld) {
  const { registry, timers, handingOn } = world
  const moved = (zone: SecondaryZone) => timers.moved(zone)
  const secondaries = newSecondaries({ ...world, moved, transferred: (zoneId) => handingOn.changed(zoneId) })
  const reading = {
    records: (zoneId: string) => runtime.records(zoneId),
    served: (zoneId: string) => runtime.served(zoneId),
  }
  const editing = newPrimaries({ ...world, reading })
  const { primaries, frames, overrides } = editing
  const framesChanged = () => frames.refresh()
  const hosting = new Hosting({ ...world, secondaries, primaries, overrides, framesChanged })
  registry.makeVersionsWith((plan, changes) =>
    plan.type === 'settings' ? primaries.makeVersion(plan, changes) : hosting.convert(plan, changes),
  )
  const runtime: Runtime = new Runtime({ ...world, secondaries, primaries, overrides, hosting })
  return { secondaries, hosting, runtime, ...editing }
}

/** Zones that are edited here, and overrides in others, with what keeps them in step with the world. */
function newPrimaries({
  reading,
  ...world
}: Omit<ZoneWorld, 'timers' | 'reader'> & { readonly reading: Pick<FlattenerWorld, 'records' | 'served'> }) {
  const { settings, metrics, handingOn } = world
  const counted = (outcome: string) => metrics.lookups.inc({ outcome })
  const addresses = new HostAddresses(resolverOf(settings), settings, counted)
  const flattened: Pick<FlattenerWorld, 'records' | 'served' | 'frame' | 'refresh'> = {
    records: (zoneId) => overrides.cnamesIn(zoneId) ?? reading.records(zoneId),
    served: (zoneId) => (overrides.isKept(zoneId) ? undefined : reading.served(zoneId)),
    frame: (zoneId, answers) => primaries.frameOf(zoneId, answers),
    refresh: async (zoneId, owners) => (await overrides.refresh(zoneId)) || primaries.refresh(zoneId, owners),
  }
  const flattener: Flattener = new Flattener({ ...world, ...flattened, addresses, clock: systemClock })
  const overrides: ZoneOverrides = new ZoneOverrides({ ...world, flattener })
  const edited = (zoneId: string) => {
    handingOn.changed(zoneId)
    world.served(zoneId)
    world.edited(zoneId)
  }
  const isFollowed = (zoneId: string) => overrides.isKept(zoneId)
  const primaries: Primaries = new Primaries({ ...world, flattener, clock: systemClock, edited, isFollowed })
  const frames = new FrameUpkeep({ ...world, served: reading.served, primaries })
  return { primaries, flattener, frames, overrides }
}

/** What a thread must know before it answers. */
function knownAtFirst(registry: Registry, { rules }: OutgoingParts): readonly AnswerOrder[] {
  return [
    { type: 'keys', keys: allKeys(registry) },
    { type: 'rules', changes: rules.all(), ticket: 0 },
  ]
}

/** Of all accounts: whoever signs with one of them is known, and what that is good for is decided elsewhere. */
function allKeys({ accounts, tsigs }: Registry): readonly TsigKey[] {
  return accounts.all().flatMap(({ id }) => tsigs.in(id).map((tsig) => tsigKey(tsig)))
}
