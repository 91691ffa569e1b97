/** Changes of a large zone: fetched by IXFR and served, and a thousand versions of them handed out. */

import { createSocket } from 'node:dgram'
import { setTimeout as pause } from 'node:timers/promises'
import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import type { Endpoint } from '../test/interop/endpoint.ts'
import { peerMissing } from '../test/interop/peers/peer.ts'
import { leaveCoreToServer } from './cores.ts'
import { pullChanges } from './difference-client.ts'
import { MadePrimary } from './made-primary.ts'
import { notifyMessage } from './made-zones.ts'
import { median } from './percentile.ts'
import { writeReport, type Figure } from './report.ts'
import { measureEach, PATIENCE_MS, startFollowing } from './servers.ts'
import { Source } from './source.ts'
import { secondsUntilSerial } from './until.ts'
import { makeZoneFiles } from './zone-file.ts'
import { ZoneVersions } from './zone-versions.ts'

const APEX = 'large.test.'
const CHANGES = [1, 100, 10_000] as const
/** So long is it quiet before a change. */
const QUIET_MS = 2000
const PULLS = 7
/** Before them, until the client's code is compiled: else whoever is measured first is measured with a slow one. */
const WARM_UP_PULLS = 15
const OURS = 'twinzone'
/** The others cannot. */
const CONDENSING = { primary: { ixfrCondense: true } }

export interface DifferencesOptions {
  /** Of the zone that changes. */
  readonly records: number
  readonly runs: number
  /** How many versions are asked for at once. */
  readonly versions: number
  readonly servers: readonly string[]
}

const FIGURES: readonly Figure[] = [
  ...CHANGES.map((changes) => ({ key: `in${changes}`, title: `${changes.toLocaleString('en')} in (ms)`, digits: 1 })),
  { key: 'outMs', title: 'all versions out (ms)', digits: 1 },
  { key: 'outRecords', title: 'records in that answer', digits: 0 },
  { key: 'condensedMs', title: 'condensed (ms)', digits: 1 },
]

type Figures = Record<string, number>

/** Measures, and writes the report. */
export async function benchDifferences(options: DifferencesOptions): Promise<string> {
  const cores = leaveCoreToServer()
  const folder = temporaryFolder()
  const primary = peerMissing('knot') === undefined ? 'knot' : 'bind'
  const shape = { apex: APEX, records: options.records }
  const source = await Source.start(primary, await ZoneVersions.make(folder, shape), { ixfr: true })
  const still = await makeZoneFiles(folder, { apex: APEX, records: Math.ceil(options.records / 10) })
  const subjects = await measureEach(options.servers, async (name) => {
    const incoming = await measureIncoming(name, source, options)
    const outgoing = await measureOutgoing(name, still, options).catch((error: unknown): Figures => {
      process.stderr.write(`${name} hands out no differences: ${(error as Error).message}\n`)
      return {}
    })
    if (name === OURS) {
      const { outMs = Number.NaN } = await measureOutgoing(name, still, options, CONDENSING)
      outgoing['condensedMs'] = outMs
    }
    const all = incoming.map((figures) => ({ ...figures, ...outgoing }))
    process.stderr.write(`${name} ${JSON.stringify(all)}\n`)
    return all
  })
  await source.peer.remove()
  removeFolder(folder)
  return writeReport({
    name: 'differences',
    title: 'Differences',
    method: [
      `In: from NOTIFY to the first answer with the new serial, in a zone of ${options.records.toLocaleString('en')} records; ${primary} makes the differences, and has them ready before.`,
      'Of the changes half give a record other data, a quarter brings a name and a quarter takes one away.',
      `Out: ${options.versions.toLocaleString('en')} versions of one change each, asked for at once from a server that fetched them one by one, in a zone of ${still.records.toLocaleString('en')} records; the median of ${PULLS}, after ${WARM_UP_PULLS} that do not count.`,
      cores,
    ],
    settings: { versions: options.versions },
    figures: FIGURES,
    subjects,
  })
}

async function measureIncoming(
  name: string,
  source: Source,
  { runs, records }: DifferencesOptions,
): Promise<Figures[]> {
  const { peer, versions } = source
  const server = await startFollowing(name, { zones: [APEX], primary: peer.endpoint, ixfr: true })
  const all = Array.from({ length: runs }, (): Figures => ({}))
  try {
    await server.waitForSerial(APEX, { serial: versions.serial, deadlineMs: PATIENCE_MS })
    for (const changes of CHANGES.filter((count) => count * 50 <= records)) {
      for (const figures of all) {
        await source.advance(changes)
        await pause(QUIET_MS)
        const target = { apex: APEX, serial: versions.serial }
        figures[`in${changes}`] =
          1000 * (await secondsUntilSerial(server.endpoint, target, () => sendNotify(server.endpoint)))
      }
    }
    return all
  } finally {
    await server.remove()
  }
}

async function measureOutgoing(
  name: string,
  still: { readonly apex: string; readonly file: string },
  { versions }: DifferencesOptions,
  config: Readonly<Record<string, unknown>> = {},
): Promise<Figures> {
  if (name === 'pdns') throw new Error('it answers IXFR with the whole zone')
  const primary = await MadePrimary.start({ zones: 0, large: still })
  const server = await startFollowing(name, { zones: [APEX], primary: primary.endpoint, ixfr: true, config })
  try {
    await server.waitForSerial(APEX, { serial: 1, deadlineMs: PATIENCE_MS })
    await primary.goOn({ versions, secondary: server.endpoint })
    await server.waitForSerial(APEX, { serial: 1 + versions, deadlineMs: PATIENCE_MS })
    await pause(QUIET_MS)
    const times: number[] = []
    let outRecords = 0
    for (let pull = 0; pull < WARM_UP_PULLS + PULLS; pull++) {
      const { form, records, seconds } = await pullChanges(server.endpoint, APEX, 1)
      if (form !== 'IXFR') throw new Error(`IXFR was answered with ${form}`)
      if (pull >= WARM_UP_PULLS) times.push(1000 * seconds)
      outRecords = records
    }
    return { outMs: median(times), outRecords }
  } finally {
    primary.stop()
    await server.remove()
  }
}

async function sendNotify(to: Endpoint): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<unknown>((resolve) => socket.send(notifyMessage(APEX), to.port, to.address, resolve))
  socket.close()
}
