/** `twinzone status` */

import { age, thousands } from './output.ts'
import type { Session } from './program.ts'
import type { StatusShown } from './shapes.ts'

export async function showStatus({ client, terminal, json }: Session): Promise<void> {
  const status = await client.get<StatusShown>('/api/v1/status')
  if (json) return terminal.write(`${JSON.stringify(status)}\n`)
  const { serving, empty, expired } = status.zones
  const lines = [
    `twinzone ${status.version}, started ${age(status.started_time, Date.now())}, ${status.ready ? 'ready' : 'not ready'}`,
    `DNS on ${status.dns.join(', ')}`,
    `${thousands(serving)} zones serving, ${thousands(empty)} empty, ${thousands(expired)} expired`,
    `${thousands(status.records)} records, ${status.transfers_running} transfers running`,
  ]
  terminal.write(lines.map((line) => `${line}\n`).join(''))
}
