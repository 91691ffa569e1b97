/** To whom zones are handed on, as the threads know it that send them: per number of a zone its peers and networks. */

import { octetsEqual } from '../dns/octets.ts'
import type { Serial } from '../dns/serial.ts'
import type { AccessList } from '../protocol/access.ts'

/** The rules of one zone. Plain data that threads can pass. */
export interface TransferRules {
  readonly zoneId: string
  /** Undefined for a zone that is not handed on: then only those get it whom the server lets have any zone. */
  readonly access: AccessList | undefined
  /** Nobody is sent differences that lead past this serial. */
  readonly backlogFrom: Serial | undefined
}

/** The rules of some zones that have changed; undefined for a zone that is gone. */
export type RuleChanges = readonly (readonly [zone: number, rules: TransferRules | undefined])[]

/** A thread's copy of all rules. */
export class RuleBook {
  readonly #rules = new Map<number, TransferRules>()

  apply(changes: RuleChanges): void {
    for (const [zone, rules] of changes) {
      if (rules === undefined) this.#rules.delete(zone)
      else this.#rules.set(zone, rules)
    }
  }

  of(zone: number): TransferRules | undefined {
    return this.#rules.get(zone)
  }
}

/** The peer of a zone with this address, whatever its key. */
export function peerAt({ access }: TransferRules, address: Uint8Array): string | undefined {
  return access?.peers.find((peer) => octetsEqual(peer.address, address))?.id
}
