/**
 * The secondary's machine as data: what it knows, what happens to it, and what it wants done.
 *
 * Everything here is plain data that survives JSON. Primaries are named by an id that never changes; what we remember
 * of one is forgotten when its endpoint changes.
 */

import type { Serial } from '../dns/serial.ts'
import type { Notice } from './notice.ts'
import type { PrimaryMemory } from './primary-memory.ts'
import type { Reason } from './reason.ts'
import type { Instant, IxfrPolicy, RefreshPolicy, SoaFacts } from './refresh-policy.ts'

export type PrimaryId = string

/** A nameserver to get the zone from. */
export interface Primary {
  readonly id: PrimaryId
  /** Address, port and key in any form; when it changes, what is remembered of the primary is forgotten. */
  readonly endpoint: string
  readonly ixfr: IxfrPolicy
}

/** A primary and what is remembered of it. */
export interface KnownPrimary extends Primary {
  readonly memory: PrimaryMemory
}

/** Why something is done. */
export type Trigger = 'timer' | 'notify' | 'api' | 'start' | 'retry'

/** One primary's part in a round. */
export interface Ask {
  readonly primary: PrimaryId
  readonly attempt: number
  /** Whether it is asked with EDNS; some old servers take no such question. */
  readonly edns: boolean
  readonly answer: Answer
}

export type Answer =
  | { readonly type: 'awaited'; readonly transport: 'udp' | 'tcp' }
  /** It told us its serial; whether that is worth a transfer is decided with the others' in view. */
  | { readonly type: 'has'; readonly serial: Serial }
  /** It did not answer the SOA query, refused it or was sent none; a transfer may work all the same. */
  | { readonly type: 'unclear' }
  /** Nothing more is to be had from it in this round. */
  | { readonly type: 'done' }

/** All primaries are asked once; the newest serial is fetched; the others stand in for one that fails. */
export interface Round {
  readonly trigger: Trigger
  /** A full transfer whatever the serials say. */
  readonly full: boolean
  /** Asked for by a person: what is remembered against a primary does not count. */
  readonly forced: boolean
  readonly startedAt: Instant
  /** The notifier first, then in the order of the configuration. */
  readonly asks: readonly Ask[]
  /** Whose NOTIFY started the round: its news need not wait for the others. */
  readonly notifier: PrimaryId | undefined
  /** When a newer serial has waited long enough for the answers still due. */
  readonly decideAt: Instant | undefined
  /** Some primary has what we have. */
  readonly confirmed: boolean
  /** The newest serial that a primary has and that we could not or would not fetch. */
  readonly missed: Serial | undefined
  /** A transfer succeeded. */
  readonly brought: boolean
}

/** The one transfer that may run. */
export interface Transfer {
  readonly primary: PrimaryId
  readonly attempt: number
  readonly form: 'AXFR' | 'IXFR'
  readonly over: 'udp' | 'tcp'
  readonly edns: boolean
  readonly since: Serial | undefined
  /** The serial the primary answered with; unknown if it did not answer a SOA query. */
  readonly claimed: Serial | undefined
}

export type Phase =
  | { readonly type: 'waiting' }
  | { readonly type: 'asking'; readonly round: Round }
  | { readonly type: 'transferring'; readonly round: Round; readonly transfer: Transfer }

/** What is to follow the running round: one place, however many NOTIFYs come (CVE-2019-10163). */
export interface Remembered {
  readonly trigger: 'notify' | 'api'
  readonly full: boolean
  readonly from: PrimaryId | undefined
  /** Every NOTIFY put together here had a serial, so that the zone's hint tells whether a round is still needed. */
  readonly hinted: boolean
}

/** A serial that a NOTIFY announced, and how many rounds have looked for it in vain; -1 while an older round runs. */
export interface Hint {
  readonly serial: Serial
  readonly rounds: number
}

/** A zone that follows primaries. */
export interface Secondary {
  readonly primaries: readonly KnownPrimary[]
  readonly policy: RefreshPolicy
  readonly phase: Phase
  /** Of the contents we have; undefined before the first transfer. */
  readonly soa: SoaFacts | undefined
  /** When the next round is due, and as what. */
  readonly refreshAt: Instant | undefined
  readonly dueAs: 'timer' | 'retry'
  /** When the contents are too old to be served (RFC 1035 §3.3.13, RFC 7314 §4). */
  readonly expireAt: Instant | undefined
  readonly expired: boolean
  /** When a primary last had what we have. */
  readonly confirmedAt: Instant | undefined
  /** When a primary last answered at all. */
  readonly checkedAt: Instant | undefined
  /** Rounds in a row that left us without, or not known to be current. */
  readonly failures: number
  readonly remembered: Remembered | undefined
  readonly hint: Hint | undefined
  /** Rounds in a row that a NOTIFY started for nothing, and when the last one began. */
  readonly fruitless: number
  readonly notifiedAt: Instant | undefined
  /** The number of the last question or transfer; answers name theirs, so that late ones are recognised. */
  readonly attempt: number
  /** The last instant the machine was told, by which a clock that went back is noticed. */
  readonly seenAt: Instant
}

/** What is kept over a restart beside the contents. */
export interface Timers {
  readonly savedAt: Instant
  readonly serial: Serial | undefined
  readonly refreshAt: Instant | undefined
  readonly dueAs: 'timer' | 'retry'
  readonly expireAt: Instant | undefined
  readonly expired: boolean
  readonly confirmedAt: Instant | undefined
  readonly checkedAt: Instant | undefined
  readonly failures: number
  readonly primaries: readonly KnownPrimary[]
}

/** Every probe and every transfer is answered by exactly one event with its attempt number. */
export type RefreshEvent =
  /** First of all: what the store holds. `committedAt` is when the version was stored. */
  | {
      readonly type: 'restored'
      readonly soa?: SoaFacts | undefined
      readonly committedAt?: Instant | undefined
      readonly timers?: Timers | undefined
    }
  | { readonly type: 'configured'; readonly primaries: readonly Primary[]; readonly policy: RefreshPolicy }
  | { readonly type: 'woke' }
  | {
      readonly type: 'notified'
      readonly from?: PrimaryId | undefined
      readonly serialHint?: Serial | undefined
    }
  | { readonly type: 'forced'; readonly full: boolean }
  /** Forget that IXFR failed, that a primary was unreachable, that its content was refused: of one or of all. */
  | { readonly type: 'forgiven'; readonly primary?: PrimaryId | undefined }
  | ({ readonly type: 'probed'; readonly soa: SoaFacts; readonly expireSeconds?: number | undefined } & Answered)
  | ({ readonly type: 'probe failed'; readonly reason: Reason } & Answered)
  /** New contents are durable and served. */
  | ({
      readonly type: 'transferred'
      /** What came, whatever was asked for. */
      readonly form: 'AXFR' | 'IXFR'
      readonly soa: SoaFacts
      readonly expireSeconds?: number | undefined
    } & Answered)
  /** The transfer ended with its first SOA, which is not newer than `since`. */
  | ({ readonly type: 'up to date'; readonly soa: SoaFacts; readonly expireSeconds?: number | undefined } & Answered)
  /** IXFR by UDP found that TCP is needed (RFC 1995 §2). */
  | ({ readonly type: 'too large for udp' } & Answered)
  | ({ readonly type: 'transfer failed'; readonly reason: Reason; readonly serial?: Serial | undefined } & Answered)

/** One kind of event. */
export type EventOf<Type extends RefreshEvent['type']> = Extract<RefreshEvent, { type: Type }>

interface Answered {
  readonly primary: PrimaryId
  readonly attempt: number
}

export type RefreshEffect =
  | ({ readonly type: 'probe'; readonly transport: 'udp' | 'tcp'; readonly edns: boolean } & Attempted)
  /** An AXFR with `since` ends as `up to date` when its first SOA is not newer. */
  | ({
      readonly type: 'transfer'
      readonly form: 'AXFR' | 'IXFR'
      readonly since: Serial | undefined
      readonly over: 'udp' | 'tcp'
      readonly edns: boolean
    } & Attempted)
  | ({ readonly type: 'cancel' } & Attempted)
  | { readonly type: 'expire'; readonly trigger: Trigger }
  | { readonly type: 'revive'; readonly trigger: Trigger }
  | { readonly type: 'report'; readonly notice: Notice; readonly trigger: Trigger }

interface Attempted {
  readonly primary: PrimaryId
  readonly attempt: number
  readonly trigger: Trigger
}

/** What a step returns: the state after it, and what is to be done. */
export type Step = readonly [Secondary, ...RefreshEffect[]]

/** Goes on from a step with another, keeping the effects of both in order. */
export function andThen([zone, ...effects]: Step, next: (zone: Secondary) => Step): Step {
  const [after, ...more] = next(zone)
  return [after, ...effects, ...more]
}

/** The primary of an id. */
export function primaryOf(zone: Secondary, id: PrimaryId): KnownPrimary | undefined {
  return zone.primaries.find((primary) => primary.id === id)
}
