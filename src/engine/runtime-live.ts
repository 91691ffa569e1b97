/** How the running server stands, for the API: read from those who know, kept nowhere. */

import { mendOf, sentenceOf } from '../protocol/reason.ts'
import { wakeAt } from '../protocol/refresh.ts'
import type { KnownPrimary } from '../protocol/refresh-state.ts'
import type { StoredTransfer } from '../store/store.ts'
import { countsOf, type Contents } from '../zone/contents.ts'
import { ZONE_STATE, type ZoneHandle } from '../zone/directory-layout.ts'
import type { Name } from '../dns/name.ts'
import type { DirectoryReader, Pin } from '../zone/directory-reader.ts'
import type { Activations } from './activations.ts'
import type { Analytics, Span } from './analytics.ts'
import type { EditOutcome } from './edit-port.ts'
import type { HandingOn } from './handing-on.ts'
import type { Hosting } from './hosting.ts'
import type { Id } from './object-id.ts'
import type { Primaries } from './primaries.ts'
import type { QuestionBucket } from './question-counts.ts'
import type { Registry } from './registry.ts'
import type { OverrideOutcome } from './registry-overrides.ts'
import type {
  ForceOutcome,
  OutgoingFacts,
  PrimaryFacts,
  RecordReader,
  RunningTransfer,
  ServedReader,
  ServerStatus,
} from './runtime.ts'
import type { ZoneFacts, ZoneRuntime } from './runtime.ts'
import type { Secondaries } from './secondaries.ts'
import { apexOf, type SecondaryZone } from './secondary-zone.ts'
import type { Settings } from './settings.ts'
import type { TransferKeeper } from './transfer-keeper.ts'
import { VERSION } from './version.ts'
import { EditedRecords, OverriddenRecords, ZoneRecords } from './zone-records.ts'
import type { ZoneOverrides } from './zone-overrides.ts'

export interface RuntimeWorld {
  readonly registry: Registry
  readonly secondaries: Secondaries
  readonly primaries: Primaries
  readonly overrides: Pick<ZoneOverrides, 'overriddenIn'>
  readonly activations: Pick<Activations, 'check'>
  readonly hosting: Hosting
  readonly handingOn: Pick<HandingOn, 'facts' | 'notify'>
  readonly reader: DirectoryReader
  readonly past: Pick<TransferKeeper, 'list'>
  readonly settings: Settings
  readonly analytics: Pick<Analytics, 'questions'>
}

type State = ZoneFacts['state']

const STATES = new Map<number, State>(Object.entries(ZONE_STATE).map(([name, number]) => [number, name as State]))

export class Runtime implements ZoneRuntime {
  readonly #world: RuntimeWorld
  readonly #startedAt = Date.now()
  #waitingFor = ['stored zones', 'listeners']

  constructor(world: RuntimeWorld) {
    this.#world = world
  }

  /** One thing less to wait for until the server is ready. */
  arrived(what: string): void {
    this.#waitingFor = this.#waitingFor.filter((each) => each !== what)
  }

  facts(zoneId: Id): ZoneFacts | undefined {
    const hosted = this.#world.hosting.get(zoneId)
    if (hosted === undefined) return undefined
    const zone = this.#world.secondaries.get(zoneId)
    const primary = this.#world.primaries.get(zoneId)
    const machine = zone?.machine
    return {
      state: this.#stateOf(hosted.handle),
      soaSerial: (machine ?? primary)?.soa?.serial,
      recordCount: this.#recordsOf(hosted.handle),
      checkedAt: machine?.checkedAt,
      modifiedAt: (zone ?? primary)?.modifiedAt,
      nextCheckAt: machine === undefined ? undefined : finite(machine.refreshAt ?? wakeAt(machine)),
      expiresAt: machine?.expireAt,
      primaries: (machine?.primaries ?? []).map(primaryFacts),
      transfer: zone && runningTransfer(zone),
    }
  }

  async forceTransfer(zoneId: Id, { full }: { readonly full: boolean }): Promise<ForceOutcome> {
    // A zone that was just made is followed as soon as it has been taken up.
    await this.#world.hosting.get(zoneId)?.takenUp
    const zone = this.#world.secondaries.get(zoneId)
    if (zone === undefined) return { type: 'unknown zone' }
    if (zone.machine.primaries.length === 0) return { type: 'no primaries' }
    this.#world.secondaries.force(zoneId, full)
    return { type: 'started' }
  }

  outgoing(zoneId: Id): OutgoingFacts | undefined {
    return this.#world.handingOn.facts(zoneId)
  }

  notify(zoneId: Id): void {
    this.#world.handingOn.notify(zoneId)
  }

  checkActivation(zoneId: Id): Promise<void> {
    return this.#world.activations.check(zoneId)
  }

  records(zoneId: Id): RecordReader | undefined {
    const { registry, primaries, overrides } = this.#world
    if (primaries.get(zoneId) !== undefined) return this.#read(zoneId, EditedRecords)
    const zone = registry.zones.get(zoneId)
    const overridden = zone && overrides.overriddenIn(zone)
    const transferred = this.#read(zoneId, ZoneRecords)
    if (zone === undefined || overridden === undefined) return transferred
    // What is there and cannot be read now is not to be taken for nothing.
    if (transferred === undefined && this.facts(zoneId)?.state !== 'empty') return undefined
    const made = { records: registry.overrides.of(zone), revision: registry.overrides.revisionOf(zoneId) }
    return new OverriddenRecords(transferred, made, { apex: apexOf(zone.name), overridden })
  }

  served(zoneId: Id): ServedReader | undefined {
    return this.#read(zoneId, ZoneRecords)
  }

  /** A zone that was just made is edited as soon as it can be. */
  async edit(zoneId: Id, edit: Parameters<ZoneRuntime['edit']>[1]): Promise<EditOutcome | OverrideOutcome | undefined> {
    const { hosting, primaries, registry } = this.#world
    await hosting.get(zoneId)?.takenUp
    if (registry.zones.get(zoneId)?.type === 'secondary') return registry.overrides.edit(zoneId, edit)
    return primaries.edit(zoneId, edit)
  }

  #read<Records extends ZoneRecords | EditedRecords>(
    zoneId: Id,
    Reader: new (reader: DirectoryReader, pin: Pin, apex: Name) => Records,
  ): Records | undefined {
    const { hosting, reader } = this.#world
    const hosted = hosting.get(zoneId)
    if (hosted?.handle === undefined) return undefined
    const pin = reader.pin(hosted.handle as ZoneHandle)
    return pin && new Reader(reader, pin, apexOf(hosted.zone.name))
  }

  transfers(query: {
    readonly zoneId?: Id
    readonly before?: number
    readonly direction?: 'in' | 'out'
    readonly limit: number
  }): Promise<StoredTransfer[]> {
    return this.#world.past.list(query)
  }

  questions(zoneId: Id, span: Span): AsyncIterable<QuestionBucket> {
    return this.#world.analytics.questions(zoneId, span)
  }

  status(): ServerStatus {
    const { settings, secondaries } = this.#world
    return {
      version: VERSION,
      startedAt: this.#startedAt,
      waitingFor: this.#waitingFor,
      dns: settings.dns,
      http: [settings.http],
      https: settings.https === undefined ? [] : [settings.https],
      zones: this.zoneStates(),
      records: this.recordsInAll(),
      transfersRunning: secondaries.load.transfers,
    }
  }

  /** How many zones are in which state. */
  zoneStates(): Record<State, number> {
    const sums = { serving: 0, empty: 0, expired: 0 }
    for (const { handle } of this.#world.hosting.all()) sums[this.#stateOf(handle)]++
    return sums
  }

  /** The records of all zones, their SOA records included. */
  recordsInAll(): number {
    let sum = 0
    for (const { handle } of this.#world.hosting.all()) sum += this.#recordsOf(handle)
    return sum
  }

  #stateOf(handle: number | undefined): State {
    if (handle === undefined) return 'empty'
    return STATES.get(this.#world.reader.stateOf(handle as ZoneHandle)) ?? 'empty'
  }

  #recordsOf(handle: number | undefined): number {
    const { reader } = this.#world
    if (handle === undefined) return 0
    reader.enter()
    try {
      const version = reader.versionOf(handle as ZoneHandle)
      return version === 0 ? 0 : countsOf({ arena: reader.arena, version } satisfies Contents).records + 1
    } finally {
      reader.leave()
    }
  }
}

function primaryFacts({ id, memory }: KnownPrimary): PrimaryFacts {
  const { failure } = memory
  return {
    peerId: id,
    serial: memory.serial,
    checkedAt: memory.answeredAt,
    failure: failure && `${sentenceOf(failure.reason)}. ${mendOf(failure.reason.code)}`,
  }
}

function runningTransfer(zone: SecondaryZone): RunningTransfer | undefined {
  for (const { asked, primary, startedAt, counts, started } of zone.tasks.values())
    if (asked !== 'SOA' && started) return { peerId: primary, asked, startedAt, ...counts }
  return undefined
}

const finite = (instant: number): number | undefined => (Number.isFinite(instant) ? instant : undefined)
