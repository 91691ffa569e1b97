/** What a server holds when it rests: memory, descriptors, and what its own metrics and its store tell. */

import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Twinzone } from '../test/interop/twinzone.ts'
import { memoryMiB } from './meter.ts'

const MIB = 2 ** 20
/** What is found to be garbage only when the rest of it is gone takes more than one collection. */
const COLLECTIONS = 3
const COLLECT_EVERY_MS = 500

/** Figures of one server after a round. */
export interface AtRest {
  /** Memory as it is found, garbage included. */
  readonly restMiB: number
  /** Memory without garbage: what tells growth. */
  readonly pssMiB: number
  readonly descriptors: number
  /** Heap of the main thread, which the others share nothing of. */
  readonly heapMiB: number
  /** Shared memory of all contents. */
  readonly contentsMiB: number
  /** All files of the data directory. */
  readonly storeMiB: number
}

/** Measures, before and after all threads have collected their garbage (see `soak-preload.ts`). */
export async function measureAtRest(server: Twinzone): Promise<AtRest> {
  const restMiB = memoryMiB(server)
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    for (const pid of server.processIds()) process.kill(pid, 'SIGUSR2')
    await pause(COLLECT_EVERY_MS)
  }
  const pssMiB = memoryMiB(server)
  const descriptors = descriptorsOf(server).length
  const metrics = await metricsOf(server)
  return {
    restMiB,
    pssMiB,
    descriptors,
    heapMiB: metricSum(metrics, 'twinzone_nodejs_heap_size_used_bytes') / MIB,
    contentsMiB: metricSum(metrics, 'twinzone_contents_octets') / MIB,
    storeMiB: storeOctets(server) / MIB,
  }
}

export async function metricsOf(server: Twinzone): Promise<string> {
  return (await server.fetch('GET', '/metrics')).text()
}

/** The sum of all series of a metric that have these labels. */
export function metricSum(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  let sum = 0
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue
    if (wanted.every((label) => line.includes(label))) sum += Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return sum
}

/** What its open descriptors are of. */
export function descriptorsOf(server: Twinzone): string[] {
  return server.processIds().flatMap((pid) =>
    readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${descriptor}`)]
      } catch {
        return [] // closed meanwhile
      }
    }),
  )
}

/** Octets in the folder where the database lies. */
function storeOctets(server: Twinzone): number {
  const database = descriptorsOf(server).find((path) => /\.(db|sqlite)$/.test(path))
  if (database === undefined) return NaN
  const folder = dirname(database)
  return readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name)).size || 0), 0)
}

/** Lines of a log that tell of a fault: those of level error, and those that are no lines of the log at all. */
export function faultsIn(log: string): string[] {
  return log.split('\n').filter((line) => {
    if (line.trim() === '') return false
    if (!line.startsWith('{')) return true
    const { level } = JSON.parse(line) as { level?: number }
    return level === undefined || level >= 50
  })
}
