/**
 * Messages: header, question, answer, authority and additional section (RFC 1035 §4.1).
 *
 * This is the form for everything that is not hot. Its records have their RDATA as plain octets, with compressed names
 * written out. OPT and TSIG are no records of anybody's and stand apart, as `edns` and `tsig`.
 */

import { CLASS, META_TYPE } from './code.ts'
import { readOpt } from './edns.ts'
import type { Edns } from './edns.ts'
import { expandRdata } from './layout.ts'
import { EXPANSION_OCTETS_MAX, RDATA_OCTETS_MAX } from './layout-program.ts'
import type { Name } from './name.ts'
import { wireTtl } from './ttl.ts'
import { readTsig } from './tsig.ts'
import type { Tsig } from './tsig.ts'
import { Reader, WireError } from './wire.ts'

/** What is asked. */
export interface Question {
  readonly name: Name
  readonly type: number
  readonly class: number
}

/** A resource record. */
export interface DnsRecord {
  readonly owner: Name
  readonly type: number
  readonly class: number
  readonly ttl: number
  /** Wire form, names in it uncompressed. */
  readonly rdata: Uint8Array
}

/** The fixed fields at the start of every message, but for the counts. */
export interface Header {
  readonly id: number
  /** Set in a response, clear in a request. */
  readonly qr: boolean
  readonly opcode: number
  readonly aa: boolean
  readonly tc: boolean
  readonly rd: boolean
  readonly ra: boolean
  /** The reserved bit. */
  readonly z: boolean
  readonly ad: boolean
  readonly cd: boolean
  /** Four bits in the header; twelve in a whole message, with those of EDNS. */
  readonly rcode: number
}

export interface Message extends Header {
  readonly questions: readonly Question[]
  readonly answer: readonly DnsRecord[]
  readonly authority: readonly DnsRecord[]
  readonly additional: readonly DnsRecord[]
  readonly edns?: Edns | undefined
  /** The signature as it came, not verified. Written messages are signed afterwards. */
  readonly tsig?: Tsig | undefined
}

/** The bits of the second 16 in a header (RFC 1035 §4.1.1, RFC 4035 §3.1.6). */
export const FLAG = { QR: 0x8000, AA: 0x400, TC: 0x200, RD: 0x100, RA: 0x80, Z: 0x40, AD: 0x20, CD: 0x10 } as const

const BLANK: Message = {
  id: 0,
  qr: false,
  opcode: 0,
  aa: false,
  tc: false,
  rd: false,
  ra: false,
  z: false,
  ad: false,
  cd: false,
  rcode: 0,
  questions: [],
  answer: [],
  authority: [],
  additional: [],
}

/** A message of which only some things are worth saying. */
export function newMessage(fields: Partial<Message>): Message {
  return { ...BLANK, ...fields }
}

/** The response to a request: its ID, opcode, RD and question are copied, all else starts anew (RFC 1035 §4.1.1). */
export function responseTo(request: Message, fields: Partial<Message>): Message {
  const { id, opcode, rd, questions } = request
  return { ...BLANK, qr: true, id, opcode, rd, questions, ...fields }
}

/** Reads the header alone: enough to tell a response from a request and to refuse what is no message. */
export function readHeader(octets: Uint8Array): Header {
  const reader = new Reader(octets)
  reader.skip(12)
  reader.at = 0
  const id = reader.u16()
  const flags = reader.u16()
  return {
    id,
    qr: (flags & FLAG.QR) !== 0,
    opcode: (flags >> 11) & 0xf,
    aa: (flags & FLAG.AA) !== 0,
    tc: (flags & FLAG.TC) !== 0,
    rd: (flags & FLAG.RD) !== 0,
    ra: (flags & FLAG.RA) !== 0,
    z: (flags & FLAG.Z) !== 0,
    ad: (flags & FLAG.AD) !== 0,
    cd: (flags & FLAG.CD) !== 0,
    rcode: flags & 0xf,
  }
}

/** Reads a message. Whatever is wrong with it, WireError is thrown and nothing else. */
export function readMessage(octets: Uint8Array): Message {
  const header = readHeader(octets)
  const reader = new Reader(octets, 4)
  const questionCount = reader.u16()
  const answerCount = reader.u16()
  const authorityCount = reader.u16()
  const additionalCount = reader.u16()
  const questions = readQuestions(reader, questionCount)
  const answer = readRecords(reader, answerCount)
  const authority = readRecords(reader, authorityCount)
  const last = readAdditional(reader, additionalCount)
  // Knot refuses what follows, BIND and NSD pass over it; what nobody counted, nobody should be able to smuggle in.
  if (reader.remaining > 0) throw new WireError('octets behind the last record', reader.at)
  const { rcodeHigh, ...rest } = last
  return { ...header, rcode: header.rcode | (rcodeHigh << 4), questions, answer, authority, ...rest }
}

/** The counts in a header only say how often to try: every question and record must be there (RFC 9267 §6). */
function readQuestions(reader: Reader, count: number): Question[] {
  const questions: Question[] = []
  for (let left = count; left > 0; left--) {
    questions.push({ name: reader.name(), type: reader.u16(), class: reader.u16() })
  }
  return questions
}

function readRecords(reader: Reader, count: number): DnsRecord[] {
  const records: DnsRecord[] = []
  for (let left = count; left > 0; left--) {
    const start = reader.at
    const head = readRecordHead(reader)
    if (head.type === META_TYPE.OPT || head.type === META_TYPE.TSIG) {
      throw new WireError(`${head.type === META_TYPE.OPT ? 'OPT' : 'TSIG'} outside the additional section`, start)
    }
    records.push(readRecord(reader, head))
  }
  return records
}

interface Additional {
  additional: DnsRecord[]
  edns?: Edns
  tsig?: Tsig
  rcodeHigh: number
}

/** One OPT anywhere, owned by the root (RFC 6891 §6.1.1), and one TSIG, at the very end (RFC 8945 §5.1). */
function readAdditional(reader: Reader, count: number): Additional {
  const read: Additional = { additional: [], rcodeHigh: 0 }
  for (let left = count; left > 0; left--) {
    const start = reader.at
    const head = readRecordHead(reader)
    if (head.type === META_TYPE.OPT) {
      if (read.edns !== undefined) throw new WireError('second OPT', start)
      if (head.owner.length !== 1) throw new WireError('OPT that the root does not own', start)
      read.edns = readOpt(new Reader(reader.octets, reader.skip(head.length), reader.at), head)
      read.rcodeHigh = head.ttl >>> 24
    } else if (head.type === META_TYPE.TSIG) {
      if (left > 1) throw new WireError('TSIG that is not the last record', start)
      reader.skip(head.length)
      read.tsig = readTsig(reader.octets, start)
    } else {
      read.additional.push(readRecord(reader, head))
    }
  }
  return read
}

interface RecordHead {
  readonly owner: Name
  readonly type: number
  readonly class: number
  readonly ttl: number
  readonly length: number
}

function readRecordHead(reader: Reader): RecordHead {
  return { owner: reader.name(), type: reader.u16(), class: reader.u16(), ttl: reader.u32(), length: reader.u16() }
}

const scratch = new Uint8Array(RDATA_OCTETS_MAX + EXPANSION_OCTETS_MAX)

function readRecord(reader: Reader, { owner, type, class: recordClass, ttl, length }: RecordHead): DnsRecord {
  const at = reader.skip(length)
  // UPDATE asks about and deletes RRsets with records of no RDATA at all (RFC 2136 §2.4, §2.5).
  const isBare = length === 0 && (recordClass === CLASS.ANY || recordClass === CLASS.NONE)
  const expanded = isBare ? 0 : expandRdata(type, reader.octets, at, length, scratch, 0)
  return { owner, type, class: recordClass, ttl: wireTtl(ttl), rdata: scratch.slice(0, expanded) }
}
