/**
 * Small zones that are made as they are asked for: `z0.made.test.` and so on, of ten records each, all alike but for the
 * serial. A primary of a hundred thousand of them needs no files and next to no time.
 *
 * Every answer begins with header and question, so names in it end in a pointer to the name that was asked.
 */

const HEADER_OCTETS = 12
const RESPONSE_AA = 0x8400
const OPCODE_MASK = 0x7800
const TYPE = { A: 1, NS: 2, CNAME: 5, SOA: 6, MX: 15, IXFR: 251, AXFR: 252 } as const
const REFUSED = 5
const APEX = [0xc0, HEADER_OCTETS]

/** The name of a zone by its number. */
export function madeApex(number: number): string {
  return `z${number}.made.test.`
}

/** How many records each zone has. */
export const MADE_RECORDS = 10

/** The zones of a primary: which there are, and their serials. */
export class MadeZones {
  readonly serials: Uint32Array
  readonly #refreshSeconds: number
  /** How many answers held a whole zone, and how many held differences. */
  full = 0
  incremental = 0

  constructor(count: number, { refreshSeconds = 86_400 } = {}) {
    this.serials = new Uint32Array(count).fill(1)
    this.#refreshSeconds = refreshSeconds
  }

  /** The answer to SOA, AXFR and IXFR questions; undefined for what needs none. */
  answer(request: Buffer): Buffer | undefined {
    const flags = request.readUInt16BE(2)
    if ((flags & 0x8000) !== 0 || (flags & OPCODE_MASK) !== 0) return undefined
    const end = questionEnd(request)
    const serial = this.serials[numberOf(request)]
    const type = request.readUInt16BE(end - 4)
    const answers = serial === undefined ? undefined : this.#answers(type, serial, serialOf(request, end))
    const head = Buffer.from(request.subarray(0, end))
    head.writeUInt16BE(RESPONSE_AA | (answers === undefined ? REFUSED : 0), 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(answers?.length ?? 0, 6)
    head.fill(0, 8, HEADER_OCTETS)
    return Buffer.concat([head, ...(answers ?? [])])
  }

  #answers(type: number, serial: number, theirs: number | undefined): Buffer[] | undefined {
    const soa = this.#soa(serial)
    if (type === TYPE.SOA || (type === TYPE.IXFR && theirs === serial)) return [soa]
    if (type === TYPE.IXFR && theirs !== undefined && theirs > 0) {
      this.incremental++
      return [soa, this.#soa(theirs), moving(theirs), soa, moving(serial), soa]
    }
    if (type !== TYPE.AXFR && type !== TYPE.IXFR) return undefined
    this.full++
    return [soa, ...FIXED, moving(serial), soa]
  }

  #soa(serial: number): Buffer {
    const numbers = [serial, this.#refreshSeconds, 3600, 1_209_600, 300].flatMap((value) => octetsOf(value, 4))
    return record([], TYPE.SOA, [...below('ns1'), ...below('host'), ...numbers])
  }
}

/** NOTIFY of a zone, as its primary sends it. */
export function notifyMessage(number: number): Buffer {
  const labels = madeApex(number)
    .split('.')
    .flatMap((label) => [label.length, ...Buffer.from(label)])
  const header = [...octetsOf(number, 4).slice(2), 0x24, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  return Buffer.from([...header, ...labels, ...octetsOf(TYPE.SOA, 2), 0, 1])
}

function octetsOf(value: number, octets: number): number[] {
  return Array.from({ length: octets }, (_, at) => (value >>> (8 * (octets - 1 - at))) & 255)
}

/** A name below the apex. */
function below(label: string): number[] {
  return [label.length, ...Buffer.from(label), ...APEX]
}

function record(owner: readonly number[], type: number, rdata: readonly number[]): Buffer {
  const head = [...(owner.length === 0 ? APEX : owner), ...octetsOf(type, 2), 0, 1, ...octetsOf(3600, 4)]
  return Buffer.from([...head, ...octetsOf(rdata.length, 2), ...rdata])
}

/** What does not change from version to version. */
const FIXED: readonly Buffer[] = [
  record([], TYPE.NS, below('ns1')),
  record([], TYPE.NS, below('ns2')),
  record([], TYPE.A, [192, 0, 2, 80]),
  record([], TYPE.MX, [0, 10, ...below('mail')]),
  record(below('ns1'), TYPE.A, [192, 0, 2, 1]),
  record(below('ns2'), TYPE.A, [192, 0, 2, 2]),
  record(below('mail'), TYPE.A, [192, 0, 2, 25]),
  record(below('www'), TYPE.CNAME, APEX),
]

/** The record that each version has with other data. */
function moving(serial: number): Buffer {
  return record(below('v'), TYPE.A, [10, ...octetsOf(serial, 4).slice(1)])
}

/** The number of the zone that is asked for; of no zone where it is none of these. */
function numberOf(request: Buffer): number {
  const first = request.toString('latin1', HEADER_OCTETS + 1, HEADER_OCTETS + 1 + (request[HEADER_OCTETS] ?? 0))
  return /^z\d+$/i.test(first) ? Number(first.slice(1)) : -1
}

function questionEnd(request: Buffer): number {
  let at = HEADER_OCTETS
  while ((request[at] ?? 0) > 0) at += 1 + (request[at] as number)
  return at + 5
}

/** The serial in the authority section of an IXFR. */
function serialOf(request: Buffer, at: number): number | undefined {
  if (request.readUInt16BE(8) === 0) return undefined
  const length = rdataLengthAt(request, at)
  const end = length.at + 2 + request.readUInt16BE(length.at)
  return request.readUInt32BE(end - 20)
}

function rdataLengthAt(request: Buffer, start: number): { readonly at: number } {
  let at = start
  while ((request[at] ?? 0) > 0 && (request[at] as number) < 0xc0) at += 1 + (request[at] as number)
  return { at: at + ((request[at] ?? 0) >= 0xc0 ? 2 : 1) + 8 }
}
