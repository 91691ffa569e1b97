/**
 * What counting questions by zone costs a thread that answers: the same packets with a sampler and without, in turns, at
 * full speed, which is when a thread can least afford it.
 */

import { AnswerDesk } from '../src/engine/answer-desk.ts'
import { Counters, countersMemory } from '../src/engine/counters.ts'
import { Sampler } from '../src/engine/sampler.ts'
import { TextAsker } from '../src/net/asker.ts'
import { RuleBook } from '../src/engine/transfer-rules.ts'
import type { DirectoryReader } from '../src/zone/directory-reader.ts'
import { PACKET_OCTETS, PACKETS, packetsOf, serve, type Packets } from './answer.ts'
import { type Subject, writeReport } from './report.ts'

const SHAPE = { name: '10,000 names, 1,000 of them delegations', hosts: 9_000, cuts: 1_000, otherZones: 0 }
const WAYS = { none: 0, 'up to 2,000 a second': 2_000, 'up to 20,000 a second': 20_000 } as const
const SECOND_MS = 1000
const ASKER = new TextAsker().at({ address: '192.0.2.1', port: 53 })

/** Measures and writes `results/sampling.md`; gives its text. */
export function benchSampling({ runs, seconds }: { readonly runs: number; readonly seconds: number }): Promise<string> {
  const directory = serve(SHAPE)
  const packets = packetsOf('mix', SHAPE)
  const desks = Object.entries(WAYS).map(([name, samplesPerSecond]) => {
    const sampler = samplesPerSecond === 0 ? undefined : new Sampler({ samplesPerSecond, transport: 'udp', seed: 4711 })
    return { name, sampler, desk: deskOf(directory, sampler), results: [] as Record<string, number>[] }
  })
  // One round that does not count, until everything has been compiled.
  for (let run = -1; run < runs; run++)
    for (const { desk, sampler, results } of desks) {
      const figure = rate(desk, sampler, packets, seconds)
      if (run >= 0) results.push({ rate: figure })
    }
  return Promise.resolve(
    writeReport({
      name: 'sampling',
      title: 'Answers while questions are counted',
      method: [
        'Millions of answers per second of processor time in one thread, without sockets, from the mix of answer.md, at as',
        'many questions as it can answer. The samples of each second are taken out, as the thread does to tell them.',
      ],
      settings: { packets: PACKETS, secondsPerRun: seconds },
      figures: [{ key: 'rate', title: 'mix, M/s', digits: 3 }],
      subjects: desks.map(({ name, results }): Subject => ({ name, version: '', runs: results })),
    }),
  )
}

function deskOf(directory: DirectoryReader, sampler: Sampler | undefined): AnswerDesk {
  return new AnswerDesk({
    transport: 'udp',
    directory,
    counters: new Counters(countersMemory(1), 0),
    cookieSecrets: [],
    udpSizeMax: 1232,
    pendingMax: 1,
    rules: new RuleBook(),
    sampler,
    report: () => {},
  })
}

function rate(desk: AnswerDesk, sampler: Sampler | undefined, packets: Packets, seconds: number): number {
  const { octets, lengths } = packets
  const out = new Uint8Array(4096)
  let answers = 0
  let renewedAt = performance.now()
  const end = renewedAt + seconds * SECOND_MS
  const start = process.cpuUsage()
  for (let now = renewedAt; now < end; now = performance.now()) {
    desk.begin()
    for (let packet = 0; packet < PACKETS; packet++) {
      const from = packet * PACKET_OCTETS
      desk.answer(octets.subarray(from), lengths[packet] as number, ASKER, out)
    }
    desk.end()
    answers += PACKETS
    if (now - renewedAt < SECOND_MS) continue
    renewedAt = now
    sampler?.drain()
    sampler?.renew()
  }
  sampler?.drain()
  sampler?.renew()
  const { user, system } = process.cpuUsage(start)
  return answers / (user + system)
}
