/**
 * Makes the secondary zones run: feeds each zone's machine with what happens, and carries out what it wants.
 *
 * The machine decides, this acts, and every act ends in another event. Checks and transfers wait for their turn in two
 * quotas with places per primary's address, so that one dead primary never holds up the zones of others.
 */

import type { Serial } from '../dns/serial.ts'
import { noticeLevel, noticeSentence } from '../protocol/notice.ts'
import { newSecondary, step, wakeAt } from '../protocol/refresh.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import type { PrimaryId, RefreshEffect, RefreshEvent, Step, Timers } from '../protocol/refresh-state.ts'
import { Alarms, type Clock } from './alarms.ts'
import type { Log } from './log.ts'
import { Quota, ROUTINE, URGENT } from './quota.ts'
import {
  apexOf,
  primariesOf,
  refreshPolicy,
  type RunningTask,
  type SecondaryZone,
  type SourceObjects,
} from './secondary-zone.ts'
import type { Settings } from './settings.ts'
import type { TransferLog } from './transfer-log.ts'
import type { TransferPort } from './transfer-port.ts'

export interface SecondariesWorld {
  readonly clock: Clock
  /** Chance from 0 to 1, for jitter. */
  readonly roll: () => number
  readonly port: TransferPort
  readonly objects: SourceObjects
  readonly settings: Pick<Settings, 'secondary' | 'limits'>
  readonly transfers: TransferLog
  readonly log: Log
  /** A zone's machine has moved: its timers are to be kept. */
  readonly moved: (zone: SecondaryZone) => void
  /** A zone has a new version, and it is served. */
  readonly transferred: (zoneId: string) => void
}

/** What the store knew of a zone at start. */
export interface Restored {
  readonly soa: SoaFacts | undefined
  readonly committedAt: number | undefined
  readonly timers: Timers | undefined
}

type Attempt = Extract<RefreshEffect, { type: 'probe' | 'transfer' }>

export class Secondaries {
  readonly #world: SecondariesWorld
  readonly #zones = new Map<string, SecondaryZone>()
  readonly #alarms: Alarms<string>
  readonly #checks: Quota
  readonly #transfers: Quota
  #lastTask = 0
  #stopped = false

  constructor(world: SecondariesWorld) {
    const { limits } = world.settings
    this.#world = world
    this.#checks = new Quota({ inAll: limits.checks, perKey: limits.checksPerPrimary })
    this.#transfers = new Quota({ inAll: limits.transfersIn, perKey: limits.transfersPerPrimary })
    this.#alarms = new Alarms(world.clock, (id) => this.#feedById(id, { type: 'woke' }))
  }

  /** The work that runs and waits, for metrics. */
  get load(): Record<'checks' | 'checksWaiting' | 'transfers' | 'transfersWaiting', number> {
    return {
      checks: this.#checks.running,
      checksWaiting: this.#checks.waiting,
      transfers: this.#transfers.running,
      transfersWaiting: this.#transfers.waiting,
    }
  }

  get(zoneId: string): SecondaryZone | undefined {
    return this.#zones.get(zoneId)
  }

  all(): Iterable<SecondaryZone> {
    return this.#zones.values()
  }

  /** Begins to follow a zone that the contents thread has taken up under this number. */
  add({ id, name }: { id: string; name: string }, number: number, restored: Restored): void {
    const { sources, primaries, policy } = this.#configurationOf(id)
    const zone: SecondaryZone = {
      id,
      name,
      apex: apexOf(name),
      number,
      machine: newSecondary(primaries, policy, this.#world.clock.now()),
      sources,
      tasks: new Map(),
      modifiedAt: restored.committedAt,
    }
    this.#zones.set(id, zone)
    this.#feed(zone, { type: 'restored', ...restored })
  }

  /** Reads the zone's configuration again: its primaries, their keys, its interval. */
  configure(zoneId: string): void {
    const zone = this.#zones.get(zoneId)
    if (zone === undefined) return
    const { sources, primaries, policy } = this.#configurationOf(zoneId)
    zone.sources = sources
    this.#feed(zone, { type: 'configured', primaries, policy })
  }

  #configurationOf(zoneId: string) {
    const { objects, settings } = this.#world
    const incoming = objects.incoming(zoneId)
    const policy = refreshPolicy(incoming, settings)
    return { ...primariesOf(incoming, objects), policy }
  }

  /** Stops following a zone. What is under way ends without effect. */
  remove(zoneId: string): void {
    const zone = this.#zones.get(zoneId)
    if (zone === undefined) return
    this.#zones.delete(zoneId)
    this.#alarms.clear(zoneId)
    for (const task of zone.tasks.values()) task.cancel()
  }

  /** A NOTIFY that was allowed. `from` is the primary that sent it, if it is one. */
  notified(zoneId: string, from: PrimaryId | undefined, serialHint: Serial | undefined): void {
    this.#feedById(zoneId, { type: 'notified', from, serialHint })
  }

  /** A person wants a check now, or with `full` a full transfer whatever the serials say. */
  force(zoneId: string, full: boolean): void {
    this.#feedById(zoneId, { type: 'forced', full })
  }

  /** No more checks and transfers are begun; those under way are cancelled. */
  stop(): void {
    this.#stopped = true
    this.#alarms.stop()
    for (const zone of this.#zones.values()) for (const task of zone.tasks.values()) task.cancel()
  }

  #feedById(zoneId: string, event: RefreshEvent): void {
    const zone = this.#zones.get(zoneId)
    if (zone !== undefined) this.#feed(zone, event)
  }

  #feed(zone: SecondaryZone, event: RefreshEvent): void {
    if (this.#stopped) return
    const [machine, ...effects] = this.#step(zone, event)
    const { expireAt } = zone.machine
    zone.machine = machine
    if (machine.expireAt !== expireAt) this.#world.port.lease(zone.number, Math.floor((machine.expireAt ?? 0) / 1000))
    for (const effect of effects) this.#carryOut(zone, effect)
    this.#alarms.set(zone.id, wakeAt(zone.machine))
    this.#world.moved(zone)
  }

  /** A bug in a machine costs one zone what it was about to do: it begins anew with what it has. */
  #step(zone: SecondaryZone, event: RefreshEvent): Step {
    const { clock, roll, log } = this.#world
    try {
      return step(zone.machine, event, clock.now(), roll())
    } catch (error) {
      log.error({ zone: zone.name, event: event.type, err: error }, 'zone.fault')
      const { primaries, policy } = this.#configurationOf(zone.id)
      const { soa, confirmedAt: committedAt } = zone.machine
      return step(
        newSecondary(primaries, policy, clock.now()),
        { type: 'restored', soa, committedAt },
        clock.now(),
        roll(),
      )
    }
  }

  #carryOut(zone: SecondaryZone, effect: RefreshEffect): void {
    const { port, log } = this.#world
    switch (effect.type) {
      case 'probe':
        return this.#begin(zone, effect, this.#checks, (task) => this.#probe(zone, effect, task))
      case 'transfer':
        return this.#begin(zone, effect, this.#transfers, (task) => this.#transfer(zone, effect, task))
      case 'cancel':
        return zone.tasks.get(effect.attempt)?.cancel()
      case 'expire':
        log.warn({ zone: zone.name, serial: zone.machine.soa?.serial }, 'zone.expired')
        return port.show(zone.number, 'expired')
      case 'revive':
        log.info({ zone: zone.name, serial: zone.machine.soa?.serial }, 'zone.revived')
        return port.show(zone.number, 'serving')
      case 'report': {
        const { notice, trigger } = effect
        const primary = notice.primary === undefined ? undefined : zone.sources.get(notice.primary)?.name
        const facts = { zone: zone.name, primary, trigger, code: notice.code, text: noticeSentence(notice) }
        return log[noticeLevel(notice.code)](facts, 'zone.report')
      }
      default:
        return effect satisfies never
    }
  }

  /** Queues a check or a transfer, and sees to it that it ends in exactly one event. */
  #begin(zone: SecondaryZone, effect: Attempt, quota: Quota, run: (task: RunningTask) => Promise<RefreshEvent>): void {
    const source = zone.sources.get(effect.primary)
    if (source === undefined) return
    const number = ++this.#lastTask
    const task: RunningTask = {
      task: number,
      primary: effect.primary,
      peer: `${source.endpoint.address}:${source.endpoint.port}`,
      key: source.keyName,
      asked: effect.type === 'probe' ? 'SOA' : effect.form,
      trigger: effect.trigger,
      transport: effect.type === 'probe' ? effect.transport : effect.over,
      fromSerial: zone.machine.soa?.serial,
      startedAt: this.#world.clock.now(),
      started: false,
      counts: { messages: 0, records: 0, octets: 0 },
      cancel: () => {},
    }
    const end = (event: RefreshEvent | undefined) => {
      zone.tasks.delete(effect.attempt)
      if (event !== undefined && this.#zones.get(zone.id) === zone) this.#feed(zone, event)
    }
    const priority = effect.trigger === 'notify' || effect.trigger === 'api' ? URGENT : ROUTINE
    zone.tasks.set(effect.attempt, task)
    const withdraw = quota.request(source.endpoint.address, priority, (release) => {
      task.started = true
      task.cancel = () => this.#world.port.cancel(number)
      void run(task).then((event) => {
        release()
        end(event)
      })
    })
    if (task.started) return
    task.cancel = () => {
      withdraw()
      zone.tasks.delete(effect.attempt)
    }
  }

  async #probe(
    zone: SecondaryZone,
    effect: Extract<RefreshEffect, { type: 'probe' }>,
    task: RunningTask,
  ): Promise<RefreshEvent> {
    const { primary, attempt, transport, edns } = effect
    const { endpoint, key } = this.#sourceOf(zone, primary)
    const request = { task: task.task, zone: zone.number, apex: zone.apex, endpoint, key, transport, edns }
    const outcome = await this.#world.port.probe(request)
    this.#world.transfers.checked(zone, task, outcome)
    return { ...outcome, primary, attempt }
  }

  async #transfer(
    zone: SecondaryZone,
    effect: Extract<RefreshEffect, { type: 'transfer' }>,
    task: RunningTask,
  ): Promise<RefreshEvent> {
    const { primary, attempt, form, since, over, edns } = effect
    const { endpoint, key } = this.#sourceOf(zone, primary)
    const request = { task: task.task, zone: zone.number, endpoint, key, form, since, over, edns }
    const outcome = await this.#world.port.transfer(request, (counts) => {
      task.counts = counts
    })
    task.counts = outcome.counts
    if (outcome.type === 'transferred') zone.modifiedAt = this.#world.clock.now()
    this.#world.transfers.transferred(zone, task, outcome)
    if (outcome.type === 'transferred') this.#world.transferred(zone.id)
    return { ...outcome, primary, attempt }
  }

  #sourceOf(zone: SecondaryZone, primary: PrimaryId) {
    const source = zone.sources.get(primary)
    if (source === undefined) throw new Error(`the zone ${zone.name} has no primary ${primary}`)
    return source
  }
}
