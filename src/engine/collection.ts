/** Objects of one kind in memory, found by id and listed by account. */

import type { Id } from './object-id.ts'

interface Owned {
  readonly id: Id
  readonly accountId: Id
  readonly name: string
}

export class Collection<T extends Owned> {
  readonly #byId = new Map<Id, T>()
  readonly #byAccount = new Map<Id, Map<Id, T>>()

  get(id: Id): T | undefined {
    return this.#byId.get(id)
  }

  /** The object, if the account has it. */
  of(accountId: Id, id: Id): T | undefined {
    return this.#byAccount.get(accountId)?.get(id)
  }

  /** In order of their names, and of their ids where names are the same: the same order after a restart. */
  in(accountId: Id): readonly T[] {
    const owned = [...(this.#byAccount.get(accountId)?.values() ?? [])]
    return owned.sort((a, b) => order(a.name, b.name) || order(a.id, b.id))
  }

  all(): IterableIterator<T> {
    return this.#byId.values()
  }

  get size(): number {
    return this.#byId.size
  }

  /** Adds the object, or puts it in the place of the one before, which is returned. */
  put(object: T): T | undefined {
    const before = this.#byId.get(object.id)
    this.#byId.set(object.id, object)
    const owned = this.#byAccount.get(object.accountId)
    if (owned === undefined) this.#byAccount.set(object.accountId, new Map([[object.id, object]]))
    else owned.set(object.id, object)
    return before
  }

  remove(id: Id): T | undefined {
    const before = this.#byId.get(id)
    if (before === undefined) return undefined
    this.#byId.delete(id)
    this.#byAccount.get(before.accountId)?.delete(id)
    return before
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Which objects use another one: for each id, the ids of its users. */
export class Users {
  readonly #users = new Map<Id, Set<Id>>()

  of(id: Id): readonly Id[] {
    return [...(this.#users.get(id) ?? [])]
  }

  count(id: Id): number {
    return this.#users.get(id)?.size ?? 0
  }

  add(id: Id, user: Id): void {
    const users = this.#users.get(id)
    if (users === undefined) this.#users.set(id, new Set([user]))
    else users.add(user)
  }

  remove(id: Id, user: Id): void {
    const users = this.#users.get(id)
    users?.delete(user)
    if (users?.size === 0) this.#users.delete(id)
  }
}
