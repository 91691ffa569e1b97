/** What links a zone to peers, whichever way it is transferred: the zone's own name, and a list of peers. */

import type { Id } from './object-id.ts'
import { readZoneName } from './object-zone.ts'
import type { Problem } from './problem.ts'

const PEERS_MAX = 30

export function nameProblems(name: string, zoneName: string): Problem[] {
  const read = readZoneName(name)
  if (read.type === 'done' && read.value === zoneName) return []
  const text = `expected the name of the zone, "${zoneName}.", found "${name}"`
  return [{ code: 'zone-name-mismatch', text, pointer: '/name' }]
}

export function peerProblems(peers: readonly Id[]): Problem[] {
  if (peers.length > PEERS_MAX) {
    const text = `expected ${PEERS_MAX} peers at most, found ${peers.length}`
    return [{ code: 'too-many-peers', text, pointer: '/peers' }]
  }
  return peers.flatMap((id, at) => {
    if (peers.indexOf(id) === at) return []
    return [{ code: 'peer-repeated' as const, text: `peer "${id}" is listed twice`, pointer: `/peers/${at}` }]
  })
}
