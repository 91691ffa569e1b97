/** `/accounts`: the owners of everything. Whoever has a token sees those it reaches; the administrator makes them. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { Account } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer, PagedAnswer, pagedAnswer } from '../envelope.ts'
import { accountOf, AccountPath, checkId, settled } from '../found.ts'
import { needs } from '../needs.ts'
import { PageQuery, readPage, resultInfo } from '../paging.ts'
import { rightsOf } from '../rights.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { IdObject } from './id-object.ts'

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

const AccountBody = Type.Object({ name: Type.String() })

const BOUNDS = { perPage: 20, perPageMax: 1000 }

export function accountRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const shown = { response: { 200: Answer(AccountObject) } }

  const listed = { querystring: ListQuery, response: { 200: PagedAnswer(AccountObject) } }
  app.get('/accounts', { config: needs.anybody, schema: listed }, async (request) => {
    const { query } = request
    const page = readPage(query, BOUNDS)
    const rights = rightsOf(request, registry)
    const accounts = registry.accounts
      .all()
      .filter(({ id, name }) => rights.seesAccount(id) && (query.name === undefined || name === query.name))
    const sorted = query.direction === 'desc' ? accounts.toReversed() : accounts
    const onPage = sorted.slice(page.offset, page.offset + page.perPage)
    return pagedAnswer(onPage.map(accountObject), resultInfo(page, onPage.length, accounts.length))
  })

  app.post('/accounts', { config: needs.server, schema: { body: AccountBody, ...shown } }, async ({ body }) =>
    answer(accountObject(settled(await registry.accounts.create(body.name)).value)),
  )

  const one = { params: AccountPath, ...shown }
  app.get('/accounts/:account_id', { config: needs.accounts.read, schema: one }, async ({ params }) =>
    answer(accountObject(accountOf(params, registry))),
  )

  const renamed = { ...one, body: AccountBody }
  app.put('/accounts/:account_id', { config: needs.server, schema: renamed }, async ({ params, body }) => {
    const { value } = settled(await registry.accounts.rename(checkId(params.account_id), body.name))
    return answer(accountObject(value))
  })

  const removed = { params: AccountPath, response: { 200: Answer(IdObject) } }
  app.delete('/accounts/:account_id', { config: needs.server, schema: removed }, async ({ params }) => {
    const { value } = settled(await registry.accounts.remove(checkId(params.account_id)))
    return answer({ id: value.id })
  })
}

function accountObject({ id, name, createdOn }: Account): Static<typeof AccountObject> {
  return { id, name, type: 'standard', settings: { enforce_twofactor: false }, created_on: createdOn }
}
