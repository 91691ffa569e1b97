/** What a token may do, as people type it and as they read it: names of groups and of zones, where the API has ids. */

import { CliError, UsageError, type Client } from './client.ts'
import type { GroupShown, PolicyShown, ZoneShown } from './shapes.ts'

const ZONE = 'com.cloudflare.api.account.zone.'
const ACCOUNT = 'com.cloudflare.api.account.'
const USER = 'com.cloudflare.api.user.'

/** What is to be allowed, and where. */
export interface PolicyWish {
  readonly allow: readonly string[]
  /** Names or ids; without any it is all zones that the owner has. */
  readonly zones: readonly string[]
  /** Zones that are left out of these. */
  readonly except: readonly string[]
  /** The account that all of it is in; undefined for all that the owner has. */
  readonly accountId: string | undefined
}

const ABOUT = ['zone', 'account', 'user'] as const

/** The policies that say it, as the API takes them. */
export async function policiesOf(client: Client, wish: PolicyWish): Promise<readonly object[]> {
  const all = await client.get<GroupShown[]>('/client/v4/user/tokens/permission_groups')
  const allowed = wish.allow.map((name) => groupNamed(all, name))
  const ofZones = allowed.filter((group) => aboutOf(group) === 'zone')
  const named = [...wish.zones, ...wish.except]
  if (named.length > 0 && ofZones.length === 0)
    throw new UsageError(`expected --allow with a group about zones, because ${named.join(', ')} is named`)
  const [zones, except] = await Promise.all([zoneIds(client, wish.zones), zoneIds(client, wish.except)])
  const isOfUser = allowed.some((group) => aboutOf(group) === 'user')
  const userId = isOfUser ? (await client.get<{ id: string }>('/client/v4/user')).id : undefined
  const policies = ABOUT.map((about) => {
    const groups = allowed.filter((group) => aboutOf(group) === about)
    return policyFor('allow', groups, resourcesFor(about, { zones, accountId: wish.accountId, userId }))
  })
  if (except.length > 0) policies.push(policyFor('deny', ofZones, resourcesFor('zone', { zones: except })))
  return policies.filter(({ permission_groups: groups }) => groups.length > 0)
}

type Resources = PolicyShown['resources']

function policyFor(effect: 'allow' | 'deny', groups: readonly GroupShown[], resources: Resources) {
  return { effect, permission_groups: groups.map(({ id }) => ({ id })), resources }
}

interface Where {
  readonly zones: readonly string[]
  readonly accountId?: string | undefined
  readonly userId?: string | undefined
}

function resourcesFor(about: (typeof ABOUT)[number], { zones, accountId, userId }: Where): Resources {
  if (about === 'user') return { [`${USER}${userId ?? '*'}`]: '*' }
  if (about === 'account') return { [`${ACCOUNT}${accountId ?? '*'}`]: '*' }
  if (zones.length > 0) return Object.fromEntries(zones.map((id) => [ZONE + id, '*']))
  const all = { [`${ZONE}*`]: '*' }
  // By itself it would be the zones of every account that the owner has.
  return accountId === undefined ? all : { [ACCOUNT + accountId]: all }
}

/** What a group is about: the last part of its scope. */
export function aboutOf({ scopes: [scope = ''] }: GroupShown): (typeof ABOUT)[number] {
  if (scope.endsWith('.zone')) return 'zone'
  return scope.endsWith('.user') ? 'user' : 'account'
}

/** A group by its name in any case. Cloudflare's dashboard says Edit where its API says Write. */
function groupNamed(groups: readonly GroupShown[], given: string): GroupShown {
  const wanted = given
    .trim()
    .toLowerCase()
    .replace(/ edit$/, ' write')
  const group = groups.find(({ id, name }) => name.toLowerCase() === wanted || id === wanted)
  if (group !== undefined) return group
  throw new CliError(`there is no permission group "${given}"; "twinzone token groups" lists them`)
}

function zoneIds(client: Client, names: readonly string[]): Promise<string[]> {
  const idOf = async (name: string) => (await client.get<ZoneShown>(`/api/v1/zones/${encodeURIComponent(name)}`)).id
  return Promise.all(names.map(idOf))
}

/** A policy in words, with names in place of the ids of zones that the token in use may see. */
export async function policyWords(client: Client, { effect, permission_groups: groups, resources }: PolicyShown) {
  const names = groups.map(({ name }) => name).join(', ')
  const where = await Promise.all(
    Object.entries(resources).map(async ([resource, value]) => {
      const inner = typeof value === 'string' ? [] : Object.keys(value)
      const parts = inner.length === 0 ? [resource] : inner
      const words = await Promise.all(parts.map((part) => resourceWords(client, part)))
      return inner.length === 0 ? words.join() : `${words.join(', ')} of ${await resourceWords(client, resource)}`
    }),
  )
  return `${effect} ${names} on ${where.join(', ')}`
}

async function resourceWords(client: Client, resource: string): Promise<string> {
  if (resource === `${ZONE}*`) return 'all zones'
  if (resource === `${ACCOUNT}*`) return 'all accounts'
  if (resource.startsWith(USER)) return 'the user'
  if (!resource.startsWith(ZONE)) return `the account ${resource.slice(ACCOUNT.length)}`
  const id = resource.slice(ZONE.length)
  return (await client.find<ZoneShown>(`/api/v1/zones/${id}`, [403, 404]))?.name ?? `the zone ${id}`
}
