/**
 * What survives a restart: the objects of the control plane, the contents of zones, the log of transfers.
 *
 * A zone's contents are kept as a *base* and the *differences* since. The base is an ordered list of segments: runs of
 * stored records that the store takes for octets and nothing else. Equal segments are kept once, whichever versions and
 * zones name them, and a segment that no base names is collected. The contents of today are the base with the
 * differences since applied in order. Differences older than the base are the history that incremental transfers
 * are answered from (RFC 1995).
 *
 *      differences   1→2  2→3  3→4 │ 4→5  5→6
 *                    history       │ to be replayed
 *                            base: version 4
 *
 * A full transfer writes a base, and a difference beside it if one was worked out. An incremental transfer writes a
 * difference only. Once these weigh more than a share of the base, `checkpointDue` says so, and `checkpoint` moves the
 * base forward without a new version.
 *
 * Every promise of a change resolves when the change is on the disk. Changes under way at the same time share one
 * transaction, so do not wait for one before making the next. A serial is 32 bits wide and has no order here: versions
 * follow one another as they were committed.
 */

import type { Serial } from '../dns/serial.ts'
import type { Secret } from './secret.ts'
import type { Change, ObjectKind, StoredAuditLine, StoredObject, Where } from './objects.ts'

/** A run of a zone's records; where one ends and the next begins is the caller's to choose. */
export interface Segment {
  /** Owner of the first record, relative to the apex, as the caller encodes it. */
  readonly firstOwner: Uint8Array
  readonly recordCount: number
  /** Given away: the caller must not touch an ArrayBuffer again, nor change shared memory before the answer. */
  readonly octets: Uint8Array
}

/** A segment that the store has already, by the SHA-256 of its octets. */
export interface KnownSegment {
  readonly firstOwner: Uint8Array
  readonly recordCount: number
  readonly hash: Uint8Array
}

/** What one version on its way is called by whoever makes it; unlike all others that the store hears of at the time. */
export type Stage = string

/** What changed between two versions, as the caller encodes it. */
export interface Difference {
  readonly from: Serial
  readonly octets: Uint8Array
}

interface VersionHead {
  readonly zoneId: string
  readonly serial: Serial
  /** The apex SOA record. */
  readonly soa: Uint8Array
  readonly recordCount: number
  /** When it came, in milliseconds. */
  readonly at: number
}

/** A version by its contents. Without a difference from the version before, the history before it is forgotten. */
export interface FullVersion extends VersionHead {
  readonly base: 'full'
  /** Known are those of the base that the zone has, and those that are staged. */
  readonly segments: readonly (Segment | KnownSegment)[]
  readonly difference?: Difference
}

/** A version by what changed since the one stored last. */
export interface DifferenceVersion extends VersionHead {
  readonly base: 'difference'
  readonly difference: Difference
}

/** A new version of a zone, and what is to become true in the same transaction. */
export type VersionCommit = (FullVersion | DifferenceVersion) & {
  readonly changes?: readonly Change[]
  readonly transfer?: TransferRecord
}

/** The newest version once more, by its contents. */
export type Checkpoint = Omit<FullVersion, 'base' | 'difference'>

/** How the zone stands after a commit. */
export interface Committed {
  readonly baseOctets: number
  /** Count and octets of the differences to be replayed on the base. */
  readonly differenceCount: number
  readonly differenceOctets: number
  readonly checkpointDue: boolean
}

/** Which version of a zone is the newest. */
export interface VersionSummary extends Omit<VersionHead, 'soa'>, Omit<Committed, 'checkpointDue'> {}

/** The newest version: its serial, SOA and record count, and from what to build it; segments of a long one without octets. */
export interface StoredVersion extends VersionHead {
  readonly base: {
    readonly serial: Serial
    readonly soa: Uint8Array
    readonly recordCount: number
    readonly segments: readonly (KnownSegment | (Segment & KnownSegment))[]
  }
  /** To be applied to the base, oldest first. */
  readonly differences: readonly StoredDifference[]
}

export interface StoredDifference extends Difference {
  readonly to: Serial
}

/** What a difference is, without its octets. */
export interface DifferenceSummary {
  readonly from: Serial
  readonly to: Serial
  readonly octets: number
  readonly at: number
}

/** How much of a zone's history is kept; the differences since the base always are. */
export interface HistoryPolicy {
  readonly countMax: number
  readonly octetsMax: number
  readonly ageMsMax: number
}

/** One transfer, or one attempt, as operators want to read about it. */
export interface TransferRecord {
  readonly zoneId: string
  /** When it began, in milliseconds. */
  readonly at: number
  readonly ms: number
  readonly direction: 'in' | 'out'
  /** The endpoint at the other end. */
  readonly peer: string
  /** Name of the TSIG key. */
  readonly key?: string
  readonly trigger: string
  readonly transport?: 'udp' | 'tcp'
  readonly asked: 'SOA' | 'AXFR' | 'IXFR'
  /** What came; absent if nothing did. */
  readonly form?: string
  readonly outcome: 'done' | 'failed'
  readonly reason?: string
  readonly detail?: string
  readonly fromSerial?: number
  readonly toSerial?: number
  readonly messages: number
  readonly records: number
  readonly octets: number
}

export interface StoredTransfer extends TransferRecord {
  /** Grows with time: a page ends where the next begins. */
  readonly id: number
}

/** Newest first; those before the id given. */
export interface TransferQuery {
  readonly zoneId?: string
  readonly before?: number
  readonly direction?: 'in' | 'out'
  readonly limit: number
}

/** The questions to a zone in one hour, counted. */
export interface QuestionHour {
  readonly zoneId: string
  /** When the hour begins, in milliseconds. */
  readonly at: number
  /** As the caller encodes them. */
  readonly rows: string
}

/** Hours that begin in a stretch of time, of one zone or of all. */
export interface QuestionQuery {
  readonly zoneId?: string
  readonly from: number
  readonly until: number
}

/** For how long hours are kept, and how many of all zones together. */
export interface QuestionPolicy {
  readonly countMax: number
  readonly ageMsMax: number
}

/** Newest first; those before the id given. */
export interface AuditQuery {
  readonly accountId: string
  readonly zoneId?: string
  readonly before?: number
  readonly limit: number
}

/** How many transfers are kept per zone, and for how long. */
export interface TransferPolicy {
  readonly countMax: number
  readonly ageMsMax: number
}

/** Everything that survives a restart. */
export interface Store {
  /** All objects of a kind, or those that have the values asked for, by id. */
  objects<K extends ObjectKind>(kind: K, where?: Where<K>): Promise<StoredObject<K>[]>
  /** All of the changes, or none. */
  change(changes: readonly Change[]): Promise<void>

  /**
   * Keeps segments of a version that is on its way, so that little is left to do once it has come whole. They are there
   * until the stage is given up, or the store closed; of a stage that nobody gave up, the next start finds nothing.
   */
  stage(stage: Stage, segments: readonly Segment[]): Promise<KnownSegment[]>
  /** Gives up a stage: segments that no version names are gone. There need not be one. */
  unstage(stage: Stage): Promise<void>
  /** Makes a version the newest of its zone. Refused as `out of order` if a difference does not start at the last. */
  commitVersion(commit: VersionCommit): Promise<Committed>
  /** Moves the base forward to the newest version. Refused as `out of order` if that is another one by now. */
  checkpoint(checkpoint: Checkpoint): Promise<Committed>
  /** The newest version of a zone, if it has any; what it has no octets of is had of `octetsOf`, a part at a time. */
  version(zoneId: string): Promise<StoredVersion | undefined>
  /** The octets of segments, by their hashes. Refused as `out of order` if one of them is there no more. */
  octetsOf(hashes: readonly Uint8Array[]): Promise<Uint8Array[]>
  /** The newest version of every zone, without contents. */
  versions(): Promise<VersionSummary[]>
  /** The chain of a zone's differences, oldest first, without their octets. */
  history(zoneId: string): Promise<DifferenceSummary[]>
  /** The differences from a serial to the newest version; undefined if the backlog does not reach back, or weighs too much. */
  differences(
    zoneId: string,
    from: Serial,
    limits?: { readonly octetsMax: number },
  ): Promise<StoredDifference[] | undefined>
  /** Forgets all versions of a zone, its transfers, and what was asked of it. */
  removeZone(zoneId: string): Promise<void>
  /** Forgets differences beyond the policy, and says how many went. */
  pruneHistory(policy: HistoryPolicy, now: number): Promise<number>

  /** Adds to the log of transfers, and says under which id. */
  addTransfer(transfer: TransferRecord): Promise<number>
  listTransfers(query: TransferQuery): Promise<StoredTransfer[]>
  /** Forgets transfers beyond the policy, and says how many went. */
  pruneTransfers(policy: TransferPolicy, now: number): Promise<number>

  /** Counts of questions; what was stored of the same hours is replaced. */
  putQuestions(hours: readonly QuestionHour[]): Promise<void>
  /** Oldest first. */
  listQuestions(query: QuestionQuery): Promise<QuestionHour[]>
  /** Forgets hours beyond the policy, and says how many went. */
  pruneQuestions(policy: QuestionPolicy, now: number): Promise<number>

  /** Lines of the audit log, newest first; each got there with the change it tells of. */
  listAudit(query: AuditQuery): Promise<StoredAuditLine[]>
  /** Forgets lines from before an instant, and says how many went. */
  pruneAudit(oldest: number): Promise<number>

  /** A word that the server keeps for itself. */
  meta(key: string): Promise<string | undefined>
  setMeta(key: string, value: string): Promise<void>

  /** A secret of the server itself, sealed before it reaches the disk. */
  secret(name: string): Promise<Secret | undefined>
  setSecret(name: string, secret: Secret): Promise<void>

  /** Ends what was begun and gives up the files. */
  close(): Promise<void>
}

/** Differences weigh too much once they exceed this share of the base, and this many octets. */
const CHECKPOINT = { share: 0.5, octetsMin: 4096, countMax: 1000 }

/** Whether loading would spend too much on differences. */
export function isCheckpointDue(stands: Omit<Committed, 'checkpointDue'>): boolean {
  const weight = Math.max(CHECKPOINT.octetsMin, stands.baseOctets * CHECKPOINT.share)
  return stands.differenceOctets > weight || stands.differenceCount > CHECKPOINT.countMax
}
