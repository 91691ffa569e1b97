/** Users: people who use the API. The first one is the administrator, who has all accounts. */

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret } from '../store/secret.ts'
import type { Account, Change, Token, User } from '../store/objects.ts'
import { instantText, type Id } from './object-id.ts'
import { done, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import { accountsByAge, type RegistryState } from './registry-state.ts'
import { homeOf, tokenHash } from './registry-tokens.ts'

/** Hexadecimal digits, as many as Cloudflare's global keys have: clients check that. */
const KEY_LENGTH = 37

export interface UserDraft {
  readonly email: string
  readonly accountIds: readonly Id[]
}

export class Users {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  get(id: Id): User | undefined {
    return this.#desk.state.users.get(id)
  }

  /** In the order in which they were made. */
  all(): readonly User[] {
    return [...this.#desk.state.users.values()].sort((a, b) =>
      a.createdOn < b.createdOn ? -1 : a.createdOn > b.createdOn ? 1 : 0,
    )
  }

  /** The accounts a user has, in the order in which they were made. */
  accountsOf({ accountIds }: User): readonly Account[] {
    const accounts = accountsByAge(this.#desk.state)
    return accountIds === 'all' ? accounts : accounts.filter(({ id }) => accountIds.includes(id))
  }

  /** Who has an account, in the order in which they were made. */
  ofAccount(id: Id): readonly User[] {
    return this.all().filter(({ accountIds }) => accountIds === 'all' || accountIds.includes(id))
  }

  /** Whoever has this e-mail address and this global key, as a token with all the user's rights. */
  withKey(email: string, key: string): Token | undefined {
    const user = named(this.#desk.state, email)
    if (user?.keyHash === undefined) return undefined
    const hash = tokenHash(key)
    if (!timingSafeEqual(Buffer.from(user.keyHash, 'hex'), Buffer.from(hash, 'hex'))) return undefined
    const { id, createdOn } = user
    return { id, accountId: homeOf(user, this.#desk.state), userId: id, name: 'Global API Key', hash, createdOn }
  }

  create(draft: UserDraft): Promise<Outcome<User>> {
    return this.#desk.change((state) => {
      const problem = misfit(draft, state)
      if (problem !== undefined) return problem
      const now = instantText(this.#desk.now())
      const user: User = { id: this.#desk.newId(), ...draft, createdOn: now, modifiedOn: now }
      return done({ value: user, changes: [{ put: 'user', object: user }] })
    })
  }

  /** Changes the address, or the accounts; the administrator has all, whatever is said. */
  change(id: Id, { email, accountIds }: Partial<UserDraft>): Promise<Outcome<User>> {
    return this.#desk.change((state) => {
      const before = state.users.get(id)
      if (before === undefined) return unknownUser(id)
      const accounts = before.accountIds === 'all' ? undefined : (accountIds ?? before.accountIds)
      const problem = misfit({ email: email ?? before.email, accountIds: accounts }, state, before)
      if (problem !== undefined) return problem
      const modifiedOn = instantText(this.#desk.now())
      const user: User = { ...before, email: email ?? before.email, accountIds: accounts ?? 'all', modifiedOn }
      return done({ value: user, changes: [{ put: 'user', object: user }] })
    })
  }

  /** Gives a user a new global key, which is told this once; the one before counts no more. */
  newKey(id: Id): Promise<Outcome<{ readonly user: User; readonly key: Secret }>> {
    return this.#desk.change((state) => {
      const before = state.users.get(id)
      if (before === undefined) return unknownUser(id)
      const key = new Secret(randomBytes(KEY_LENGTH).toString('hex').slice(0, KEY_LENGTH))
      const modifiedOn = instantText(this.#desk.now())
      const user: User = { ...before, keyHash: tokenHash(key.reveal()), modifiedOn }
      return done({ value: { user, key }, changes: [{ put: 'user', object: user }] })
    })
  }

  /** Removes a user with their tokens. The administrator stays. */
  remove(id: Id): Promise<Outcome<User>> {
    return this.#desk.change((state) => {
      const user = state.users.get(id)
      if (user === undefined) return unknownUser(id)
      if (user.accountIds === 'all') return refused('user-in-use', 'the administrator cannot be removed')
      const tokens = [...state.tokens.values()].filter(({ userId }) => userId === id)
      const removed = tokens.map((token): Change => ({ remove: 'token', id: token.id }))
      return done({ value: user, changes: [...removed, { remove: 'user', id }] })
    })
  }
}

function named({ users }: RegistryState, email: string): User | undefined {
  const wanted = email.toLowerCase()
  return [...users.values()].find((user) => user.email.toLowerCase() === wanted)
}

interface Fields {
  readonly email: string
  /** Undefined for all. */
  readonly accountIds: readonly Id[] | undefined
}

function misfit({ email, accountIds }: Fields, state: RegistryState, before?: User) {
  if (!/^[^@\s]+@[^@\s]+$/.test(email)) {
    return refused('email-invalid', `expected an e-mail address, found "${email}"`, '/email')
  }
  const same = named(state, email)
  if (same !== undefined && same.id !== before?.id) {
    return refused('email-taken', `there is a user with the address "${email}" already`, '/email')
  }
  if (accountIds === undefined) return undefined
  if (accountIds.length === 0) return refused('account-invalid', 'expected an account, found none', '/accounts')
  const at = accountIds.findIndex((id) => !state.accounts.has(id))
  if (at < 0) return undefined
  return refused('account-invalid', `there is no account "${accountIds[at]}"`, `/accounts/${at}`)
}

const unknownUser = (id: Id) => refused('user-unknown', `there is no user "${id}"`)
