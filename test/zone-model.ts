/**
 * The obvious twin of a zone's contents: a sorted array of records, and a world of records to fill it with.
 *
 * Slow on purpose and written without a look at the real thing, which has to agree with it.
 */

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { parseName, type Name } from '../src/dns/name.ts'
import { typeCode } from '../src/dns/record-types.ts'
import type { Arena } from '../src/zone/arena.ts'
import { type Contents, countsOf, recordsFrom, runsOf } from '../src/zone/contents.ts'
import { Cursor } from '../src/zone/cursor.ts'
import { SortKey } from '../src/zone/sort-key.ts'
import { storeRecord } from '../src/zone/stored-form.ts'

export const APEX = parseName('example.org.')

/** A stored record with its parts laid open. */
export interface ModelRecord {
  readonly stored: Uint8Array
  /** Labels in lower case, the one nearest the apex first, as Latin-1. */
  readonly labels: readonly string[]
  readonly type: number
  /** RDATA as it is compared, as Latin-1. */
  readonly canonical: string
}

/** A sequence of numbers that depends on its seed only. */
export function dice(seed: number): (sides: number) => number {
  let state = seed | 0
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % sides
  }
}

const A = 1
const NS = 2
const TXT = 16
const DNAME = 39
const RRSIG = 46
const NSEC = 47
const NSEC3 = 50
const PRIVATE = 65280

const latin1 = (octets: Uint8Array): string => Array.from(octets, (octet) => String.fromCharCode(octet)).join('')
const octetsOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))
const u16 = (value: number): string => String.fromCharCode(value >> 8, value & 0xff)
const label = (text: string): string => String.fromCharCode(text.length) + text
const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** Makes the record of an owner (labels as they are written, first one first), a type and RDATA as Latin-1. */
export function modelRecord(owner: readonly string[], type: number, rdata: string, ttl = 300): ModelRecord {
  const name = octetsOf(`${owner.map(label).join('')}${latin1(APEX)}`) as Name
  return {
    stored: storeRecord({ owner: name, type, class: 1, ttl, rdata: octetsOf(rdata) }, APEX),
    labels: owner.map(fold).toReversed(),
    type,
    canonical: [NS, DNAME].includes(type) ? fold(rdata) : rdata,
  }
}

/** The SOA record of the apex with a serial. */
export function soaRecord(serial: number): Uint8Array {
  const rdata = `${label('ns')}\0${label('host')}\0${u16(serial >>> 16)}${u16(serial & 0xffff)}${'\0'.repeat(16)}`
  return storeRecord({ owner: APEX, type: typeCode('SOA') as number, class: 1, ttl: 300, rdata: octetsOf(rdata) }, APEX)
}

/** How owners and RDATA of a world look: few or many owners, short or long names, small or large RDATA. */
export interface World {
  readonly owners: number
  readonly labelOctets: number
  /** Labels of the largest size that all owners end in: long separators, and with them trees of many levels. */
  readonly sharedLabels?: number
  readonly rdataOctets: number
}

/** Draws a record. */
export function drawRecord(roll: (sides: number) => number, world: World): ModelRecord {
  const owner = drawOwner(roll, world)
  const kind = roll(20)
  const size = roll(50) === 0 ? roll(world.rdataOctets * 30) : roll(world.rdataOctets)
  const text = Array.from({ length: size % 40 }, () =>
    String.fromCharCode(roll(3) === 0 ? roll(256) : 97 + roll(3)),
  ).join('')
  const padding = 'x'.repeat(Math.max(0, size - 40))
  const target = label(['a', 'A', 'b', 'B', 'ns'][roll(5)] as string) + label('net') + '\0'
  const ttl = roll(10) === 0 ? roll(2 ** 31) : 300
  if (kind < 6) return modelRecord(owner, A, `\x0a\0${u16(roll(200))}`, ttl)
  if (kind < 8) return modelRecord(owner, NS, target, ttl)
  if (kind === 8) return modelRecord(owner, DNAME, target, ttl)
  if (kind === 9) return modelRecord(owner, NSEC, '\0\0\x01\x40', ttl)
  if (kind < 12) return modelRecord(owner, NSEC3, `\x01\0\0\0\0\x04${u16(roll(9))}ab\0\x01\x40`, ttl)
  if (kind < 14)
    return modelRecord(owner, RRSIG, `${u16([A, NS, NSEC3][roll(3)] as number)}${'\0'.repeat(16)}\0${text}`, ttl)
  if (kind < 16) return modelRecord(owner, TXT, label(text) + (padding === '' ? '' : strings(padding)), ttl)
  return modelRecord(owner, PRIVATE + roll(kind === 16 ? 200 : 2), padding + text, ttl)
}

function strings(text: string): string {
  let all = ''
  for (let at = 0; at < text.length; at += 200) all += label(text.slice(at, at + 200))
  return all
}

/** Draws an owner: of the few or many there are, now and then the apex, a wildcard or one with odd octets. */
function drawOwner(roll: (sides: number) => number, world: World): string[] {
  if (roll(40) === 0) return []
  return [...drawLabels(roll, world), ...Array.from({ length: world.sharedLabels ?? 0 }, () => 'q'.repeat(63))]
}

function drawLabels(roll: (sides: number) => number, { owners, labelOctets }: World): string[] {
  const number = roll(owners).toString(36)
  const first = Array.from(number, (digit) => (roll(2) === 0 ? digit.toUpperCase() : digit)).join('')
  const padding = 'p'.repeat(Math.max(0, labelOctets - number.length))
  const odd = roll(8)
  if (odd === 0) return roll(2) === 0 ? ['*', first + padding] : ['a', '*', first + padding]
  if (odd === 1) return ['\0', first + padding]
  if (odd === 2) return ['\x01\0', first + padding]
  if (odd === 3) return ['sub', 'Sub', padding + first]
  return [padding + first]
}

/** Orders records as RFC 4034 §6 does; those of the hashed chain come last. */
function compareModels(a: ModelRecord, b: ModelRecord): number {
  return (
    Number(isHashed(a)) - Number(isHashed(b)) ||
    compareLabels(a.labels, b.labels) ||
    a.type - b.type ||
    compareText(a.canonical, b.canonical)
  )
}

function isHashed({ type, canonical }: ModelRecord): boolean {
  return type === NSEC3 || (type === RRSIG && canonical.startsWith(u16(NSEC3)))
}

function compareLabels(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compareText(a[at] as string, b[at] as string)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What the contents of a zone are, in the plainest way. */
export class Model {
  readonly records: ModelRecord[]

  constructor(records: readonly ModelRecord[] = []) {
    this.records = [...records]
  }

  copy(): Model {
    return new Model(this.records)
  }

  add(record: ModelRecord): 'added' | 'present' | 'ttl changed' {
    const at = this.#placeOf(record)
    const there = this.records[at]
    if (there === undefined || compareModels(there, record) !== 0) {
      this.records.splice(at, 0, record)
      return 'added'
    }
    const [ours, theirs] = [there, record].map(({ stored }) => ttlOf(stored))
    if (ours === theirs) return 'present'
    this.records[at] = record
    return 'ttl changed'
  }

  remove(record: ModelRecord): 'removed' | 'absent' {
    const at = this.#placeOf(record)
    const there = this.records[at]
    if (there === undefined || compareModels(there, record) !== 0) return 'absent'
    this.records.splice(at, 1)
    return 'removed'
  }

  get octets(): Uint8Array {
    return Buffer.concat(this.records.map(({ stored }) => stored))
  }

  #placeOf(record: ModelRecord): number {
    let low = 0
    let high = this.records.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareModels(this.records[middle] as ModelRecord, record) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function ttlOf(stored: Uint8Array): string {
  let at = 0
  while ((stored[at] as number) < 0xc0) at += (stored[at] as number) + 1
  return latin1(stored.subarray(at + 6, at + 10))
}

/** All records of contents, copied. */
export function octetsOfContents(contents: Contents): Uint8Array {
  return Buffer.concat(Array.from(runsOf(contents), ({ octets, at, end }) => octets.slice(at, end)))
}

/** Stops unless contents and model are the same, however one looks at them. */
export function assertAgree(contents: Contents, model: Model, roll: (sides: number) => number, world: World): void {
  ok(Buffer.compare(octetsOfContents(contents), model.octets) === 0, 'the runs differ from the model')
  const names = model.records.filter((record) => !isHashed(record))
  const owners = [...new Map(names.map((record) => [record.labels.join('.'), record.labels])).values()]
  const having = (type: number): number =>
    new Set(names.filter((r) => r.type === type).map(({ labels }) => labels.join('.'))).size
  deepStrictEqual(countsOf(contents), {
    records: model.records.length,
    owners: owners.length,
    cuts: having(NS) - (names.some(({ type, labels }) => type === NS && labels.length === 0) ? 1 : 0),
    dnames: having(DNAME),
    wildcards: owners.filter((owner) => owner.includes('*')).length,
    signatures: model.records.filter(({ type }) => type === RRSIG).length,
    nsecs: names.filter(({ type }) => type === NSEC).length,
    hashRecords: model.records.length - names.length,
    octets: model.octets.length,
    editedRecords: 0,
  })
  assertOwners(contents, owners)
  for (let times = 0; times < 20; times++) {
    const from = roll(model.records.length + 2)
    const [cursor] = recordsFrom(contents, from)
    strictEqual(cursor === undefined, model.records[from] === undefined)
    if (cursor !== undefined) {
      const copy = cursor.octets.slice(cursor.at, cursor.end)
      ok(Buffer.compare(copy, (model.records[from] as ModelRecord).stored) === 0, 'the n-th record differs')
    }
    assertSought(contents, names, owners, drawOwner(roll, world).map(fold).toReversed(), roll)
  }
}

/** Walks over all owners, forwards and back. */
function assertOwners(contents: Contents, owners: readonly (readonly string[])[]): void {
  const cursor = new Cursor(contents.arena)
  cursor.openNames(contents.version)
  let seen = 0
  for (let more = cursor.first(); more; more = cursor.nextOwner()) assertOwner(cursor, owners[seen++])
  strictEqual(seen, owners.length)
  while (cursor.previousOwner()) assertOwner(cursor, owners[--seen])
  strictEqual(seen, 0)
}

/** Looks for an owner, its types and what is beside it. */
function assertSought(
  contents: Contents,
  names: readonly ModelRecord[],
  owners: readonly (readonly string[])[],
  sought: readonly string[],
  roll: (sides: number) => number,
): void {
  const cursor = new Cursor(contents.arena)
  cursor.openNames(contents.version)
  const key = new SortKey()
  const wire = octetsOf(sought.toReversed().map(label).join(''))
  key.setOwner(wire, 0, wire.length)
  const place = owners.findIndex((owner) => compareLabels(owner, sought) >= 0)
  const owner = owners[place]
  const found = cursor.seek(key)
  strictEqual(found, owner !== undefined && compareLabels(owner, sought) === 0)
  strictEqual(cursor.at === -1, owner === undefined)
  if (owner !== undefined) assertOwner(cursor, owner)
  if (found) {
    const records = names.filter(({ labels }) => compareLabels(labels, sought) === 0)
    strictEqual(cursor.index(), names.indexOf(records[0] as ModelRecord))
    const type = roll(2) === 0 ? (records[roll(records.length)] as ModelRecord).type : roll(70)
    const set = records.filter((record) => record.type === type)
    strictEqual(cursor.seekType(type), set.length > 0)
    if (set.length > 0) {
      let count = 1
      while (cursor.nextOfRRset()) count++
      strictEqual(count, set.length)
    } else {
      const later = records.find((record) => record.type > type) ?? records.at(-1)
      strictEqual(cursor.index(), names.indexOf(later as ModelRecord))
    }
    let ofOwner = 1
    for (cursor.firstOfOwner(); cursor.nextOfOwner();) ofOwner++
    strictEqual(ofOwner, records.length)
  }
  const before = owners[(place < 0 ? owners.length : place) - 1]
  strictEqual(cursor.previousOwner(), before !== undefined)
  if (before !== undefined) assertOwner(cursor, before)
}

function assertOwner(cursor: Cursor, labels: readonly string[] | undefined): void {
  strictEqual(labelsAt(cursor).join('.'), labels?.join('.'))
}

function labelsAt(cursor: Cursor): string[] {
  const labels: string[] = []
  for (let at = cursor.at; at < cursor.ownerEnd; at += (cursor.octets[at] as number) + 1) {
    labels.unshift(fold(latin1(cursor.octets.slice(at + 1, at + 1 + (cursor.octets[at] as number)))))
  }
  return labels
}

/** Stops unless the arena is as empty as it was. */
export function assertNothingLeft(arena: Arena, usedBefore: number): void {
  strictEqual(arena.use.usedOctets, usedBefore, 'pages have leaked')
}
