/** One process of the guard: prints the median ratio of each hot path to the fixed loop, as JSON. */

import { Responder, type Client } from '../src/protocol/answer.ts'
import { Arena } from '../src/zone/arena.ts'
import { pagesOf } from '../src/zone/contents.ts'
import { Edit } from '../src/zone/edit.ts'
import { modelRecord, soaRecord } from '../test/zone-model.ts'
import { parseName } from '../src/dns/name.ts'
import { packetsOf, PACKET_OCTETS, serve, type Packets, type ZoneShape } from './answer.ts'
import { median } from './percentile.ts'
import { passingZone, send, takeIn } from './transfer-octets.ts'

const ROUNDS = 151
const WARM_UP_ROUNDS = 60
const ANSWERS_PER_ROUND = 2048
const RECORDS_PER_ROUND = 2000
const ZONE: ZoneShape = { name: '', hosts: 9000, cuts: 1000, otherZones: 0 }
const APEX = parseName('example.org.')

/** A piece of work of a few milliseconds. */
type Act = () => void

const results = new Map<string, number[]>()
for (const [path, act] of Object.entries(paths())) results.set(path, rounds(act, fixedLoop()))
const medians = Array.from(results, ([path, ratios]) => [path, median(ratios)] as const)
process.stdout.write(JSON.stringify(Object.fromEntries(medians)))

/** Both take turns; gives the ratio of each round. */
function rounds(act: Act, fixed: Act): number[] {
  const ratios: number[] = []
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const before = micros(fixed)
    const spent = micros(act)
    const after = micros(fixed)
    if (round >= 0) ratios.push((2 * spent) / (before + after))
  }
  return ratios
}

/** A round is shorter than the slice of time a process gets, so most rounds are not disturbed by others. */
function micros(act: Act): number {
  const start = performance.now()
  act()
  return 1000 * (performance.now() - start)
}

function paths(): Record<string, Act> {
  const responder = new Responder(serve(ZONE))
  const zone = passingZone(RECORDS_PER_ROUND)
  return {
    'answer: hit': answering(responder, packetsOf('hit', ZONE)),
    'answer: NXDOMAIN': answering(responder, packetsOf('NXDOMAIN', ZONE)),
    'answer: referral': answering(responder, packetsOf('referral', ZONE)),
    'transfer in: records read': () => takeIn(zone.theirs),
    'transfer in: records put in place': filling(),
    'transfer out: records put into messages': () => {
      for (let times = 0; times < 10; times++) for (const { octets } of send(zone.runs)) if (octets === 0) return
    },
  }
}

function answering(responder: Responder, { octets, lengths }: Packets): Act {
  const client: Client = { transport: 'udp', address: Uint8Array.of(192, 0, 2, 1), now: 0, reservedOctets: 0 }
  const request = new Uint8Array(PACKET_OCTETS)
  const out = new Uint8Array(4096)
  return () => {
    for (let packet = 0; packet < ANSWERS_PER_ROUND; packet++) {
      const from = packet * PACKET_OCTETS
      const length = lengths[packet] as number
      for (let at = 0; at < length; at++) request[at] = octets[from + at] as number
      responder.respond(request, length, out, client)
    }
  }
}

function filling(): Act {
  const arena = new Arena()
  const soa = soaRecord(1)
  const records = Array.from({ length: RECORDS_PER_ROUND }, (_, number) => {
    const label = String(1_000_000 + number)
    return modelRecord([label], 1, '\x0a\0\0\x01').stored
  })
  return () => {
    const edit = new Edit(arena, undefined, APEX)
    edit.setSoa(soa)
    for (const record of records) edit.add(record, 0, record.length)
    for (const page of pagesOf(edit.commit().contents)) arena.free(page)
  }
}

/** Work of the kind that ours is: octets hashed, compared and copied, in a few hundred KiB. */
function fixedLoop(): Act {
  const octets = Uint8Array.from({ length: 1 << 18 }, (_, at) => (at * 31) & 255)
  const table = new Uint32Array(1 << 14)
  const out = new Uint8Array(512)
  return () => {
    let hash = 1
    for (let round = 0; round < 10_000; round++) {
      const from = (hash >>> 3) & 0x3_ff00
      for (let at = from; at < from + 48; at++) hash = Math.imul(hash ^ (octets[at] as number), 0x0100_0193)
      const slot = hash & 0x3fff
      table[slot] = (table[slot] as number) + 1
      for (let at = 0; at < 64; at++) out[at] = octets[from + at] as number
    }
  }
}
