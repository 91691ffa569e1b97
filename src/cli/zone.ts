/** `twinzone zone …` */

import { accountOf } from './account.ts'
import type { Endpoint, Key } from './arguments.ts'
import { CliError, UsageError, type Client } from './client.ts'
import { age, table, thousands } from './output.ts'
import type { Session } from './program.ts'
import { allOrNothing, peerFor, tsigFor } from './peers.ts'
import type { NewZone, OutgoingShown, ZoneShown } from './shapes.ts'
import { waitForTransfer } from './wait.ts'

interface AddOptions extends Omit<FollowOptions, 'primary'> {
  readonly type: 'full' | 'secondary'
  readonly primary?: FollowOptions['primary']
}

interface FollowOptions {
  readonly primary: readonly Endpoint[]
  readonly tsig?: Key
  readonly ixfr: boolean
  readonly refresh?: number
  readonly wait?: boolean
  readonly account?: string
}

/** Makes a zone and what it needs, and says so. A zone whose first transfer fails stays, and is tried again. */
export async function addZone(session: Session, name: string, given: AddOptions): Promise<void> {
  const { client, terminal, json } = session
  const { type, primary = [] } = given
  if (type === 'full') return beginZone(session, name, given)
  if (primary.length === 0) throw new UsageError('expected --primary, or --type full for a zone that is edited here')
  const options = { ...given, primary }
  const { id } = await makeZone(client, name, options)
  if (options.wait === true) await waitForFirst(session, id)
  const zone = await client.get<ZoneShown>(`/api/v1/zones/${id}`)
  const { soa_serial: serial, record_count: records, primaries } = zone
  const from = primaries.map(({ address }) => address).join(', ')
  const arrived = `${zone.name}: serial ${serial}, ${thousands(records)} records\n`
  const followed = `${zone.name} is followed from ${from}\n`
  terminal.write(json ? `${JSON.stringify(zone)}\n` : options.wait === true ? arrived : followed)
}

/** Makes a zone without records. */
async function beginZone(
  { client, terminal, json }: Session,
  name: string,
  { primary, account }: AddOptions,
): Promise<void> {
  if (primary !== undefined) throw new UsageError('expected no --primary for a zone of type full: it is edited here')
  const { id } = await accountOf(client, account)
  const zone = await client.post<NewZone>('/client/v4/zones', { account: { id }, name, type: 'full' })
  const servers = zone.name_servers.join(', ')
  terminal.write(json ? `${JSON.stringify(zone)}\n` : `${zone.name} is edited here; its nameservers are ${servers}\n`)
}

async function waitForFirst(session: Session, id: string): Promise<void> {
  try {
    await waitForTransfer(session, id, { after: 0, checkIsEnough: false })
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(`${error.message}\nThe zone stays and is tried again; "zone remove" takes it away.`)
  }
}

/** Makes what is missing of key and peers, then the zone. What was made is taken back if a later step fails. */
async function makeZone(client: Client, name: string, options: FollowOptions): Promise<{ readonly id: string }> {
  return allOrNothing(client, async (undo) => {
    const { id: accountId } = await accountOf(client, options.account)
    const account = `/client/v4/accounts/${accountId}/secondary_dns`
    const tsigId = options.tsig && (await tsigFor(client, account, options.tsig, undo))
    const peers: string[] = []
    for (const primary of options.primary)
      peers.push(await peerFor(client, account, { ...primary, ixfr: options.ixfr, tsigId }, undo))
    const zone = await client.post<ZoneShown>('/client/v4/zones', {
      account: { id: accountId },
      name,
      type: 'secondary',
    })
    undo.push(`/client/v4/zones/${zone.id}`)
    await client.post(`/client/v4/zones/${zone.id}/secondary_dns/incoming`, {
      name: `${zone.name}.`,
      peers,
      auto_refresh_seconds: options.refresh ?? 0,
    })
    return zone
  })
}

export async function listZones({ client, terminal, json }: Session): Promise<void> {
  const zones: ZoneShown[] = []
  for (let page = 1, more = 1; more > 0; page++) {
    const some = await client.get<ZoneShown[]>(`/api/v1/zones?page=${page}&per_page=1000`)
    zones.push(...some)
    more = some.length
  }
  if (json) return terminal.write(`${JSON.stringify(zones)}\n`)
  const now = Date.now()
  const rows = zones.map((zone) => [
    zone.name,
    zone.state,
    String(zone.soa_serial ?? '–'),
    thousands(zone.record_count),
    age(zone.checked_time, now),
    age(zone.modified_time, now),
  ])
  terminal.write(table(['zone', 'state', 'serial', 'records', 'checked', 'changed'], rows))
}

export async function showZone({ client, terminal, json }: Session, name: string): Promise<void> {
  const path = `/api/v1/zones/${encodeURIComponent(name)}`
  const zone = await client.get<ZoneShown>(path)
  // A token that may see the zone need not be one that may see to whom it goes.
  const outgoing = await client.find<OutgoingShown>(`${path}/outgoing`, [403, 404])
  const { name_servers: servers } = await client.get<NewZone>(`/client/v4/zones/${zone.id}`)
  const all = { ...zone, name_servers: servers, outgoing: outgoing ?? null }
  if (json) return terminal.write(`${JSON.stringify(all)}\n`)
  const now = Date.now()
  // Nobody is asked for a zone that is edited here.
  const isFollowed = zone.type === 'secondary'
  const facts: readonly (readonly [string, string])[] = [
    ['zone', `${zone.name} (${zone.id})`],
    ['type', zone.type],
    ['state', zone.state],
    ['serial', serialWords(zone)],
    ['records', thousands(zone.record_count)],
    ...(isFollowed ? [['checked', age(zone.checked_time, now)] as const] : []),
    ['changed', age(zone.modified_time, now)],
    ...(isFollowed ? [['next check', zone.next_check_time ?? 'none'] as const] : []),
    ...(isFollowed ? [['expires', zone.expires_time ?? 'never'] as const] : []),
    ['nameservers', servers.join(', ')],
    ...zone.primaries.map((primary): [string, string] => [
      'primary',
      `${primary.address}: ${primary.failure ?? (primary.serial === null ? 'not asked yet' : `serial ${primary.serial}`)}`,
    ]),
    ...(outgoing === undefined ? [] : outgoingFacts(outgoing, now)),
  ]
  terminal.write(facts.map(([what, value]) => `${what.padEnd(12)}${value}\n`).join(''))
}

/** A zone that was edited here until a moment ago is served, and nothing has come from a primary. */
function serialWords({ soa_serial: serial, state }: ZoneShown): string {
  if (serial !== null) return String(serial)
  return state === 'serving' ? 'none from a primary yet' : 'none yet'
}

/** Whether a zone is handed on, and how each of its secondaries stands. */
function outgoingFacts({ enabled, peers }: OutgoingShown, now: number): readonly (readonly [string, string])[] {
  return [
    ['outgoing', enabled ? 'enabled' : 'disabled'],
    ...peers.map((peer): [string, string] => {
      const where = peer.address === '' ? peer.name : peer.address
      const pulled =
        peer.pulled_serial === null
          ? 'nothing transferred'
          : `has ${peer.pulled_serial} (${age(peer.pulled_time, now)})`
      return ['secondary', `${where}: ${pulled}, ${notifyState(peer)}`]
    }),
  ]
}

function notifyState(peer: OutgoingShown['peers'][number]): string {
  if (peer.state === 'failed') return `NOTIFY ${peer.notified_serial} failed: ${peer.failure}. ${peer.mend}`
  if (peer.state === 'telling') return 'NOTIFY under way'
  return peer.state === 'told' ? `told of ${peer.notified_serial}` : 'not told'
}

export async function exportZone({ client, terminal }: Session, name: string): Promise<void> {
  for await (const piece of client.text(`/api/v1/zones/${encodeURIComponent(name)}/zonefile`)) terminal.write(piece)
}

export async function removeZone({ client, terminal, json }: Session, name: string): Promise<void> {
  const zone = await client.get<ZoneShown>(`/api/v1/zones/${encodeURIComponent(name)}`)
  await client.delete(`/client/v4/zones/${zone.id}`)
  terminal.write(json ? `${JSON.stringify({ id: zone.id })}\n` : `${zone.name} is gone\n`)
}
