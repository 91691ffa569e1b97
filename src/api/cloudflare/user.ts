/** `/user`, `/memberships`, and the check of a token: what clients ask first to see whether they may. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { statusOf } from '../../engine/object-token.ts'
import type { Account, Token, User } from '../../store/objects.ts'
import { tokenOf } from '../auth.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer, PagedAnswer, pagedAnswer } from '../envelope.ts'
import { AccountPath, checkId, missing } from '../found.ts'
import { needs } from '../needs.ts'
import { PageQuery, readPage, resultInfo } from '../paging.ts'
import { rightsOf, userOf } from '../rights.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { roleOf } from './roles.ts'

const UserObject = Type.Object({
  id: Type.String(),
  email: Type.String(),
  first_name: Type.Null(),
  last_name: Type.Null(),
  username: Type.String(),
  telephone: Type.Null(),
  country: Type.Null(),
  zipcode: Type.Null(),
  two_factor_authentication_enabled: Type.Boolean(),
  two_factor_authentication_locked: Type.Boolean(),
  created_on: Type.String(),
  modified_on: Type.String(),
  organizations: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), status: Type.String() })),
  suspended: Type.Boolean(),
})

const MembershipObject = Type.Object({
  id: Type.String(),
  status: Type.String(),
  account: Type.Object({ id: Type.String(), name: Type.String(), type: Type.String() }),
  roles: Type.Array(Type.String()),
})

const Verified = Type.Object({
  id: Type.String(),
  status: Type.String(),
  not_before: Type.Optional(Type.String()),
  expires_on: Type.Optional(Type.String()),
})

const VALID = { code: 10_000, message: 'This API Token is valid and active', type: null } as const
const BOUNDS = { perPage: 20, perPageMax: 1000 }

export function userRoutes(face: FastifyInstance, { registry, now }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()

  const shown = { response: { 200: Answer(UserObject) } }
  app.get('/user', { config: needs.userDetails.read, schema: shown }, async (request) => {
    const user = userOf(request, registry)
    const rights = rightsOf(request, registry)
    const accounts = registry.users.accountsOf(user).filter(({ id }) => rights.seesAccount(id))
    return answer({
      id: user.id,
      email: user.email,
      first_name: null,
      last_name: null,
      username: user.email.slice(0, user.email.indexOf('@')),
      telephone: null,
      country: null,
      zipcode: null,
      two_factor_authentication_enabled: false,
      two_factor_authentication_locked: false,
      created_on: user.createdOn,
      modified_on: user.modifiedOn,
      organizations: accounts.map(({ id, name }) => ({ id, name, status: 'member' })),
      suspended: false,
    })
  })

  const listed = { querystring: Type.Object(PageQuery), response: { 200: PagedAnswer(MembershipObject) } }
  app.get('/memberships', { config: needs.userDetails.read, schema: listed }, async (request) => {
    const user = userOf(request, registry)
    const rights = rightsOf(request, registry)
    const page = readPage(request.query, BOUNDS)
    const accounts = registry.users.accountsOf(user).filter(({ id }) => rights.seesAccount(id))
    const onPage = accounts.slice(page.offset, page.offset + page.perPage)
    const objects = onPage.map((account) => membershipObject(account, user))
    return pagedAnswer(objects, resultInfo(page, onPage.length, accounts.length))
  })

  const one = { params: Type.Object({ id: Type.String() }), response: { 200: Answer(MembershipObject) } }
  app.get('/memberships/:id', { config: needs.userDetails.read, schema: one }, async (request) => {
    const user = userOf(request, registry)
    const id = checkId(request.params.id)
    const account = registry.users.accountsOf(user).find((each) => each.id === id)
    if (account === undefined || !rightsOf(request, registry).seesAccount(id)) missing('account-unknown')
    return answer(membershipObject(account, user))
  })

  const verified = { response: { 200: Answer(Verified) } }
  app.get('/user/tokens/verify', { config: needs.anybody, schema: verified }, async (request) =>
    verifiedAnswer(tokenOf(request), now()),
  )

  app.get(
    '/accounts/:account_id/tokens/verify',
    { config: needs.accounts.read, schema: { ...verified, params: AccountPath } },
    async (request) => verifiedAnswer(tokenOf(request), now()),
  )
}

/** An expired or unknown token has been refused before: whoever gets here has one that works. */
function verifiedAnswer(token: Token, now: number) {
  const { id, notBefore, expiresOn } = token
  const result = {
    id,
    status: statusOf(token, now),
    ...(notBefore === undefined ? {} : { not_before: notBefore }),
    ...(expiresOn === undefined ? {} : { expires_on: expiresOn }),
  }
  return { ...answer(result), messages: [VALID] }
}

/** A user is in an account or is not: there is no more to a membership, so it has the account's id. */
function membershipObject({ id, name }: Account, user: User): Static<typeof MembershipObject> {
  return { id, status: 'accepted', account: { id, name, type: 'standard' }, roles: [roleOf(user).name] }
}
