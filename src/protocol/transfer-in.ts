/**
 * A transfer in: reads the messages of an AXFR or IXFR answer, one by one, and hands the records to a sink
 * (RFC 5936, RFC 1995, RFC 9103 §7.9.1).
 *
 * It knows no socket. What the sink has got is worth nothing until the outcome is `done`; after any other end the
 * sink's work is to be thrown away. Where a TSIG key is configured the caller verifies each message, hands in the
 * octets without the signature, and publishes only when the last message was signed.
 */

import { assert } from '../dns/assert.ts'
import { META_TYPE, OPCODE } from '../dns/code.ts'
import { OPTION, optionOf, readExpire, type Edns } from '../dns/edns.ts'
import { printName, sameName, type Name } from '../dns/name.ts'
import { typeMnemonic } from '../dns/record-types.ts'
import { FLAG } from '../dns/message.ts'
import type { Serial } from '../dns/serial.ts'
import { HEADER_OCTETS, Reader, WireError } from '../dns/wire.ts'
import { TO_RDATA } from '../zone/stored-record.ts'
import { EXPIRE_OPTION_SECONDS_MIN } from './lease.ts'
import { reasonOfRcode } from './rcode-reason.ts'
import { reason, type Reason } from './reason.ts'
import type { SoaFacts } from './refresh-policy.ts'
import { soaFacts } from './soa-facts.ts'
import { fault, reasonOfError, TransferFault } from './transfer-fault.ts'
import { IncomingRecord } from './transfer-in-record.ts'
import { TransferStream, type TransferForm, type TransferSink } from './transfer-in-stream.ts'
import { readTail, skipRecords } from './transfer-in-tail.ts'

export interface TransferInLimits {
  readonly octets: number
  readonly messages: number
  /** Differences in one incremental transfer. */
  readonly steps: number
}

export interface TransferInOptions {
  readonly apex: Name
  /** The ID of the request. */
  readonly id: number
  readonly asked: 'AXFR' | 'IXFR'
  readonly over?: 'tcp' | 'udp'
  /** Our serial: what is not newer ends the transfer as `up to date`. Undefined takes whatever comes. */
  readonly since?: Serial | undefined
  readonly lenient?: boolean
  readonly limits?: Partial<TransferInLimits>
  readonly sink: TransferSink
}

export type TransferInOutcome =
  | { readonly type: 'more' }
  | {
      readonly type: 'done'
      readonly form: TransferForm
      readonly soa: SoaFacts
      /** The EDNS EXPIRE option, if the primary sent one (RFC 7314). */
      readonly expireSeconds: number | undefined
    }
  /** The answer did not fit into UDP. */
  | { readonly type: 'retry over TCP' }
  /** `serial` is what the primary announced before it failed. */
  | { readonly type: 'failed'; readonly reason: Reason; readonly serial: Serial | undefined }

const MORE: TransferInOutcome = { type: 'more' }

/** Messages without a record are for hiding the length of an answer, not for keeping us busy (RFC 9103 §7.9.1). */
const EMPTY_MESSAGES_MAX = 100

export class TransferIn {
  readonly #options: TransferInOptions
  readonly #limits: TransferInLimits
  readonly #record: IncomingRecord
  readonly #stream: TransferStream
  #messages = 0
  #octets = 0
  #empty = 0
  #expireSeconds: number | undefined
  #outcome: TransferInOutcome = MORE

  constructor(options: TransferInOptions) {
    const { apex, asked, since, lenient = false, sink, limits } = options
    this.#options = options
    this.#limits = { octets: Infinity, messages: Infinity, steps: Infinity, ...limits }
    this.#record = new IncomingRecord(apex)
    this.#stream = new TransferStream({ asked, since, lenient, sink, stepsMax: this.#limits.steps })
  }

  get messages(): number {
    return this.#messages
  }

  get octets(): number {
    return this.#octets
  }

  /** Records so far, SOA records among them. */
  get records(): number {
    return this.#stream.records
  }

  /** Records outside the zone, which were passed over. */
  get dropped(): number {
    return this.#stream.dropped
  }

  /** Records that came although they were there already. */
  get repeated(): number {
    return this.#stream.repeated
  }

  /** Differences of an incremental transfer. */
  get steps(): number {
    return this.#stream.steps
  }

  /** Takes the next message. */
  accept(message: Uint8Array): TransferInOutcome {
    assert(this.#outcome === MORE, 'a transfer that has ended is given another message')
    try {
      this.#outcome = this.#read(message)
    } catch (error) {
      this.#outcome = { type: 'failed', reason: this.#reasonOf(error), serial: this.#stream.serial }
    }
    return this.#outcome
  }

  /** The connection has ended: whatever is not complete by now has failed (CVE-2022-27227). */
  end(): TransferInOutcome {
    if (this.#outcome !== MORE) return this.#outcome
    const why = this.#messages === 0 ? reason('connection-lost', {}) : reason('cut', { records: this.records })
    this.#outcome = { type: 'failed', reason: why, serial: this.#stream.serial }
    return this.#outcome
  }

  #reasonOf(error: unknown): Reason {
    const record = this.#record
    if (!(error instanceof WireError && record.isAtRdata)) return reasonOfError(error)
    return reason('bad-rdata', { type: typeMnemonic(record.type), owner: record.ownerText, error: error.message })
  }

  #read(message: Uint8Array): TransferInOutcome {
    this.#count(message)
    const flags = this.#checkHeader(message)
    const reader = new Reader(message, 4)
    const questions = reader.u16()
    const answers = reader.u16()
    const others = reader.u16() + reader.u16()
    const udp = this.#options.over === 'udp'
    if ((flags & FLAG.TC) !== 0 && (flags & 0xf) === 0) {
      if (udp) return { type: 'retry over TCP' }
      throw fault('truncated', {})
    }
    // An error is told as it is, whatever else the message holds.
    if ((flags & 0xf) === 0) this.#checkQuestion(reader, questions)
    else this.#skipQuestions(reader, questions)
    this.#record.startMessage(questions === 1)
    const isRefusal = (flags & 0xf) !== 0
    const at = isRefusal ? skipRecords(message, reader.at, answers) : this.#readAnswers(message, reader.at, answers)
    const { rcodeHigh, edns } = readTail(message, at, others)
    const rcode = (flags & 0xf) | (rcodeHigh << 4)
    if (rcode !== 0) throw new TransferFault(reasonOfRcode(rcode, edns))
    this.#readExpire(edns)
    this.#countEmpty(answers, edns)
    const { form, soa } = this.#stream
    if (form === undefined) return udp ? { type: 'retry over TCP' } : MORE
    return { type: 'done', form, soa: soaFacts(soa, TO_RDATA, soa.length), expireSeconds: this.#expireSeconds }
  }

  #count(message: Uint8Array): void {
    const { octets, messages } = this.#limits
    if (++this.#messages > messages) throw fault('too-many-messages', { max: messages })
    if ((this.#octets += message.length) > octets) throw fault('too-many-octets', { max: octets })
  }

  #checkHeader(message: Uint8Array): number {
    if (message.length < HEADER_OCTETS) throw fault('short-message', { octets: message.length })
    const reader = new Reader(message)
    const id = reader.u16()
    const flags = reader.u16()
    const opcode = (flags >> 11) & 0xf
    if (id !== this.#options.id) throw fault('wrong-id', { expected: this.#options.id, found: id })
    if ((flags & FLAG.QR) === 0) throw fault('not-a-response', {})
    if (opcode !== OPCODE.QUERY) throw fault('wrong-opcode', { opcode })
    return flags
  }

  /** The question is ours, or there is none (RFC 5936 §2.2.2). */
  #checkQuestion(reader: Reader, count: number): void {
    if (count === 0) return
    if (count > 1) throw fault('wrong-question', { found: `${count} questions` })
    const name = reader.name()
    const type = reader.u16()
    const klass = reader.u16()
    const { apex, asked } = this.#options
    if (sameName(name, apex) && type === META_TYPE[asked] && klass === 1) return
    throw fault('wrong-question', { found: `${printName(name)} ${typeMnemonic(type)} in class ${klass}` })
  }

  #skipQuestions(reader: Reader, count: number): void {
    for (let left = count; left > 0; left--) {
      reader.name()
      reader.skip(4)
    }
  }

  /** Hot. */
  #readAnswers(message: Uint8Array, start: number, count: number): number {
    const record = this.#record
    const stream = this.#stream
    let at = start
    for (let left = count - 1; left >= 0; left--) {
      at = record.read(message, at)
      if (!stream.take(record, left)) continue
      if (stream.form === 'up to date') return skipRecords(message, at, left)
      if (left > 0) throw fault('trailing-records', { count: left })
    }
    return at
  }

  #readExpire(edns: Edns | undefined): void {
    const octets = optionOf(edns, OPTION.EXPIRE)
    const seconds = octets && readExpire(octets)
    if (seconds === undefined) return
    if (seconds < EXPIRE_OPTION_SECONDS_MIN) throw fault('primary-expired', {})
    this.#expireSeconds ??= seconds
  }

  /** A padded message without records may come at any time; one without padding is no answer to our question. */
  #countEmpty(answers: number, edns: Edns | undefined): void {
    this.#empty = answers > 0 ? 0 : this.#empty + 1
    if (this.#empty > EMPTY_MESSAGES_MAX) throw fault('empty-messages', { count: this.#empty })
    const isPadded = optionOf(edns, OPTION.PADDING) !== undefined
    if (this.#stream.serial === undefined && !isPadded) throw fault('empty-answer', {})
  }
}
