/**
 * One page of a zone's records, whatever the size of the zone.
 *
 * Without a question a page is found by counting, in no time. A question about one owner looks at that owner. Any other
 * question, and any other order, goes through the zone once, in slices, and keeps the positions it found for the pages
 * that follow.
 */

import { typeMnemonic } from '../dns/record-types.ts'
import type { Id } from '../engine/object-id.ts'
import type { RecordReader } from '../engine/runtime.ts'
import type { Stored } from '../zone/contents.ts'
import type { Page } from './paging.ts'
import type { RecordOrder, RecordSearch } from './record-query.ts'
import { RecordSeen } from './record-seen.ts'
import type { Scans } from './scans.ts'
import { Slices, sortSliced } from './slices.ts'

/** The records of a page, in order. What is yielded is one object that moves. */
export interface RecordPage {
  readonly total: number
  readonly count: number
  records(): Iterable<Stored>
}

export async function findPage(
  scans: Scans,
  { zoneId, reader }: { readonly zoneId: Id; readonly reader: RecordReader },
  search: RecordSearch,
  page: Page,
): Promise<RecordPage> {
  if (search.owner !== undefined) return pageOfOwner(reader, search, page)
  const { test, order, question } = search
  if (test === undefined && order === undefined) return pageOfAll(reader, search, page)
  const scan = { zoneId, version: reader.version, question }
  const positions = await scans.result(scan, () => findPositions(reader, search))
  const [from, to] = bounds(positions.length, search.descending, page)
  return {
    total: positions.length,
    count: to - from,
    *records() {
      for (let at = from; at < to; at++) {
        yield* take(reader.records(positions[search.descending ? from + to - 1 - at : at] as number), 1)
      }
    },
  }
}

function pageOfAll(reader: RecordReader, { descending }: RecordSearch, page: Page): RecordPage {
  const total = reader.recordCount
  const [from, to] = bounds(total, descending, page)
  const forward = { total, count: to - from, records: () => take(reader.records(from), to - from) }
  if (!descending) return forward
  return {
    ...forward,
    *records() {
      for (let at = to - 1; at >= from; at--) yield* take(reader.records(at), 1)
    },
  }
}

/** An owner has few records, so they are copied and put in order. */
function pageOfOwner(reader: RecordReader, search: RecordSearch, page: Page): RecordPage {
  const { test, owner, order, descending } = search
  const seen = new RecordSeen(reader.apex, reader.overridden)
  const passing: { readonly stored: Stored; readonly key: string | number }[] = []
  for (const stored of owner === undefined ? [] : reader.recordsOf(owner)) {
    if (test !== undefined && !test(seen.look(stored))) continue
    passing.push({ stored: copyOf(stored), key: order === undefined ? 0 : keyOf(seen.look(stored), order) })
  }
  passing.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  if (descending) passing.reverse()
  const shown = passing.slice(page.offset, page.offset + page.perPage).map(({ stored }) => stored)
  return { total: passing.length, count: shown.length, records: () => shown }
}

/** The first and the one after the last of a page, counted from the front of what is listed backwards if descending. */
function bounds(total: number, descending: boolean, { offset, perPage }: Page): readonly [number, number] {
  const start = Math.min(offset, total)
  const end = Math.min(offset + perPage, total)
  return descending ? [total - end, total - start] : [start, end]
}

function* take(records: Iterable<Stored>, count: number): Generator<Stored> {
  let left = count
  if (left <= 0) return
  for (const stored of records) {
    yield stored
    if (--left === 0) return
  }
}

function copyOf({ octets, at, end }: Stored): Stored {
  return { octets: octets.slice(at, end), at: 0, end: end - at }
}

/** The positions of all records that pass, in the order asked for; among equals the order of the contents stands. */
async function findPositions(reader: RecordReader, { test, order }: RecordSearch): Promise<Uint32Array> {
  const slices = new Slices()
  const seen = new RecordSeen(reader.apex, reader.overridden)
  const positions: number[] = []
  const keys: (string | number)[] = []
  let position = 0
  for (const stored of reader.records(0)) {
    seen.look(stored)
    if (test === undefined || test(seen)) {
      positions.push(position)
      if (order !== undefined) keys.push(keyOf(seen, order))
    }
    position++
    if (slices.isOver()) await slices.next()
  }
  const found = Uint32Array.from(positions)
  if (order === undefined) return found
  const sorted = order === 'content' ? await sortSliced(keys as string[], slices) : sortByFew(keys)
  return sorted.map((at) => found[at] as number)
}

function keyOf(record: RecordSeen, order: RecordOrder): string | number {
  switch (order) {
    case 'ttl':
      return record.ttl
    case 'type':
      return typeMnemonic(record.type)
    case 'proxied':
      return record.proxied ? 1 : 0
    case 'content':
      return record.contentShown.toLowerCase()
    default:
      return order satisfies never
  }
}

/** The stable order of keys of which there are few different ones, as their indexes. */
function sortByFew(keys: readonly (string | number)[]): Uint32Array {
  const groups = new Map<string | number, number>()
  for (const key of keys) groups.set(key, (groups.get(key) ?? 0) + 1)
  let next = 0
  for (const key of [...groups.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const count = groups.get(key) as number
    groups.set(key, next)
    next += count
  }
  const sorted = new Uint32Array(keys.length)
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as string | number
    const place = groups.get(key) as number
    sorted[place] = at
    groups.set(key, place + 1)
  }
  return sorted
}
