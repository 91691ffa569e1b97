/** Keys and peers that a command needs: those that are there already, or new ones. */

import { SocketAddress } from 'node:net'
import type { Endpoint, Key } from './arguments.ts'
import { CliError, type Client } from './client.ts'
import type { PeerShown, TsigShown } from './shapes.ts'

/** Does several things of which all must succeed: what was made, by the paths in `undo`, is taken back if one fails. */
export async function allOrNothing<T>(client: Client, act: (undo: string[]) => Promise<T>): Promise<T> {
  const undo: string[] = []
  try {
    return await act(undo)
  } catch (error) {
    for (const path of undo.toReversed()) await client.delete(path).catch(() => {})
    throw error
  }
}

/** The id of a key with this name, algorithm and secret: one that is there, or a new one. */
export async function tsigFor(client: Client, account: string, key: Key, undo: string[]): Promise<string> {
  const dotted = (text: string) => text.toLowerCase().replace(/\.?$/, '.')
  const tsigs = await client.get<TsigShown[]>(`${account}/tsigs`)
  const there = tsigs.find(({ name }) => name === dotted(key.name))
  if (there !== undefined && !(isSameSecret(there.secret, key.secret) && there.algo === dotted(key.algo)))
    throw new CliError(`a key named ${there.name} exists with another algorithm or secret`)
  if (there !== undefined) return there.id
  const made = await client.post<TsigShown>(`${account}/tsigs`, key)
  undo.push(`${account}/tsigs/${made.id}`)
  return made.id
}

/** Whether two texts in base64 are one secret, padded or not. */
function isSameSecret(one: string, other: string): boolean {
  return Buffer.from(one, 'base64').equals(Buffer.from(other, 'base64'))
}

/** The id of a peer like this: one that is there, or a new one. `ixfr` is undefined where it does not matter. */
export async function peerFor(
  client: Client,
  account: string,
  wanted: Endpoint & { readonly ixfr: boolean | undefined; readonly tsigId: string | undefined },
  undo: string[],
): Promise<string> {
  const { ip, port, ixfr, tsigId } = wanted
  const peers = await client.get<PeerShown[]>(`${account}/peers`)
  const there = peers.find(
    (peer) =>
      isSameAddress(peer.ip, ip) &&
      (peer.port || 53) === port &&
      peer.tsig_id === tsigId &&
      (ixfr === undefined || peer.ixfr_enable === ixfr),
  )
  if (there !== undefined) return there.id
  const made = await client.post<PeerShown>(`${account}/peers`, {
    name: ip,
    ip,
    port,
    ixfr_enable: ixfr ?? true,
    ...(tsigId === undefined ? {} : { tsig_id: tsigId }),
  })
  undo.push(`${account}/peers/${made.id}`)
  return made.id
}

/** Whether two texts are one address: peers are kept as they were typed, and IPv6 has many spellings. */
function isSameAddress(one: string, other: string): boolean {
  const [first, second] = [one, other].map((ip) =>
    ip.includes(':') ? new SocketAddress({ address: ip, family: 'ipv6' }).address : ip,
  )
  return first === second
}
