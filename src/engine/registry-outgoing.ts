/** To where zones are handed on: one outgoing configuration per zone, whether it is edited here or transferred in. */

import type { Serial } from '../dns/serial.ts'
import type { Change, Outgoing } from '../store/objects.ts'
import { instantText, type Id, type Instant } from './object-id.ts'
import { readOutgoing, type OutgoingDraft, type OutgoingFields } from './object-outgoing.ts'
import { done, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import { linkRefusal, type LinkOptions } from './registry-links.ts'
import type { RegistryState } from './registry-state.ts'
import { unknownZone } from './registry-zones.ts'

/** What is noted of a configuration while it is used. Members are undefined for what has not happened since. */
export interface OutgoingUse {
  readonly zoneId: Id
  /** When a peer last asked for the serial or for the zone. */
  readonly checkedAt: Instant | undefined
  /** The transfer that ended well last. */
  readonly transferred: { readonly at: Instant; readonly serial: Serial } | undefined
}

export class Outgoings {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  get(zoneId: Id): Outgoing | undefined {
    return this.#desk.state.outgoings.get(zoneId)
  }

  /** The zones that are handed on to a peer. */
  zonesTo(peerId: Id): readonly Id[] {
    return this.#desk.state.zonesToPeer.of(peerId)
  }

  /** All of them, in no order. */
  all(): Iterable<Outgoing> {
    return this.#desk.state.outgoings.values()
  }

  /** Nothing is handed on before it is enabled. */
  create(zoneId: Id, draft: OutgoingDraft, options: LinkOptions): Promise<Outcome<Outgoing>> {
    return this.#desk.change((state) => {
      const fields = readFor(state, zoneId, draft, options)
      if (fields.type === 'refused') return fields
      if (state.outgoings.has(zoneId)) {
        return refused('outgoing-exists', 'the zone has an outgoing configuration already: change it with PUT')
      }
      const now = instantText(this.#desk.now())
      const times = { createdTime: now, checkedTime: now, lastTransferredTime: now }
      return put({ zoneId, ...fields.value, enabled: false, soaSerial: 0, ...times })
    })
  }

  /** Replaces name and peers. Whether it is enabled stays as it is. */
  replace(zoneId: Id, draft: OutgoingDraft, options: LinkOptions): Promise<Outcome<Outgoing>> {
    return this.#desk.change((state) => {
      const before = state.outgoings.get(zoneId)
      if (before === undefined) return unknownOutgoing(state, zoneId)
      const fields = readFor(state, zoneId, draft, options)
      return fields.type === 'refused' ? fields : put({ ...before, ...fields.value })
    })
  }

  /** The zone is served as before, and handed on no more. */
  remove(zoneId: Id): Promise<Outcome<Outgoing>> {
    return this.#desk.change((state) => {
      const outgoing = state.outgoings.get(zoneId)
      if (outgoing === undefined) return unknownOutgoing(state, zoneId)
      return done({ value: outgoing, changes: [{ remove: 'outgoing', id: zoneId }] })
    })
  }

  enable(zoneId: Id): Promise<Outcome<Outgoing>> {
    return this.#update(zoneId, (before) => (before.enabled ? before : { ...before, enabled: true }))
  }

  /** Transfers are refused from now on; `served` is where the backlog may begin again. */
  disable(zoneId: Id, served: Serial | undefined): Promise<Outcome<Outgoing>> {
    return this.#update(zoneId, (before) => ({ ...withEmptyBacklog(before, served), enabled: false }))
  }

  /** Whoever has an older version than the one served is sent the zone in full. */
  emptyBacklog(zoneId: Id, served: Serial | undefined): Promise<Outcome<Outgoing>> {
    return this.#update(zoneId, (before) => withEmptyBacklog(before, served))
  }

  /** Keeps what was noted of configurations that are still there. */
  async use(uses: readonly OutgoingUse[]): Promise<void> {
    await this.#desk.change((state) => {
      const changes = uses.flatMap(({ zoneId, checkedAt, transferred }): Change[] => {
        const before = state.outgoings.get(zoneId)
        if (before === undefined) return []
        const object: Outgoing = {
          ...before,
          ...(checkedAt && { checkedTime: instantText(checkedAt) }),
          ...(transferred && { lastTransferredTime: instantText(transferred.at), soaSerial: transferred.serial }),
        }
        return [{ put: 'outgoing', object }]
      })
      return done({ value: undefined, changes })
    })
  }

  #update(zoneId: Id, change: (before: Outgoing) => Outgoing): Promise<Outcome<Outgoing>> {
    return this.#desk.change((state) => {
      const before = state.outgoings.get(zoneId)
      if (before === undefined) return unknownOutgoing(state, zoneId)
      const after = change(before)
      return after === before ? done({ value: before, changes: [] }) : put(after)
    })
  }
}

function put(outgoing: Outgoing) {
  const changes: readonly Change[] = [{ put: 'outgoing', object: outgoing }]
  return done({ value: outgoing, changes })
}

function withEmptyBacklog(before: Outgoing, served: Serial | undefined): Outgoing {
  return served === undefined ? before : { ...before, backlogFromSerial: served }
}

function readFor(
  state: RegistryState,
  zoneId: Id,
  draft: OutgoingDraft,
  options: LinkOptions,
): Outcome<OutgoingFields> {
  const zone = state.zones.get(zoneId)
  if (zone === undefined) return unknownZone(zoneId)
  const fields = readOutgoing(draft, zone.name)
  if (fields.type === 'refused') return fields
  return linkRefusal(state, zone, fields.value.peers, options) ?? fields
}

function unknownOutgoing(state: RegistryState, zoneId: Id) {
  if (state.zones.get(zoneId) === undefined) return unknownZone(zoneId)
  return refused('outgoing-unknown', 'the zone has no outgoing configuration')
}
