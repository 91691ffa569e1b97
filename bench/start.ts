/** Starting with a large zone: ours from its store, the others from text, until the zone is answered. */

import { setTimeout as pause } from 'node:timers/promises'
import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import { leaveCoreToServer } from './cores.ts'
import { memoryMiB, processorSeconds } from './meter.ts'
import { writeReport, type Figure } from './report.ts'
import { measureEach, startServing } from './servers.ts'
import { secondsUntilSerial } from './until.ts'
import { makeZoneFiles } from './zone-file.ts'

const APEX = 'large.test.'
const REST_MS = 5000

export interface StartOptions {
  readonly records: number
  readonly runs: number
  readonly servers: readonly string[]
}

const FIGURES: readonly Figure[] = [
  { key: 'seconds', title: 'until it answers (s)', digits: 2 },
  { key: 'processorSeconds', title: 'CPU (s)', digits: 2 },
  { key: 'restMiB', title: 'PSS at rest (MiB)', digits: 0 },
]

/** Measures, and writes the report. */
export async function benchStart({ records, runs, servers }: StartOptions): Promise<string> {
  const cores = leaveCoreToServer()
  const folder = temporaryFolder()
  const zone = await makeZoneFiles(folder, { apex: APEX, records })
  const subjects = await measureEach(servers, async (name) => {
    const server = await startServing(name, [zone])
    const all: Record<string, number>[] = []
    try {
      for (let run = 0; run < runs; run++) {
        await server.kill()
        const seconds = await secondsUntilSerial(server.endpoint, { apex: APEX, serial: 1 }, () => server.start())
        await pause(REST_MS)
        all.push({ seconds, processorSeconds: processorSeconds(server), restMiB: memoryMiB(server) })
      }
      process.stderr.write(`${name} ${JSON.stringify(all)}\n`)
      return all
    } finally {
      await server.remove()
    }
  })
  removeFolder(folder)
  return writeReport({
    name: 'start',
    title: `Start: ${records.toLocaleString('en')} records`,
    method: [
      'Killed, then from the command that starts it to the first answer with the serial: ours from its store, the others from a master file.',
      `CPU and memory ${REST_MS / 1000} seconds later; memory is the proportional set size of all processes.`,
      cores,
      'PowerDNS has its BIND backend.',
    ],
    settings: {},
    figures: FIGURES,
    subjects,
  })
}
