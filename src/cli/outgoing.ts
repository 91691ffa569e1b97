/** `twinzone outgoing …`: to whom a zone is handed on. How it stands with each is part of `zone show`. */

import type { Endpoint, Key } from './arguments.ts'
import type { Client } from './client.ts'
import { allOrNothing, peerFor, tsigFor } from './peers.ts'
import type { Session } from './program.ts'
import type { LinkShown, OutgoingShown, OwnedZone, ZoneShown } from './shapes.ts'

export interface LinkOptions {
  readonly secondary: readonly Endpoint[]
  readonly tsig?: Key
}

/** Adds secondaries to those a zone has, and lets them have it. What was made is taken back if a later step fails. */
export async function linkZone(session: Session, name: string, { secondary, tsig }: LinkOptions): Promise<void> {
  const { client } = session
  const zone = await zoneNamed(client, name)
  const path = pathOf(zone)
  await allOrNothing(client, async (undo) => {
    const { account } = await client.get<OwnedZone>(`/client/v4/zones/${zone.id}`)
    const owned = `/client/v4/accounts/${account.id}/secondary_dns`
    const tsigId = tsig && (await tsigFor(client, owned, tsig, undo))
    const linked = await client.find<LinkShown>(path)
    const peers = new Set(linked?.peers)
    for (const endpoint of secondary)
      peers.add(await peerFor(client, owned, { ...endpoint, ixfr: undefined, tsigId }, undo))
    const body = { name: zone.name, peers: [...peers] }
    if (linked === undefined) {
      await client.post(path, body)
      undo.push(path)
    } else await client.put(path, body)
    await client.post(`${path}/enable`)
  })
  await tell(
    session,
    zone,
    (peers) => `is handed on to ${peers.map(({ address, name: own }) => address || own).join(', ')}`,
  )
}

export async function enableOutgoing(session: Session, name: string): Promise<void> {
  const zone = await zoneNamed(session.client, name)
  await session.client.post(`${pathOf(zone)}/enable`)
  await tell(session, zone, () => 'is handed on')
}

export async function disableOutgoing(session: Session, name: string): Promise<void> {
  const zone = await zoneNamed(session.client, name)
  await session.client.post(`${pathOf(zone)}/disable`)
  await tell(session, zone, () => 'is handed on no more')
}

/** Tells all secondaries of the version that is served, which they then get in full. */
export async function notifySecondaries(session: Session, name: string): Promise<void> {
  const zone = await zoneNamed(session.client, name)
  await session.client.post(`${pathOf(zone)}/force_notify`)
  await tell(session, zone, (_, enabled) =>
    enabled ? 'is told to its secondaries' : 'is handed on to nobody just now: "outgoing enable" changes that',
  )
}

export async function unlinkZone({ client, terminal, json }: Session, name: string): Promise<void> {
  const zone = await zoneNamed(client, name)
  await client.delete(pathOf(zone))
  terminal.write(json ? `${JSON.stringify({ id: zone.id })}\n` : `${zone.name} has no secondaries any more\n`)
}

const zoneNamed = (client: Client, name: string) => client.get<ZoneShown>(`/api/v1/zones/${encodeURIComponent(name)}`)

const pathOf = ({ id }: ZoneShown): string => `/client/v4/zones/${id}/secondary_dns/outgoing`

async function tell(
  { client, terminal, json }: Session,
  { id, name }: ZoneShown,
  words: (peers: OutgoingShown['peers'], enabled: boolean) => string,
): Promise<void> {
  const outgoing = await client.get<OutgoingShown>(`/api/v1/zones/${id}/outgoing`)
  terminal.write(json ? `${JSON.stringify(outgoing)}\n` : `${name} ${words(outgoing.peers, outgoing.enabled)}\n`)
}
