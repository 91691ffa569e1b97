/**
 * Makes the rules for handing zones on from the control plane, and sends the threads those that have changed.
 *
 * Changes made in one turn travel in one message, in which peers and networks that zones share are there once.
 */

import type { Serial } from '../dns/serial.ts'
import { parseAddress, parseNetwork, type AccessList } from '../protocol/access.ts'
import type { Zone } from '../store/objects.ts'
import { tsigKey } from './keys.ts'
import type { Registry } from './registry.ts'
import type { RuleChanges, TransferRules } from './transfer-rules.ts'

type AllowedPeer = AccessList['peers'][number]

export interface RuleDeskWorld {
  readonly registry: Pick<Registry, 'zones' | 'outgoings' | 'peers' | 'tsigs' | 'acls'>
  /** Resolves when all threads go by the rules. */
  readonly send: (changes: RuleChanges) => Promise<void>
}

export class RuleDesk {
  readonly #world: RuleDeskWorld
  readonly #numbers = new Map<string, number>()
  readonly #marked = new Map<number, string>()
  /** When what is marked will be in force. */
  #sent: Promise<void> = Promise.resolve()

  constructor(world: RuleDeskWorld) {
    this.#world = world
  }

  /** A zone has this number in the directory. */
  add(zoneId: string, number: number): void {
    this.#numbers.set(zoneId, number)
    void this.mark(zoneId)
  }

  remove(zoneId: string): void {
    void this.mark(zoneId)
    this.#numbers.delete(zoneId)
  }

  /** The rules of a zone may have changed: the threads hear of it at the end of this turn. Resolves when they have. */
  mark(zoneId: string): Promise<void> {
    const number = this.#numbers.get(zoneId)
    if (number === undefined) return Promise.resolve()
    if (this.#marked.size === 0) this.#sent = Promise.resolve().then(() => this.#flush())
    this.#marked.set(number, zoneId)
    return this.#sent
  }

  /** The rules of all zones, for a thread that knows none yet. */
  all(): RuleChanges {
    const make = this.#maker()
    return [...this.#numbers].map(([zoneId, number]) => [number, make(zoneId)] as const)
  }

  #flush(): Promise<void> {
    const make = this.#maker()
    const changes = [...this.#marked].map(([number, zoneId]) => {
      return [number, this.#numbers.get(zoneId) === number ? make(zoneId) : undefined] as const
    })
    this.#marked.clear()
    return this.#world.send(changes)
  }

  /** Makes the rules of zones, what they share only once. */
  #maker(): (zoneId: string) => TransferRules | undefined {
    const { registry } = this.#world
    const networksOf = remembered((accountId: string) => this.#networksOf(accountId))
    const peerOf = remembered((id: string) => this.#peerOf(id))
    return (zoneId) => {
      const zone = registry.zones.get(zoneId)
      if (zone === undefined) return undefined
      const outgoing = registry.outgoings.get(zoneId)
      const backlogFrom = outgoing?.backlogFromSerial as Serial | undefined
      if (outgoing?.enabled !== true) return { zoneId, access: undefined, backlogFrom }
      const peers = outgoing.peers.map(peerOf).filter((peer) => peer !== undefined)
      return { zoneId, access: { peers, networks: networksOf(zone.accountId) }, backlogFrom }
    }
  }

  #networksOf(accountId: Zone['accountId']): AccessList['networks'] {
    return this.#world.registry.acls.in(accountId).flatMap(({ id, ipRange }) => {
      const network = parseNetwork(ipRange)
      return network === undefined ? [] : [{ id, network }]
    })
  }

  #peerOf(id: string): AllowedPeer | undefined {
    const { peers, tsigs } = this.#world.registry
    const peer = peers.get(id)
    if (peer === undefined) return undefined
    const tsig = peer.tsigId === undefined ? undefined : tsigs.get(peer.tsigId)
    // A peer without an address asks from a network of the account, and its key is asked for there.
    return { id, address: parseAddress(peer.ip) ?? new Uint8Array(), key: tsig && tsigKey(tsig) }
  }
}

function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>()
  return (key) => {
    const before = made.get(key)
    if (before !== undefined || made.has(key)) return before as Value
    const value = make(key)
    made.set(key, value)
    return value
  }
}
