/** Whom measured servers fetch zones from: a primary that is not measured itself. */

import type { Endpoint } from '../test/interop/endpoint.ts'
import type { TransferKey } from '../test/interop/peers/kind.ts'
import { Peer, peerMissing } from '../test/interop/peers/peer.ts'
import type { PeerName } from '../test/interop/peers/peer.ts'
import { AS_PARTNER } from './cores.ts'
import type { ZoneVersions } from './zone-versions.ts'

const PATIENCE_MS = 300_000

/** A zone and the master file it is in. */
export interface FiledZone {
  readonly apex: string
  readonly file: string
}

interface PartnerOptions {
  readonly notify?: readonly Endpoint[]
  readonly ixfr?: boolean
  readonly key?: TransferKey
  /** Which server it is; the fastest that is installed by default. */
  readonly name?: PeerName | undefined
}

/** Starts a primary of zones, which answers when this returns. */
export async function startPartner(
  zones: readonly FiledZone[],
  { name, ...options }: PartnerOptions = {},
): Promise<Peer> {
  const fastest = (['nsd', 'knot', 'bind', 'pdns'] as const).find((one) => peerMissing(one) === undefined)
  const chosen = name ?? fastest
  if (chosen === undefined) throw new Error('expected one of nsd, knot, bind and pdns to fetch zones from')
  return Peer.start(chosen, { ixfr: false, ...options, zones, under: AS_PARTNER })
}

/** A primary that always has the newest version of a zone. */
export class Source {
  readonly peer: Peer
  readonly versions: ZoneVersions

  private constructor(peer: Peer, versions: ZoneVersions) {
    this.peer = peer
    this.versions = versions
  }

  static async start(
    name: PeerName | undefined,
    versions: ZoneVersions,
    options: PartnerOptions & { readonly beside?: readonly FiledZone[] },
  ): Promise<Source> {
    const { beside = [], ...more } = options
    return new Source(await startPartner([versions, ...beside], { ...more, name }), versions)
  }

  /** Goes on to a version with so many changes; it is answered when this returns. Without any, only the serial differs. */
  async advance(changes: number): Promise<void> {
    const { versions, peer } = this
    await versions.advance(changes)
    await peer.load(versions.apex, versions.file)
    await peer.waitForSerial(versions.apex, { serial: versions.serial, deadlineMs: PATIENCE_MS })
  }
}
