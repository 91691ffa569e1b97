/** Versions of zones in SQLite: the base, the differences since, and how they follow one another. */

import type { Serial } from '../dns/serial.ts'
import { StoreError } from './error.ts'
import type { Pruned } from './sqlite-prune.ts'
import { prepare, type Database, type Statement } from './sqlite.ts'
import { SqliteBases } from './sqlite-bases.ts'
import { SqliteHistory, type Place } from './sqlite-history.ts'
import { isCheckpointDue } from './store.ts'
import type {
  Checkpoint,
  Committed,
  DifferenceSummary,
  DifferenceVersion,
  FullVersion,
  HistoryPolicy,
  KnownSegment,
  Segment,
  Stage,
} from './store.ts'
import type { StoredDifference, StoredVersion, VersionSummary } from './store.ts'

const QUESTIONS = {
  standingOf: `SELECT base.id AS base, base.octets AS baseOctets, difference_number AS baseNumber,
      backlog_number AS backlogNumber, coalesce(number, difference_number) AS number, coalesce(to_serial, serial) AS serial,
      coalesce(count_since, 0) AS countSince, coalesce(octets_since, 0) AS octetsSince
    FROM base LEFT JOIN difference ON base_id = base.id AND number =
      (SELECT max(number) FROM difference AS newest WHERE newest.base_id = base.id)
    WHERE zone_id = ?`,
  standings: `SELECT zone_id AS zoneId, coalesce(to_serial, serial) AS serial,
      coalesce(difference.record_count, base.record_count) AS recordCount, coalesce(difference.at, base.at) AS at,
      base.octets AS baseOctets, coalesce(count_since, 0) AS differenceCount,
      coalesce(octets_since, 0) AS differenceOctets
    FROM base LEFT JOIN difference ON base_id = base.id AND number > difference_number AND number =
      (SELECT max(number) FROM difference AS newest WHERE newest.base_id = base.id)
    ORDER BY base.id`,
  endBacklog: 'UPDATE base SET backlog_number = ? WHERE id = ?',
}

/** The newest version of a zone and its place in the chain. */
interface Standing extends Place {
  readonly baseOctets: number
  /** Number of the newest difference that is part of the base. */
  readonly baseNumber: number
  /** Number of the newest difference that is handed on to nobody. */
  readonly backlogNumber: number
  readonly serial: Serial
}

/** Reads and writes versions; the caller holds the transaction. */
export class SqliteVersions {
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>
  readonly #bases: SqliteBases
  readonly #history: SqliteHistory

  constructor(database: Database) {
    this.#ask = prepare(database, QUESTIONS)
    this.#bases = new SqliteBases(database)
    this.#history = new SqliteHistory(database)
  }

  stage(stage: Stage, segments: readonly Segment[]): KnownSegment[] {
    return this.#bases.stage(stage, segments)
  }

  unstage(stage: Stage): void {
    this.#bases.unstage(stage)
  }

  commit(version: FullVersion | DifferenceVersion): Committed {
    return version.base === 'full' ? this.#commitFull(version) : this.#commitDifference(version)
  }

  checkpoint(version: Checkpoint): Committed {
    return this.#putBase(version, this.#last(version.zoneId, version.serial))
  }

  octetsOf(hashes: readonly Uint8Array[]): Uint8Array[] {
    return this.#bases.octetsOf(hashes)
  }

  load(zoneId: string): StoredVersion | undefined {
    const loaded = this.#bases.load(zoneId)
    if (loaded === undefined) return undefined
    const { id, number, at, ...base } = loaded
    const chain = this.#history.after(id, number)
    const { to: serial, ...newest } = chain.at(-1) ?? { ...base, at, to: base.serial }
    const { soa, recordCount } = newest
    return { zoneId, serial, soa, recordCount, at: newest.at, base, differences: chain.map(withoutVersion) }
  }

  summaries(): VersionSummary[] {
    return this.#ask.standings.all() as unknown as VersionSummary[]
  }

  history(zoneId: string): DifferenceSummary[] {
    const standing = this.#standingOf(zoneId)
    if (standing === undefined) return []
    return this.#history.list(standing.base).map(({ from, to, octets, at }) => ({ from, to, octets, at }))
  }

  differences(zoneId: string, from: Serial, octetsMax: number): StoredDifference[] | undefined {
    const standing = this.#standingOf(zoneId)
    if (standing === undefined) return undefined
    if (standing.serial === from) return []
    const start = this.#history.startAt(standing.base, from)
    if (start === undefined || start <= standing.backlogNumber) return undefined
    if (this.#history.octetsFrom(standing.base, start) > octetsMax) return undefined
    return this.#history.after(standing.base, start - 1).map(withoutVersion)
  }

  endBacklog(zoneId: string): void {
    const standing = this.#standingOf(zoneId)
    if (standing !== undefined) this.#ask.endBacklog.run(standing.number, standing.base)
  }

  remove(zoneId: string): void {
    const standing = this.#standingOf(zoneId)
    if (standing === undefined) return
    this.#history.removeAll(standing.base)
    this.#bases.remove(standing.base)
  }

  prune(start: number, policy: HistoryPolicy, now: number): Pruned<number> {
    return this.#history.prune(start, policy, now)
  }

  #commitFull(version: FullVersion): Committed {
    const { difference } = version
    if (difference === undefined) {
      const before = this.#standingOf(version.zoneId)
      if (before !== undefined) this.#history.removeAll(before.base)
      return this.#putBase(version, before)
    }
    const last = this.#last(version.zoneId, difference.from)
    const next = { base: last.base, number: last.number + 1, countSince: 0, octetsSince: 0 }
    this.#history.add({ ...version, difference }, next)
    return this.#putBase(version, next)
  }

  #commitDifference(version: DifferenceVersion): Committed {
    const last = this.#last(version.zoneId, version.difference.from)
    const countSince = last.countSince + 1
    const octetsSince = last.octetsSince + version.difference.octets.length
    this.#history.add(version, { base: last.base, number: last.number + 1, countSince, octetsSince })
    return stand(last.baseOctets, countSince, octetsSince)
  }

  #putBase(version: Checkpoint, last: Pick<Standing, 'base' | 'number'> | undefined): Committed {
    return stand(this.#bases.put(version, last?.base, last?.number ?? 0), 0, 0)
  }

  #standingOf(zoneId: string): Standing | undefined {
    const row = this.#ask.standingOf.get(zoneId) as unknown as Standing | undefined
    // What is part of the base weighs nothing on top of it.
    return row !== undefined && row.number <= row.baseNumber ? { ...row, countSince: 0, octetsSince: 0 } : row
  }

  /** The newest version, which must have the serial that the caller takes it to have. */
  #last(zoneId: string, serial: Serial): Standing {
    const standing = this.#standingOf(zoneId)
    if (standing?.serial === serial) return standing
    const stored = standing === undefined ? 'has no version' : `is at ${standing.serial}`
    throw new StoreError('out of order', `expected zone ${zoneId} at ${serial}, it ${stored}`)
  }
}

function stand(baseOctets: number, differenceCount: number, differenceOctets: number): Committed {
  const stands = { baseOctets, differenceCount, differenceOctets }
  return { ...stands, checkpointDue: isCheckpointDue(stands) }
}

const withoutVersion = ({ from, to, octets }: StoredDifference): StoredDifference => ({ from, to, octets })
