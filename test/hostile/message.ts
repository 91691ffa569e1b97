/**
 * Messages octet by octet, right or wrong as a test wants them.
 *
 * Nothing here refuses anything: counts may lie, RDATA may be short, names may be nonsense.
 */

import { nameOctets } from '../interop/ask.ts'

export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  DNSKEY: 48,
  NSEC3PARAM: 51,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const

export const CLASS = { IN: 1, CH: 3, NONE: 254, ANY: 255 } as const

export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, NOTAUTH: 9 } as const

/** QR and AA: what an honest answer has. */
const RESPONSE = 0x8400

/** A record on the wire, its owner uncompressed. */
export function record(
  owner: string | Uint8Array,
  type: number,
  rdata: Uint8Array,
  {
    dnsClass = CLASS.IN,
    ttl = 300,
    rdlength = rdata.length,
  }: { dnsClass?: number; ttl?: number; rdlength?: number } = {},
): Buffer {
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(type, 0)
  fixed.writeUInt16BE(dnsClass, 2)
  fixed.writeUInt32BE(ttl, 4)
  fixed.writeUInt16BE(rdlength, 8)
  return Buffer.concat([typeof owner === 'string' ? nameOctets(owner) : owner, fixed, rdata])
}

/** A SOA record. */
export function soaRecord(
  apex: string,
  serial: number,
  { refresh = 3600, retry = 3600, expire = 1_209_600, mname = `ns1.${apex}`, owner = apex } = {},
): Buffer {
  return record(
    owner,
    TYPE.SOA,
    soaRdata({ mname, rname: `host.${apex}`, numbers: [serial, refresh, retry, expire, 300] }),
  )
}

/** RDATA of a SOA, of any number of numbers. */
export function soaRdata({
  mname,
  rname,
  numbers,
}: {
  mname: string
  rname: string
  numbers: readonly number[]
}): Buffer {
  const tail = Buffer.alloc(4 * numbers.length)
  numbers.forEach((value, at) => tail.writeUInt32BE(value, 4 * at))
  return Buffer.concat([nameOctets(mname), nameOctets(rname), tail])
}

/** An A record. */
export function aRecord(owner: string, address: string, options: Parameters<typeof record>[3] = {}): Buffer {
  return record(owner, TYPE.A, Buffer.from(address.split('.').map(Number)), options)
}

/** A TXT record of one string. */
export function txtRecord(owner: string, text: string): Buffer {
  return record(owner, TYPE.TXT, Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]))
}

/** A record whose RDATA is one name: NS, CNAME, DNAME. */
export function nameRecord(owner: string, type: number, target: string): Buffer {
  return record(owner, type, nameOctets(target))
}

/** Two octets, big end first. */
export function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255])
}

/** The parts of a message. Counts are those of the parts unless they are to lie. */
export interface MessageParts {
  readonly id: number
  readonly flags?: number
  readonly rcode?: number
  /** The question section as it stands on the wire; `null` leaves it out. */
  readonly question: Uint8Array | null
  readonly answer?: readonly Uint8Array[]
  readonly authority?: readonly Uint8Array[]
  readonly additional?: readonly Uint8Array[]
  readonly counts?: readonly [number, number, number, number]
}

/** Puts a message together. */
export function message(parts: MessageParts): Buffer {
  const { id, flags = RESPONSE, rcode = 0, question, answer = [], authority = [], additional = [] } = parts
  const counts = parts.counts ?? [question === null ? 0 : 1, answer.length, authority.length, additional.length]
  const header = Buffer.concat([id, flags | rcode, ...counts].map(u16))
  return Buffer.concat([header, question ?? Buffer.alloc(0), ...answer, ...authority, ...additional])
}

/** The question section of one question. */
export function question(name: string | Uint8Array, type: number, dnsClass: number = CLASS.IN): Buffer {
  return Buffer.concat([typeof name === 'string' ? nameOctets(name) : name, u16(type), u16(dnsClass)])
}

/** Distributes records over messages of at most so many octets; each is `[answer section…]`. */
export function* batches(records: Iterable<Buffer>, octetsMax = 16_000): Generator<Buffer[]> {
  let batch: Buffer[] = []
  let octets = 0
  for (const one of records) {
    if (octets + one.length > octetsMax && batch.length > 0) {
      yield batch
      batch = []
      octets = 0
    }
    batch.push(one)
    octets += one.length
  }
  if (batch.length > 0) yield batch
}
