/** The contents of a zone for those who list records: one version, read in place and held until it is released. */

import type { Name } from '../dns/name.ts'
import { countsOf, recordsFrom, soaOf, type Contents, type Stored } from '../zone/contents.ts'
import { Cursor } from '../zone/cursor.ts'
import type { DirectoryReader, Pin } from '../zone/directory-reader.ts'
import { editedFrom, editedOf, findEdited } from '../zone/edited-record.ts'
import { SortKey } from '../zone/sort-key.ts'
import type { RecordReader } from './runtime.ts'

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
export class ZoneRecords extends PinnedRecords implements RecordReader {
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
    const key = new SortKey()
    key.setOwner(owner, 0, owner.length - this.apex.length)
    const cursor = new Cursor(this.contents.arena)
    for (const open of ['openNames', 'openHashes'] as const) {
      cursor[open](this.contents.version)
      for (let more = cursor.seek(key); more; more = cursor.nextOfOwner()) yield cursor
    }
  }

  byId(): undefined {
    return undefined
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
