/**
 * Loaded before a server (`node --import`), in each of its threads: hours pass quickly, and garbage is collected on demand.
 *
 * A soak gives the server hours of events in minutes. History, logs and audit lines are pruned by the hour: without this
 * they would grow as no server's do. Only timers of exactly an hour are moved, to TWINZONE_SOAK_HOUR_MS; the clock, and
 * all others, stay as they are. On SIGUSR2 all threads collect their garbage: what nobody needed the room of yet must not
 * be taken for growth, nor hide it.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BroadcastChannel, isMainThread } from 'node:worker_threads'

const HOUR_MS = 3_600_000

const soonMs = Number(process.env['TWINZONE_SOAK_HOUR_MS'] ?? HOUR_MS)
const realTimeout = globalThis.setTimeout

const hastened = (callback: (...given: unknown[]) => void, delayMs?: number, ...given: unknown[]): NodeJS.Timeout =>
  realTimeout(callback, delayMs === HOUR_MS ? soonMs : delayMs, ...given)

globalThis.setTimeout = Object.assign(hastened, realTimeout)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const channel = new BroadcastChannel('soak')
channel.onmessage = () => collect()
channel.unref()
if (isMainThread)
  process.on('SIGUSR2', () => {
    channel.postMessage('collect') // which all but this thread hear
    collect()
  })
