/** When a server is as far as it should be. */

import { setTimeout as pause } from 'node:timers/promises'
import { askSerial } from '../test/interop/ask.ts'
import type { Endpoint } from '../test/interop/endpoint.ts'

const PATIENCE_MS = 600_000
const ASK_EVERY_MS = 1

/** Seconds from the call of `act` until the server answers the serial. Rejects if `act` fails, or after ten minutes. */
export async function secondsUntilSerial(
  server: Endpoint,
  { apex, serial }: { readonly apex: string; readonly serial: number },
  act: () => Promise<void> | void,
): Promise<number> {
  const started = performance.now()
  const acting = Promise.resolve(act())
  const { promise: failed, reject } = Promise.withResolvers<never>()
  acting.catch(reject)
  const answering = untilSerial(server, apex, serial, started + PATIENCE_MS)
  const answered = await Promise.race([answering, failed])
  await acting
  return (answered - started) / 1000
}

async function untilSerial(server: Endpoint, apex: string, serial: number, until: number): Promise<number> {
  while (performance.now() < until) {
    if ((await askSerial(server, apex)) === serial) return performance.now()
    await pause(ASK_EVERY_MS)
  }
  throw new Error(`${apex} was not answered with serial ${serial} in time`)
}
