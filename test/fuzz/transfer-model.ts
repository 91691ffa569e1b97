/**
 * What a transfer means, said a second time: slowly, from the whole list of records, sharing no code with the
 * interpreter that is tested but the reading of RDATA.
 */

import type { DnsRecord } from '../../src/dns/message.ts'
import { nameKey, type Name } from '../../src/dns/name.ts'
import { rdataEqual } from '../../src/dns/layout.ts'
import { recordTypeOf } from '../../src/dns/record-types.ts'
import { Reader, WireError } from '../../src/dns/wire.ts'
import { printRecord } from '../../src/dns/zonefile/printer.ts'

/** A transfer as it was asked for. */
export interface Asked {
  readonly apex: Name
  readonly id: number
  readonly type: 'AXFR' | 'IXFR'
  readonly since: number | undefined
  /** The version with that serial. */
  readonly base: readonly DnsRecord[]
}

/** How a stream ends. */
export type ModelEnd =
  | 'incomplete'
  | { readonly bad: string }
  | { readonly form: 'AXFR' | 'IXFR'; readonly zone: readonly DnsRecord[] }
  | { readonly form: 'up to date' }

interface Item extends DnsRecord {
  readonly inZone: boolean
  readonly atApex: boolean
}

const SOA = 6
const AXFR = 252
const IXFR = 251
const EMPTY_MAX = 100

class Bad extends Error {}

/** Says how a stream ends after these messages. */
export function endOfStream(messages: readonly Uint8Array[], asked: Asked): ModelEnd {
  const items: Item[] = []
  let emptyInARow = 0
  try {
    for (const message of messages) {
      const before = items.length
      const result = readAnswers(message, asked, items)
      if (typeof result === 'object') return result
      emptyInARow = items.length === before ? emptyInARow + 1 : 0
      if (emptyInARow > EMPTY_MAX) throw new Bad('too many empty messages')
      if (items.length === 0 && !result) throw new Bad('an empty answer')
    }
  } catch (error) {
    if (error instanceof Bad || error instanceof WireError) return { bad: error.message }
    throw error
  }
  return 'incomplete'
}

/** Adds the records of a message to the list. The end, if this message brings it; else whether it was padded. */
function readAnswers(message: Uint8Array, asked: Asked, items: Item[]): ModelEnd | boolean {
  const [answers, others, start] = readHead(message, asked)
  let at = start
  let end: ModelEnd = 'incomplete'
  for (let left = answers; left > 0; left--) {
    if (end !== 'incomplete') {
      if ('zone' in end) throw new Bad('records behind the end')
      at = fieldsAt(message, at).end
      continue
    }
    const fields = fieldsAt(message, at)
    items.push(readItem(message, at, fields, asked))
    at = fields.end
    // Nothing but a SOA record ends anything, and going through all records again takes its time.
    if (items.length === 1 || fields.type === SOA) end = interpret(items, asked)
  }
  const padded = checkTail(message, at, others)
  return end === 'incomplete' ? padded : end
}

/** The number of answers, the number of other records, and where the answers begin. */
function readHead(message: Uint8Array, { apex, id, type }: Asked): readonly [number, number, number] {
  if (message.length < 12) throw new Bad('short')
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  const flags = view.getUint16(2)
  if (view.getUint16(0) !== id) throw new Bad('wrong ID')
  if (flags >> 15 !== 1) throw new Bad('no response')
  if (((flags >> 11) & 15) !== 0) throw new Bad('wrong opcode')
  if ((flags & 15) !== 0) throw new Bad('RCODE')
  if ((flags & 0x200) !== 0) throw new Bad('truncated')
  const questions = view.getUint16(4)
  if (questions > 1) throw new Bad('questions')
  let at = 12
  if (questions === 1) {
    const { labels, end } = nameAt(message, 12, message.length)
    if (end + 4 > message.length) throw new Bad('question cut')
    if (nameKey(joined(labels)) !== nameKey(apex)) throw new Bad('another name')
    if (view.getUint16(end) !== (type === 'AXFR' ? AXFR : IXFR) || view.getUint16(end + 2) !== 1) throw new Bad('type')
    at = end + 4
  }
  return [view.getUint16(6), view.getUint16(8) + view.getUint16(10), at]
}

interface Fields {
  readonly type: number
  readonly class: number
  readonly ttl: number
  readonly rdata: number
  readonly end: number
}

/** The fields behind the owner of a record, whose name is not read but stepped over. */
function fieldsAt(message: Uint8Array, start: number): Fields {
  let at = start
  for (;;) {
    const length = message[at]
    if (length === undefined) throw new Bad('name cut')
    if (length >= 0xc0) break
    if (length > 63) throw new Bad('label type')
    if (length === 0) break
    at += length + 1
  }
  at += message[at] === 0 ? 1 : 2
  if (at + 10 > message.length) throw new Bad('record cut')
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  const end = at + 10 + view.getUint16(at + 8)
  if (end > message.length) throw new Bad('RDATA cut')
  const [type, klass, ttl] = [view.getUint16(at), view.getUint16(at + 2), view.getUint32(at + 4)]
  return { type, class: klass, ttl: ttl > 0x7fff_ffff ? 0 : ttl, rdata: at + 10, end }
}

function readItem(message: Uint8Array, at: number, fields: Fields, { apex }: Asked): Item {
  const { type, class: klass, ttl, rdata: start, end } = fields
  const owner = joined(nameAt(message, at, message.length).labels)
  if (klass !== 1) throw new Bad('class')
  if (type === 0 || type === 41 || (type >= 128 && type <= 255)) throw new Bad('meta type')
  const key = nameKey(owner)
  const atApex = key === nameKey(apex)
  const inZone = atApex || endsWith(owner, apex)
  const rdata = inZone ? recordTypeOf(type).readRdata(new Reader(message, start, end), end - start) : new Uint8Array(0)
  return { owner, type, class: klass, ttl, rdata, inZone, atApex }
}

/** Labels of a name, from the first to the last, and where it ends. What a pointer leads to must end before it. */
function nameAt(message: Uint8Array, start: number, bound: number, hops = 0): { labels: Uint8Array[]; end: number } {
  const labels: Uint8Array[] = []
  let at = start
  for (;;) {
    const length = message[at]
    if (length === undefined || at >= bound) throw new Bad('name cut')
    if (length === 0) return { labels, end: at + 1 }
    if (length >= 0xc0) {
      if (at + 2 > bound) throw new Bad('pointer cut')
      const target = ((length & 63) << 8) | (message[at + 1] as number)
      if (target >= start || target < 12) throw new Bad('pointer')
      if (hops === 127) throw new Bad('too many pointers')
      const rest = nameAt(message, target, start, hops + 1).labels
      return { labels: [...labels, ...rest], end: at + 2 }
    }
    if (length > 63 || at + 1 + length > bound) throw new Bad('label')
    labels.push(message.slice(at, at + 1 + length))
    at += length + 1
  }
}

function joined(labels: readonly Uint8Array[]): Name {
  const octets = [...labels.flatMap((label) => [...label]), 0]
  if (octets.length > 255) throw new Bad('long name')
  return Uint8Array.from(octets) as Uint8Array as Name
}

/** Whether a name lies below the apex, label by label. */
function endsWith(name: Name, apex: Name): boolean {
  let at = 0
  while (name.length - at > apex.length) at += (name[at] as number) + 1
  return nameKey(name.slice(at) as Uint8Array as Name) === nameKey(apex)
}

/** The records behind the answers: one OPT at most, no RCODE in it, no expired primary. Whether it has padding. */
function checkTail(message: Uint8Array, start: number, count: number): boolean {
  let at = start
  let opts = 0
  let padded = false
  for (let left = count; left > 0; left--) {
    const fields = fieldsAt(message, at)
    if (fields.type === 41) {
      if (++opts > 1 || message[at] !== 0) throw new Bad('OPT')
      if (message[fields.rdata - 6] !== 0) throw new Bad('RCODE in OPT')
      padded = checkOptions(message.subarray(fields.rdata, fields.end))
    }
    at = fields.end
  }
  if (at !== message.length) throw new Bad('octets behind the last record')
  return padded
}

function checkOptions(octets: Uint8Array): boolean {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  let padded = false
  let expires = 0
  for (let at = 0; at < octets.length;) {
    if (at + 4 > octets.length) throw new Bad('option')
    const [code, length] = [view.getUint16(at), view.getUint16(at + 2)]
    if (at + 4 + length > octets.length) throw new Bad('option')
    if (code === 12) padded = true
    if (code === 9 && ++expires === 1 && length === 4 && view.getUint32(at + 4) < 2) throw new Bad('expired')
    at += 4 + length
  }
  return padded
}

/** What the records so far are: an end, a mistake, or a beginning (RFC 5936 §2.2, RFC 1995 §4). */
function interpret(items: readonly Item[], { type, since, base }: Asked): ModelEnd {
  const [first, second] = items
  if (first === undefined || !isSoa(first)) throw new Bad('first record')
  if (since !== undefined && !isNewer(serialOf(first), since)) return { form: 'up to date' }
  if (second === undefined) return 'incomplete'
  if (type === 'IXFR' && second.type === SOA && isSoa(second) && serialOf(second) === since) {
    return replay(items, since, base)
  }
  const body = items.slice(1)
  const soas = body.filter((item) => item.type === SOA)
  if (soas.some((soa) => !isSoa(soa))) throw new Bad('SOA below the apex')
  if (soas.length === 0) return 'incomplete'
  if (soas.length > 1 || body.at(-1)?.type !== SOA || !isSame(soas[0] as Item, first))
    throw new Bad('SOA in the middle')
  const zone: DnsRecord[] = [first]
  for (const item of body.slice(0, -1)) if (item.inZone) put(zone, item)
  return { form: 'AXFR', zone }
}

/** Steps of differences, each: SOA, removed records, SOA, added records. */
function replay(items: readonly Item[], since: number, base: readonly DnsRecord[]): ModelEnd {
  const [first] = items as readonly [Item]
  const zone = base.slice()
  let from = since
  let at = 1
  const here = (): Item | undefined => items[at]
  for (;;) {
    let item = here()
    if (item === undefined) return 'incomplete'
    if (!isSoa(item) || serialOf(item) !== from) throw new Bad('step from elsewhere')
    for (at++; (item = here()) !== undefined && item.type !== SOA; at++) if (item.inZone) take(zone, item)
    if (item === undefined) return 'incomplete'
    if (!isSoa(item)) throw new Bad('SOA below the apex')
    const to = serialOf(item)
    const isLast = to === serialOf(first)
    if (!isNewer(to, from) || !(isLast || isNewer(serialOf(first), to))) throw new Bad('serial order')
    if (isLast && !isSame(item, first)) throw new Bad('unequal SOA')
    zone[0] = item
    for (at++; (item = here()) !== undefined && item.type !== SOA; at++) {
      if (item.inZone) put(zone, item)
    }
    if (item === undefined) return 'incomplete'
    if (!isSoa(item)) throw new Bad('SOA below the apex')
    if (isLast) {
      if (!isSame(item, first)) throw new Bad('unequal SOA')
      return { form: 'IXFR', zone }
    }
    from = to
  }
}

const isSoa = (item: Item): boolean => item.type === SOA && item.atApex

function serialOf({ rdata }: DnsRecord): number {
  return new DataView(rdata.buffer, rdata.byteOffset, rdata.length).getUint32(rdata.length - 20)
}

/** RFC 1982 §3.2, as arithmetic. */
function isNewer(a: number, b: number): boolean {
  const distance = (a - b + 2 ** 32) % 2 ** 32
  return distance > 0 && distance < 2 ** 31
}

function isSame(a: DnsRecord, b: DnsRecord): boolean {
  return a.type === b.type && keyOf(a) === keyOf(b) && rdataEqual(a.type, a.rdata, b.rdata)
}

const keys = new WeakMap<DnsRecord, string>()

function keyOf(record: DnsRecord): string {
  let key = keys.get(record)
  if (key === undefined) keys.set(record, (key = nameKey(record.owner)))
  return key
}

/** Puts a record in. What is the same stays as it came first, and one with another TTL takes its place. */
function put(zone: DnsRecord[], record: DnsRecord): void {
  const at = zone.findIndex((one) => isSame(one, record))
  if (at < 0) zone.push(record)
  else if (zone[at]?.ttl !== record.ttl) zone[at] = record
}

function take(zone: DnsRecord[], record: DnsRecord): void {
  const at = zone.findIndex((one) => isSame(one, record))
  if (at < 0) throw new Bad('removed what is not there')
  zone.splice(at, 1)
}

/** A zone as sorted lines; the apex is spelled in one way only. */
export function linesOf(zone: readonly DnsRecord[], apex: Name): string[] {
  return zone.map((record) => printRecord({ ...record, owner: spelledAs(record.owner, apex) })).sort()
}

function spelledAs(owner: Name, apex: Name): Name {
  const name = owner.slice()
  name.set(apex, owner.length - apex.length)
  return name as Uint8Array as Name
}
