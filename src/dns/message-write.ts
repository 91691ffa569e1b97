/**
 * Writing messages (RFC 1035 §4.1), and cutting those that are too long.
 *
 * Only owner names are compressed; RDATA goes out as it is stored, which every type allows (RFC 3597 §4).
 */

import { assert } from './assert.ts'
import { optOctets, writeOpt } from './edns.ts'
import { FLAG } from './message.ts'
import type { DnsRecord, Message } from './message.ts'
import { sameName } from './name.ts'
import { MESSAGE_OCTETS_MAX, WriteOverflow, Writer } from './wire.ts'

export interface WriteOptions {
  /** The most octets the message may have; what its TSIG will need is to be left free (`tsigOctets`). */
  readonly limit?: number
  /** How many of the first additional records are needed like answers: glue of a delegation (RFC 9471). */
  readonly neededAdditional?: number
}

const COUNTS_AT = 4
const FLAGS_AT = 2

const writer = new Writer({ capacity: 4096 })

/**
 * Writes a message. Where it would be longer than the limit, whole RRsets are left out from the end: needed ones set
 * TC, additional ones go without saying (RFC 2181 §5.1, §9). OPT always stays.
 */
export function writeMessage(message: Message, options: WriteOptions = {}): Uint8Array<ArrayBuffer> {
  const { limit = MESSAGE_OCTETS_MAX, neededAdditional = 0 } = options
  const { edns, questions, answer, authority, additional } = message
  assert(message.rcode < 16 || edns !== undefined, `RCODE ${message.rcode} cannot be said without EDNS`)
  writer.reset(limit - optOctets(edns))
  writeHeader(message)
  for (const question of questions) {
    writer.compressedName(question.name)
    writer.u16(question.type)
    writer.u16(question.class)
  }
  writer.patchU16(COUNTS_AT, questions.length)
  const needed = [answer, authority, additional.slice(0, neededAdditional)]
  let cut = false
  for (const [place, section] of needed.entries()) {
    const written: number = cut ? 0 : writeRRsets(section)
    writer.patchU16(COUNTS_AT + 2 + 2 * place, written)
    cut ||= written < section.length
  }
  if (!cut) addCount(3, writeWhatFits(additional.slice(neededAdditional)))
  if (cut) writer.patchU16(FLAGS_AT, flagsOf(message) | FLAG.TC)
  if (edns !== undefined) {
    writer.limit = limit
    writeOpt(writer, edns, message.rcode)
    addCount(3, 1)
  }
  return writer.toOctets()
}

function writeHeader(message: Message): void {
  writer.u16(message.id)
  writer.u16(flagsOf(message))
  writer.u32(0)
  writer.u32(0)
}

function flagsOf(message: Message): number {
  let flags = (message.opcode << 11) | (message.rcode & 0xf)
  if (message.qr) flags |= FLAG.QR
  if (message.aa) flags |= FLAG.AA
  if (message.tc) flags |= FLAG.TC
  if (message.rd) flags |= FLAG.RD
  if (message.ra) flags |= FLAG.RA
  if (message.z) flags |= FLAG.Z
  if (message.ad) flags |= FLAG.AD
  if (message.cd) flags |= FLAG.CD
  return flags
}

function addCount(place: number, count: number): void {
  const at = COUNTS_AT + 2 * place
  const so = writer.octetsSoFar()
  writer.patchU16(at, (((so[at] as number) << 8) | (so[at + 1] as number)) + count)
}

/** Writes RRsets until one does not fit; returns how many records were written. */
function writeRRsets(records: readonly DnsRecord[]): number {
  for (let at = 0; at < records.length;) {
    const end = rrsetEnd(records, at)
    if (!writeWhole(records, at, end)) return at
    at = end
  }
  return records.length
}

/** Writes every RRset that fits; returns how many records were written. */
function writeWhatFits(records: readonly DnsRecord[]): number {
  let written = 0
  for (let at = 0; at < records.length;) {
    const end = rrsetEnd(records, at)
    if (writeWhole(records, at, end)) written += end - at
    at = end
  }
  return written
}

/** Where the RRset that begins at `start` ends; its records must stand together. */
function rrsetEnd(records: readonly DnsRecord[], start: number): number {
  const first = records[start] as DnsRecord
  let end = start + 1
  for (; end < records.length; end++) {
    const next = records[end] as DnsRecord
    if (next.type !== first.type || next.class !== first.class || !sameName(next.owner, first.owner)) break
  }
  return end
}

/** Writes an RRset whole or not at all. */
function writeWhole(records: readonly DnsRecord[], start: number, end: number): boolean {
  const before = writer.at
  try {
    for (let at = start; at < end; at++) writeRecord(records[at] as DnsRecord)
    return true
  } catch (error) {
    if (!(error instanceof WriteOverflow)) throw error
    writer.at = before
    return false
  }
}

function writeRecord(record: DnsRecord): void {
  writer.compressedName(record.owner)
  writer.u16(record.type)
  writer.u16(record.class)
  writer.u32(record.ttl)
  writer.u16(record.rdata.length)
  writer.octets(record.rdata)
}
