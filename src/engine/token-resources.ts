/**
 * The resources of token policies: zones, accounts and users by the names Cloudflare gives them.
 *
 * They form a tree. An account contains its zones, "all accounts" contains every account; so of two resources one
 * encloses the other, or they have nothing in common.
 */

import type { TokenPolicy } from '../store/objects.ts'
import { isId, type Id } from './object-id.ts'
import type { GroupScope } from './permission-groups.ts'

/** Some things that a policy is about. Without an id it is all of them that the owner of the token has. */
export type Resource =
  /** One zone; with an account only if it is in that one. */
  | { readonly type: 'zone'; readonly id: Id; readonly accountId: Id | undefined }
  /** All zones of an account, those of later included. */
  | { readonly type: 'zones'; readonly accountId: Id | undefined }
  /** An account with its zones. */
  | { readonly type: 'account'; readonly id: Id | undefined }
  | { readonly type: 'user'; readonly id: Id | undefined }

const ZONE = 'com.cloudflare.api.account.zone.'
const ACCOUNT = 'com.cloudflare.api.account.'
const USER = 'com.cloudflare.api.user.'

/** The resource that a name stands for; undefined if it is none. */
export function parseResource(name: string): Resource | undefined {
  const all = (prefix: string): boolean => name === `${prefix}*`
  if (all(ZONE)) return { type: 'zones', accountId: undefined }
  if (all(ACCOUNT)) return { type: 'account', id: undefined }
  if (all(USER)) return { type: 'user', id: undefined }
  const id = name.slice(name.lastIndexOf('.') + 1)
  if (!isId(id)) return undefined
  switch (name.slice(0, -id.length)) {
    case ZONE:
      return { type: 'zone', id, accountId: undefined }
    case ACCOUNT:
      return { type: 'account', id }
    case USER:
      return { type: 'user', id }
    default:
      return undefined
  }
}

/** A zone, or all zones, within an account: what nested resources say. */
export function within(account: Resource, zones: Resource): Resource | undefined {
  if (account.type !== 'account') return undefined
  if (zones.type === 'zones') return { type: 'zones', accountId: account.id }
  return zones.type === 'zone' ? { ...zones, accountId: account.id } : undefined
}

/** All resources of a policy, the nested ones by themselves. What cannot be read is nothing. */
export function resourcesOf({ resources }: Pick<TokenPolicy, 'resources'>): readonly Resource[] {
  return Object.entries(resources).flatMap(([name, value]) => {
    const resource = parseResource(name)
    if (resource === undefined) return []
    if (typeof value === 'string') return [resource]
    return Object.keys(value).flatMap((inner) => {
      const zones = parseResource(inner)
      return (zones && within(resource, zones)) ?? []
    })
  })
}

/** Whether groups about one kind of thing mean something on a resource. */
export function concerns({ type }: Resource, scope: GroupScope): boolean {
  if (type === 'account') return scope !== 'user'
  return type === 'user' ? scope === 'user' : scope === 'zone'
}

/** Whether all of `inner` is in `outer`, as far as groups about one kind of thing go. */
export function encloses(outer: Resource, inner: Resource, accountOf: (zoneId: Id) => Id | undefined): boolean {
  if (inner.type === 'user') return outer.type === 'user' && isWithin(outer.id, inner.id)
  if (outer.type === 'user') return false
  if (outer.type === 'zone') {
    return inner.type === 'zone' && inner.id === outer.id && isWithin(outer.accountId, accountOf(outer.id))
  }
  const container = outer.type === 'account' ? outer.id : outer.accountId
  if (inner.type === 'zone') {
    const accountId = accountOf(inner.id)
    return accountId !== undefined && isWithin(inner.accountId, accountId) && isWithin(container, accountId)
  }
  if (inner.type === 'account') return outer.type === 'account' && isWithin(container, inner.id)
  return isWithin(container, inner.accountId)
}

const isWithin = (outer: Id | undefined, inner: Id | undefined): boolean => outer === undefined || outer === inner
