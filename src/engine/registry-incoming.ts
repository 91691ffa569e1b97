/** From where secondary zones come: one incoming configuration per zone. */

import type { Incoming } from '../store/objects.ts'
import { instantText, type Id } from './object-id.ts'
import { readIncoming, type IncomingDraft, type IncomingFields } from './object-incoming.ts'
import { done, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import { linkRefusal, type LinkOptions } from './registry-links.ts'
import type { RegistryState } from './registry-state.ts'
import { unknownZone } from './registry-zones.ts'

export class Incomings {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  get(zoneId: Id): Incoming | undefined {
    return this.#desk.state.incomings.get(zoneId)
  }

  /** All of them, in no order. */
  all(): Iterable<Incoming> {
    return this.#desk.state.incomings.values()
  }

  create(zoneId: Id, draft: IncomingDraft, options: LinkOptions): Promise<Outcome<Incoming>> {
    return this.#desk.change((state) => {
      const fields = readFor(state, zoneId, draft, options)
      if (fields.type === 'refused') return fields
      if (state.incomings.has(zoneId)) {
        return refused('incoming-exists', 'the zone has an incoming configuration already: change it with PUT')
      }
      const now = instantText(this.#desk.now())
      const times = { createdTime: now, checkedTime: now, modifiedTime: now }
      const incoming: Incoming = { zoneId, ...fields.value, soaSerial: 0, ...times }
      return done({ value: incoming, changes: [{ put: 'incoming', object: incoming }] })
    })
  }

  /** Replaces name, peers and interval. An empty list of peers leaves the zone as it is, followed from nowhere. */
  replace(zoneId: Id, draft: IncomingDraft, options: LinkOptions): Promise<Outcome<Incoming>> {
    return this.#desk.change((state) => {
      const before = state.incomings.get(zoneId)
      if (before === undefined) return unknownIncoming(state, zoneId)
      const fields = readFor(state, zoneId, draft, options)
      if (fields.type === 'refused') return fields
      const incoming: Incoming = { ...before, ...fields.value }
      return done({ value: incoming, changes: [{ put: 'incoming', object: incoming }] })
    })
  }

  /** The zone keeps its data and is followed no more. */
  remove(zoneId: Id): Promise<Outcome<Incoming>> {
    return this.#desk.change((state) => {
      const incoming = state.incomings.get(zoneId)
      if (incoming === undefined) return unknownIncoming(state, zoneId)
      return done({ value: incoming, changes: [{ remove: 'incoming', id: zoneId }] })
    })
  }
}

function readFor(
  state: RegistryState,
  zoneId: Id,
  draft: IncomingDraft,
  options: LinkOptions,
): Outcome<IncomingFields> {
  const zone = state.zones.get(zoneId)
  if (zone === undefined) return unknownZone(zoneId)
  if (zone.type !== 'secondary') {
    return refused(
      'zone-not-secondary',
      `only a secondary zone is fetched from peers; this one is of type ${zone.type}`,
    )
  }
  const fields = readIncoming(draft, zone.name)
  if (fields.type === 'refused') return fields
  return linkRefusal(state, zone, fields.value.peers, options) ?? fields
}

function unknownIncoming(state: RegistryState, zoneId: Id) {
  if (state.zones.get(zoneId) === undefined) return unknownZone(zoneId)
  return refused('incoming-unknown', 'the zone has no incoming configuration')
}
