/** Waiting for a transfer, with a line that shows how far it is. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from './client.ts'
import { CliError } from './client.ts'
import { bar, type Terminal } from './output.ts'
import type { TransferShown, ZoneShown } from './shapes.ts'

const POLL_MS = 100

/** How long nothing may run and nothing end before the wait is given up. */
const QUIET_MS = 15_000

/** After every primary has failed, another way may still be tried: by TCP, or in full. */
const SETTLE_MS = 1000

/** What is waited for. */
export interface Awaited {
  /** Checks and transfers up to this id are of the past. */
  readonly after: number
  /** Only those begun for this reason count. */
  readonly trigger?: string
  /** Whether a check that finds nothing newer is an end, too. */
  readonly checkIsEnough: boolean
}

/** The id of the newest check or transfer of a zone; 0 if there is none. */
export async function newestTransfer(client: Client, zone: string): Promise<number> {
  const [newest] = await client.get<TransferShown[]>(`/api/v1/zones/${zone}/transfers?direction=in&limit=1`)
  return newest?.id ?? 0
}

/** Waits until what is awaited has ended well; returns it. Throws the last failure once no primary is left to try. */
export async function waitForTransfer(
  { client, terminal }: { client: Client; terminal: Terminal },
  zoneId: string,
  awaited: Awaited,
): Promise<TransferShown> {
  try {
    for (let movedAt = performance.now(); ;) {
      const zone = await client.get<ZoneShown>(`/api/v1/zones/${zoneId}`)
      const ended = await endedOf(client, zoneId, awaited)
      const running = zone.transfer ?? undefined
      if (running === undefined) {
        const good = ended.find((each) => isGood(each, zone, awaited))
        if (good !== undefined) return good
        giveUp(zone, ended, performance.now() - movedAt)
      } else {
        movedAt = performance.now()
        terminal.moving?.show(bar({ ...running, expected: zone.record_count }, terminal.moving.columns))
      }
      await delay(POLL_MS)
    }
  } finally {
    terminal.moving?.clear()
  }
}

/** What has ended of that which counts, newest first. */
async function endedOf(client: Client, zoneId: string, { after, trigger }: Awaited): Promise<TransferShown[]> {
  const newest = await client.get<TransferShown[]>(`/api/v1/zones/${zoneId}/transfers?direction=in&limit=50`)
  return newest.filter((each) => each.id > after && (trigger === undefined || each.trigger === trigger))
}

function isGood({ outcome, asked, to_serial: serial }: TransferShown, zone: ZoneShown, awaited: Awaited): boolean {
  if (outcome !== 'done') return false
  if (asked !== 'SOA') return true
  // A primary that has something newer will be asked for it next.
  return awaited.checkIsEnough && !isNewer(serial, zone.soa_serial)
}

/** Serials go round in a circle (RFC 1982 §3.2). Anything is newer than nothing. */
function isNewer(serial: number | null | undefined, ours: number | null): boolean {
  if (serial === null || serial === undefined) return false
  if (ours === null) return true
  const ahead = (serial - ours) >>> 0
  return ahead > 0 && ahead < 2 ** 31
}

/** Throws once there is nothing left to wait for. */
function giveUp(zone: ZoneShown, ended: readonly TransferShown[], quietMs: number): void {
  const failed = ended.filter(({ outcome }) => outcome === 'failed')
  const [last] = failed
  const tried = new Set(failed.map(({ peer }) => peer)).size
  const hopeless = last !== undefined && tried >= zone.primaries.length && quietMs > SETTLE_MS
  if (!hopeless && quietMs <= QUIET_MS) return
  if (last === undefined) throw new CliError(`${zone.name}: no primary has answered yet`)
  const { peer, detail, reason, mend } = last
  throw new CliError(`${zone.name} from ${peer}: ${detail ?? reason ?? 'failed'}${mend ? `. ${mend}` : ''}`)
}
