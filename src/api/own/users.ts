/** `/users`: the people who use the API, and their global keys. The administrator keeps them. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { User } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { checkId, missing, settled } from '../found.ts'
import { needs } from '../needs.ts'
import { userOf } from '../rights.ts'
import type { TypeBoxTypes } from '../validation.ts'

const UserObject = Type.Object({
  id: Type.String(),
  email: Type.String(),
  /** Whether the user has all accounts, those of later included. */
  administrator: Type.Boolean(),
  accounts: Type.Array(Type.String()),
  has_api_key: Type.Boolean(),
  created_time: Type.String(),
  modified_time: Type.String(),
})

const NewUser = Type.Object({ email: Type.String(), accounts: Type.Array(Type.String()) })
const UserChange = Type.Object({
  email: Type.Optional(Type.String()),
  accounts: Type.Optional(Type.Array(Type.String())),
})
const UserPath = Type.Object({ id: Type.String() })

/** The key is told once. */
const KeyObject = Type.Object({ id: Type.String(), email: Type.String(), api_key: Type.String() })
const Removed = Type.Object({ id: Type.String() })

export function userRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { users } = registry
  const shown = { response: { 200: Answer(UserObject) } }
  const keyed = { response: { 200: Answer(KeyObject) } }

  const objectOf = (user: User): Static<typeof UserObject> => ({
    id: user.id,
    email: user.email,
    administrator: user.accountIds === 'all',
    accounts: users.accountsOf(user).map(({ id }) => id),
    has_api_key: user.keyHash !== undefined,
    created_time: user.createdOn,
    modified_time: user.modifiedOn,
  })

  const listed = { response: { 200: Answer(Type.Array(UserObject)) } }
  app.get('/users', { config: needs.server, schema: listed }, async () => answer(users.all().map(objectOf)))

  app.post('/users', { config: needs.server, schema: { body: NewUser, ...shown } }, async ({ body }) => {
    const { value } = settled(await users.create({ email: body.email, accountIds: body.accounts }))
    return answer(objectOf(value))
  })

  app.get('/users/:id', { config: needs.server, schema: { params: UserPath, ...shown } }, async ({ params }) =>
    answer(objectOf(users.get(checkId(params.id)) ?? missing('user-unknown'))),
  )

  const changed = { params: UserPath, body: UserChange, ...shown }
  app.patch('/users/:id', { config: needs.server, schema: changed }, async ({ params, body }) => {
    const { email, accounts } = body
    const draft = {
      ...(email === undefined ? {} : { email }),
      ...(accounts === undefined ? {} : { accountIds: accounts }),
    }
    return answer(objectOf(settled(await users.change(checkId(params.id), draft)).value))
  })

  const removed = { params: UserPath, response: { 200: Answer(Removed) } }
  app.delete('/users/:id', { config: needs.server, schema: removed }, async ({ params }) =>
    answer({ id: settled(await users.remove(checkId(params.id))).value.id }),
  )

  const newKey = async (id: string) => {
    const { user, key } = settled(await users.newKey(id)).value
    return answer({ id: user.id, email: user.email, api_key: key.reveal() })
  }

  app.post('/users/:id/api_key', { config: needs.server, schema: { params: UserPath, ...keyed } }, ({ params }) =>
    newKey(checkId(params.id)),
  )

  // Their own: whoever has the key has everything the user has, so it takes a token that has that, too.
  app.post('/user/api_key', { config: needs.everything, schema: keyed }, (request) =>
    newKey(userOf(request, registry).id),
  )
}
