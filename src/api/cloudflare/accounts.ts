/** `/accounts`: the owners of everything. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { Account } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer, PagedAnswer, pagedAnswer } from '../envelope.ts'
import { accountOf, AccountPath } from '../found.ts'
import { PageQuery, readPage, resultInfo } from '../paging.ts'
import type { TypeBoxTypes } from '../validation.ts'

const AccountObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  type: Type.String(),
  settings: Type.Object({ enforce_twofactor: Type.Boolean() }),
  created_on: Type.String(),
})

const ListQuery = Type.Object({
  ...PageQuery,
  name: Type.Optional(Type.String()),
  direction: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
})

const BOUNDS = { perPage: 20, perPageMax: 1000 }

export function accountRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()

  const listed = { querystring: ListQuery, response: { 200: PagedAnswer(AccountObject) } }
  app.get('/accounts', { schema: listed }, async ({ query }) => {
    const page = readPage(query, BOUNDS)
    const accounts = registry.accounts.all().filter(({ name }) => query.name === undefined || name === query.name)
    const sorted = query.direction === 'desc' ? accounts.toReversed() : accounts
    const shown = sorted.slice(page.offset, page.offset + page.perPage)
    return pagedAnswer(shown.map(accountObject), resultInfo(page, shown.length, accounts.length))
  })

  const one = { params: AccountPath, response: { 200: Answer(AccountObject) } }
  app.get('/accounts/:account_id', { schema: one }, async ({ params }) =>
    answer(accountObject(accountOf(params, registry))),
  )
}

function accountObject({ id, name, createdOn }: Account): Static<typeof AccountObject> {
  return { id, name, type: 'standard', settings: { enforce_twofactor: false }, created_on: createdOn }
}
