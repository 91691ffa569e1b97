/**
 * Whether somebody may do what a route does: checked in one place, before any work is done and before the body is read.
 *
 * What a token may not see at all is answered for as what does not exist, word for word. What it sees and may not do is
 * 403, with a sentence that names what is missing.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { groupNamed, type GroupName } from '../engine/permission-groups.ts'
import type { Registry } from '../engine/registry.ts'
import type { Rights } from '../engine/rights.ts'
import type { Resource } from '../engine/token-resources.ts'
import type { Account, User, Zone } from '../store/objects.ts'
import { tokenOf } from './auth.ts'
import { ApiError } from './errors.ts'
import { accountOf, missing, zoneNamed, zoneOf } from './found.ts'
import type { Declared, Needs } from './needs.ts'

declare module 'fastify' {
  // oxlint-disable-next-line typescript/no-empty-object-type -- what a route declares becomes part of its config
  interface FastifyContextConfig extends Declared {}
}

/** Refuses routes of this face that do not say what they need, and requests without the rights they need. */
export function enforceRights(face: FastifyInstance, registry: Registry): void {
  face.addHook('onRoute', ({ method, url, config }) => {
    if ((config as Partial<Declared> | undefined)?.needs === undefined) {
      throw new Error(`${String(method)} ${url} does not say what it needs: set its config to one of needs.ts`)
    }
  })
  face.addHook('onRequest', async (request) => {
    if (!request.is404) check(request, request.routeOptions.config.needs, registry)
  })
  // Which account it is may stand in the body, which has been read by then.
  face.addHook('preHandler', async (request) => {
    const { needs } = request.is404 ? { needs: undefined } : request.routeOptions.config
    if (needs?.on === 'account' && needs.named === 'body') accountToUse(request, registry, needs.groups)
  })
}

/** What whoever asks may do. */
export const rightsOf = (request: FastifyRequest, { tokens }: Pick<Registry, 'tokens'>): Rights =>
  tokens.rightsOf(tokenOf(request))

/** Which zones whoever asks may know of; undefined for all there are. */
export function zonesSeen(
  request: FastifyRequest,
  registry: Pick<Registry, 'tokens'>,
): ((zone: Zone) => boolean) | undefined {
  const rights = rightsOf(request, registry)
  return rights.isAdministrator ? undefined : ({ id }) => rights.seesZone(id)
}

/** The user that the token belongs to. */
export function userOf(request: FastifyRequest, { users }: Pick<Registry, 'users'>): User {
  const { userId } = tokenOf(request)
  const user = userId === undefined ? undefined : users.get(userId)
  if (user === undefined) throw refusal('the token belongs to an account, and this is about a user')
  return user
}

/** The account that a request is about by its query or its body; without one, that of the token. */
export function accountAsked(request: FastifyRequest, named: 'query' | 'body'): { id: string; isNamed: boolean } {
  const given =
    named === 'query'
      ? (request.query as { account?: unknown } | null)?.account
      : (request.body as { account?: { id?: unknown } } | undefined)?.account?.id
  if (typeof given === 'string') return { id: given, isNamed: true }
  return { id: tokenOf(request).accountId, isNamed: false }
}

function check(request: FastifyRequest, needs: Needs, registry: Registry): void {
  switch (needs.on) {
    case 'nothing':
      return
    case 'zone':
      return checkZone(request, needs.groups, registry)
    case 'account':
      if (needs.named === 'path') return checkAccount(request, needs.groups, registry)
      if (needs.named === 'query') return accountToUse(request, registry, needs.groups)
      return checkSomeAccount(request, needs.groups, registry)
    case 'account seen':
      return void seenAccount(request, registry)
    case 'user': {
      const { id } = userOf(request, registry)
      if (needs.groups.length > 0) demand(request, registry, needs.groups, { type: 'user', id }, 'the user')
      return
    }
    case 'everything':
      userOf(request, registry)
      if (!rightsOf(request, registry).isUnlimited) throw refusal('the token may not do everything that its user may')
      return
    case 'server':
      if (!rightsOf(request, registry).isAdministrator) throw refusal('only the administrator may do this')
      return
    default:
      return needs satisfies never
  }
}

function checkZone(request: FastifyRequest, groups: readonly GroupName[], registry: Registry): void {
  const zone = zoneIn(request, registry)
  if (!rightsOf(request, registry).seesZone(zone.id)) missing('zone-unknown')
  demand(request, registry, groups, { type: 'zone', id: zone.id, accountId: undefined }, `the zone ${zone.name}`)
}

function zoneIn({ params }: FastifyRequest, registry: Registry): Zone {
  const { zone_id: id, zone } = params as { readonly zone_id?: string; readonly zone?: string }
  return id === undefined ? zoneNamed(zone ?? '', registry) : zoneOf({ zone_id: id }, registry)
}

function checkAccount(request: FastifyRequest, groups: readonly GroupName[], registry: Registry): void {
  const account = seenAccount(request, registry)
  demandInAccount(request, registry, groups, account)
}

function seenAccount(request: FastifyRequest, registry: Registry): Account {
  const account = accountOf(request.params as { account_id: string }, registry)
  if (!rightsOf(request, registry).seesAccount(account.id)) missing('account-unknown')
  return account
}

/** The account in the query or the body. One that the token does not see is said not to exist. */
function accountToUse(request: FastifyRequest, registry: Registry, groups: readonly GroupName[]): void {
  const { needs } = request.routeOptions.config
  const named = needs.on === 'account' && needs.named === 'query' ? 'query' : 'body'
  const { id, isNamed } = accountAsked(request, named)
  const account = registry.accounts.get(id)
  if (account === undefined || !rightsOf(request, registry).seesAccount(id)) {
    if (!isNamed) throw refusal(sentence(groups, 'an account'))
    const more = named === 'body' ? { pointer: '/account/id' } : {}
    throw new ApiError('account-invalid', { text: `there is no account "${id}"`, ...more })
  }
  demandInAccount(request, registry, groups, account)
}

/** Before the body is read: whether there is any account at all in which this may be done. */
function checkSomeAccount(request: FastifyRequest, groups: readonly GroupName[], registry: Registry): void {
  const rights = rightsOf(request, registry)
  const may = registry.accounts.all().some(({ id }) => isGrantedIn(rights, groups, id))
  if (!may) throw refusal(sentence(groups, 'an account'))
}

function demandInAccount(
  request: FastifyRequest,
  registry: Registry,
  groups: readonly GroupName[],
  { id, name }: Account,
): void {
  if (!isGrantedIn(rightsOf(request, registry), groups, id)) throw refusal(sentence(groups, `the account ${name}`))
}

/** Groups about zones are asked for on all zones of the account, those of later included. */
function isGrantedIn(rights: Rights, groups: readonly GroupName[], accountId: string): boolean {
  return groups.some((name) => {
    const isOfZones = groupNamed(name).scope === 'zone'
    return rights.has([name], isOfZones ? { type: 'zones', accountId } : { type: 'account', id: accountId })
  })
}

function demand(
  request: FastifyRequest,
  registry: Registry,
  groups: readonly GroupName[],
  resource: Resource,
  what: string,
): void {
  if (!rightsOf(request, registry).has(groups, resource)) throw refusal(sentence(groups, what))
}

function sentence(groups: readonly GroupName[], what: string): string {
  const names = groups.map((name) => `"${name}"`)
  const which = names.length === 1 ? names[0] : `one of ${names.join(', ')}`
  return `the token may not do this: it needs ${which} on ${what}`
}

const refusal = (text: string): ApiError => new ApiError('auth-wrong', { text })
