/**
 * What whoever asks may do: the policies of a token, within the accounts of its owner.
 *
 * A group is granted on a resource if a policy allows it there and none denies it; who is denied to read is denied to
 * write as well. A token without policies has everything that its owner has.
 */

import type { Token, TokenPolicy, Zone } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import {
  groupNamed,
  groupsAbout,
  groupWithId,
  readOf,
  writeOf,
  type GroupName,
  type GroupScope,
} from './permission-groups.ts'
import { concerns, encloses, resourcesOf, type Resource } from './token-resources.ts'

/** Whose token it is, and where it counts at all. */
export interface Reach {
  /** Absent for tokens of an account. */
  readonly userId: Id | undefined
  readonly accountIds: 'all' | readonly Id[]
}

type AccountOf = (zoneId: Id) => Id | undefined

/** A policy made ready: zones by their ids, since there may be many, and the other resources. */
interface Ready {
  readonly effect: TokenPolicy['effect']
  readonly names: ReadonlySet<GroupName>
  readonly zones: ReadonlySet<Id>
  readonly wide: readonly Resource[]
}

type ZoneTest = (zone: Pick<Zone, 'id' | 'accountId'>) => boolean

const ABOUT_ZONES = groupsAbout('zone')
const ABOUT_ACCOUNTS = groupsAbout('account')

export class Rights {
  readonly reach: Reach
  readonly #accountOf: AccountOf
  /** Undefined for everything. */
  readonly #policies: readonly Ready[] | undefined

  constructor({ policies }: Pick<Token, 'policies'>, reach: Reach, accountOf: AccountOf) {
    this.reach = reach
    this.#accountOf = accountOf
    this.#policies = policies?.map((policy) => madeReady(policy, accountOf))
  }

  /** Everything that the owner may. */
  get isUnlimited(): boolean {
    return this.#policies === undefined
  }

  /** Everything, everywhere. */
  get isAdministrator(): boolean {
    return this.isUnlimited && this.reach.accountIds === 'all'
  }

  /** Whether any one of the groups is granted on all of the resource. To write includes to read. */
  has(names: readonly GroupName[], resource: Resource): boolean {
    if (!this.#reaches(resource)) return false
    if (this.#policies === undefined) return true
    return names.some((name) => {
      const write = writeOf(name)
      return this.#isGranted(name, resource) || (write !== undefined && this.#isGranted(write, resource))
    })
  }

  /**
   * Whether a group that allows to read is granted on a zone of an account that may be gone. What stood about a gone zone
   * in policies means nothing any more, so the group must be granted on all zones of the account, and denied on none.
   */
  hadRead(name: GroupName, { id, accountId }: Pick<Zone, 'id' | 'accountId'>): boolean {
    if (this.#accountOf(id) !== undefined) return this.has([name], { type: 'zone', id, accountId: undefined })
    const write = writeOf(name)
    const isDenied = (this.#policies ?? []).some(
      ({ effect, names }) => effect === 'deny' && (names.has(name) || (write !== undefined && names.has(write))),
    )
    return !isDenied && this.has([name], { type: 'zones', accountId })
  }

  /** Whether there is anything that may be done with a zone. To everybody else it is as if it did not exist. */
  seesZone(id: Id): boolean {
    const zone: Resource = { type: 'zone', id, accountId: undefined }
    if (this.#policies === undefined) return this.#reaches(zone)
    const isAllowed = this.#policies.some((policy) => policy.effect === 'allow' && this.#covers(policy, zone))
    return isAllowed && this.has(ABOUT_ZONES, zone)
  }

  /** The same as a test for many zones, which looks at no policy; undefined where all may be known of. */
  zoneTest(): ZoneTest | undefined {
    const { accountIds } = this.reach
    const reached = accountIds === 'all' ? undefined : new Set(accountIds)
    const isReached: ZoneTest = ({ accountId }) => reached === undefined || reached.has(accountId)
    if (this.#policies === undefined) return reached === undefined ? undefined : isReached
    const aboutZones = this.#policies.filter(({ names }) => ABOUT_ZONES.some((name) => names.has(name)))
    if (aboutZones.some(({ effect }) => effect === 'deny')) return ({ id }) => this.seesZone(id)
    const zones = new Set(aboutZones.flatMap((policy) => [...policy.zones]))
    const accounts = new Set(aboutZones.flatMap(({ wide }) => wide.flatMap(accountsIn)))
    if (accounts.has(undefined)) return reached === undefined ? undefined : isReached
    return (zone) => isReached(zone) && (accounts.has(zone.accountId) || zones.has(zone.id))
  }

  /** Whether there is anything that may be done with an account, or with a zone of it. */
  seesAccount(id: Id): boolean {
    if (this.has(ABOUT_ACCOUNTS, { type: 'account', id })) return true
    if (this.has(ABOUT_ZONES, { type: 'zones', accountId: id })) return true
    const zones = (this.#policies ?? []).flatMap(({ zones }) => [...zones])
    return zones.some((zoneId) => this.#accountOf(zoneId) === id && this.seesZone(zoneId))
  }

  /** Whether a group may be handed on: it is granted on all of the resource, and denied in no part of it. */
  mayGrant(name: GroupName, on: Resource): boolean {
    const resource = asMeant(on, groupNamed(name).scope)
    if (!this.#reaches(resource)) return false
    if (this.#policies === undefined) return true
    const holders = [name, writeOf(name)].filter((each) => each !== undefined)
    return holders.some((each) => this.#isGranted(each, resource) && !this.#isDeniedInPart(each, resource))
  }

  #isGranted(name: GroupName, resource: Resource): boolean {
    if (!concerns(resource, groupNamed(name).scope)) return false
    const policies = this.#policies ?? []
    const covers = (policy: Ready, each: GroupName) => policy.names.has(each) && this.#covers(policy, resource)
    if (!policies.some((policy) => policy.effect === 'allow' && covers(policy, name))) return false
    const read = readOf(name)
    return !policies.some(
      (policy) => policy.effect === 'deny' && (covers(policy, name) || (read !== undefined && covers(policy, read))),
    )
  }

  /** Whether something within the resource is denied, be it a single zone. */
  #isDeniedInPart(name: GroupName, resource: Resource): boolean {
    const { scope } = groupNamed(name)
    const names = [name, readOf(name)].filter((each) => each !== undefined)
    return (this.#policies ?? []).some(({ effect, names: denied, zones, wide }) => {
      if (effect === 'allow' || !names.some((each) => denied.has(each))) return false
      const parts = [...wide, ...[...zones].map((id): Resource => ({ type: 'zone', id, accountId: undefined }))]
      return parts.some((part) => concerns(part, scope) && encloses(resource, asMeant(part, scope), this.#accountOf))
    })
  }

  #covers({ zones, wide }: Ready, resource: Resource): boolean {
    if (resource.type === 'zone' && zones.has(resource.id)) return true
    return wide.some((each) => encloses(each, resource, this.#accountOf))
  }

  #reaches(resource: Resource): boolean {
    const { accountIds, userId } = this.reach
    if (resource.type === 'user') return userId !== undefined && (resource.id === undefined || resource.id === userId)
    if (accountIds === 'all') return true
    const accountId = resource.type === 'account' ? resource.id : accountIdOf(resource, this.#accountOf)
    // All accounts are all that the owner has.
    return accountId === undefined ? resource.type !== 'zone' : accountIds.includes(accountId)
  }
}

/** Of which account all zones are in a resource; undefined for those of every one. */
function accountsIn(resource: Resource): readonly (Id | undefined)[] {
  if (resource.type === 'user' || resource.type === 'zone') return []
  return [resource.type === 'account' ? resource.id : resource.accountId]
}

/** An account stands for its zones where a group is about zones. */
function asMeant(resource: Resource, scope: GroupScope): Resource {
  return scope === 'zone' && resource.type === 'account' ? { type: 'zones', accountId: resource.id } : resource
}

function accountIdOf(resource: Exclude<Resource, { type: 'user' | 'account' }>, accountOf: AccountOf): Id | undefined {
  return resource.type === 'zone' ? accountOf(resource.id) : resource.accountId
}

/** A zone that is not there, or not in the account it is said to be in, is left out: its id never comes back. */
function madeReady(policy: TokenPolicy, accountOf: AccountOf): Ready {
  const zones = new Set<Id>()
  const wide: Resource[] = []
  for (const resource of resourcesOf(policy)) {
    if (resource.type !== 'zone') wide.push(resource)
    else if (resource.accountId === undefined || resource.accountId === accountOf(resource.id)) zones.add(resource.id)
  }
  const names = policy.permissionGroups.flatMap(({ id }) => groupWithId(id)?.name ?? [])
  return { effect: policy.effect, names: new Set(names), zones, wide }
}
