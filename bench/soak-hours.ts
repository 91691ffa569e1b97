/**
 * Loaded before a server (`node --import`): what it does once an hour comes once in TWINZONE_SOAK_HOUR_MS.
 *
 * A soak gives the server hours of events in minutes. History, logs and audit lines are pruned by the hour: without this
 * they would grow as no server's do. Only timers of exactly an hour are moved; the clock, and all others, stay as they are.
 */

const HOUR_MS = 3_600_000

const soonMs = Number(process.env['TWINZONE_SOAK_HOUR_MS'] ?? HOUR_MS)
const realTimeout = globalThis.setTimeout

const hastened = (callback: (...given: unknown[]) => void, delayMs?: number, ...given: unknown[]): NodeJS.Timeout =>
  realTimeout(callback, delayMs === HOUR_MS ? soonMs : delayMs, ...given)

globalThis.setTimeout = Object.assign(hastened, realTimeout)
