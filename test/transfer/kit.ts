/** A primary in a few lines: zones in presentation format, answers as messages, and a sink that keeps plain text. */

import assert from 'node:assert'
import { CLASS, META_TYPE } from '../../src/dns/code.ts'
import type { Edns } from '../../src/dns/edns.ts'
import { newMessage, type DnsRecord, type Message } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { nameKey, parseName, type Name } from '../../src/dns/name.ts'
import type { Serial } from '../../src/dns/serial.ts'
import { parseZoneFile } from '../../src/dns/zonefile/parser.ts'
import { printRecord } from '../../src/dns/zonefile/printer.ts'
import { FrameReader } from '../../src/net/framing.ts'
import { octetsOf, type Frames } from '../../src/protocol/frame-maker.ts'
import { TransferIn, type TransferInOptions, type TransferInOutcome } from '../../src/protocol/transfer-in.ts'
import type { TransferSink } from '../../src/protocol/transfer-in-stream.ts'
import type { Added, Removed } from '../../src/zone/edit.ts'
import { readStoredRecord } from '../../src/zone/stored-form.ts'

export const APEX = parseName('example.')
export const ID = 4711

/** Records from lines of a master file; owners outside the zone are kept. */
export function records(text: string): DnsRecord[] {
  const found: DnsRecord[] = []
  const options = { origin: APEX, apex: parseName('.'), defaultTtl: 3600 }
  for (const item of parseZoneFile(text, options)) if (item.type === 'record') found.push(item.record)
  return found
}

/** The SOA record of a serial. */
export function soa(serial: number, more = 'ns. host.'): string {
  return `@ SOA ${more} ${serial} 7200 900 1209600 300\n`
}

export interface AnswerOptions extends Partial<Message> {
  readonly asked?: 'AXFR' | 'IXFR'
}

/** The messages that frames are; they are copies. */
export function messagesOf(frames: Frames): Uint8Array[] {
  const octets = octetsOf(frames)
  const reader = new FrameReader()
  reader.push(octets)
  const messages: Uint8Array[] = []
  for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message)
  assert.strictEqual(reader.midMessage, false)
  assert.strictEqual(messages.length, frames.messages)
  assert.strictEqual(
    messages.reduce((sum, message) => sum + Buffer.from(message).readUInt16BE(6), 0),
    frames.records,
  )
  return messages
}

/** One message of an answer. */
export function answerMessage(answer: readonly DnsRecord[] | string, options: AnswerOptions = {}): Uint8Array {
  const { asked = 'AXFR', ...fields } = options
  const questions = [{ name: APEX, type: META_TYPE[asked], class: CLASS.IN }]
  const list = typeof answer === 'string' ? records(answer) : answer
  return writeMessage(newMessage({ id: ID, qr: true, aa: true, questions, answer: list, ...fields }))
}

/** An OPT record with some options. */
export function opt(...options: Edns['options']): Edns {
  return { udpSize: 1232, version: 0, do: false, flags: 0, options }
}

/** Keeps the zone as lines of a master file. Slow and obvious: it is the twin of the real contents. */
class PlainSink implements TransferSink {
  readonly lines = new Map<string, string>()
  form: 'full' | 'incremental' | undefined
  soaLine: string | undefined
  readonly #apex: Name

  constructor(base = '', apex = APEX) {
    this.#apex = apex
    for (const record of records(base)) this.lines.set(keyOf(record), printRecord(record))
  }

  begin(form: 'full' | 'incremental'): void {
    this.form = form
    if (form === 'full') this.lines.clear()
  }

  soa(octets: Uint8Array, at: number): void {
    this.soaLine = printRecord(readStoredRecord(octets, at, this.#apex))
  }

  add(octets: Uint8Array, at: number): Added {
    const record = readStoredRecord(octets, at, this.#apex)
    const before = this.lines.get(keyOf(record))
    const line = printRecord(record)
    this.lines.set(keyOf(record), line)
    if (before === undefined) return 'added'
    return before === line ? 'present' : 'ttl changed'
  }

  remove(octets: Uint8Array, at: number): Removed {
    return this.lines.delete(keyOf(readStoredRecord(octets, at, this.#apex))) ? 'removed' : 'absent'
  }

  /** The zone, sorted, without tabs. */
  get zone(): string[] {
    return [...this.lines.values()].map((line) => line.replaceAll('\t', ' ')).sort()
  }
}

function keyOf(record: DnsRecord): string {
  return `${nameKey(record.owner)} ${record.type} ${printRecord({ ...record, ttl: 0 }).toLowerCase()}`
}

export interface Taken {
  readonly outcome: TransferInOutcome
  readonly sink: PlainSink
  readonly transfer: TransferIn
}

/** Feeds messages to a transfer until it ends, and ends the connection after the last. */
export function take(
  messages: readonly Uint8Array[],
  options: Partial<Omit<TransferInOptions, 'since'>> & { since?: number; base?: string } = {},
): Taken {
  const { since, base, ...others } = options
  const plain = new PlainSink(base)
  const asked = options.asked ?? (since === undefined ? 'AXFR' : 'IXFR')
  const transfer = new TransferIn({
    apex: APEX,
    id: ID,
    asked,
    sink: plain,
    since: since as Serial | undefined,
    ...others,
  })
  let outcome: TransferInOutcome = { type: 'more' }
  for (const message of messages) {
    outcome = transfer.accept(message)
    if (outcome.type !== 'more') break
  }
  return { outcome: outcome.type === 'more' ? transfer.end() : outcome, sink: plain, transfer }
}

/** The code of the reason an outcome failed for, or how it ended otherwise. */
export function endOf({ outcome }: Taken): string {
  if (outcome.type === 'failed') return outcome.reason.code
  return outcome.type === 'done' ? outcome.form : outcome.type
}
