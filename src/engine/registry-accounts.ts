/** Accounts: the owners of zones, peers, keys and ACLs. */

import type { Account } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import type { Desk } from './registry-desk.ts'
import type { RegistryState } from './registry-state.ts'

export class Accounts {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  get(id: Id): Account | undefined {
    return this.#desk.state.accounts.get(id)
  }

  /** In the order in which they were made. */
  all(): readonly Account[] {
    return accountsByAge(this.#desk.state)
  }
}

/** All accounts, the oldest first. */
export function accountsByAge({ accounts }: RegistryState): readonly Account[] {
  return [...accounts.values()].sort((a, b) => (a.createdOn < b.createdOn ? -1 : 1))
}
