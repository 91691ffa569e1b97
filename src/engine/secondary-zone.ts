/** A secondary zone at work: its machine, and what the engine must know to carry out what the machine wants. */

import { createHash } from 'node:crypto'
import { parseName, type Name } from '../dns/name.ts'
import type { TsigKey } from '../dns/tsig.ts'
import type { Primary, PrimaryId, Secondary, Trigger } from '../protocol/refresh-state.ts'
import { REFRESH_POLICY_DEFAULTS, type IxfrPolicy, type RefreshPolicy } from '../protocol/refresh-policy.ts'
import type { Incoming, Peer, Tsig } from '../store/objects.ts'
import { tsigKey } from './keys.ts'
import type { Settings } from './settings.ts'
import type { PrimaryEndpoint, TransferCounts } from './transfer-port.ts'

/** The objects that say where zones come from. */
export interface SourceObjects {
  incoming(zoneId: string): Incoming | undefined
  peer(id: string): Peer | undefined
  tsig(id: string): Tsig | undefined
}

/** One SOA check or transfer that was begun and has not ended. */
export interface RunningTask {
  readonly task: number
  readonly primary: PrimaryId
  readonly peer: string
  readonly key: string | undefined
  readonly asked: 'SOA' | 'AXFR' | 'IXFR'
  readonly trigger: Trigger
  readonly transport: 'udp' | 'tcp'
  readonly fromSerial: number | undefined
  readonly startedAt: number
  /** False while it waits for its turn. */
  started: boolean
  counts: TransferCounts
  cancel: () => void
}

export interface SecondaryZone {
  readonly id: string
  readonly name: string
  readonly apex: Name
  /** The zone's number in the directory. */
  readonly number: number
  machine: Secondary
  /** Where each primary is and what it signs with. */
  sources: ReadonlyMap<PrimaryId, Source>
  /** Running tasks by the machine's attempt number. */
  readonly tasks: Map<number, RunningTask>
  /** When contents last changed, in milliseconds. */
  modifiedAt: number | undefined
}

export interface Source {
  readonly name: string
  readonly endpoint: PrimaryEndpoint
  readonly key: TsigKey | undefined
  readonly keyName: string | undefined
}

const DNS_PORT = 53

/** The primaries of an incoming configuration, in its order. Peers without an address have nothing to ask. */
export function primariesOf(
  incoming: Incoming | undefined,
  objects: Pick<SourceObjects, 'peer' | 'tsig'>,
): { primaries: Primary[]; sources: Map<PrimaryId, Source> } {
  const primaries: Primary[] = []
  const sources = new Map<PrimaryId, Source>()
  for (const id of incoming?.peers ?? []) {
    const peer = objects.peer(id)
    if (peer === undefined || peer.ip === '') continue
    const tsig = peer.tsigId === undefined ? undefined : objects.tsig(peer.tsigId)
    const key = tsig && tsigKey(tsig)
    const endpoint = { address: peer.ip, port: peer.port || DNS_PORT }
    const ixfr: IxfrPolicy = peer.ixfrEnable ? 'on' : 'off'
    primaries.push({ id, ixfr, endpoint: identityOf(endpoint, key) })
    sources.set(id, { name: peer.name, endpoint, key, keyName: tsig?.name })
  }
  return { primaries, sources }
}

/** Changes with the address and with the key, secret included, which must not show in it. */
function identityOf({ address, port }: PrimaryEndpoint, key: TsigKey | undefined): string {
  if (key === undefined) return `${address} ${port}`
  const digest = createHash('sha256').update(key.name).update(key.algorithm).update(key.secret).digest('hex')
  return `${address} ${port} ${digest}`
}

/** The settings and the zone's own interval, as the machine wants them. */
export function refreshPolicy(
  incoming: Incoming | undefined,
  { secondary }: Pick<Settings, 'secondary'>,
): RefreshPolicy {
  return {
    ...REFRESH_POLICY_DEFAULTS,
    ixfr: secondary.ixfr,
    lowerSerial: secondary.lowerSerial,
    expired: secondary.expired,
    autoRefreshSeconds: incoming?.autoRefreshSeconds ?? 0,
    refreshSecondsMin: secondary.refreshMin,
    refreshSecondsMax: secondary.refreshMax,
    retrySecondsMin: secondary.retryMin,
    retrySecondsMax: secondary.retryMax,
    expireSecondsMin: secondary.expireMin,
    expireSecondsMax: secondary.expireMax,
  }
}

/** A zone's name in the control plane as a name on the wire. */
export const apexOf = (name: string): Name => parseName(`${name}.`)
