/**
 * How fast a zone passes through our hands: records from the messages of another server to stored form, and from stored
 * form into messages. No socket, no zone: what is left is the hot path of the protocol floor.
 */

import { answerMessage, APEX, ID, messagesOf, records, soa } from '../test/transfer/kit.ts'
import { META_TYPE } from '../src/dns/code.ts'
import type { DnsRecord } from '../src/dns/message.ts'
import { TransferIn } from '../src/protocol/transfer-in.ts'
import type { Frames } from '../src/protocol/frame-maker.ts'
import { transferFrames } from '../src/protocol/transfer-out.ts'
import type { Stored } from '../src/zone/contents.ts'
import { storeRecord } from '../src/zone/stored-form.ts'

/** About what other servers put into one message. */
const RECORDS_PER_MESSAGE = 400

/** About what lies in one page of contents. */
const RECORDS_PER_RUN = 200

/** A transfer as it comes from others, as it comes from us, and as it leaves. */
export interface PassingZone {
  readonly records: number
  readonly theirs: readonly Uint8Array[]
  readonly ours: readonly Uint8Array[]
  readonly runs: readonly Stored[]
}

/** Makes a zone of so many records, or a few more, to pass through our hands. */
export function passingZone(count: number): PassingZone {
  const zone = zoneOf(count)
  const [start] = records(soa(1)) as [DnsRecord]
  const theirs = [[start], ...chunks(zone, RECORDS_PER_MESSAGE), [start]].map((list) => answerMessage(list))
  const runs = [[start], ...chunks(zone, RECORDS_PER_RUN), [start]].map(runOf)
  return { records: zone.length, theirs, ours: sent(runs), runs }
}

/** Measures, and says in a line each how many records a second went in and out. */
export async function benchTransferOctets(options: { records: number; runs: number }): Promise<string> {
  const zone = passingZone(options.records)
  const incoming: number[] = []
  const outgoing: number[] = []
  const own: number[] = []
  for (let run = 0; run < options.runs + 2; run++) {
    incoming.push(rateOf(zone.records, () => takeIn(zone.theirs)))
    outgoing.push(rateOf(zone.records, () => sent(zone.runs)))
    own.push(rateOf(zone.records, () => takeIn(zone.ours)))
  }
  return [
    `${zone.records.toLocaleString('en')} records, best of ${options.runs + 2} runs, million records a second`,
    `in, names compressed by the sender: ${Math.max(...incoming).toFixed(2)}`,
    `in, from our own messages: ${Math.max(...own).toFixed(2)}`,
    `out: ${Math.max(...outgoing).toFixed(2)}`,
  ].join('\n')
}

/** Reads the messages of a transfer to their end, and keeps nothing. */
export function takeIn(messages: readonly Uint8Array[]): void {
  const sink = { begin() {}, soa() {}, add: () => 'added' as const, remove: () => 'removed' as const }
  const transfer = new TransferIn({ apex: APEX, id: ID, asked: 'AXFR', sink })
  const ends = messages.map((message) => transfer.accept(message).type)
  if (ends.at(-1) !== 'done') throw new Error('the transfer was not complete')
}

/** Puts runs into the messages of a transfer, which are lent. */
export function send(runs: readonly Stored[]): Generator<Frames> {
  return transferFrames(runs, { id: ID, rd: false, name: APEX, type: META_TYPE.AXFR, edns: undefined })
}

function sent(runs: readonly Stored[]): Uint8Array[] {
  const messages: Uint8Array[] = []
  for (const frames of send(runs)) messages.push(...messagesOf(frames))
  return messages
}

function rateOf(count: number, work: () => unknown): number {
  const started = performance.now()
  work()
  return count / (performance.now() - started) / 1000
}

function zoneOf(count: number): DnsRecord[] {
  const zone: DnsRecord[] = []
  for (let host = 0; zone.length < count; host++) {
    const lines = [
      `h${host} A 192.0.2.${host & 255}`,
      `h${host} AAAA 2001:db8::${(host & 0xffff).toString(16)}`,
      `h${host} MX 10 mail${host & 63}`,
      `h${host} TXT "v=spf1 -all host ${host}"`,
      `www.h${host} CNAME h${host}`,
      `s${host} NS ns1.s${host}`,
      `ns1.s${host} A 198.51.100.7`,
      `_sip._tcp.h${host} SRV 0 5 5060 h${host}`,
    ]
    for (const record of records(`${lines.join('\n')}\n`)) zone.push(record)
  }
  return zone
}

function runOf(list: readonly DnsRecord[]): Stored {
  const stored = list.map((record) => storeRecord(record, APEX))
  const octets = new Uint8Array(stored.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const each of stored) {
    octets.set(each, at)
    at += each.length
  }
  return { octets, at: 0, end: octets.length }
}

function* chunks<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size)
}
