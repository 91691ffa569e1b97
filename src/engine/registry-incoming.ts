/** From where secondary zones come: one incoming configuration per zone. */

import type { Incoming, Peer } from '../store/objects.ts'
import { instantText, type Id } from './object-id.ts'
import { readIncoming, type IncomingDraft, type IncomingFields } from './object-incoming.ts'
import { done, refused, type Outcome, type Problem } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import type { RegistryState } from './registry-state.ts'
import { unknownZone } from './registry-zones.ts'

export interface IncomingOptions {
  /** Whether the peers may use different TSIGs, or only some of them one. */
  readonly mixedKeys: boolean
}

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

  create(zoneId: Id, draft: IncomingDraft, options: IncomingOptions): Promise<Outcome<Incoming>> {
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
  replace(zoneId: Id, draft: IncomingDraft, options: IncomingOptions): Promise<Outcome<Incoming>> {
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
  options: IncomingOptions,
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
  const peers = fields.value.peers.map((id) => state.peers.of(zone.accountId, id))
  const problems = unknownPeers(fields.value.peers, peers)
  if (problems.length > 0) return { type: 'refused', problems }
  if (!options.mixedKeys && keysOf(peers).size > 1) {
    const text = 'the peers of a zone must all use the same TSIG, or none; force=true overrides this'
    return refused('tsig-mixed', text, '/peers')
  }
  return fields
}

function unknownPeers(ids: readonly Id[], peers: readonly (Peer | undefined)[]): readonly Problem[] {
  return ids.flatMap((id, at) => {
    if (peers[at] !== undefined) return []
    return [{ code: 'peer-not-in-account' as const, text: `the account has no peer "${id}"`, pointer: `/peers/${at}` }]
  })
}

/** The different TSIGs of some peers; "none" counts as one. */
export function keysOf(peers: readonly (Peer | undefined)[]): ReadonlySet<Id | undefined> {
  return new Set(peers.filter((peer) => peer !== undefined).map((peer) => peer.tsigId))
}

function unknownIncoming(state: RegistryState, zoneId: Id) {
  if (state.zones.get(zoneId) === undefined) return unknownZone(zoneId)
  return refused('incoming-unknown', 'the zone has no incoming configuration')
}
