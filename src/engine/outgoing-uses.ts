/**
 * What peers do with the zones that are handed on to them: which version each asked for and transferred last.
 *
 * What belongs into the configuration, when a zone was last checked and transferred, is gathered for a moment and
 * written together: it is shown to people, and nothing depends on it.
 */

import type { Serial } from '../dns/serial.ts'
import type { Clock } from './alarms.ts'
import type { Instant } from './object-id.ts'
import type { OutgoingUse } from './registry-outgoing.ts'

const GATHER_MS = 1000

interface Seen {
  readonly serial: Serial
  readonly at: Instant
}

/** What is known of a peer of a zone. */
interface PeerUse {
  asked: Seen | undefined
  pulled: Seen | undefined
}

interface ZoneUse {
  checkedAt: Instant | undefined
  transferred: Seen | undefined
  readonly peers: Map<string, PeerUse>
}

export interface OutgoingUsesWorld {
  readonly clock: Clock
  readonly write: (uses: readonly OutgoingUse[]) => Promise<void>
  readonly failed: (error: Error) => void
}

export class OutgoingUses {
  readonly #world: OutgoingUsesWorld
  readonly #zones = new Map<string, ZoneUse>()
  readonly #unwritten = new Set<string>()
  #timer: { cancel(): void } | undefined

  constructor(world: OutgoingUsesWorld) {
    this.#world = world
  }

  get(zoneId: string): Readonly<ZoneUse> | undefined {
    return this.#zones.get(zoneId)
  }

  /** A peer was answered with the zone's SOA record. */
  asked(zoneId: string, peerId: string | undefined, serial: Serial): void {
    const at = this.#world.clock.now()
    const use = this.#useOf(zoneId)
    use.checkedAt = at
    if (peerId !== undefined) peerOf(use, peerId).asked = { serial, at }
    this.#note(zoneId)
  }

  /** A version was transferred to the end. */
  pulled(zoneId: string, peerId: string | undefined, serial: Serial): void {
    const at = this.#world.clock.now()
    const use = this.#useOf(zoneId)
    use.checkedAt = at
    use.transferred = { serial, at }
    if (peerId !== undefined) peerOf(use, peerId).pulled = { serial, at }
    this.#note(zoneId)
  }

  forget(zoneId: string): void {
    this.#zones.delete(zoneId)
    this.#unwritten.delete(zoneId)
  }

  /** Writes what was noted; resolves when it is durable. */
  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const uses = [...this.#unwritten].flatMap((zoneId): OutgoingUse[] => {
      const use = this.#zones.get(zoneId)
      return use === undefined ? [] : [{ zoneId, checkedAt: use.checkedAt, transferred: use.transferred }]
    })
    this.#unwritten.clear()
    if (uses.length === 0) return
    await this.#world.write(uses).catch((error: unknown) => this.#world.failed(error as Error))
  }

  #useOf(zoneId: string): ZoneUse {
    const known = this.#zones.get(zoneId)
    if (known !== undefined) return known
    const use: ZoneUse = { checkedAt: undefined, transferred: undefined, peers: new Map() }
    this.#zones.set(zoneId, use)
    return use
  }

  #note(zoneId: string): void {
    this.#unwritten.add(zoneId)
    this.#timer ??= this.#world.clock.after(GATHER_MS, () => void this.flush())
  }
}

function peerOf({ peers }: ZoneUse, peerId: string): PeerUse {
  const known = peers.get(peerId)
  if (known !== undefined) return known
  const peer: PeerUse = { asked: undefined, pulled: undefined }
  peers.set(peerId, peer)
  return peer
}
