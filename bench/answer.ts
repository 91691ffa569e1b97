/**
 * How fast questions are answered from shared memory, without sockets: octets in, octets out, in one thread.
 *
 * The zones have hosts with A and AAAA records and delegations with glue; the questions are prepared packets with EDNS,
 * each for a name chosen at random, so that in the large zone nearly every one misses the processor's caches.
 */

import { CLASS, RCODE } from '../src/dns/code.ts'
import type { DnsRecord } from '../src/dns/message.ts'
import { type Name, parseName } from '../src/dns/name.ts'
import { type Client, Responder } from '../src/protocol/answer.ts'
import { Arena } from '../src/zone/arena.ts'
import { DirectoryWriter } from '../src/zone/directory.ts'
import { DirectoryReader } from '../src/zone/directory-reader.ts'
import { Edit } from '../src/zone/edit.ts'
import { storeRecord } from '../src/zone/stored-form.ts'
import { chanceOf } from '../test/random-rdata.ts'
import { questionOf } from '../test/answer/world.ts'
import { type Subject, writeReport } from './report.ts'

const APEX = parseName('zone.test.')
export const PACKETS = 32_768
export const PACKET_OCTETS = 80
const KINDS = ['hit', 'NXDOMAIN', 'referral', 'mix'] as const
type Kind = (typeof KINDS)[number]

export interface Packets {
  readonly octets: Uint8Array
  readonly lengths: Uint8Array
}

export interface ZoneShape {
  readonly name: string
  readonly hosts: number
  readonly cuts: number
  readonly otherZones: number
}

const ZONES: readonly ZoneShape[] = [
  { name: '10,000 names, no delegations', hosts: 10_000, cuts: 0, otherZones: 0 },
  { name: '10,000 names, 1,000 of them delegations', hosts: 9_000, cuts: 1_000, otherZones: 0 },
  { name: '1,000,000 records, 50,000 delegations', hosts: 400_000, cuts: 50_000, otherZones: 0 },
  { name: 'the same beside 100,000 other zones', hosts: 400_000, cuts: 50_000, otherZones: 100_000 },
]

/** Measures and writes `results/answer.md`; gives its text. */
export function benchAnswer({ runs, seconds }: { readonly runs: number; readonly seconds: number }): Promise<string> {
  const subjects = ZONES.map((shape) => measureZone(shape, runs, seconds))
  return Promise.resolve(
    writeReport({
      name: 'answer',
      title: 'Answers from shared memory, without sockets',
      method: [
        'Millions of answers per second of processor time, from the octets of a packet to the octets of its answer.',
        'Questions are prepared packets with EDNS for names at random. The mix is 60% hits, 25% NXDOMAIN, 15% referrals;',
        'one hit in two is for A, the others for AAAA. A zone without delegations has no referrals. Other work ran beside it on',
        'both cores, so the highest figures are nearest to what the code can do.',
      ],
      settings: { packets: PACKETS, secondsPerRun: seconds },
      figures: KINDS.map((kind) => ({ key: kind, title: `${kind}, M/s`, digits: 2 })),
      subjects,
    }),
  )
}

function measureZone(shape: ZoneShape, runs: number, seconds: number): Subject {
  const responder = new Responder(serve(shape))
  const kinds = KINDS.filter((kind) => shape.cuts > 0 || (kind !== 'referral' && kind !== 'mix'))
  const packets = new Map(kinds.map((kind) => [kind, packetsOf(kind, shape)]))
  const results: Record<string, number>[] = []
  for (let run = 0; run < runs; run++) {
    const result: Record<string, number> = {}
    for (const [kind, list] of packets) result[kind] = rate(responder, list, kind, seconds)
    results.push(result)
  }
  return { name: shape.name, version: '', runs: results }
}

/** Millions of answers per second of processor time, so that what else the machine does counts less. */
function rate(responder: Responder, packets: Packets, kind: Kind, seconds: number): number {
  const client: Client = { transport: 'udp', address: Uint8Array.of(192, 0, 2, 1), now: 0, reservedOctets: 0 }
  const request = new Uint8Array(PACKET_OCTETS)
  const out = new Uint8Array(4096)
  const { octets, lengths } = packets
  let answers = 0
  let refused = 0
  const end = performance.now() + seconds * 1000
  const start = process.cpuUsage()
  while (performance.now() < end) {
    for (let packet = 0; packet < PACKETS; packet++) {
      const from = packet * PACKET_OCTETS
      const length = lengths[packet] as number
      // As a socket does it: the packet is put into a buffer that is used over and over.
      for (let at = 0; at < length; at++) request[at] = octets[from + at] as number
      responder.respond(request, length, out, client)
      if (responder.rcode !== RCODE.NOERROR) refused++
    }
    answers += PACKETS
  }
  const { user, system } = process.cpuUsage(start)
  if (kind !== 'NXDOMAIN' && kind !== 'mix' && refused > 0) throw new Error(`${refused} questions found nothing`)
  return answers / (user + system)
}

export function packetsOf(kind: Kind, shape: ZoneShape): Packets {
  const chance = chanceOf(7)
  const octets = new Uint8Array(PACKETS * PACKET_OCTETS)
  const lengths = new Uint8Array(PACKETS)
  for (let packet = 0; packet < PACKETS; packet++) {
    const roll = chance(100)
    const what = kind !== 'mix' ? kind : roll < 60 ? 'hit' : roll < 85 ? 'NXDOMAIN' : 'referral'
    const type = chance(2) === 0 ? 'A' : 'AAAA'
    const name = {
      hit: `host-${chance(shape.hosts)}`,
      NXDOMAIN: `${chance(1_000_000).toString(36)}-nothing`,
      referral: `www.cut-${chance(Math.max(shape.cuts, 1))}`,
    }[what]
    const question = questionOf(`${name}.zone.test. ${type}`, { size: 1232 })
    octets.set(question, packet * PACKET_OCTETS)
    lengths[packet] = question.length
  }
  return { octets, lengths }
}

export function serve(shape: ZoneShape): DirectoryReader {
  const arena = new Arena()
  const writer = new DirectoryWriter(arena, { seed: 1 })
  const edit = new Edit(arena, undefined, APEX)
  const records = recordsOf(shape).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  for (const { record } of records) {
    const stored = storeRecord(record, APEX)
    edit.add(stored, 0, stored.length)
  }
  edit.setSoa(storeRecord({ owner: APEX, type: 6, class: CLASS.IN, ttl: 3600, rdata: soaRdata() }, APEX))
  const { contents, retired } = edit.commit()
  for (let other = 0; other < shape.otherZones; other++) writer.put(parseName(`other-${other}.test.`), other)
  writer.publish(writer.put(APEX, 0), contents.version, retired)
  return new DirectoryReader(writer.memory)
}

function recordsOf({ hosts, cuts }: ZoneShape): { key: string; record: DnsRecord }[] {
  const records: { key: string; record: DnsRecord }[] = []
  const add = (label: string, type: number, rdata: Uint8Array): void => {
    const owner = label === '' ? APEX : parseName(`${label}.zone.test.`)
    const key = label.split('.').toReversed().join('\0')
    records.push({ key, record: { owner, type, class: CLASS.IN, ttl: 3600, rdata } })
  }
  add('', 2, parseName('ns1.zone.test.'))
  for (let host = 0; host < hosts; host++) {
    add(`host-${host}`, 1, address(4, host))
    add(`host-${host}`, 28, address(16, host))
  }
  for (let cut = 0; cut < cuts; cut++) {
    for (const server of ['ns1', 'ns2']) {
      add(`cut-${cut}`, 2, parseName(`${server}.cut-${cut}.zone.test.`))
      add(`${server}.cut-${cut}`, 1, address(4, cut))
    }
  }
  return records
}

function address(octets: number, number: number): Uint8Array {
  const rdata = new Uint8Array(octets)
  new DataView(rdata.buffer).setUint32(octets - 4, number)
  return rdata
}

function soaRdata(): Uint8Array {
  const names: Name[] = [parseName('ns1.zone.test.'), parseName('hostmaster.zone.test.')]
  return Uint8Array.from([...names.flatMap((name) => [...name]), ...new Uint8Array(20).fill(1)])
}
