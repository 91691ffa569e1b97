/** Waiting for a transfer, with a bar that shows how far it is. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from './client.ts'
import { CliError } from './client.ts'
import { bar, type Terminal } from './output.ts'
import type { TransferShown, ZoneShown } from './shapes.ts'

const POLL_MS = 100

/** How long nothing may run and nothing end before the wait is given up. */
const QUIET_MS = 15_000

/** The id of the newest check or transfer of a zone; 0 if there is none. */
export async function newestTransfer(client: Client, zone: string): Promise<number> {
  const [newest] = await client.get<TransferShown[]>(`/api/v1/zones/${zone}/transfers?limit=1`)
  return newest === undefined ? 0 : Number(newest.id)
}

/**
 * Waits until a transfer that began after the one given has ended well, or a check found nothing newer; returns it.
 * Throws what the last failure was once no primary is left to try.
 */
export async function waitForTransfer(
  { client, terminal }: { client: Client; terminal: Terminal },
  zone: string,
  { after, checkIsEnough }: { after: number; checkIsEnough: boolean },
): Promise<TransferShown> {
  let quietMs = 0
  for (let shown = ''; ;) {
    const state = await client.get<ZoneShown>(`/api/v1/zones/${zone}`)
    const ended = (await client.get<TransferShown[]>(`/api/v1/zones/${zone}/transfers?limit=50`)).filter(
      ({ id }) => Number(id) > after,
    )
    const good = ended.find(({ outcome, asked }) => outcome === 'done' && (checkIsEnough || asked !== 'SOA'))
    const running = state.transfer !== null && state.transfer !== undefined
    if (running && terminal.interactive) {
      const line = bar({ ...state.transfer, expected: state.record_count }, terminal.columns)
      terminal.write(`\r${line.padEnd(shown.length)}`)
      shown = line
    }
    if (!running && good !== undefined) {
      if (shown !== '') terminal.write(`\r${''.padEnd(shown.length)}\r`)
      return good
    }
    quietMs = running ? 0 : quietMs + POLL_MS
    const [last] = ended.filter(({ outcome }) => outcome === 'failed')
    const tried = new Set(ended.filter(({ outcome }) => outcome === 'failed').map(({ peer }) => peer)).size
    if (!running && last !== undefined && tried >= state.primaries.length && quietMs > 1000) throw failure(zone, last)
    if (quietMs > QUIET_MS) throw last === undefined ? new CliError(`${zone}: nothing happened`) : failure(zone, last)
    await delay(POLL_MS)
  }
}

const failure = (zone: string, { peer, detail, reason, mend }: TransferShown): CliError =>
  new CliError(`${zone} from ${peer}: ${detail ?? reason ?? 'failed'}${mend ? `. ${mend}` : ''}`)
