/** The contents of a zone for those who list records: one version, read in place and held until it is released. */

import { sameName, type Name } from '../dns/name.ts'
import { countsOf, recordsFrom, recordsOfOwner, soaOf, type Contents, type Stored } from '../zone/contents.ts'
import { Cursor } from '../zone/cursor.ts'
import type { DirectoryReader, Pin } from '../zone/directory-reader.ts'
import { editedFrom, editedId, editedOf, findEdited } from '../zone/edited-record.ts'
import { storedOwner } from '../zone/stored-form.ts'
import { ownerEnd } from '../zone/stored-record.ts'
import type { Overridden, RecordReader, ServedReader } from './runtime.ts'

/** One version that stays as it is until it is released. */
abstract class PinnedRecords {
  readonly apex: Name
  readonly version: number
  protected readonly contents: Contents
  readonly #reader: DirectoryReader
  readonly #pin: Pin

  constructor(reader: DirectoryReader, pin: Pin, apex: Name) {
    this.apex = apex
    this.version = versionNumber(reader, pin)
    this.contents = { arena: reader.arena, version: pin.version }
    this.#reader = reader
    this.#pin = pin
  }

  release(): void {
    this.#reader.unpin(this.#pin)
  }
}

/** What is served. */
export class ZoneRecords extends PinnedRecords implements ServedReader {
  readonly edited = false

  get recordCount(): number {
    return countsOf(this.contents).records + 1
  }

  *records(from: number): Generator<Stored> {
    if (from === 0) yield soaOf(this.contents)
    yield* recordsFrom(this.contents, Math.max(from - 1, 0))
  }

  *recordsOf(owner: Name): Generator<Stored> {
    if (owner.length === this.apex.length) yield soaOf(this.contents)
    const cursor = new Cursor(this.contents.arena)
    for (const open of ['openNames', 'openHashes'] as const) {
      cursor[open](this.contents.version)
      yield* recordsOfOwner(cursor, owner, owner.length - this.apex.length)
    }
  }

  byId(): undefined {
    return undefined
  }

  *coveringOf(owner: Name): Generator<Stored> {
    const cursor = new Cursor(this.contents.arena)
    cursor.openOverlay(this.contents.version)
    yield* recordsOfOwner(cursor, owner, owner.length - this.apex.length)
  }

  /** Whether signatures came with it. */
  get isSigned(): boolean {
    return countsOf(this.contents).signatures > 0
  }
}

/** What was transferred, if anything was, behind the overrides of it. */
export class OverriddenRecords implements RecordReader {
  readonly edited = false
  readonly apex: Name
  readonly version: string
  readonly overridden: Overridden
  readonly #transferred: ZoneRecords | undefined
  readonly #overrides: readonly Stored[]

  constructor(
    transferred: ZoneRecords | undefined,
    overrides: { readonly records: readonly Uint8Array[]; readonly revision: number },
    { apex, overridden }: { readonly apex: Name; readonly overridden: Overridden },
  ) {
    this.apex = apex
    this.version = `${transferred?.version ?? ''}.${overrides.revision}`
    // Nothing is laid over a zone that came signed.
    this.overridden = transferred?.isSigned === true ? { proxied: new Set(), apexIsCname: false } : overridden
    this.#transferred = transferred
    this.#overrides = overrides.records.map((octets) => ({ octets, at: 0, end: octets.length }))
  }

  get recordCount(): number {
    return this.#overrides.length + (this.#transferred?.recordCount ?? 0)
  }

  *records(from: number): Generator<Stored> {
    yield* this.#overrides.slice(from)
    if (this.#transferred !== undefined) yield* this.#transferred.records(Math.max(from - this.#overrides.length, 0))
  }

  *recordsOf(owner: Name): Generator<Stored> {
    for (const stored of this.#overrides) if (sameName(storedOwner(stored.octets, 0, this.apex), owner)) yield stored
    if (this.#transferred !== undefined) yield* this.#transferred.recordsOf(owner)
  }

  byId(id: string): Stored | undefined {
    return this.#overrides.find(({ octets }) => editedId(octets, ownerEnd(octets, 0)) === id)
  }

  release(): void {
    this.#transferred?.release()
  }
}

/** What it was made of. */
export class EditedRecords extends PinnedRecords implements RecordReader {
  readonly edited = true

  get recordCount(): number {
    return countsOf(this.contents).editedRecords
  }

  records(from: number): Iterable<Stored> {
    return editedFrom(this.contents, from, this.recordCount)
  }

  recordsOf(owner: Name): Iterable<Stored> {
    return editedOf(this.contents, owner, owner.length - this.apex.length)
  }

  byId(id: string): Stored | undefined {
    return findEdited(this.contents, id)
  }
}

/** A version may have been published since the pin: the count alone would then name the one after. */
function versionNumber(reader: DirectoryReader, { zone, version }: Pin): number {
  return (reader.sequenceOf(zone) % 2 ** 20) * 2 ** 32 + (version >>> 0)
}
