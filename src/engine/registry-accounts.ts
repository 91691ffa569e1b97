/** Accounts: the owners of zones, peers, keys and ACLs. */

import type { Account } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import type { Desk } from './registry-desk.ts'

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
    return [...this.#desk.state.accounts.values()]
  }
}
