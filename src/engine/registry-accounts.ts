/** Accounts: the owners of zones, peers, keys and ACLs. */

import type { Account, Change } from '../store/objects.ts'
import { instantText, type Id } from './object-id.ts'
import { done, nameSome, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import { accountsByAge, type RegistryState } from './registry-state.ts'

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

  create(name: string): Promise<Outcome<Account>> {
    return this.#desk.change(() => {
      if (name.trim() === '') return nameless()
      const account: Account = { id: this.#desk.newId(), name, createdOn: instantText(this.#desk.now()) }
      return done({ value: account, changes: [{ put: 'account', object: account }] })
    })
  }

  rename(id: Id, name: string): Promise<Outcome<Account>> {
    return this.#desk.change((state) => {
      const before = state.accounts.get(id)
      if (before === undefined) return unknownAccount(id)
      if (name.trim() === '') return nameless()
      const account: Account = { ...before, name }
      return done({ value: account, changes: [{ put: 'account', object: account }] })
    })
  }

  /** Removes an account with its tokens, peers, keys and ACLs. Refused while it has zones, or somebody lives in it. */
  remove(id: Id): Promise<Outcome<Account>> {
    return this.#desk.change((state) => {
      const account = state.accounts.get(id)
      if (account === undefined) return unknownAccount(id)
      const zones = state.zones.sorted(id).map(({ name }) => name)
      if (zones.length > 0) return refused('account-in-use', `the account has the zones ${nameSome(zones)}`)
      const tokens = [...state.tokens.values()].filter(({ accountId }) => accountId === id)
      if (tokens.some(({ policies }) => policies === undefined)) {
        return refused('account-in-use', "the account is that of the administrator's token")
      }
      const users = [...state.users.values()].filter(
        (user) => user.accountIds !== 'all' && user.accountIds.includes(id),
      )
      if (users.length > 0) {
        return refused('account-in-use', `the account has the users ${nameSome(users.map(({ email }) => email))}`)
      }
      return done({ value: account, changes: [...belongings(state, id), { remove: 'account', id }] })
    })
  }
}

function belongings({ tokens, peers, tsigs, acls }: RegistryState, accountId: Id): Change[] {
  const owned = [...tokens.values()].filter((token) => token.accountId === accountId && token.userId === undefined)
  return [
    ...owned.map(({ id }): Change => ({ remove: 'token', id })),
    ...peers.in(accountId).map(({ id }): Change => ({ remove: 'peer', id })),
    ...tsigs.in(accountId).map(({ id }): Change => ({ remove: 'tsig', id })),
    ...acls.in(accountId).map(({ id }): Change => ({ remove: 'acl', id })),
    { remove: 'accountDnsSettings', id: accountId },
  ]
}

const nameless = () => refused('name-missing', 'expected a name', '/name')
const unknownAccount = (id: Id) => refused('account-unknown', `there is no account "${id}"`)
