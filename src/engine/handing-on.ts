/**
 * Zones are handed on: keeps the rules of the sending threads and the telling of peers in step with what is configured
 * and with what is served, and knows how each zone's peers stand.
 */

import type { Outgoing, Tsig, Zone } from '../store/objects.ts'
import type { NotifyOut } from '../protocol/notify-out.ts'
import { outgoingMend, outgoingSentence } from '../protocol/outgoing-reason.ts'
import type { Notifier } from './notifier.ts'
import type { OutgoingUses } from './outgoing-uses.ts'
import type { PeerAsked } from './dns-threads.ts'
import type { Registry } from './registry.ts'
import type { RegistryEvent } from './registry-state.ts'
import type { RuleDesk } from './rule-desk.ts'
import type { OutgoingFacts, SecondaryFacts } from './runtime.ts'
import type { TransferOutFacts } from './thread-messages.ts'
import type { TransferOutLog } from './transfer-out-log.ts'

export interface HandingOnWorld {
  readonly registry: Registry
  readonly rules: RuleDesk
  readonly notifier: Notifier
  readonly uses: OutgoingUses
  readonly log: TransferOutLog
}

export class HandingOn {
  readonly #world: HandingOnWorld

  constructor(world: HandingOnWorld) {
    this.#world = world
    world.registry.onChange((event) => this.#heard(event))
  }

  /** A zone has a number in the directory, and soon contents: nobody may have it before its rules are there. */
  numbered(zone: Zone, number: number): void {
    this.#world.rules.add(zone.id, number)
  }

  /** What the store had of a zone is served. */
  takenUp({ id, name }: Zone): void {
    this.#world.notifier.add({ id, name })
  }

  released({ id }: Zone): void {
    const { rules, notifier, uses } = this.#world
    rules.remove(id)
    notifier.remove(id)
    uses.forget(id)
  }

  /** A new version of a zone is served. */
  changed(zoneId: string): void {
    this.#world.notifier.changed(zoneId)
  }

  /** Tells all peers of a zone, whatever they know. */
  notify(zoneId: string): void {
    this.#world.notifier.force(zoneId)
  }

  /** A peer asked for the SOA record. */
  asked({ zoneId, peerId, serial }: PeerAsked): void {
    if (this.#world.registry.outgoings.get(zoneId) !== undefined) this.#world.uses.asked(zoneId, peerId, serial)
  }

  /** A transfer out ended, or was refused. */
  transferredOut(facts: TransferOutFacts): void {
    const { registry, uses, log } = this.#world
    log.ended(facts)
    const { zoneId, peerId, serial, form, outcome } = facts
    if (zoneId === undefined || serial === undefined || outcome !== 'complete') return
    if (registry.outgoings.get(zoneId)?.enabled !== true) return
    if (form === 'SOA') uses.asked(zoneId, peerId, serial)
    else uses.pulled(zoneId, peerId, serial)
  }

  /** How a zone is handed on; undefined for one that is not. */
  facts(zoneId: string): OutgoingFacts | undefined {
    const { registry, uses, notifier } = this.#world
    const outgoing = registry.outgoings.get(zoneId)
    if (outgoing === undefined) return undefined
    const use = uses.get(zoneId)
    const notified = notifier.peersOf(zoneId)
    const peers = outgoing.peers.map((peerId): SecondaryFacts => {
      const { asked, pulled } = use?.peers.get(peerId) ?? {}
      return { peerId, ...tellingOf(notified?.get(peerId)?.machine), asked, pulled }
    })
    return { checkedAt: use?.checkedAt, transferred: use?.transferred, peers }
  }

  /** Whoever has changed something is answered when it is in force. */
  #heard(event: RegistryEvent): Promise<void> | undefined {
    const { outgoings } = this.#world.registry
    switch (event.type) {
      case 'outgoing changed':
        return this.#outgoingChanged(event.before, event.after)
      case 'peer changed':
        return this.#reconfigure(outgoings.zonesTo((event.after ?? event.before)?.id ?? ''))
      case 'tsig changed':
        return this.#reconfigure(this.#zonesSignedWith((event.after ?? event.before) as Tsig))
      case 'acl changed':
        return this.#aclChanged((event.after ?? event.before)?.accountId)
      default:
        return undefined // says nothing about where zones go
    }
  }

  /** That a zone was transferred is noted in its configuration, and changes nothing. */
  #outgoingChanged(before: Outgoing | undefined, after: Outgoing | undefined): Promise<void> | undefined {
    const same =
      before?.enabled === after?.enabled &&
      before?.peers === after?.peers &&
      before?.backlogFromSerial === after?.backlogFromSerial
    const zoneId = (after ?? before)?.zoneId
    return zoneId === undefined || same ? undefined : this.#reconfigure([zoneId])
  }

  async #aclChanged(accountId: string | undefined): Promise<void> {
    const { registry, rules } = this.#world
    const ruled: Promise<void>[] = []
    for (const { zoneId, enabled } of registry.outgoings.all())
      if (enabled && registry.zones.get(zoneId)?.accountId === accountId) ruled.push(rules.mark(zoneId))
    await Promise.all(ruled)
  }

  /** Nobody is told of a zone before he may have it. */
  async #reconfigure(zoneIds: Iterable<string>): Promise<void> {
    const { rules, notifier } = this.#world
    await Promise.all(
      Array.from(zoneIds, async (zoneId) => {
        await rules.mark(zoneId)
        notifier.configure(zoneId)
      }),
    )
  }

  #zonesSignedWith({ id, accountId }: Tsig): ReadonlySet<string> {
    const { peers, outgoings } = this.#world.registry
    const signing = peers.in(accountId).filter(({ tsigId }) => tsigId === id)
    return new Set(signing.flatMap((peer) => outgoings.zonesTo(peer.id)))
  }
}

function tellingOf(machine: NotifyOut | undefined): Pick<SecondaryFacts, 'state' | 'notified' | 'failure'> {
  const { told, phase, next } = machine ?? {}
  const failure = told?.failure && { text: outgoingSentence(told.failure), mend: outgoingMend(told.failure.code) }
  const notified = told && { serial: told.serial, at: told.at }
  if (machine === undefined || (told === undefined && phase?.type === 'resting' && next === undefined)) {
    return { state: 'idle', notified, failure }
  }
  const isTelling = next !== undefined || phase?.type !== 'resting'
  return { state: isTelling ? 'telling' : failure === undefined ? 'told' : 'failed', notified, failure }
}
