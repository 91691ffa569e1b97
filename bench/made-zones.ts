/**
 * Zones that are made as they are asked for: `z0.made.test.` and so on, of ten records each, all alike but for serials,
 * and one large zone beside them. A primary of a hundred thousand of them needs no files and next to no time.
 *
 * Every message of an answer begins with header and question, so names in it end in a pointer to the name that was asked.
 * Version `s` gives one record another address, so a zone of any serial, and any difference, can be told without a memory.
 */

import type { FixedPart } from './made-large.ts'

const HEADER_OCTETS = 12
const RESPONSE_AA = 0x8400
const OPCODE_MASK = 0x7800
const TYPE = { A: 1, NS: 2, CNAME: 5, SOA: 6, MX: 15, IXFR: 251, AXFR: 252 } as const
const REFUSED = 5
const APEX = [0xc0, HEADER_OCTETS]
/** Who is more versions behind gets the whole zone; so many steps fit one message. */
const STEPS_MAX = 300
/** How many records of the large zone change, one after the other. */
const LARGE_MOVING = 500

/** How many records each zone but the large one has. */
export const MADE_RECORDS = 10

/** The name of a zone by its number. */
export function madeApex(number: number): string {
  return `z${number}.made.test.`
}

/** A zone: what is in it beside its SOA record, and how many records change. */
interface Zone {
  serial: number
  readonly fixed: readonly FixedPart[]
  readonly moving: number
}

/** The zones of a primary: which there are, and their serials. */
export class MadeZones {
  /** How many answers were transfers, of whole zones or of differences. */
  transfers = 0
  readonly #serials: Uint32Array
  readonly #refreshSeconds: number
  readonly #large: (Zone & { readonly label: string }) | undefined

  /** `large` is told by the first label of its name. */
  constructor({ count, refreshSeconds = 86_400, serial = 1, large }: MadeZonesOptions) {
    this.#serials = new Uint32Array(count).fill(serial)
    this.#refreshSeconds = refreshSeconds
    this.#large = large === undefined ? undefined : { ...large, serial, moving: LARGE_MOVING }
  }

  /** Goes on to the next version of a zone, or of the large one. */
  advance(number: number | 'large'): void {
    if (number !== 'large') this.#serials[number] = (this.#serials[number] as number) + 1
    else if (this.#large !== undefined) this.#large.serial++
  }

  /** The messages that answer SOA, AXFR and IXFR questions; none for what needs no answer. */
  answer(request: Buffer): Buffer[] {
    const flags = request.readUInt16BE(2)
    if ((flags & 0x8000) !== 0 || (flags & OPCODE_MASK) !== 0) return []
    const end = questionEnd(request)
    const zone = this.#find(request)
    const parts = zone === undefined ? undefined : this.#answer(zone, request.readUInt16BE(end - 4), request, end)
    const question = request.subarray(0, end)
    return parts === undefined ? [message(question, REFUSED, NOTHING)] : parts.map((part) => message(question, 0, part))
  }

  #find(request: Buffer): Zone | undefined {
    const length = request[HEADER_OCTETS] ?? 0
    const label = request.toString('latin1', HEADER_OCTETS + 1, HEADER_OCTETS + 1 + length).toLowerCase()
    if (label === this.#large?.label) return this.#large
    const serial = /^z\d+$/.test(label) ? this.#serials[Number(label.slice(1))] : undefined
    return serial === undefined ? undefined : { serial, fixed: SMALL, moving: 1 }
  }

  #answer(zone: Zone, type: number, request: Buffer, end: number): FixedPart[] | undefined {
    const soa = this.#soa(zone.serial)
    const theirs = type === TYPE.IXFR ? serialOf(request, end) : undefined
    if (type === TYPE.SOA || theirs === zone.serial) return [partOf([soa])]
    if (type !== TYPE.IXFR && type !== TYPE.AXFR) return undefined
    this.transfers++
    if (theirs !== undefined && theirs > 0 && zone.serial - theirs <= STEPS_MAX)
      return [partOf([soa, ...this.#steps(zone, theirs), soa])]
    const moving = Array.from({ length: zone.moving }, (_, at) => movingRecord(zone, zone.serial - at))
    if (zone.moving > 1) return [partOf([soa]), ...zone.fixed, partOf([...moving, soa])]
    return [partOf([soa, ...SMALL_RECORDS, ...moving, soa])]
  }

  /** One difference for each version: the old address goes, the new one comes. */
  #steps(zone: Zone, theirs: number): Buffer[] {
    return Array.from({ length: zone.serial - theirs }, (_, at) => theirs + 1 + at).flatMap((serial) => [
      this.#soa(serial - 1),
      movingRecord(zone, serial - zone.moving, serial),
      this.#soa(serial),
      movingRecord(zone, serial),
    ])
  }

  #soa(serial: number): Buffer {
    const numbers = [serial, this.#refreshSeconds, 3600, 1_209_600, 300].flatMap((value) => octetsOf(value, 4))
    return record(APEX, TYPE.SOA, [...below('ns1'), ...below('host'), ...numbers])
  }
}

export interface MadeZonesOptions {
  readonly count: number
  readonly refreshSeconds?: number | undefined
  /** What all zones begin with: a primary that starts anew must not be behind its secondaries. */
  readonly serial?: number | undefined
  readonly large?: { readonly label: string; readonly fixed: readonly FixedPart[] } | undefined
}

/** NOTIFY of a zone, as its primary sends it. */
export function notifyMessage(apex: string): Buffer {
  const labels = apex.split('.').flatMap((label) => [label.length, ...Buffer.from(label)])
  const id = Math.floor(Math.random() * 0xffff)
  return Buffer.from([id >> 8, id & 255, 0x24, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, TYPE.SOA, 0, 1])
}

/** The record that version `serial` changed, with the address of then; of which one it is told by the version `of`. */
function movingRecord({ moving }: Zone, serial: number, of = serial): Buffer {
  const number = ((of % moving) + moving) % moving
  return record(below(`v${number}`), TYPE.A, [10, ...octetsOf(serial, 4).slice(1)])
}

function message(question: Buffer, rcode: number, { count, octets }: FixedPart): Buffer {
  const answer = Buffer.concat([question, octets])
  answer.writeUInt16BE(RESPONSE_AA | rcode, 2)
  answer.writeUInt16BE(1, 4)
  answer.writeUInt16BE(count, 6)
  return answer.fill(0, 8, HEADER_OCTETS)
}

function partOf(records: readonly Buffer[]): FixedPart {
  return { count: records.length, octets: Buffer.concat(records) }
}

function octetsOf(value: number, octets: number): number[] {
  return Array.from({ length: octets }, (_, at) => (value >>> (8 * (octets - 1 - at))) & 255)
}

/** A name below the apex. */
function below(label: string): number[] {
  return [label.length, ...Buffer.from(label), ...APEX]
}

function record(owner: readonly number[], type: number, rdata: readonly number[]): Buffer {
  const head = [...owner, ...octetsOf(type, 2), 0, 1, ...octetsOf(3600, 4), ...octetsOf(rdata.length, 2)]
  return Buffer.from([...head, ...rdata])
}

const NOTHING: FixedPart = partOf([])

/** What does not change in a small zone. */
const SMALL_RECORDS: readonly Buffer[] = [
  record(APEX, TYPE.NS, below('ns1')),
  record(APEX, TYPE.NS, below('ns2')),
  record(APEX, TYPE.A, [192, 0, 2, 80]),
  record(APEX, TYPE.MX, [0, 10, ...below('mail')]),
  record(below('ns1'), TYPE.A, [192, 0, 2, 1]),
  record(below('ns2'), TYPE.A, [192, 0, 2, 2]),
  record(below('mail'), TYPE.A, [192, 0, 2, 25]),
  record(below('www'), TYPE.CNAME, APEX),
]
const SMALL: readonly FixedPart[] = [partOf(SMALL_RECORDS)]

function questionEnd(request: Buffer): number {
  return nameEnd(request, HEADER_OCTETS) + 4
}

/** The serial in the authority section of an IXFR; undefined where there is none. */
function serialOf(request: Buffer, start: number): number | undefined {
  if (request.readUInt16BE(8) === 0) return undefined
  const lengthAt = nameEnd(request, start) + 8
  return request.readUInt32BE(lengthAt + 2 + request.readUInt16BE(lengthAt) - 20)
}

function nameEnd(octets: Buffer, start: number): number {
  let at = start
  while ((octets[at] ?? 0) > 0 && (octets[at] as number) < 0xc0) at += 1 + (octets[at] as number)
  return (octets[at] ?? 0) >= 0xc0 ? at + 2 : at + 1
}
