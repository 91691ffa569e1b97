/**
 * One attempt to edit records: every wish becomes a step that takes out what was read and puts in what is meant.
 *
 * A session sees what its own steps have done, so that one request may change a record and then replace it. Nothing
 * happens until the steps are carried out.
 */

import { octetsEqual } from '../dns/octets.ts'
import { sameName } from '../dns/name.ts'
import { newId, type Id, type Instant } from '../engine/object-id.ts'
import type { RecordReader } from '../engine/runtime.ts'
import type { EditStep } from '../zone/edit-records.ts'
import { type EditedRecord, type RecordAttributes, readEdited, storeEdited } from '../zone/edited-record.ts'
import { ApiError, type Fault } from './errors.ts'
import { type DraftBase, readDraft, type RecordBody, type RecordDraft } from './record-draft.ts'
import type { RecordRules } from './record-rules.ts'

/** A record in stored form. */
export type StoredOctets = Uint8Array<ArrayBuffer>

/** What became of one record, for the audit log. */
export interface RecordDeed {
  readonly before?: StoredOctets
  readonly after?: StoredOctets
}

export interface SessionOptions {
  readonly reader: RecordReader
  readonly rules: RecordRules
  readonly now: Instant
}

export class RecordSession {
  readonly steps: EditStep[] = []
  /** Where in the request each step comes from: a JSON pointer, or a place in a file. */
  readonly places: string[] = []
  readonly deeds: RecordDeed[] = []
  /** The id for which no record was found that can be edited. */
  unknown: Id | undefined
  readonly reader: RecordReader
  readonly rules: RecordRules
  readonly now: Instant
  /** Records that steps have put in or taken out. */
  readonly #changed = new Map<Id, StoredOctets | undefined>()

  constructor({ reader, rules, now }: SessionOptions) {
    this.reader = reader
    this.rules = rules
    this.now = now
  }

  /** The record that a body describes. Errors are wrapped, as Cloudflare does for new records. */
  create(body: RecordBody, place = ''): StoredOctets {
    try {
      return this.add(readDraft(body, { type: 'nothing' }, this.rules), place)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      throw new ApiError('record-invalid', { chain: error.faults, ...(place !== '' && { pointer: place }) })
    }
  }

  /** A new record. */
  add(draft: RecordDraft, place: string): StoredOctets {
    const attributes = stamped(draft.attributes, undefined, this.now)
    const record = { ...draft, id: newId(), attributes, createdAt: this.now, modifiedAt: this.now }
    return this.#step(undefined, record, place)
  }

  /** The record in place of the one with an id; what the body does not name goes back to its default. */
  replace(id: Id, body: RecordBody, place = ''): StoredOctets {
    return this.#change(id, body, 'replaced', place)
  }

  /** The record with an id after a change; what the body does not name stays. */
  merge(id: Id, body: RecordBody, place = ''): StoredOctets {
    return this.#change(id, body, 'merged', place)
  }

  /** The record as it was. */
  remove(id: Id, place = ''): StoredOctets {
    const before = this.#storedOf(id, place)
    this.#push({ remove: before }, place)
    this.deeds.push({ before })
    this.#changed.set(id, undefined)
    return before
  }

  #change(id: Id, body: RecordBody, type: 'replaced' | 'merged', place: string): StoredOctets {
    const stored = this.#storedOf(id, place)
    const before = readEdited(stored, 0, this.reader.apex)
    const draft = at(place, () => readDraft(body, { type, record: before } satisfies DraftBase, this.rules))
    if (isSame(before, draft)) return stored
    const modifiedAt = Math.max(this.now, before.modifiedAt + 1)
    const attributes = stamped(draft.attributes, before.attributes, modifiedAt)
    return this.#step(stored, { ...draft, id, attributes, createdAt: before.createdAt, modifiedAt }, place)
  }

  #step(before: StoredOctets | undefined, record: EditedRecord, place: string): StoredOctets {
    const after = storeEdited(record, this.reader.apex)
    this.#push(before === undefined ? { add: after } : { remove: before, add: after }, place)
    this.deeds.push(before === undefined ? { after } : { before, after })
    this.#changed.set(record.id, after)
    return after
  }

  #push(step: EditStep, place: string): void {
    this.steps.push(step)
    this.places.push(place)
  }

  #storedOf(id: Id, place: string): StoredOctets {
    const changed = this.#changed.has(id)
    const found = changed ? undefined : this.reader.byId(id)
    const octets = changed ? this.#changed.get(id) : found && found.octets.slice(found.at, found.end)
    if (octets === undefined) {
      this.unknown = id
      throw new ApiError('record-unknown', place === '' ? {} : { pointer: `${place}/id` })
    }
    return octets
  }
}

/** Leads what goes wrong in an act to its place in the request. */
function at<T>(place: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof ApiError) || place === '') throw error
    const [first, ...rest] = error.faults.map((fault) => ({ ...fault, pointer: place + (fault.pointer ?? '') }))
    throw ApiError.of([first as Fault, ...rest])
  }
}

/** With the moments at which comment and tags became what they are. */
function stamped(
  { comment, tags, ...rest }: RecordAttributes,
  before: RecordAttributes = {},
  now: Instant,
): RecordAttributes {
  const sameTags = JSON.stringify(tags) === JSON.stringify(before.tags)
  return {
    ...(comment !== undefined && {
      comment,
      commentModifiedAt: (comment === before.comment ? before.commentModifiedAt : undefined) ?? now,
    }),
    ...(tags !== undefined && { tags, tagsModifiedAt: (sameTags ? before.tagsModifiedAt : undefined) ?? now }),
    ...rest,
  }
}

/** Whether a change changes nothing. */
function isSame(before: EditedRecord, draft: RecordDraft): boolean {
  return (
    sameName(before.owner, draft.owner) &&
    before.type === draft.type &&
    before.ttl === draft.ttl &&
    before.proxied === draft.proxied &&
    octetsEqual(before.rdata, draft.rdata) &&
    wordsOf(before.attributes) === wordsOf(draft.attributes)
  )
}

function wordsOf({ comment, tags, settings, content }: RecordAttributes): string {
  const { ipv4_only, ipv6_only, flatten_cname } = settings ?? {}
  return JSON.stringify([comment, tags, ipv4_only, ipv6_only, flatten_cname, content])
}
