/**
 * Keeps what runs in step with what is configured: every zone of the control plane is in the directory, every
 * secondary zone has its machine, and a change of a peer or a key reaches the zones that depend on it.
 */

import { sentenceOf } from '../protocol/reason.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import type { Timers } from '../protocol/refresh-state.ts'
import type { Change, Tsig, Zone } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { ContentsClient } from './contents-client.ts'
import type { HandingOn } from './handing-on.ts'
import type { Log } from './log.ts'
import type { Primaries } from './primaries.ts'
import type { Registry } from './registry.ts'
import type { VersionMade, VersionPlan } from './registry-desk.ts'
import type { RegistryEvent } from './registry-state.ts'
import { apexOf } from './secondary-zone.ts'
import type { Secondaries } from './secondaries.ts'
import type { TimerKeeper } from './timer-keeper.ts'
import type { ZoneOverrides } from './zone-overrides.ts'

/** A zone in the directory. */
export interface Hosted {
  readonly zone: Zone
  readonly number: number
  /** Its handle in the directory; undefined until the contents thread has taken the zone up. */
  handle: number | undefined
  /** Resolves once it has, and the zone can be edited or followed. */
  takenUp: Promise<void>
}

export interface HostingWorld {
  readonly registry: Registry
  readonly contents: Pick<ContentsClient, 'adopt' | 'drop'>
  readonly secondaries: Secondaries
  readonly primaries: Pick<Primaries, 'add' | 'remove' | 'get' | 'convert'>
  readonly overrides: Pick<
    ZoneOverrides,
    'add' | 'remove' | 'handOver' | 'overridden' | 'settingsChanged' | 'accountChanged' | 'overlaysOf'
  >
  readonly handingOn: Pick<HandingOn, 'numbered' | 'takenUp' | 'released'>
  readonly timers: TimerKeeper
  readonly store: Pick<Store, 'objects' | 'versions' | 'removeZone'>
  readonly log: Log
  /** The set of keys that answering threads must know has changed. */
  readonly keysChanged: () => void
  /** A zone has contents. */
  readonly served: (zoneId: string) => void
  /** Something beside zones' own settings has changed that their versions are made from. */
  readonly framesChanged: () => void
}

/** A zone that changes hands. */
export type ConversionPlan = Extract<VersionPlan, { type: 'conversion' }>

/**
 * How many stored zones are taken up at once: enough to keep the threads busy, and few enough that what lies between
 * them stays small however many zones there are.
 */
const LANES = 256

/** One for all that are taken up. */
const DONE = Promise.resolve()

export class Hosting {
  readonly #world: HostingWorld
  readonly #hosted = new Map<string, Hosted>()
  /** Contents of zones that changed hands, until somebody else knows of them. */
  readonly #converted = new Map<string, SoaFacts>()
  #lastNumber = 0

  constructor(world: HostingWorld) {
    this.#world = world
    world.registry.onChange((event) => this.#changed(event))
  }

  get(zoneId: string): Hosted | undefined {
    return this.#hosted.get(zoneId)
  }

  all(): Iterable<Hosted> {
    return this.#hosted.values()
  }

  /**
   * Takes up all zones that the store knows. Resolves when what was stored of them is served; `ordered` is called when
   * that is under way.
   */
  async takeUpStored(ordered: () => void = () => {}): Promise<void> {
    const { registry, store } = this.#world
    const timers = new Map<string, Timers>()
    for (const { zoneId, state } of await store.objects('timers')) timers.set(zoneId, state as Timers)
    const lanes = Array.from({ length: LANES }, () => Promise.resolve())
    for (const [at, zone] of registry.zones.all().entries())
      lanes[at % LANES] = this.#takeUp(zone, timers.get(zone.id), lanes[at % LANES])
    ordered()
    await Promise.all(lanes)
    this.#afterCrash().catch((error: unknown) => this.#world.log.error({ err: error }, 'store.failed'))
  }

  /**
   * What a crash may leave between two writes: contents that were on their way while their zone was removed, and zones
   * that have come and are not said to be active.
   */
  async #afterCrash(): Promise<void> {
    const { registry, store, served } = this.#world
    for (const { zoneId } of await store.versions()) {
      const zone = registry.zones.get(zoneId)
      if (zone === undefined) await store.removeZone(zoneId)
      else served(zoneId)
    }
  }

  /**
   * Takes a zone up once what is before it in its lane has been. One that is made while the server starts may be met
   * among those that are stored, and be told of as well.
   */
  #takeUp(zone: Zone, timers: Timers | undefined, before?: Promise<void>): Promise<void> {
    if (this.#hosted.has(zone.id)) return before ?? DONE
    const hosted: Hosted = { zone, number: ++this.#lastNumber, handle: undefined, takenUp: Promise.resolve() }
    this.#hosted.set(zone.id, hosted)
    this.#world.handingOn.numbered(zone, hosted.number)
    const adopt = () => this.#adopt(hosted, timers)
    hosted.takenUp = (before === undefined ? adopt() : before.then(adopt)).then(() => {
      hosted.takenUp = DONE
    })
    return hosted.takenUp
  }

  async #adopt(hosted: Hosted, timers: Timers | undefined): Promise<void> {
    const { contents, secondaries, primaries, overrides, handingOn, log } = this.#world
    const { zone } = hosted
    if (this.#hosted.get(zone.id) !== hosted) return // removed before its turn came
    const overlays = overrides.overlaysOf(zone)
    const { handle, stored, problem } = await contents.adopt({
      id: zone.id,
      number: hosted.number,
      apex: apexOf(zone.name),
      overlays,
    })
    if (problem !== undefined) log.error({ zone: zone.name, problem }, 'zone.unreadable')
    if (handle === undefined) return // a bug, which was told: the zone is as if it were empty
    if (this.#hosted.get(zone.id) !== hosted) return // removed meanwhile; the drop is on its way
    hosted.handle = handle
    handingOn.takenUp(zone)
    // What cannot be read must not be written over: the zone stays as it is until somebody mends the store.
    if (zone.type === 'full') return problem === undefined ? primaries.add(zone, hosted.number, stored) : undefined
    overrides.add(zone, hosted.number, overlays).catch((error: unknown) => log.error({ err: error }, 'store.failed'))
    if (zone.ownContents === true && stored !== undefined) {
      this.#converted.set(zone.id, stored.soa)
      return secondaries.add(zone, hosted.number, { soa: undefined, committedAt: undefined, timers: undefined })
    }
    secondaries.add(zone, hosted.number, { soa: stored?.soa, committedAt: stored?.at, timers })
  }

  /** Makes the version with which a zone changes hands. Who runs it changes when that is told. */
  async convert({ before, lifted }: ConversionPlan, changes: readonly Change[]): Promise<VersionMade> {
    const hosted = this.#hosted.get(before.id)
    await hosted?.takenUp
    const isEmpty = before.type === 'secondary' && this.#soaOf(before.id) === undefined
    if (hosted?.handle === undefined || isEmpty) return { type: 'no version' }
    const outcome = await this.#world.primaries.convert({ before, lifted, number: hosted.number }, changes)
    if (outcome?.type !== 'edited')
      return { type: 'refused', why: outcome?.type === 'refused' ? sentenceOf(outcome.reason) : 'the zone is gone' }
    this.#converted.set(before.id, outcome.soa)
    return { type: 'made' }
  }

  /** The serial and timers of what is served, whoever runs the zone. */
  #soaOf(zoneId: string): SoaFacts | undefined {
    const { secondaries, primaries } = this.#world
    return secondaries.get(zoneId)?.machine.soa ?? primaries.get(zoneId)?.soa ?? this.#converted.get(zoneId)
  }

  /** A zone that changed hands is run by the other from now on. */
  async #handOver(zone: Zone, before: Zone): Promise<void> {
    const hosted = this.#hosted.get(zone.id)
    if (hosted === undefined || zone.type === before.type) return
    const { secondaries, primaries, overrides, timers } = this.#world
    const soa = this.#converted.get(zone.id)
    if (zone.type === 'secondary') {
      primaries.remove(zone.id)
      // What we have is no primary's: the first transfer comes whatever its serial is.
      secondaries.add(zone, hosted.number, { soa: undefined, committedAt: undefined, timers: undefined })
      return overrides.add(zone, hosted.number)
    }
    secondaries.remove(zone.id)
    overrides.handOver(zone.id)
    timers.forget(zone.id)
    this.#converted.delete(zone.id)
    primaries.add(zone, hosted.number, soa && { soa, at: Date.parse(zone.modifiedOn) })
  }

  #release(zone: Zone): void {
    const hosted = this.#hosted.get(zone.id)
    if (hosted === undefined) return
    this.#hosted.delete(zone.id)
    this.#converted.delete(zone.id)
    this.#world.secondaries.remove(zone.id)
    this.#world.primaries.remove(zone.id)
    this.#world.overrides.remove(zone.id)
    this.#world.timers.forget(zone.id)
    this.#world.handingOn.released(zone)
    this.#world.contents.drop(hosted.number)
  }

  /** What it returns must be done before the change is answered. */
  #changed(event: RegistryEvent): Promise<void> | void {
    const { secondaries, overrides, keysChanged } = this.#world
    switch (event.type) {
      case 'zone added':
        return void this.#takeUp(event.zone, undefined)
      case 'zone changed':
        return this.#handOver(event.zone, event.before)
      case 'outgoing changed':
        return // see handing-on.ts
      case 'dns settings changed': // the version of a full zone was made in the same transaction
        return overrides.settingsChanged(event.zoneId, event.after)
      case 'overrides changed':
        return overrides.overridden(event.zoneId, event.after)
      case 'account dns settings changed':
        this.#world.framesChanged()
        return overrides.accountChanged(event.after)
      case 'zone removed':
        return this.#release(event.zone)
      case 'incoming set':
      case 'incoming removed':
        return secondaries.configure(event.incoming.zoneId)
      case 'peer changed':
        return this.#configureZonesOf(new Set([changedOf(event).id]))
      case 'tsig changed':
        keysChanged()
        return this.#configureZonesOf(this.#peersWith(changedOf(event)))
      case 'acl changed':
        return // read anew at each NOTIFY
      default:
        return event satisfies never
    }
  }

  #peersWith({ id, accountId }: Tsig): ReadonlySet<string> {
    const peers = this.#world.registry.peers.in(accountId).filter((peer) => peer.tsigId === id)
    return new Set(peers.map((peer) => peer.id))
  }

  #configureZonesOf(peers: ReadonlySet<string>): void {
    if (peers.size === 0) return
    for (const incoming of this.#world.registry.incomings.all())
      if (incoming.peers.some((id) => peers.has(id))) this.#world.secondaries.configure(incoming.zoneId)
  }
}

/** An object that was changed: as it is now, or as it was before it went. */
function changedOf<T>({ before, after }: { readonly before: T | undefined; readonly after: T | undefined }): T {
  return (after ?? before) as T
}
