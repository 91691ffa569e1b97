/** The peers of the control plane: the nameservers that zones are transferred from and to. */

import type { Change, Peer } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import { readPeer, type PeerDraft, type PeerFields } from './object-peer.ts'
import { done, nameSome, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import type { RegistryState } from './registry-state.ts'
import { keysOf } from './registry-links.ts'

export class Peers {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  in(accountId: Id): readonly Peer[] {
    return this.#desk.state.peers.in(accountId)
  }

  of(accountId: Id, id: Id): Peer | undefined {
    return this.#desk.state.peers.of(accountId, id)
  }

  get(id: Id): Peer | undefined {
    return this.#desk.state.peers.get(id)
  }

  create(accountId: Id, draft: PeerDraft): Promise<Outcome<Peer>> {
    return this.#desk.change((state) => {
      const fields = readFor(state, accountId, draft)
      if (fields.type === 'refused') return fields
      const peer: Peer = { id: this.#desk.newId(), accountId, ...fields.value }
      return done({ value: peer, changes: [{ put: 'peer', object: peer }] })
    })
  }

  /** Puts a peer in the place of another: what is left out goes back to its default. */
  replace(accountId: Id, id: Id, draft: PeerDraft): Promise<Outcome<Peer>> {
    return this.#desk.change((state) => {
      if (state.peers.of(accountId, id) === undefined) return unknownPeer(id)
      const fields = readFor(state, accountId, draft)
      if (fields.type === 'refused') return fields
      const peer: Peer = { id, accountId, ...fields.value }
      return done({ value: peer, changes: [{ put: 'peer', object: peer }] }, mixedKeys(state, peer))
    })
  }

  /** Refused while zones are transferred from the peer or to it. */
  remove(accountId: Id, id: Id): Promise<Outcome<Peer>> {
    return this.#desk.change((state) => {
      const peer = state.peers.of(accountId, id)
      if (peer === undefined) return unknownPeer(id)
      const names = zoneNames(state, id)
      if (names.length > 0) return refused('peer-in-use', `the peer is used by ${nameSome(names)}`)
      return done({ value: peer, changes: [{ remove: 'peer', id }] })
    })
  }

  /** Removes the peer, and takes it off the lists of all zones. */
  unlinkAndRemove(accountId: Id, id: Id): Promise<Outcome<Peer>> {
    return this.#desk.change((state) => {
      const peer = state.peers.of(accountId, id)
      if (peer === undefined) return unknownPeer(id)
      const unlinked = unlink(state, id)
      return done({ value: peer, changes: [...unlinked, { remove: 'peer', id }] })
    })
  }
}

function readFor(state: RegistryState, accountId: Id, draft: PeerDraft): Outcome<PeerFields> {
  const fields = readPeer(draft)
  if (fields.type === 'refused') return fields
  const { tsigId } = fields.value
  if (tsigId !== undefined && state.tsigs.of(accountId, tsigId) === undefined) {
    return refused('tsig-not-in-account', `the account has no TSIG "${tsigId}"`, '/tsig_id')
  }
  return fields
}

function zoneNames(state: RegistryState, peerId: Id): readonly string[] {
  return zonesWith(state, peerId).map((zoneId) => state.zones.get(zoneId)?.name ?? zoneId)
}

/** The zones that are transferred from a peer or to it. */
function zonesWith({ zonesOfPeer, zonesToPeer }: RegistryState, peerId: Id): readonly Id[] {
  return [...new Set([...zonesOfPeer.of(peerId), ...zonesToPeer.of(peerId)])]
}

/** Takes a peer off all lists. */
function unlink(state: RegistryState, peerId: Id): readonly Change[] {
  const without = <T extends { readonly peers: readonly Id[] }>(linked: T): T => ({
    ...linked,
    peers: linked.peers.filter((each) => each !== peerId),
  })
  return zonesWith(state, peerId).flatMap((zoneId): Change[] => {
    const incoming = state.incomings.get(zoneId)
    const outgoing = state.outgoings.get(zoneId)
    return [
      ...(incoming?.peers.includes(peerId) === true ? [{ put: 'incoming', object: without(incoming) } as const] : []),
      ...(outgoing?.peers.includes(peerId) === true ? [{ put: 'outgoing', object: without(outgoing) } as const] : []),
    ]
  })
}

/**
 * The peers of a zone ought to sign with the same key. A peer is changed one at a time, so on the way from one key to
 * another they differ: that is worth a word, not a refusal.
 */
function mixedKeys(state: RegistryState, changed: Peer): readonly string[] {
  const peerOf = (id: Id) => (id === changed.id ? changed : state.peers.get(id))
  const mixed = zonesWith(state, changed.id).filter((zoneId) =>
    [state.incomings.get(zoneId), state.outgoings.get(zoneId)].some(
      (linked) => linked?.peers.includes(changed.id) === true && keysOf(linked.peers.map(peerOf)).size > 1,
    ),
  )
  if (mixed.length === 0) return []
  const names = mixed.map((zoneId) => state.zones.get(zoneId)?.name ?? zoneId)
  return [`the peers of ${nameSome(names)} do not all use the same TSIG`]
}

const unknownPeer = (id: Id) => refused('peer-unknown', `there is no peer "${id}"`)
