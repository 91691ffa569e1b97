/** `/accounts/{account}/secondary_dns/acls`: further networks that NOTIFY may come from. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { AclDraft } from '../../engine/object-acl.ts'
import type { Acl } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { AccountObjectPath, accountOf, AccountPath, checkId, missing, settled } from '../found.ts'
import { needs } from '../needs.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { IdObject } from './id-object.ts'

const AclObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  ip_range: Type.String(),
  created_time: Type.String(),
  modified_time: Type.String(),
})

const AclBody = Type.Object({ name: Type.String(), ip_range: Type.String() })

const PATH = '/accounts/:account_id/secondary_dns/acls'

export function aclRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const { acls } = registry
  const shown = { response: { 200: Answer(AclObject) } }

  const listed = { params: AccountPath, response: { 200: Answer(Type.Array(AclObject)) } }
  app.get(PATH, { config: needs.peers.read, schema: listed }, async ({ params }) =>
    answer(acls.in(accountOf(params, registry).id).map(aclObject)),
  )

  app.post(
    PATH,
    { config: needs.peers.write, schema: { params: AccountPath, body: AclBody, ...shown } },
    async ({ params, body }) =>
      answer(aclObject(settled(await acls.create(accountOf(params, registry).id, aclDraft(body))).value)),
  )

  app.get(
    `${PATH}/:id`,
    { config: needs.peers.read, schema: { params: AccountObjectPath, ...shown } },
    async ({ params }) => {
      const acl = acls.of(accountOf(params, registry).id, checkId(params.id)) ?? missing('acl-unknown')
      return answer(aclObject(acl))
    },
  )

  const replaced = { params: AccountObjectPath, body: AclBody, ...shown }
  app.put(`${PATH}/:id`, { config: needs.peers.write, schema: replaced }, async ({ params, body }) => {
    const { id } = accountOf(params, registry)
    return answer(aclObject(settled(await acls.replace(id, checkId(params.id), aclDraft(body))).value))
  })

  const removed = { params: AccountObjectPath, response: { 200: Answer(IdObject) } }
  app.delete(`${PATH}/:id`, { config: needs.peers.write, schema: removed }, async ({ params }) => {
    const { value } = settled(await acls.remove(accountOf(params, registry).id, checkId(params.id)))
    return answer({ id: value.id })
  })
}

function aclObject(acl: Acl): Static<typeof AclObject> {
  const { id, name, ipRange, createdTime, modifiedTime } = acl
  return { id, name, ip_range: ipRange, created_time: createdTime, modified_time: modifiedTime }
}

const aclDraft = ({ name, ip_range: ipRange }: Static<typeof AclBody>): AclDraft => ({ name, ipRange })
