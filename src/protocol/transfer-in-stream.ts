/**
 * The records of a transfer in, in the order they come: which form the answer has, and where it ends
 * (RFC 5936 §2.2, RFC 1995 §4).
 *
 *   SOA N                                                      up to date, or too large for UDP
 *   SOA N, record …, SOA N                                     full
 *   SOA N, SOA ours, removed …, SOA a, added …,                incremental: differences that chain from ours to N
 *          SOA a,    removed …, SOA N, added …, SOA N
 *
 * The form shows itself in the second record, which may come in a later message. In the middle of a full zone no SOA
 * may stand, not even one that looks like an end: a server that takes it for the end publishes half a zone.
 */

import { compareRdata } from '../dns/layout.ts'
import { typeMnemonic } from '../dns/record-types.ts'
import { compareSerials, type Serial } from '../dns/serial.ts'
import type { Added, Removed } from '../zone/edit.ts'
import { TO_RDATA, TYPE } from '../zone/stored-record.ts'
import { soaSerial } from '../zone/stored-soa.ts'
import { fault } from './transfer-fault.ts'
import type { IncomingRecord } from './transfer-in-record.ts'

/** Where the records go. They come in stored form, in a buffer that the next record overwrites. */
export interface TransferSink {
  /** Once, before any record: whether what follows is a zone or changes to ours. */
  begin(form: 'full' | 'incremental'): void
  /** The SOA record of the version that is to be; in an incremental transfer once per step. */
  soa(octets: Uint8Array, at: number, length: number): void
  add(octets: Uint8Array, at: number, length: number): Added
  remove(octets: Uint8Array, at: number, length: number): Removed
}

export interface StreamOptions {
  readonly asked: 'AXFR' | 'IXFR'
  /** Our serial: only what is newer is taken. Undefined takes whatever comes. */
  readonly since: Serial | undefined
  /** Take differences that remove what we lack. */
  readonly lenient: boolean
  readonly stepsMax: number
  readonly sink: TransferSink
}

/** How a complete transfer came. */
export type TransferForm = 'AXFR' | 'IXFR' | 'up to date'

const PHASE = { FIRST: 0, SECOND: 1, FULL: 2, REMOVING: 3, ADDING: 4, ENDED: 5 } as const

export class TransferStream {
  /** Records taken, SOA records among them. */
  records = 0
  /** Records whose owner is not in the zone; they are passed over (RFC 5936 §3.4). */
  dropped = 0
  /** Records that came although they were there already. */
  repeated = 0
  /** Differences begun. */
  steps = 0
  form: TransferForm | undefined
  #phase: number = PHASE.FIRST
  #first: Uint8Array = new Uint8Array(0)
  #serial = 0 as Serial
  /** What the step at hand starts from and leads to. */
  #from = 0 as Serial
  #to = 0 as Serial
  readonly #options: StreamOptions
  readonly #sink: TransferSink

  constructor(options: StreamOptions) {
    this.#options = options
    this.#sink = options.sink
  }

  /** The SOA record that came first, in stored form; empty before that. */
  get soa(): Uint8Array {
    return this.#first
  }

  /** The serial that was announced. */
  get serial(): Serial | undefined {
    return this.#phase === PHASE.FIRST ? undefined : this.#serial
  }

  /** Whether one SOA has come, newer than ours, and nothing more. */
  get isOneSoa(): boolean {
    return this.#phase === PHASE.SECOND
  }

  /** Takes the next record; true if the transfer is complete. `left` records follow in the same message. Hot. */
  take(record: IncomingRecord, left: number): boolean {
    this.records++
    if (record.type === TYPE.SOA) return this.#takeSoa(record, left)
    if (this.#phase <= PHASE.SECOND) this.#beginFull(record)
    if (!record.isWithin) {
      this.dropped++
      return false
    }
    if (this.#phase === PHASE.REMOVING) {
      const removed = this.#sink.remove(record.octets, 0, record.length)
      if (removed === 'absent' && !this.#options.lenient) throw fault('absent-record', factsOf(record))
      return false
    }
    // To add what is there changes nothing, and NSD 4.6 does so in each difference: of an owner with three RRsets or
    // more it adds one that did not change. BIND takes it; Knot, and NSD itself, fetch the whole zone instead.
    const added = this.#sink.add(record.octets, 0, record.length)
    if (added === 'present') this.repeated++
    return false
  }

  #beginFull(record: IncomingRecord): void {
    if (this.#phase === PHASE.FIRST) throw fault('first-not-soa', factsOf(record))
    this.#startFull()
  }

  #startFull(): void {
    this.#phase = PHASE.FULL
    this.#sink.begin('full')
    this.#sink.soa(this.#first, 0, this.#first.length)
  }

  #takeSoa(record: IncomingRecord, left: number): boolean {
    if (!record.isAtApex) {
      if (this.#phase === PHASE.FIRST) throw fault('first-not-soa', factsOf(record))
      throw fault('soa-not-at-apex', { owner: record.ownerText })
    }
    const serial = soaSerial(record.octets)
    switch (this.#phase) {
      case PHASE.FIRST:
        return this.#takeFirst(record, serial)
      case PHASE.SECOND:
        return this.#takeSecond(record, serial, left)
      case PHASE.FULL:
        return this.#takeFinal(record, serial, left)
      case PHASE.REMOVING:
        return this.#takeNew(record, serial)
      default:
        return this.#takeNext(record, serial)
    }
  }

  #takeFirst(record: IncomingRecord, serial: Serial): boolean {
    const { since } = this.#options
    this.#first = record.octets.slice(0, record.length)
    this.#serial = serial
    this.#phase = PHASE.SECOND
    if (since === undefined || compareSerials(serial, since) === 'newer') return false
    return this.#end('up to date')
  }

  #takeSecond(record: IncomingRecord, serial: Serial, left: number): boolean {
    const { asked, since } = this.#options
    if (asked === 'IXFR' && serial === since) {
      this.#from = since
      this.#phase = PHASE.REMOVING
      this.#sink.begin('incremental')
      return false
    }
    if (this.#isFirst(record)) {
      this.#startFull()
      return this.#end('AXFR')
    }
    if (asked === 'IXFR') throw fault('wrong-start', { found: serial, ours: since ?? 'none' })
    throw this.#unequal(serial, left)
  }

  #takeFinal(record: IncomingRecord, serial: Serial, left: number): boolean {
    if (!this.#isFirst(record)) throw this.#unequal(serial, left)
    return this.#end('AXFR')
  }

  /** The SOA between what a step removes and what it adds. */
  #takeNew(record: IncomingRecord, serial: Serial): boolean {
    if (compareSerials(serial, this.#from) !== 'newer') {
      throw fault('serial-not-newer', { from: this.#from, to: serial })
    }
    const order = compareSerials(serial, this.#serial)
    if (order !== 'older' && order !== 'same') throw fault('wrong-end', { found: serial, serial: this.#serial })
    if (order === 'same' && !this.#isFirst(record)) throw fault('unequal-soa', { found: serial, serial: this.#serial })
    if (++this.steps > this.#options.stepsMax) throw fault('too-many-steps', { max: this.#options.stepsMax })
    this.#to = serial
    this.#phase = PHASE.ADDING
    this.#sink.soa(record.octets, 0, record.length)
    return false
  }

  /** The SOA behind what a step adds: the start of the next step, or the end. */
  #takeNext(record: IncomingRecord, serial: Serial): boolean {
    if (this.#to === this.#serial) {
      if (this.#isFirst(record)) return this.#end('IXFR')
      if (serial === this.#serial) throw fault('unequal-soa', { found: serial, serial })
      throw fault('wrong-end', { found: serial, serial: this.#serial })
    }
    if (serial !== this.#to) {
      if (serial === this.#serial) throw fault('wrong-end', { found: this.#to, serial })
      throw fault('broken-chain', { found: serial, expected: this.#to })
    }
    this.#from = serial
    this.#phase = PHASE.REMOVING
    return false
  }

  #end(form: TransferForm): boolean {
    this.#phase = PHASE.ENDED
    this.form = form
    return true
  }

  #unequal(found: Serial, left: number): Error {
    const facts = { found, serial: this.#serial }
    return left > 0 ? fault('soa-in-the-middle', facts) : fault('unequal-soa', facts)
  }

  /** Whether the RDATA is that of the first SOA, names compared without regard to case. */
  #isFirst(record: IncomingRecord): boolean {
    const first = this.#first
    const rdlength = first.length - TO_RDATA
    if (record.length !== first.length) return false
    return compareRdata(TYPE.SOA, first, TO_RDATA, rdlength, record.octets, TO_RDATA, rdlength) === 0
  }
}

function factsOf(record: IncomingRecord): { owner: string; type: string } {
  return { owner: record.ownerText, type: typeMnemonic(record.type) }
}
