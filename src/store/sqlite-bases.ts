/** Bases in SQLite: the contents of a zone as of one version. A short zone is one row, a longer one has a manifest. */

import { octetsEqual } from '../dns/octets.ts'
import type { Serial } from '../dns/serial.ts'
import { pack, unpack } from './pack.ts'
import { segmentHash } from './segment.ts'
import { prepare, type Database, type Statement } from './sqlite.ts'
import { SqliteSegments } from './sqlite-segments.ts'
import type { Checkpoint, KnownSegment, Segment, Stage } from './store.ts'

const QUESTIONS = {
  addBase: `INSERT INTO base
      (zone_id, serial, soa, record_count, octets, at, difference_number, only_owner, only_segment)
    VALUES (:zoneId, :serial, :soa, :recordCount, :octets, :at, :number, :onlyOwner, :onlySegment)`,
  changeBase: `UPDATE base SET serial = :serial, soa = :soa, record_count = :recordCount, octets = :octets, at = :at,
      difference_number = :number, only_owner = :onlyOwner, only_segment = :onlySegment
    WHERE zone_id = :zoneId`,
  weighBase: 'UPDATE base SET octets = ? WHERE id = ?',
  baseOf: `SELECT id, serial, soa, record_count AS recordCount, octets, at, difference_number AS number,
      only_owner AS onlyOwner, only_segment AS onlySegment
    FROM base WHERE zone_id = ?`,
  removeBase: 'DELETE FROM base WHERE id = ?',
}

/** A zone with at most this many octets in one segment is one row, and shares nothing. */
const SHORT_OCTETS = 16_384

interface BaseRow {
  readonly id: number
  readonly serial: Serial
  readonly soa: Uint8Array
  readonly recordCount: number
  readonly octets: number
  readonly at: number
  /** Number of the newest difference that is part of the base. */
  readonly number: number
  readonly onlyOwner: Uint8Array | null
  readonly onlySegment: Uint8Array | null
}

/** A base with its segments. */
interface LoadedBase extends Pick<BaseRow, 'id' | 'serial' | 'soa' | 'recordCount' | 'at' | 'number'> {
  readonly segments: readonly (KnownSegment | (Segment & KnownSegment))[]
}

/** Reads and writes bases; the caller holds the transaction. */
export class SqliteBases {
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>
  readonly #segments: SqliteSegments

  constructor(database: Database) {
    this.#ask = prepare(database, QUESTIONS)
    this.#segments = new SqliteSegments(database)
  }

  stage(stage: Stage, segments: readonly Segment[]): KnownSegment[] {
    return this.#segments.stage(stage, segments)
  }

  unstage(stage: Stage): void {
    this.#segments.unstage(stage)
  }

  /** Makes the version the base of its zone, whose id is `id` if it has one; says how many octets that is. */
  put(version: Checkpoint, id: number | undefined, number: number): number {
    const { zoneId, serial, soa, recordCount, at } = version
    const segments = this.#withOnlySegment(version)
    const [only] = segments
    const short = segments.length === 1 && only !== undefined && 'octets' in only && only.octets.length <= SHORT_OCTETS
    const row = { zoneId, serial, soa, recordCount, at, number }
    const alone = short
      ? { octets: only.octets.length, onlyOwner: only.firstOwner, onlySegment: pack(only.octets) }
      : { octets: 0, onlyOwner: null, onlySegment: null }
    const write = id === undefined ? this.#ask.addBase : this.#ask.changeBase
    const { lastInsertRowid } = write.run({ ...row, ...alone })
    const base = id ?? Number(lastInsertRowid)
    const octets = this.#segments.replace(base, short ? [] : segments)
    if (short) return alone.octets
    this.#ask.weighBase.run(octets, base)
    return octets
  }

  /** A base with its segments; only those of a short zone have octets. */
  load(zoneId: string): LoadedBase | undefined {
    const row = this.#ask.baseOf.get(zoneId) as unknown as BaseRow | undefined
    if (row === undefined) return undefined
    const { id, serial, soa, recordCount, at, number } = row
    const segments = row.onlySegment === null ? this.#segments.list(id) : [onlySegmentOf(row, zoneId)]
    return { id, serial, soa, recordCount, at, number, segments }
  }

  octetsOf(hashes: readonly Uint8Array[]): Uint8Array[] {
    return this.#segments.octetsOf(hashes)
  }

  /** The segments of a version, that of a short zone by its octets: it cannot be found by its hash. */
  #withOnlySegment({ zoneId, segments }: Checkpoint): readonly (Segment | KnownSegment)[] {
    if (segments.every((segment) => 'octets' in segment)) return segments
    const row = this.#ask.baseOf.get(zoneId) as unknown as BaseRow | undefined
    if (row === undefined || row.onlySegment === null) return segments
    const { octets, hash } = onlySegmentOf(row, zoneId)
    return segments.map((segment) =>
      'octets' in segment || !octetsEqual(segment.hash, hash) ? segment : { ...segment, octets },
    )
  }

  remove(id: number): void {
    this.#segments.replace(id, [])
    this.#ask.removeBase.run(id)
  }
}

function onlySegmentOf(row: BaseRow, zoneId: string): Segment & KnownSegment {
  const octets = unpack(row.onlySegment as Uint8Array, row.octets, `the contents of zone ${zoneId}`)
  const firstOwner = row.onlyOwner as Uint8Array
  return { firstOwner, recordCount: row.recordCount, octets, hash: segmentHash(octets) }
}
