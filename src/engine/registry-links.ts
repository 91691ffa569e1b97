/** The rules for the peers that a zone is linked to, the same whichever way it is transferred. */

import type { Peer, Zone } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import { refused, type Problem, type Refused } from './problem.ts'
import type { RegistryState } from './registry-state.ts'

export interface LinkOptions {
  /** Whether the peers may use different TSIGs, or only some of them one. */
  readonly mixedKeys: boolean
}

/** What stands in the way of linking a zone to these peers. */
export function linkRefusal(
  state: RegistryState,
  zone: Zone,
  peerIds: readonly Id[],
  { mixedKeys }: LinkOptions,
): Refused | undefined {
  const peers = peerIds.map((id) => state.peers.of(zone.accountId, id))
  const problems = unknownPeers(peerIds, peers)
  if (problems.length > 0) return { type: 'refused', problems }
  if (mixedKeys || keysOf(peers).size <= 1) return undefined
  const text = 'the peers of a zone must all use the same TSIG, or none; force=true overrides this'
  return refused('tsig-mixed', text, '/peers')
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
