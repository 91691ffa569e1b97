/**
 * `/accounts/{account}/members` and `…/roles`: who has an account, and what they may do in it. Users come and go by our own
 * API, since they are the server's; here they are only shown.
 */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { User } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer, PagedAnswer, pagedAnswer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { AccountObjectPath, accountOf, AccountPath, checkId, missing } from '../found.ts'
import { needs } from '../needs.ts'
import { PageQuery, readPage, resultInfo } from '../paging.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { RoleObject, roleOf, ROLES } from './roles.ts'

const MemberObject = Type.Object({
  id: Type.String(),
  email: Type.String(),
  status: Type.String(),
  user: Type.Object({
    id: Type.String(),
    email: Type.String(),
    first_name: Type.Null(),
    last_name: Type.Null(),
    two_factor_authentication_enabled: Type.Boolean(),
  }),
  roles: Type.Array(RoleObject),
})

const ListQuery = Type.Object({
  ...PageQuery,
  order: Type.Optional(Type.String()),
  direction: Type.Optional(Type.Enum(['asc', 'desc'])),
  status: Type.Optional(Type.String()),
})

const BOUNDS = { perPage: 20, perPageMax: 1000 }
const MEMBERS = '/accounts/:account_id/members'
const ROLES_PATH = '/accounts/:account_id/roles'

export function memberRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { users } = registry
  const { read, write } = needs.accountSettings

  const listed = { params: AccountPath, querystring: ListQuery, response: { 200: PagedAnswer(MemberObject) } }
  app.get(MEMBERS, { config: read, schema: listed }, async ({ params, query }) => {
    const page = readPage(query, BOUNDS)
    const members = sorted(users.ofAccount(accountOf(params, registry).id), query)
    const onPage = members.slice(page.offset, page.offset + page.perPage)
    return pagedAnswer(onPage.map(memberObject), resultInfo(page, onPage.length, members.length))
  })

  const one = { params: AccountObjectPath, response: { 200: Answer(MemberObject) } }
  app.get(`${MEMBERS}/:id`, { config: read, schema: one }, async ({ params }) => {
    const { id: accountId } = accountOf(params, registry)
    const id = checkId(params.id)
    return answer(memberObject(users.ofAccount(accountId).find((user) => user.id === id) ?? missing('user-unknown')))
  })

  app.route({ method: 'POST', url: MEMBERS, config: write, handler: refuse })
  for (const method of ['PUT', 'DELETE']) app.route({ method, url: `${MEMBERS}/:id`, config: write, handler: refuse })
}

export function roleRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { read } = needs.accountSettings

  const listed = {
    params: AccountPath,
    querystring: Type.Object(PageQuery),
    response: { 200: PagedAnswer(RoleObject) },
  }
  app.get(ROLES_PATH, { config: read, schema: listed }, async ({ params, query }) => {
    accountOf(params, registry)
    const page = readPage(query, BOUNDS)
    const onPage = ROLES.slice(page.offset, page.offset + page.perPage)
    return pagedAnswer(onPage, resultInfo(page, onPage.length, ROLES.length))
  })

  const one = { params: AccountObjectPath, response: { 200: Answer(RoleObject) } }
  app.get(`${ROLES_PATH}/:id`, { config: read, schema: one }, async ({ params }) => {
    accountOf(params, registry)
    return answer(ROLES.find(({ id }) => id === checkId(params.id)) ?? missing('role-unknown'))
  })
}

/** Everybody has accepted, for nobody is asked. */
const STATUS = 'accepted'

function sorted(users: readonly User[], { order, direction, status = STATUS }: Static<typeof ListQuery>) {
  const shown = status === STATUS ? users : []
  const inOrder = order === 'user.email' ? shown.toSorted((a, b) => (a.email < b.email ? -1 : 1)) : shown
  return direction === 'desc' ? inOrder.toReversed() : inOrder
}

/** A user is in an account once, so the member has the user's id. */
function memberObject(user: User): Static<typeof MemberObject> {
  const { id, email } = user
  const names = { first_name: null, last_name: null, two_factor_authentication_enabled: false }
  return { id, email, status: STATUS, user: { id, email, ...names }, roles: [roleOf(user)] }
}

async function refuse(): Promise<never> {
  throw new ApiError('members-elsewhere')
}
