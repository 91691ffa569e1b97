/** What the incoming configuration of a secondary zone must look like. */

import type { Incoming } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import { nameProblems, peerProblems } from './object-link.ts'
import { done, type Outcome } from './problem.ts'

/** An incoming configuration as somebody asks for it. */
export interface IncomingDraft {
  /** The zone's name, in any case, with or without the final dot. */
  readonly name: string
  readonly peers: readonly Id[]
  readonly autoRefreshSeconds?: number | undefined
}

export type IncomingFields = Pick<Incoming, 'name' | 'peers' | 'autoRefreshSeconds'>

/** The shortest interval between two checks that a person may set. */
const REFRESH_SECONDS_MIN = 300

/** SOA timers are unsigned, but a value with the top bit set counts as nonsense everywhere. */
const REFRESH_SECONDS_MAX = 2 ** 31 - 1

/** Checks what can be checked knowing the zone's name alone. */
export function readIncoming(draft: IncomingDraft, zoneName: string): Outcome<IncomingFields> {
  const { peers, autoRefreshSeconds = 0 } = draft
  const problems = [...nameProblems(draft.name, zoneName), ...peerProblems(peers)]
  if (!isRefresh(autoRefreshSeconds)) {
    const text = `expected ${REFRESH_SECONDS_MIN} seconds or more, or 0 for the zone's own SOA timers, found ${autoRefreshSeconds}`
    problems.push({ code: 'refresh-invalid', text, pointer: '/auto_refresh_seconds' })
  }
  if (problems.length > 0) return { type: 'refused', problems }
  return done({ name: `${zoneName}.`, peers: [...peers], autoRefreshSeconds })
}

function isRefresh(seconds: number): boolean {
  if (!Number.isInteger(seconds)) return false
  return seconds === 0 || (seconds >= REFRESH_SECONDS_MIN && seconds <= REFRESH_SECONDS_MAX)
}
