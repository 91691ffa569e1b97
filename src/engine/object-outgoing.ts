/** What the outgoing configuration of a zone must look like. */

import type { Outgoing } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import { nameProblems, peerProblems } from './object-link.ts'
import { done, type Outcome } from './problem.ts'

/** An outgoing configuration as somebody asks for it. */
export interface OutgoingDraft {
  /** The zone's name, in any case, with or without the final dot. */
  readonly name: string
  readonly peers: readonly Id[]
}

export type OutgoingFields = Pick<Outgoing, 'name' | 'peers'>

/** Checks what can be checked knowing the zone's name alone. */
export function readOutgoing({ name, peers }: OutgoingDraft, zoneName: string): Outcome<OutgoingFields> {
  const problems = [...nameProblems(name, zoneName), ...peerProblems(peers)]
  if (problems.length > 0) return { type: 'refused', problems }
  return done({ name: `${zoneName}.`, peers: [...peers] })
}
