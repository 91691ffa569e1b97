/** `/accounts/{account}/secondary_dns/tsigs`: keys shared with other servers. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { TsigDraft } from '../../engine/object-tsig.ts'
import type { Tsig } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { AccountObjectPath, accountOf, AccountPath, checkId, missing, settled } from '../found.ts'
import { toAscii } from '../idn.ts'
import { needs } from '../needs.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { IdObject } from './id-object.ts'

const TsigObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  secret: Type.String(),
  algo: Type.String(),
})

const TsigBody = Type.Object({ name: Type.String(), secret: Type.String(), algo: Type.String() })

const PATH = '/accounts/:account_id/secondary_dns/tsigs'

export function tsigRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { tsigs } = registry
  const shown = { response: { 200: Answer(TsigObject) } }

  const listed = { params: AccountPath, response: { 200: Answer(Type.Array(TsigObject)) } }
  app.get(PATH, { config: needs.peers.read, schema: listed }, async ({ params }) =>
    answer(tsigs.in(accountOf(params, registry).id).map(tsigObject)),
  )

  const created = { params: AccountPath, body: TsigBody, ...shown }
  app.post(PATH, { config: needs.peers.write, schema: created }, async ({ params, body }) => {
    const { value, warnings } = settled(await tsigs.create(accountOf(params, registry).id, tsigDraft(body)))
    return answer(tsigObject(value), warnings)
  })

  app.get(
    `${PATH}/:id`,
    { config: needs.peers.read, schema: { params: AccountObjectPath, ...shown } },
    async ({ params }) => {
      const tsig = tsigs.of(accountOf(params, registry).id, checkId(params.id)) ?? missing('tsig-unknown')
      return answer(tsigObject(tsig))
    },
  )

  const replaced = { params: AccountObjectPath, body: TsigBody, ...shown }
  app.put(`${PATH}/:id`, { config: needs.peers.write, schema: replaced }, async ({ params, body }) => {
    const { id } = accountOf(params, registry)
    const { value, warnings } = settled(await tsigs.replace(id, checkId(params.id), tsigDraft(body)))
    return answer(tsigObject(value), warnings)
  })

  const removed = { params: AccountObjectPath, response: { 200: Answer(IdObject) } }
  app.delete(`${PATH}/:id`, { config: needs.peers.write, schema: removed }, async ({ params }) => {
    const { value } = settled(await tsigs.remove(accountOf(params, registry).id, checkId(params.id)))
    return answer({ id: value.id })
  })
}

/** The secret in clear, as at Cloudflare, for everybody who may read the settings of the account. */
function tsigObject({ id, name, secret, algo }: Tsig): Static<typeof TsigObject> {
  return { id, name, secret: secret.reveal(), algo }
}

const tsigDraft = ({ name, secret, algo }: Static<typeof TsigBody>): TsigDraft => ({
  name: toAscii(name),
  secret,
  algo,
})
