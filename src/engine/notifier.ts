/**
 * Tells the peers of zones of their versions: feeds each peer's machine with what happens, and carries out what it
 * wants.
 *
 * Messages wait for their turn in a quota with places per address, so that a peer that is dead, or has a hundred
 * thousand zones, never holds up the others. After a start every peer is told once: what was told before is not kept.
 */

import { octetsEqual } from '../dns/octets.ts'
import type { TsigKey } from '../dns/tsig.ts'
import { newNotifyOut, step, wakeAt } from '../protocol/notify-out.ts'
import type { NotifyEffect, NotifyEvent, NotifyOut, NotifyPolicy } from '../protocol/notify-out.ts'
import { outgoingReason, outgoingSentence } from '../protocol/outgoing-reason.ts'
import type { Outgoing, Peer, Tsig } from '../store/objects.ts'
import { Alarms, type Clock } from './alarms.ts'
import { tsigKey } from './keys.ts'
import type { Log } from './log.ts'
import type { NotifyPort } from './notify-port.ts'
import { Quota, ROUTINE, URGENT, type Priority } from './quota.ts'
import { apexOf } from './secondary-zone.ts'
import type { ServedSoa } from './served-soa.ts'
import type { Settings } from './settings.ts'

export interface NotifierWorld {
  readonly clock: Clock
  readonly port: NotifyPort
  readonly objects: {
    outgoing(zoneId: string): Outgoing | undefined
    peer(id: string): Peer | undefined
    tsig(id: string): Tsig | undefined
  }
  readonly soaOf: (zoneId: string) => ServedSoa | undefined
  readonly settings: Pick<Settings, 'primary' | 'limits'>
  /** Counts what became of a telling. */
  readonly outcome: (code: string) => void
  readonly log: Log
}

interface NotifyingZone {
  readonly id: string
  readonly name: string
  /** Most zones have none. */
  peers: Map<string, NotifiedPeer> | undefined
}

/** A peer of one zone. */
interface NotifiedPeer {
  readonly zone: NotifyingZone
  readonly id: string
  readonly endpoint: { readonly address: string; readonly port: number }
  readonly key: TsigKey | undefined
  machine: NotifyOut
  priority: Priority
  /** Ends the message that is on its way or waits for its turn. */
  cancel: () => void
}

type Send = Extract<NotifyEffect, { type: 'send' }>

const DNS_PORT = 53

export class Notifier {
  readonly #world: NotifierWorld
  readonly #policy: NotifyPolicy
  readonly #zones = new Map<string, NotifyingZone>()
  readonly #alarms: Alarms<NotifiedPeer>
  readonly #quota: Quota
  #stopped = false

  constructor(world: NotifierWorld) {
    const { limits, primary } = world.settings
    this.#world = world
    this.#policy = {
      delayMs: primary.notifyDelayMs,
      tries: primary.notifyTries,
      timeoutMs: primary.notifyTimeoutSeconds * 1000,
    }
    this.#quota = new Quota({ inAll: limits.notifiesOut, perKey: limits.notifiesOutPerPeer })
    this.#alarms = new Alarms(world.clock, (peer) => this.#feed(peer, { type: 'woke' }))
  }

  /** The messages that are on their way and that wait, for metrics. */
  get load(): Record<'notifies' | 'notifiesWaiting', number> {
    return { notifies: this.#quota.running, notifiesWaiting: this.#quota.waiting }
  }

  /** What is known of the peers of a zone. */
  peersOf(zoneId: string): ReadonlyMap<string, { readonly machine: NotifyOut }> | undefined {
    return this.#zones.get(zoneId)?.peers
  }

  /** Begins to tell of a zone that was stored, if it is handed on. */
  add({ id, name }: { readonly id: string; readonly name: string }): void {
    this.#zones.set(id, { id, name, peers: undefined })
    this.#configure(id, ROUTINE)
  }

  /** Reads again to whom a zone is handed on. Who is new to it is told at once. */
  configure(zoneId: string): void {
    this.#configure(zoneId, URGENT)
  }

  /** A new version of a zone is served. */
  changed(zoneId: string): void {
    const soa = this.#isQuiet(zoneId) ? undefined : this.#world.soaOf(zoneId)
    if (soa !== undefined) this.#feedAll(zoneId, { type: 'changed', serial: soa.serial })
  }

  /** A person wants all peers to be told, whatever they know. */
  force(zoneId: string): void {
    const soa = this.#isQuiet(zoneId) ? undefined : this.#world.soaOf(zoneId)
    if (soa !== undefined) this.#feedAll(zoneId, { type: 'forced', serial: soa.serial })
  }

  remove(zoneId: string): void {
    const zone = this.#zones.get(zoneId)
    this.#zones.delete(zoneId)
    for (const peer of zone?.peers?.values() ?? []) this.#drop(peer)
  }

  /** Nothing more is sent; what is on its way is given up. */
  stop(): void {
    this.#stopped = true
    this.#alarms.stop()
    for (const { peers } of this.#zones.values()) for (const peer of peers?.values() ?? []) peer.cancel()
  }

  #isQuiet(zoneId: string): boolean {
    return (this.#zones.get(zoneId)?.peers?.size ?? 0) === 0
  }

  #feedAll(zoneId: string, event: NotifyEvent): void {
    for (const peer of this.#zones.get(zoneId)?.peers?.values() ?? []) {
      peer.priority = URGENT
      this.#feed(peer, event)
    }
  }

  #configure(zoneId: string, priority: Priority): void {
    const zone = this.#zones.get(zoneId)
    if (zone === undefined) return
    const wanted = this.#wantedOf(zone, priority)
    for (const peer of zone.peers?.values() ?? []) {
      const same = wanted.get(peer.id)
      if (same !== undefined && isSame(peer, same)) wanted.delete(peer.id)
      else this.#drop(peer)
    }
    if (wanted.size === 0) return
    const soa = this.#world.soaOf(zoneId)
    zone.peers ??= new Map()
    for (const peer of wanted.values()) {
      zone.peers.set(peer.id, peer)
      if (soa !== undefined) this.#feed(peer, { type: 'forced', serial: soa.serial })
    }
  }

  /** The peers a zone is handed on to. Those without an address cannot be told anything. */
  #wantedOf(zone: NotifyingZone, priority: Priority): Map<string, NotifiedPeer> {
    const { objects } = this.#world
    const outgoing = objects.outgoing(zone.id)
    const wanted = new Map<string, NotifiedPeer>()
    if (outgoing?.enabled !== true) return wanted
    for (const id of outgoing.peers) {
      const peer = objects.peer(id)
      if (peer === undefined || peer.ip === '') continue
      const tsig = peer.tsigId === undefined ? undefined : objects.tsig(peer.tsigId)
      const endpoint = { address: peer.ip, port: peer.port || DNS_PORT }
      const key = tsig && tsigKey(tsig)
      wanted.set(id, { zone, id, endpoint, key, machine: newNotifyOut(this.#policy), priority, cancel() {} })
    }
    return wanted
  }

  #drop(peer: NotifiedPeer): void {
    peer.zone.peers?.delete(peer.id)
    this.#alarms.clear(peer)
    peer.cancel()
  }

  #feed(peer: NotifiedPeer, event: NotifyEvent): void {
    if (this.#stopped || peer.zone.peers?.get(peer.id) !== peer) return
    const [machine, ...effects] = step(peer.machine, event, this.#world.clock.now())
    peer.machine = machine
    this.#alarms.set(peer, wakeAt(machine))
    for (const effect of effects) this.#carryOut(peer, effect)
  }

  #carryOut(peer: NotifiedPeer, effect: NotifyEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#begin(peer, effect)
      case 'cancel':
        return peer.cancel()
      case 'report':
        return this.#report(peer, effect)
      default:
        return effect satisfies never
    }
  }

  /** Queues a message, and sees to it that it ends in one event unless it is cancelled. */
  #begin(peer: NotifiedPeer, effect: Send): void {
    const controller = new AbortController()
    let started = false
    const withdraw = this.#quota.request(peer.endpoint.address, peer.priority, (release) => {
      started = true
      void this.#send(peer, effect, controller.signal).then((event) => {
        release()
        if (!controller.signal.aborted) this.#feed(peer, event)
      })
    })
    peer.cancel = () => {
      controller.abort()
      if (!started) withdraw()
    }
  }

  async #send(peer: NotifiedPeer, effect: Send, signal: AbortSignal): Promise<NotifyEvent> {
    const { attempt, transport, timeoutMs } = effect
    const { zone, endpoint, key } = peer
    const { port, soaOf, log } = this.#world
    const soa = soaOf(zone.id)
    if (soa === undefined) {
      return { type: 'failed', attempt, reason: outgoingReason('zone-gone') }
    }
    try {
      const reason = await port.send({ apex: apexOf(zone.name), soa, endpoint, key, transport, timeoutMs, signal })
      return reason === undefined ? { type: 'answered', attempt } : { type: 'failed', attempt, reason }
    } catch (error) {
      log.error({ zone: zone.name, err: error }, 'notify.fault')
      const reason = outgoingReason('notify-unreachable', { error: (error as Error).message })
      return { type: 'failed', attempt, reason }
    }
  }

  #report(peer: NotifiedPeer, { told, tries }: Extract<NotifyEffect, { type: 'report' }>): void {
    const { log, outcome, objects } = this.#world
    const { failure, serial } = told
    const { address, port } = peer.endpoint
    outcome(failure?.code ?? 'told')
    const facts = { zone: peer.zone.name, peer: objects.peer(peer.id)?.name, address, port, serial, tries }
    if (failure !== undefined) {
      log.warn({ ...facts, reason: failure.code, detail: outgoingSentence(failure) }, 'notify.failed')
    } else if (peer.priority === ROUTINE) log.debug(facts, 'notify.told')
    else log.info(facts, 'notify.told')
  }
}

/** Whether a peer is where it was and signs as it did. */
function isSame(a: NotifiedPeer, b: NotifiedPeer): boolean {
  if (a.endpoint.address !== b.endpoint.address || a.endpoint.port !== b.endpoint.port) return false
  if (a.key === undefined || b.key === undefined) return a.key === b.key
  const { name, algorithm, secret } = a.key
  return algorithm === b.key.algorithm && octetsEqual(name, b.key.name) && octetsEqual(secret, b.key.secret)
}
