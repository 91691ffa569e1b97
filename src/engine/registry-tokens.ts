/** API tokens: who may use the API, and what for. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret } from '../store/secret.ts'
import type { Account, Token, TokenPolicy, User } from '../store/objects.ts'
import { instantText, type Id, type Instant } from './object-id.ts'
import { readToken, type PolicyDraft, type TokenDraft, type TokenFields } from './object-token.ts'
import { groupWithId } from './permission-groups.ts'
import { done, refused, type Outcome, type Problem } from './problem.ts'
import { accountsByAge, type RegistryState } from './registry-state.ts'
import type { Desk } from './registry-desk.ts'
import { Rights, type Reach } from './rights.ts'
import { concerns, resourcesOf, type Resource } from './token-resources.ts'

/** 30 octets of chance make 40 characters of base64url: the shape Cloudflare's tokens have. */
const SECRET_OCTETS = 30

/** A use is written down if the last one that was is older than this. */
const USED_MS = 10 * 60_000

/** Where somebody may do something who is no longer there. */
const NOWHERE: readonly Id[] = []

/** A secret that nobody can guess. */
export const newTokenSecret = (): Secret => new Secret(randomBytes(SECRET_OCTETS).toString('base64url'))

/** What is kept of a secret. It is random throughout, so a slow hash would add nothing. */
export const tokenHash = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Whose tokens are meant: those of a user, or those of an account. */
export type TokenOwner =
  | { readonly type: 'user'; readonly user: User }
  | { readonly type: 'account'; readonly account: Account }

/** A token and its secret, which is told once. */
export interface IssuedToken {
  readonly token: Token
  readonly secret: Secret
}

export interface TokenLimits {
  readonly perUser: number
  readonly perAccount: number
}

export class Tokens {
  readonly #desk: Desk
  readonly #limits: TokenLimits
  readonly #rights = new WeakMap<Token, Rights>()
  /** When tokens were last used, as far as it was since the start. */
  readonly #usedAt = new Map<Id, Instant>()

  constructor(desk: Desk, limits: TokenLimits) {
    this.#desk = desk
    this.#limits = limits
  }

  /** The token that belongs to a secret: found by the hash, and compared in the same time whatever the secret is. */
  find(secret: string): Token | undefined {
    const hash = tokenHash(secret)
    const found = this.#desk.state.tokenWithHash(hash)
    if (found === undefined) return undefined
    return timingSafeEqual(Buffer.from(found.hash, 'hex'), Buffer.from(hash, 'hex')) ? found : undefined
  }

  /** What a token may do. */
  rightsOf(token: Token): Rights {
    const reach = this.#reachOf(token)
    const known = this.#rights.get(token)
    if (known !== undefined && known.reach.accountIds === reach.accountIds) return known
    const rights = new Rights(token, reach, (zoneId) => this.#desk.state.zones.get(zoneId)?.accountId)
    this.#rights.set(token, rights)
    return rights
  }

  /** Of a user, or of an account, in the order in which they were made. The administrator's own is none of them. */
  of(owner: TokenOwner): readonly Token[] {
    const owned = [...this.#desk.state.tokens.values()].filter((token) => isOwned(token, owner))
    return owned.sort((a, b) => (a.createdOn < b.createdOn ? -1 : a.createdOn > b.createdOn ? 1 : a.id < b.id ? -1 : 1))
  }

  one(owner: TokenOwner, id: Id): Token | undefined {
    const token = this.#desk.state.tokens.get(id)
    return token !== undefined && isOwned(token, owner) ? token : undefined
  }

  /** When a token was last used, to the moment if that was since the start. */
  lastUsedOn({ id, lastUsedOn }: Token): string | undefined {
    const usedAt = this.#usedAt.get(id)
    return usedAt === undefined ? lastUsedOn : instantText(usedAt)
  }

  /** Notes that a token is used. Written down now and then only, so that reading stays reading. */
  async used({ id, lastUsedOn }: Token): Promise<void> {
    const now = this.#desk.now()
    this.#usedAt.set(id, now)
    if (lastUsedOn !== undefined && now - Date.parse(lastUsedOn) < USED_MS) return
    await this.#desk.change((state) => {
      const token = state.tokens.get(id)
      const changes = token === undefined ? [] : [put({ ...token, lastUsedOn: instantText(now) })]
      return done({ value: undefined, changes })
    })
  }

  /** Makes a token. Nobody grants what they do not have. */
  create(owner: TokenOwner, draft: TokenDraft, granter: Rights): Promise<Outcome<IssuedToken>> {
    return this.#desk.change((state) => {
      const fields = this.#readFor(state, owner, draft, granter)
      if (fields.type === 'refused') return fields
      const tooMany = this.#tooMany(owner)
      if (tooMany !== undefined) return tooMany
      const now = this.#desk.now()
      const { expiresOn } = fields.value
      if (expiresOn !== undefined && Date.parse(expiresOn) <= now) {
        return refused('token-time-invalid', `expires_on lies in the past: ${expiresOn}`, '/expires_on')
      }
      const secret = newTokenSecret()
      const times = { createdOn: instantText(now), modifiedOn: instantText(now) }
      const token: Token = {
        id: this.#desk.newId(),
        ...belonging(owner, state),
        ...fields.value,
        policies: fields.value.policies.map((policy) => this.#policy(policy, [])),
        hash: tokenHash(secret.reveal()),
        status: draft.status ?? 'active',
        ...times,
      }
      return done({ value: { token, secret }, changes: [put(token)] })
    })
  }

  /** Puts name, policies, conditions and times in the place of those before; the secret stays. */
  replace(owner: TokenOwner, id: Id, draft: TokenDraft, granter: Rights): Promise<Outcome<Token>> {
    return this.#desk.change((state) => {
      const before = this.one(owner, id)
      if (before === undefined) return unknownToken(id)
      const fields = this.#readFor(state, owner, draft, granter)
      if (fields.type === 'refused') return fields
      const { condition: _, notBefore: _notBefore, expiresOn: _expiresOn, ...kept } = before
      const token: Token = {
        ...kept,
        ...fields.value,
        policies: fields.value.policies.map((policy) => this.#policy(policy, before.policies ?? [])),
        status: draft.status ?? before.status ?? 'active',
        modifiedOn: instantText(this.#desk.now()),
      }
      return done({ value: token, changes: [put(token)] })
    })
  }

  /** Gives a token a new secret. The old one counts no more. Who learns it has the rights of the token: see `create`. */
  roll(owner: TokenOwner, id: Id, granter: Rights): Promise<Outcome<IssuedToken>> {
    return this.#desk.change(() => {
      const before = this.one(owner, id)
      if (before === undefined) return unknownToken(id)
      const problems = grantProblems(before.policies ?? [], owner, granter)
      if (problems.length > 0) return { type: 'refused', problems }
      const secret = newTokenSecret()
      const token = { ...before, hash: tokenHash(secret.reveal()), modifiedOn: instantText(this.#desk.now()) }
      return done({ value: { token, secret }, changes: [put(token)] })
    })
  }

  remove(owner: TokenOwner, id: Id): Promise<Outcome<Token>> {
    return this.#desk.change(() => {
      const token = this.one(owner, id)
      if (token === undefined) return unknownToken(id)
      this.#usedAt.delete(id)
      return done({ value: token, changes: [{ remove: 'token', id }] })
    })
  }

  #reachOf({ userId, accountId }: Token): Reach {
    if (userId === undefined) return { userId, accountIds: this.#only(accountId) }
    return { userId, accountIds: this.#desk.state.users.get(userId)?.accountIds ?? NOWHERE }
  }

  readonly #onlyOne = new Map<Id, readonly Id[]>()

  /** The same array each time, so that rights are made ready once. */
  #only(accountId: Id): readonly Id[] {
    let only = this.#onlyOne.get(accountId)
    if (only === undefined) this.#onlyOne.set(accountId, (only = [accountId]))
    return only
  }

  #readFor(state: RegistryState, owner: TokenOwner, draft: TokenDraft, granter: Rights): Outcome<TokenFields> {
    const fields = readToken(draft)
    if (fields.type === 'refused') return fields
    const { policies } = fields.value
    const strange = strangeResources(policies, { owner, granter, state })
    const problems = strange.length > 0 ? strange : grantProblems(policies, owner, granter)
    return problems.length > 0 ? { type: 'refused', problems } : fields
  }

  /** A policy keeps its id for as long as it is sent with it. */
  #policy({ id, effect, permissionGroups, resources }: PolicyDraft, before: readonly TokenPolicy[]): TokenPolicy {
    const known = before.find((policy) => policy.id === id)
    return { id: known?.id ?? this.#desk.newId(), effect, permissionGroups, resources }
  }

  #tooMany(owner: TokenOwner) {
    const most = owner.type === 'user' ? this.#limits.perUser : this.#limits.perAccount
    if (this.of(owner).length < most) return undefined
    return refused('too-many-tokens', `the ${owner.type} has ${most} tokens already, as many as it may`)
  }
}

const put = (token: Token) => ({ put: 'token', object: token }) as const

/** Whether a token is one that its owner manages. That of the administrator comes from the settings. */
function isOwned({ userId, accountId, policies }: Token, owner: TokenOwner): boolean {
  if (policies === undefined) return false
  return owner.type === 'user' ? userId === owner.user.id : userId === undefined && accountId === owner.account.id
}

function belonging(owner: TokenOwner, state: RegistryState): Pick<Token, 'accountId' | 'userId'> {
  if (owner.type === 'account') return { accountId: owner.account.id }
  return { accountId: homeOf(owner.user, state), userId: owner.user.id }
}

/** The account that new things of a user go to: the first one that the user has. */
export function homeOf({ accountIds }: User, state: RegistryState): Id {
  const [first] = accountIds === 'all' ? accountsByAge(state).map(({ id }) => id) : accountIds
  return first ?? ''
}

interface Granting {
  readonly owner: TokenOwner
  readonly granter: Rights
  readonly state: RegistryState
}

/** Resources that there are not. Others' are none either, as far as the granter can tell. */
function strangeResources(policies: readonly PolicyDraft[], granting: Granting): Problem[] {
  return policies.flatMap((policy, at) =>
    resourcesOf(policy).flatMap((resource) => {
      if (isKnown(resource, granting)) return []
      const { type } = resource
      const text =
        type === 'zones'
          ? `there is no account "${resource.accountId}"`
          : `there is no ${type} "${resource.id}"${granting.owner.type === 'account' ? ' in the account' : ''}`
      return [{ code: 'token-policy-invalid' as const, text, pointer: `/policies/${at}/resources` }]
    }),
  )
}

function isKnown(resource: Resource, { owner, granter, state: { accounts, zones } }: Granting): boolean {
  const isOwners = (accountId: Id): boolean => owner.type === 'user' || owner.account.id === accountId
  switch (resource.type) {
    case 'zone': {
      const zone = zones.get(resource.id)
      if (zone === undefined || !granter.seesZone(zone.id) || !isOwners(zone.accountId)) return false
      return resource.accountId === undefined || resource.accountId === zone.accountId
    }
    case 'zones':
    case 'account': {
      const id = resource.type === 'account' ? resource.id : resource.accountId
      return id === undefined || (accounts.has(id) && granter.seesAccount(id) && isOwners(id))
    }
    case 'user':
      return owner.type === 'user' && (resource.id === undefined || resource.id === owner.user.id)
    default:
      return resource satisfies never
  }
}

/** What a granter would hand on without having it. To deny something takes no rights. */
function grantProblems(policies: readonly PolicyDraft[], owner: TokenOwner, granter: Rights): Problem[] {
  return policies.flatMap((policy, at) => {
    if (policy.effect === 'deny') return []
    const resources = resourcesOf(policy).map((resource) => asOf(owner, resource))
    return policy.permissionGroups.flatMap(({ id }, index) => {
      const group = groupWithId(id)
      if (group === undefined) return []
      const asked = resources.filter((resource) => concerns(resource, group.scope))
      if (asked.every((resource) => granter.mayGrant(group.name, resource))) return []
      const text = `"${group.name}" cannot be granted: you do not have it on all of the resources yourself`
      return [{ code: 'grant-beyond-rights' as const, text, pointer: `/policies/${at}/permission_groups/${index}` }]
    })
  })
}

/** What a resource without an id comes to in a token of this owner. */
function asOf(owner: TokenOwner, resource: Resource): Resource {
  if (owner.type === 'user') {
    return resource.type === 'user' ? { ...resource, id: resource.id ?? owner.user.id } : resource
  }
  const { id } = owner.account
  if (resource.type === 'zones') return { ...resource, accountId: resource.accountId ?? id }
  if (resource.type === 'account') return { ...resource, id: resource.id ?? id }
  return resource
}

const unknownToken = (id: Id) => refused('token-unknown', `there is no token "${id}"`)
