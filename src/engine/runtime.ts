/**
 * What the API asks of the running server beyond the control plane: how zones stand, what they contain, and to fetch
 * them now. The engine's runner is one implementation, the double of the API's tests the other.
 */

import type { Name } from '../dns/name.ts'
import type { Serial } from '../dns/serial.ts'
import type { Change } from '../store/objects.ts'
import type { StoredTransfer } from '../store/store.ts'
import type { Stored } from '../zone/contents.ts'
import type { EditStep } from '../zone/edit-records.ts'
import type { Span } from './analytics.ts'
import type { EditOutcome } from './edit-port.ts'
import type { Id, Instant } from './object-id.ts'
import type { QuestionBucket } from './question-counts.ts'
import type { OverrideOutcome } from './registry-overrides.ts'

export interface ZoneRuntime {
  /** How a zone stands; undefined for a zone that the runner does not know (yet). Cheap: called once per listed zone. */
  facts(zoneId: Id): ZoneFacts | undefined
  /** Starts a transfer whatever the serials say, and does not wait for its end. */
  forceTransfer(zoneId: Id, options: { readonly full: boolean }): Promise<ForceOutcome>
  /** How a zone is handed on; undefined for one that is not. */
  outgoing(zoneId: Id): OutgoingFacts | undefined
  /** Tells all peers that a zone is handed on to of its version, whatever they know. */
  notify(zoneId: Id): void
  /**
   * The records of a zone as people know them, held until the reader is released; undefined while there are none. In a
   * zone that is edited here these are the edited records, and in one that is transferred in what has come, with the
   * overrides of it in front.
   */
  records(zoneId: Id): RecordReader | undefined
  /** What is answered from: the SOA record, and whatever the others have become. */
  served(zoneId: Id): RecordReader | undefined
  /**
   * Makes one version of all steps, or none; in a secondary zone, overrides. Undefined for a zone that has not been taken
   * up.
   */
  edit(
    zoneId: Id,
    edit: { readonly steps: readonly EditStep[]; readonly changes?: readonly Change[] },
  ): Promise<EditOutcome | OverrideOutcome | undefined>
  /** Looks whether a zone has become active; resolves when it is known. */
  checkActivation(zoneId: Id): Promise<void>
  /** The log of transfers, newest first, before the id given. */
  transfers(query: {
    readonly zoneId?: Id
    readonly before?: number
    readonly direction?: 'in' | 'out'
    readonly limit: number
  }): Promise<StoredTransfer[]>
  /** What was asked of a zone in a stretch of time, up to this moment: in minutes, and in hours where it is long ago. */
  questions(zoneId: Id, span: Span): AsyncIterable<QuestionBucket>
  /** The server as a whole. */
  status(): ServerStatus
}

/** How a zone stands. Members are undefined for what has not happened yet. */
export interface ZoneFacts {
  /** `empty` until the first version has come; `expired` once SOA EXPIRE has passed without a word from a primary. */
  readonly state: 'empty' | 'serving' | 'expired'
  readonly soaSerial: number | undefined
  /** SOA included. */
  readonly recordCount: number
  /** When a primary last answered a check, or a transfer ended well. */
  readonly checkedAt: Instant | undefined
  /** When the contents last changed. */
  readonly modifiedAt: Instant | undefined
  readonly nextCheckAt: Instant | undefined
  readonly expiresAt: Instant | undefined
  readonly primaries: readonly PrimaryFacts[]
  /** The transfer that is under way. */
  readonly transfer: RunningTransfer | undefined
}

/** What is known of one primary of a zone. */
export interface PrimaryFacts {
  readonly peerId: Id
  readonly serial: number | undefined
  readonly checkedAt: Instant | undefined
  /** Why the last check or transfer failed; undefined if it did not. */
  readonly failure: string | undefined
}

/** How a zone is handed on, as it was seen since the start. */
export interface OutgoingFacts {
  /** When a peer last asked for the serial or for the zone. */
  readonly checkedAt: Instant | undefined
  /** The transfer that ended well last. */
  readonly transferred: { readonly at: Instant; readonly serial: Serial } | undefined
  readonly peers: readonly SecondaryFacts[]
}

/** What is known of one peer that a zone is handed on to. */
export interface SecondaryFacts {
  readonly peerId: Id
  /** `told`: it has answered the last NOTIFY; `telling`: one is on its way or due; `failed`: it was given up. */
  readonly state: 'idle' | 'telling' | 'told' | 'failed'
  /** The serial of the NOTIFY that was answered or given up last, and when that was. */
  readonly notified: { readonly serial: Serial; readonly at: Instant } | undefined
  readonly failure: { readonly text: string; readonly mend: string } | undefined
  /** The serial it was answered with when it asked for the SOA record last. */
  readonly asked: { readonly serial: Serial; readonly at: Instant } | undefined
  /** The version it transferred last. */
  readonly pulled: { readonly serial: Serial; readonly at: Instant } | undefined
}

export interface RunningTransfer {
  readonly peerId: Id
  readonly asked: 'AXFR' | 'IXFR'
  readonly startedAt: Instant
  readonly messages: number
  readonly records: number
  readonly octets: number
}

export type ForceOutcome =
  | { readonly type: 'started' }
  /** Nobody to ask: no incoming configuration, no peers in it, or none with an address. */
  | { readonly type: 'no primaries' }
  /** The runner does not follow this zone. */
  | { readonly type: 'unknown zone' }

/** One version of a zone's contents. What is served begins with the SOA; the others follow in the order of contents. */
export interface RecordReader {
  /** Whether the records are edited ones (src/zone/edited-record.ts). */
  readonly edited: boolean
  readonly apex: Name
  /** Never the same for two versions of a zone, or for the same records under other overrides. */
  readonly version: number | string
  /** What is answered in place of transferred records; undefined where nobody can make that so. */
  readonly overridden?: Overridden
  /** With the SOA, if it is among them. */
  readonly recordCount: number
  /**
   * The records from a position on, in their stored form. Finding the first costs the logarithm of their number. The
   * iterator yields one object that moves: copy what must last.
   */
  records(from: number): Iterable<Stored>
  /** The records of one owner, found at the same price; the SOA comes first among those of the apex. */
  recordsOf(owner: Name): Iterable<Stored>
  /** The edited record with an id. Others have none. */
  byId(id: string): Stored | undefined
  /** Lets the version go. Nothing may be read afterwards. */
  release(): void
}

/** Of a secondary zone in which overrides may be made: owners in lower case, without the final dot. */
export interface Overridden {
  /** Their A, AAAA and CNAME records are answered with addresses of proxies. */
  readonly proxied: ReadonlySet<string>
  /** A CNAME record stands at the apex, and its A and AAAA records are not answered. */
  readonly apexIsCname: boolean
}

/** What is answered from. */
export interface ServedReader extends RecordReader {
  /** What is answered for an owner in place of its records; nothing where it is they (src/zone/overlay.ts). */
  coveringOf(owner: Name): Iterable<Stored>
}

export interface ServerStatus {
  readonly version: string
  readonly startedAt: Instant
  /** What must still happen before the server is ready; empty once it is. */
  readonly waitingFor: readonly string[]
  readonly dns: readonly string[]
  readonly http: readonly string[]
  readonly https: readonly string[]
  readonly zones: { readonly serving: number; readonly empty: number; readonly expired: number }
  readonly records: number
  readonly transfersRunning: number
}
