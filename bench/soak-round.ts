/** One round of a soak: so much of everything, all at the same time. */

import type { PrimaryZone } from '../test/interop/primary-zone.ts'
import { waitFor } from '../test/interop/wait.ts'
import type { HttpClient } from './http-client.ts'
import { askAll, breakOff } from './soak-clients.ts'
import { newTally, SHAPE, type Tally } from './soak-hour.ts'
import { metricSum, metricsOf } from './soak-measure.ts'
import { KEY, type SoakPair } from './soak-pair.ts'
import { pullZone } from './transfer-client.ts'

const PATIENCE_MS = 120_000
/** Versions of small zones are made in bursts of so many; between two of them other things happen to the primary. */
const BURST = { perSecond: 600, seconds: 3 } as const
const EDITORS = 4
const QUESTIONS_PER_SECOND = 3000

/** Files of questions: one for each pass by UDP, and by TCP. */
export interface QuestionFiles {
  readonly udp: string
  readonly tcp: string
}

/** What was done in a round, and what is to be done. */
interface Work {
  readonly tally: Tally
  readonly worth: Tally
}

/** Does it all; gives how often each thing happened, and how many questions by UDP got no answer. */
export async function runRound(
  pair: SoakPair,
  files: QuestionFiles,
  { round, worth }: { readonly round: number; readonly worth: Tally },
): Promise<{ readonly tally: Tally; readonly lost: number }> {
  const tally = newTally()
  const work = { tally, worth }
  const over = new AbortController()
  let lost = 0
  const others = Promise.all([
    feed(pair, work),
    edit(pair, work),
    comeAndGo(pair, work, round),
    handOut(pair, work),
    breakConnections(pair, work),
  ])
  const ask = async (kind: 'questionsByUdp' | 'questionsByTcp'): Promise<void> => {
    const tcp = kind === 'questionsByTcp'
    const asking = { file: tcp ? files.tcp : files.udp, tcp, perSecond: QUESTIONS_PER_SECOND }
    const servers = tcp ? [pair.first] : [pair.first, pair.second]
    while (!over.signal.aborted || tally[kind] < worth[kind]) {
      const passes = await Promise.all(servers.map(({ endpoint }) => askAll(endpoint, asking)))
      tally[kind] += Math.min(...passes.map(({ answered }) => answered))
      lost += passes.reduce((sum, pass) => sum + pass.lost, 0)
    }
  }
  // When one line fails, the questions, which have no other end, must end as well.
  await Promise.all([others.finally(() => over.abort()), ask('questionsByUdp'), ask('questionsByTcp')])
  return { tally, lost }
}

/** All that comes from the primary of made zones, which does one thing at a time. */
async function feed(pair: SoakPair, { tally, worth }: Work): Promise<void> {
  const done = async (): Promise<number> =>
    metricSum(await metricsOf(pair.first), 'twinzone_transfers_in_total', { form: 'IXFR', outcome: 'done' })
  const before = await done()
  const bursts = worth.differencesIn / (BURST.perSecond * BURST.seconds)
  /** How many of a kind are due after so many bursts. */
  const due = (kind: 'largeDifferencesIn' | 'largeTransfersIn' | 'primaryRestarts', burst: number): boolean =>
    tally[kind] < Math.min(worth[kind], Math.ceil((worth[kind] * burst) / bursts))
  for (let burst = 1; tally.differencesIn < worth.differencesIn || burst <= bursts; burst++) {
    const advancing = pair.primary.advance({ zones: SHAPE.smallZones, secondary: pair.first.endpoint, ...BURST })
    const fetching = due('largeTransfersIn', burst) ? fetchLarge(pair).then(() => tally.largeTransfersIn++) : undefined
    await Promise.all([advancing, fetching])
    for (; due('largeDifferencesIn', burst); tally.largeDifferencesIn++) await pair.advanceLarge()
    if (burst > bursts / 2 && tally.primaryRestarts < worth.primaryRestarts) {
      await pair.restartPrimary()
      tally.primaryRestarts++
    }
    tally.differencesIn = (await done()) - before - tally.largeDifferencesIn
  }
}

/** Orders the whole large zone, and waits until it has come. */
async function fetchLarge({ first, largeId }: SoakPair): Promise<void> {
  const newest = async (): Promise<number> =>
    (await first.transfers(largeId, 50)).findLast(({ form, outcome }) => form === 'AXFR' && outcome === 'done')?.id ?? 0
  const before = await newest()
  await first.forceTransfer(largeId)
  const came = async (): Promise<true | undefined> => ((await newest()) > before ? true : undefined)
  await waitFor('the large zone', came, { deadlineMs: PATIENCE_MS, everyMs: 100 })
}

/** Records are added, changed and removed again. */
async function edit(pair: SoakPair, { tally, worth }: Work): Promise<void> {
  const client = pair.client()
  let next = 0
  const work = async (): Promise<void> => {
    for (let number = next++; number < worth.edits / 3; number = next++) {
      await editOne(client, pair.edited[number % pair.edited.length] as PrimaryZone, number)
      tally.edits += 3
    }
  }
  try {
    await Promise.all(Array.from({ length: EDITORS }, work))
  } finally {
    client.close()
  }
}

async function editOne(client: HttpClient, { id: zone, apex }: PrimaryZone, number: number): Promise<void> {
  const path = `/zones/${zone}/dns_records`
  const record = { type: 'A', name: `h${number}.${apex.slice(0, -1)}`, content: '192.0.2.1', ttl: 300 }
  const { id } = await client.call<{ id: string }>('POST', path, record)
  await client.call('PATCH', `${path}/${id}`, { content: '192.0.2.2' })
  await client.call('DELETE', `${path}/${id}`)
}

/** Zones of names that were never there before come, are handed on, and go. */
async function comeAndGo(pair: SoakPair, { tally, worth }: Work, round: number): Promise<void> {
  for (; tally.zonesComeAndGo < worth.zonesComeAndGo; tally.zonesComeAndGo++) {
    const { zone, deleteFromBoth } = await pair.addEdited(`t${tally.zonesComeAndGo}.round${round}.test.`)
    await zone.addMany(10)
    await deleteFromBoth()
  }
}

/** The large zone, from whoever has it: whole, signed or not, and broken off. */
async function handOut({ first, second, large: { apex, records } }: SoakPair, { tally, worth }: Work): Promise<void> {
  const whole = worth.largeTransfersOut
  for (; tally.largeTransfersOut < whole; tally.largeTransfersOut++) {
    // The second has the zone from the first and hands it on to nobody: there the key opens no door.
    const number = tally.largeTransfersOut
    const key = number % 3 === 0 ? KEY : undefined
    const { endpoint } = key === undefined && number % 2 === 0 ? second : first
    const pulled = await pullZone(endpoint, apex, key)
    if (pulled.records < records) throw new Error(`${pulled.records} records came of ${records}`)
    while (tally.transfersOutBrokenOff * whole < worth.transfersOutBrokenOff * (number + 1)) {
      await breakOff(endpoint, apex, 'a transfer')
      tally.transfersOutBrokenOff++
    }
  }
}

async function breakConnections({ first, second, large: { apex } }: SoakPair, { tally, worth }: Work): Promise<void> {
  for (; tally.connectionsBrokenOff < worth.connectionsBrokenOff; tally.connectionsBrokenOff++) {
    const number = tally.connectionsBrokenOff
    const { endpoint } = number % 2 === 0 ? first : second
    await breakOff(endpoint, apex, number % 4 < 2 ? 'half a question' : 'a question')
  }
}
