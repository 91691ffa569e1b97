/** `twinzone transfer …` */

import { size, table, thousands } from './output.ts'
import type { Session } from './program.ts'
import type { TransferShown, ZoneShown } from './shapes.ts'
import { newestTransfer, waitForTransfer } from './wait.ts'

export async function startTransfer(
  session: Session,
  name: string,
  { full = false, wait = false }: { full?: boolean; wait?: boolean },
): Promise<void> {
  const { client, terminal, json } = session
  const zone = await client.get<ZoneShown>(`/api/v1/zones/${encodeURIComponent(name)}`)
  const after = await newestTransfer(client, zone.id)
  await client.post(`/api/v1/zones/${zone.id}/transfers`, { full })
  if (!wait) return terminal.write(json ? `${JSON.stringify({ id: zone.id })}\n` : `${zone.name}: started\n`)
  const ended = await waitForTransfer(session, zone.id, { after, trigger: 'api', checkIsEnough: !full })
  if (json) return terminal.write(`${JSON.stringify(ended)}\n`)
  const what =
    ended.asked === 'SOA'
      ? 'nothing newer'
      : `${ended.form}, ${thousands(ended.records)} records, ${size(ended.octets)}`
  terminal.write(`${zone.name}: serial ${ended.to_serial ?? zone.soa_serial}; ${what} in ${ended.ms} ms\n`)
}

export async function listTransfers(
  { client, terminal, json }: Session,
  name: string,
  { limit }: { limit: number },
): Promise<void> {
  const path = `/api/v1/zones/${encodeURIComponent(name)}/transfers?limit=${limit}`
  const transfers = await client.get<TransferShown[]>(path)
  if (json) return terminal.write(`${JSON.stringify(transfers)}\n`)
  const rows = transfers.map((each) => [
    each.started_time,
    each.direction,
    each.peer,
    each.trigger,
    each.asked,
    each.form ?? '–',
    String(each.to_serial ?? '–'),
    String(each.records),
    `${each.ms} ms`,
    each.outcome === 'done' ? 'done' : (each.detail ?? each.reason ?? 'failed'),
  ])
  terminal.write(table(['at', 'way', 'peer', 'trigger', 'asked', 'form', 'serial', 'records', 'took', 'outcome'], rows))
}
