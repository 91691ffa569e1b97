/**
 * A transfer out: turns runs of stored records into the messages of an AXFR or IXFR answer (RFC 5936 §2.2, RFC 1995 §4).
 *
 * Hot: octets are copied as they lie in the zone. A stored owner ends with a compression pointer to offset 12, where
 * the question of every message stands, and the question is the apex; so each message can be read by itself, and
 * nothing in it is decoded here. Messages are made one at a time as the caller asks for them: a slow reader holds up
 * nothing but itself.
 */

import { FLAG } from '../dns/message.ts'
import { CLASS, OPCODE, RCODE } from '../dns/code.ts'
import { optOctets, writeOpt, type Edns } from '../dns/edns.ts'
import type { Name } from '../dns/name.ts'
import { MESSAGE_OCTETS_MAX, Writer } from '../dns/wire.ts'
import { runsOf, soaOf, type Contents, type Stored } from '../zone/contents.ts'
import type { Difference } from '../zone/difference.ts'
import { runsWithout } from '../zone/left-out.ts'
import { recordEnd } from '../zone/stored-record.ts'

export interface TransferOutOptions {
  readonly id: number
  readonly rd: boolean
  /** The question as it was asked: the apex in the asker's case, and the type. */
  readonly name: Name
  readonly type: number
  /** The OPT record of every message; undefined if the request had none (RFC 9103 §6.3.4). */
  readonly edns: Edns | undefined
  readonly messageOctetsMax?: number
  /** What `sign` adds to a message. */
  readonly signatureOctets?: number
  /** Signs each message in turn, where it lies from `at` to `end`; gives its new end (RFC 8945 §5.3.1). */
  readonly sign?: (octets: Uint8Array, at: number, end: number) => number
  /** Looked at before each message: a zone that is gone or has expired is not sent to the end. */
  readonly isServed?: () => boolean
}

/** How a transfer out ended: whole, with a record that fits into no message, or without its zone. */
export type TransferOutEnd = 'complete' | 'record too large' | 'zone gone'

/** The length of a message over TCP, before it (RFC 1035 §4.2.2). */
const PREFIX_OCTETS = 2

const NOTHING = new Uint8Array(0)
const NO_TYPES: ReadonlySet<number> = new Set()

/** A zone in full: SOA, everything else, SOA. Only where types are left out is every record looked at. */
export function* fullRuns(contents: Contents, leftOut: ReadonlySet<number> = NO_TYPES): Generator<Stored> {
  yield soaOf(contents)
  yield* leftOut.size === 0 ? runsOf(contents) : runsWithout(runsOf(contents), leftOut)
  yield soaOf(contents)
}

/** Nothing but the SOA record: there is nothing newer, or the asker is to come by TCP (RFC 1995 §2). */
export function* soaRun(contents: Contents): Generator<Stored> {
  yield soaOf(contents)
}

/**
 * The way from an older version to this one, each difference as it was made (RFC 1995 §4): SOA, then for every step the
 * old SOA, what goes, the new SOA and what comes, and at the end the SOA again. The differences chain, and the last of
 * them leads to this version.
 */
export function* incrementalRuns(contents: Contents, differences: Iterable<Difference>): Generator<Stored> {
  yield soaOf(contents)
  for (const { fromSoa, removed, toSoa, added } of differences) {
    for (const octets of [fromSoa, removed, toSoa, added]) yield { octets, at: 0, end: octets.length }
  }
  yield soaOf(contents)
}

/**
 * The messages, each with its length before it, so that both leave in one write (RFC 7766 §8). A record too large for
 * a message, and a zone that is gone, end the answer with SERVFAIL, which no receiver takes for the end of a zone.
 */
export function* transferMessages(
  runs: Iterable<Stored>,
  options: TransferOutOptions,
): Generator<Uint8Array, TransferOutEnd> {
  const maker = new MessageMaker(options)
  for (const run of runs) {
    for (let at = run.at; at < run.end;) {
      if (maker.isEmpty && options.isServed?.() === false) {
        yield maker.finish(RCODE.SERVFAIL)
        return 'zone gone'
      }
      at = maker.fill(run, at)
      if (at === run.end) break
      if (maker.isEmpty) {
        yield maker.finish(RCODE.SERVFAIL)
        return 'record too large'
      }
      yield maker.finish(RCODE.NOERROR)
    }
  }
  if (!maker.isEmpty) yield maker.finish(RCODE.NOERROR)
  return 'complete'
}

/** One message at a time: head and question are the same in all, and so is the OPT record at the end. */
class MessageMaker {
  readonly #head: Uint8Array
  readonly #opt: Uint8Array
  readonly #bufferOctets: number
  /** Where the records of a message must end, from the start of its buffer. */
  readonly #recordsEnd: number
  readonly #sign: TransferOutOptions['sign']
  #octets = NOTHING
  #to = 0
  #count = 0

  constructor(options: TransferOutOptions) {
    const { messageOctetsMax = MESSAGE_OCTETS_MAX, signatureOctets = 0, edns } = options
    this.#head = headOf(options)
    this.#opt = optOf(edns)
    this.#bufferOctets = PREFIX_OCTETS + messageOctetsMax
    this.#recordsEnd = this.#bufferOctets - signatureOctets - this.#opt.length
    this.#sign = options.sign
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** Copies as many records of a run as fit; returns the offset of the first that does not. Hot. */
  fill({ octets, at: first, end, records }: Stored, start: number): number {
    this.#begin()
    const last = start + this.#recordsEnd - this.#to
    let at = start
    let count = 0
    if (records !== undefined && start === first && end <= last) {
      at = end
      count = records
    }
    while (at < end) {
      const next = recordEnd(octets, at)
      if (next > last) break
      at = next
      count++
    }
    this.#octets.set(octets.subarray(start, at), this.#to)
    this.#to += at - start
    this.#count += count
    return at
  }

  /** The message at hand, complete and signed. */
  finish(rcode: number): Uint8Array {
    this.#begin()
    const octets = this.#octets
    octets[PREFIX_OCTETS + 3] = rcode
    octets[PREFIX_OCTETS + 6] = this.#count >>> 8
    octets[PREFIX_OCTETS + 7] = this.#count
    octets.set(this.#opt, this.#to)
    const end = this.#to + this.#opt.length
    this.#octets = NOTHING
    this.#count = 0
    return framed(octets, this.#sign === undefined ? end : this.#sign(octets, PREFIX_OCTETS, end))
  }

  /** Every message has its own buffer: the socket keeps it until it is sent. */
  #begin(): void {
    if (this.#octets !== NOTHING) return
    this.#octets = new Uint8Array(this.#bufferOctets)
    this.#octets.set(this.#head, PREFIX_OCTETS)
    this.#to = PREFIX_OCTETS + this.#head.length
  }
}

/** Header and question; the counts of answers and the RCODE are put in later (RFC 5936 §2.2.1, §2.2.2). */
function headOf({ id, rd, name, type, edns }: TransferOutOptions): Uint8Array {
  const writer = new Writer()
  writer.u16(id)
  writer.u16(FLAG.QR | (OPCODE.QUERY << 11) | FLAG.AA | (rd ? FLAG.RD : 0))
  writer.u16(1)
  writer.u16(0)
  writer.u16(0)
  writer.u16(edns === undefined ? 0 : 1)
  writer.name(name)
  writer.u16(type)
  writer.u16(CLASS.IN)
  return writer.toOctets()
}

function optOf(edns: Edns | undefined): Uint8Array {
  if (edns === undefined) return NOTHING
  const writer = new Writer({ capacity: optOctets(edns) })
  writeOpt(writer, edns, RCODE.NOERROR)
  return writer.toOctets()
}

function framed(octets: Uint8Array, end: number): Uint8Array {
  const length = end - PREFIX_OCTETS
  octets[0] = length >>> 8
  octets[1] = length
  return octets.subarray(0, end)
}
