/** `/user/tokens` and `/accounts/{account}/tokens`: tokens of a user and of an account, by the same routes. */

import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { statusOf } from '../../engine/object-token.ts'
import { PERMISSION_GROUPS, type GroupScope, type PermissionGroup } from '../../engine/permission-groups.ts'
import type { TokenOwner } from '../../engine/registry-tokens.ts'
import type { Token } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer, PagedAnswer, pagedAnswer } from '../envelope.ts'
import { accountOf, checkId, missing, settled } from '../found.ts'
import { needs, type Declared } from '../needs.ts'
import { PageQuery, readPage, resultInfo } from '../paging.ts'
import { isOn } from '../query.ts'
import { rightsOf, userOf } from '../rights.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { IdObject } from './id-object.ts'
import { TokenBody, tokenDraft, TokenObject, tokenObject } from './token-object.ts'

const ListQuery = Type.Object({
  ...PageQuery,
  direction: Type.Optional(Type.Enum(['asc', 'desc'])),
  include_expired: Type.Optional(Type.String()),
})

const GroupObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  category: Type.String(),
  scopes: Type.Array(Type.String()),
  is_selectable: Type.Boolean(),
})

const GroupQuery = Type.Object({ name: Type.Optional(Type.String()), scope: Type.Optional(Type.String()) })

const TokenPath = Type.Object({ account_id: Type.Optional(Type.String()), id: Type.String() })

/** Whose tokens the routes at a path are about, and what they need. */
interface Place {
  readonly path: '/user/tokens' | '/accounts/:account_id/tokens'
  readonly read: Declared
  readonly write: Declared
  /** Of the list of permission groups. */
  readonly groups: Declared
  readonly scopes: readonly GroupScope[]
  readonly ownerOf: (request: FastifyRequest) => TokenOwner
}

export function tokenRoutes(face: FastifyInstance, context: ApiContext): void {
  const { registry } = context
  const places: readonly Place[] = [
    {
      path: '/user/tokens',
      ...needs.userTokens,
      groups: needs.anybody,
      scopes: ['zone', 'account', 'user'],
      ownerOf: (request) => ({ type: 'user', user: userOf(request, registry) }),
    },
    {
      path: '/accounts/:account_id/tokens',
      ...needs.accountTokens,
      groups: needs.accounts.read,
      scopes: ['zone', 'account'],
      ownerOf: ({ params }) => ({ type: 'account', account: accountOf(params as { account_id: string }, registry) }),
    },
  ]
  for (const place of places) {
    listRoutes(place, face, context)
    changeRoutes(place, face, context)
  }
}

const BOUNDS = { perPage: 20, perPageMax: 1000 }

function listRoutes({ path, read, groups, scopes, ownerOf }: Place, face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry, now } = context
  const { tokens } = registry

  const listed = { querystring: ListQuery, response: { 200: PagedAnswer(TokenObject) } }
  app.get(path, { config: read, schema: listed }, async (request) => {
    const { direction, include_expired: expired } = request.query
    const page = readPage(request.query, BOUNDS)
    const all = tokens.of(ownerOf(request)).filter((token) => isOn(expired) || statusOf(token, now()) !== 'expired')
    const sorted = direction === 'desc' ? all.toReversed() : all
    const onPage = sorted.slice(page.offset, page.offset + page.perPage)
    const objects = onPage.map((token) => shownToken(token, context))
    return pagedAnswer(objects, resultInfo(page, objects.length, all.length))
  })

  const one = { params: TokenPath, response: { 200: Answer(TokenObject) } }
  app.get(`${path}/:id`, { config: read, schema: one }, async (request) => {
    const token = tokens.one(ownerOf(request), checkId(request.params.id)) ?? missing('token-unknown')
    return answer(shownToken(token, context))
  })

  const ofGroups = { querystring: GroupQuery, response: { 200: Answer(Type.Array(GroupObject)) } }
  app.get(`${path}/permission_groups`, { config: groups, schema: ofGroups }, async ({ query: { name, scope } }) => {
    const wanted = name?.toLowerCase()
    const shown = PERMISSION_GROUPS.filter(
      (group) =>
        scopes.includes(group.scope) &&
        (wanted === undefined || group.name.toLowerCase().includes(wanted)) &&
        (scope === undefined || SCOPES[group.scope] === scope),
    )
    return answer(shown.map(groupObject))
  })
}

function changeRoutes({ path, write, ownerOf }: Place, face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { registry } = context
  const { tokens } = registry
  const shown = { response: { 200: Answer(TokenObject) } }

  app.post(path, { config: write, schema: { body: TokenBody, ...shown } }, async (request) => {
    const granter = rightsOf(request, registry)
    const { value } = settled(await tokens.create(ownerOf(request), tokenDraft(request.body), granter))
    return answer(shownToken(value.token, context, value.secret.reveal()))
  })

  const replaced = { params: TokenPath, body: TokenBody, ...shown }
  app.put(`${path}/:id`, { config: write, schema: replaced }, async (request) => {
    const id = checkId(request.params.id)
    const granter = rightsOf(request, registry)
    const { value } = settled(await tokens.replace(ownerOf(request), id, tokenDraft(request.body), granter))
    return answer(shownToken(value, context))
  })

  const removed = { params: TokenPath, response: { 200: Answer(IdObject) } }
  app.delete(`${path}/:id`, { config: write, schema: removed }, async (request) => {
    const { value } = settled(await tokens.remove(ownerOf(request), checkId(request.params.id)))
    return answer({ id: value.id })
  })

  /** The new secret is the result, as a text. */
  const rolled = { params: TokenPath, response: { 200: Answer(Type.String()) } }
  app.put(`${path}/:id/value`, { config: write, schema: rolled }, async (request) => {
    const granter = rightsOf(request, registry)
    const { value } = settled(await tokens.roll(ownerOf(request), checkId(request.params.id), granter))
    return answer(value.secret.reveal())
  })
}

function shownToken(token: Token, { registry, now }: ApiContext, value?: string) {
  const lastUsedOn = registry.tokens.lastUsedOn(token)
  return tokenObject(token, { now: now(), lastUsedOn, ...(value === undefined ? {} : { value }) })
}

const SCOPES = {
  zone: 'com.cloudflare.api.account.zone',
  account: 'com.cloudflare.api.account',
  user: 'com.cloudflare.api.user',
} as const satisfies Record<GroupScope, string>

function groupObject({ id, name, category, scope }: PermissionGroup) {
  return { id, name, category, scopes: [SCOPES[scope]], is_selectable: true }
}
