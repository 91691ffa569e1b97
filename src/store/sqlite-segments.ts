/**
 * Segments in SQLite: each kept once, found by the SHA-256 of its octets, gone when no base names it. Those of a version
 * that is on its way are there before: its stage keeps them. A stage does not outlive the process, so what was left of one
 * goes when the store is opened.
 */

import { StoreError } from './error.ts'
import { pack, unpack } from './pack.ts'
import { segmentHash } from './segment.ts'
import { prepare, type Database, type Statement } from './sqlite.ts'
import type { KnownSegment, Segment, Stage } from './store.ts'

const QUESTIONS = {
  segmentByHash: 'SELECT id, octets FROM segment WHERE hash = ?',
  addSegment: 'INSERT INTO segment (hash, octets, contents) VALUES (?, ?, ?)',
  removeUnnamed: `DELETE FROM segment
    WHERE id = :id AND NOT EXISTS (SELECT 1 FROM base_segment WHERE segment_id = :id)`,
  listOf: `SELECT first_owner AS firstOwner, record_count AS recordCount, hash
    FROM base_segment JOIN segment ON segment.id = segment_id WHERE base_id = ? ORDER BY position`,
  contentsOf: 'SELECT octets, contents FROM segment WHERE hash = ?',
  segmentsOf: 'SELECT segment_id AS id FROM base_segment WHERE base_id = ?',
  addToManifest: `INSERT INTO base_segment (base_id, position, segment_id, first_owner, record_count)
    VALUES (?, ?, ?, ?, ?)`,
  removeManifest: 'DELETE FROM base_segment WHERE base_id = ?',
  removeAllUnnamed: 'DELETE FROM segment WHERE id NOT IN (SELECT segment_id FROM base_segment)',
}

interface SegmentRow {
  readonly octets: number
  readonly contents: Uint8Array
}

/** Reads and writes manifests; the caller holds the transaction. */
export class SqliteSegments {
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>
  readonly #stages = new Map<Stage, Set<number>>()

  constructor(database: Database) {
    this.#ask = prepare(database, QUESTIONS)
    this.#ask.removeAllUnnamed.run()
  }

  stage(stage: Stage, segments: readonly Segment[]): KnownSegment[] {
    const staged = this.#stages.get(stage) ?? new Set()
    this.#stages.set(stage, staged)
    return segments.map((segment) => {
      const hash = segmentHash(segment.octets)
      staged.add(this.#keep(segment, hash).id)
      return { firstOwner: segment.firstOwner, recordCount: segment.recordCount, hash }
    })
  }

  unstage(stage: Stage): void {
    const staged = this.#stages.get(stage) ?? []
    this.#stages.delete(stage)
    for (const id of staged) this.#drop(id)
  }

  /** Makes `segments` what the base consists of, and says how many octets that is. */
  replace(base: number, segments: readonly (Segment | KnownSegment)[]): number {
    const before = this.#segmentsOf(base)
    this.#ask.removeManifest.run(base)
    const now = new Set<number>()
    let total = 0
    for (const [position, segment] of segments.entries()) {
      const { id, octets } = 'octets' in segment ? this.#keep(segment) : this.#find(segment.hash)
      this.#ask.addToManifest.run(base, position, id, segment.firstOwner, segment.recordCount)
      now.add(id)
      total += octets
    }
    for (const id of before) if (!now.has(id)) this.#drop(id)
    return total
  }

  /** The segments of a base, without their octets. */
  list(base: number): KnownSegment[] {
    return this.#ask.listOf.all(base) as unknown as KnownSegment[]
  }

  octetsOf(hashes: readonly Uint8Array[]): Uint8Array[] {
    return hashes.map((hash) => {
      const row = this.#ask.contentsOf.get(hash) as unknown as SegmentRow | undefined
      if (row === undefined) throw new StoreError('out of order', 'a segment is asked for that is not there')
      return unpack(row.contents, row.octets, `segment ${Buffer.from(hash).toString('hex', 0, 4)}`)
    })
  }

  #segmentsOf(base: number): number[] {
    return (this.#ask.segmentsOf.all(base) as { id: number }[]).map(({ id }) => id)
  }

  /** Removes a segment if nobody names it. */
  #drop(id: number): void {
    for (const staged of this.#stages.values()) if (staged.has(id)) return
    this.#ask.removeUnnamed.run({ id })
  }

  #keep({ octets }: Segment, key = segmentHash(octets)): { id: number; octets: number } {
    const known = this.#ask.segmentByHash.get(key) as { id: number; octets: number } | undefined
    if (known !== undefined) return known
    const { lastInsertRowid } = this.#ask.addSegment.run(key, octets.length, pack(octets))
    return { id: Number(lastInsertRowid), octets: octets.length }
  }

  #find(key: Uint8Array): { id: number; octets: number } {
    const known = this.#ask.segmentByHash.get(key) as { id: number; octets: number } | undefined
    if (known === undefined) throw new StoreError('out of order', 'a segment is named that the zone does not have')
    return known
  }
}
