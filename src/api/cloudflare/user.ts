/** `/user` and the check of a token: what clients ask first to see whether they may. */

import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { tokenOf } from '../auth.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { accountOf, AccountPath, missing } from '../found.ts'
import type { TypeBoxTypes } from '../validation.ts'

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

const Verified = Type.Object({ id: Type.String(), status: Type.String() })

const VALID = { code: 10_000, message: 'This API Token is valid and active', type: null } as const

export function userRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()

  app.get('/user', { schema: { response: { 200: Answer(UserObject) } } }, async (request) => {
    const { accountId, createdOn } = tokenOf(request)
    const { id, name } = registry.accounts.get(accountId) ?? missing('account-unknown')
    return answer({
      id: userIdOf(id),
      email: 'admin@twinzone.invalid',
      first_name: null,
      last_name: null,
      username: 'admin',
      telephone: null,
      country: null,
      zipcode: null,
      two_factor_authentication_enabled: false,
      two_factor_authentication_locked: false,
      created_on: createdOn,
      modified_on: createdOn,
      organizations: [{ id, name, status: 'member' }],
      suspended: false,
    })
  })

  const verified = { response: { 200: Answer(Verified) } }
  app.get('/user/tokens/verify', { schema: verified }, async (request) => verifiedAnswer(tokenOf(request).id))

  app.get('/accounts/:account_id/tokens/verify', { schema: { ...verified, params: AccountPath } }, async (request) => {
    accountOf(request.params, registry)
    return verifiedAnswer(tokenOf(request).id)
  })
}

/** An expired or unknown token has been refused before: whoever gets here has one that works. */
function verifiedAnswer(id: string) {
  return { ...answer({ id, status: 'active' }), messages: [VALID] }
}

/** There is one person per account so far, the administrator: the account's id stands for both, told apart by a hash. */
function userIdOf(accountId: string): string {
  return createHash('sha256').update(`user of ${accountId}`).digest('hex').slice(0, 32)
}
