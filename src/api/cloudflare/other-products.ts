/**
 * What clients of DNS ask for on the way and is no DNS: page rules, certificates, plans, hostnames of other products. There
 * is none of it here, and the answers say so in the form that clients read. Nothing of it can be made.
 */

import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { ApiContext } from '../context.ts'
import { Answer, answer, PagedAnswer, pagedAnswer } from '../envelope.ts'
import { ApiError } from '../errors.ts'
import { accountOf, AccountPath, zoneOf, ZonePath } from '../found.ts'
import { needs } from '../needs.ts'
import { PageQuery, readPage, resultInfo } from '../paging.ts'
import type { TypeBoxTypes } from '../validation.ts'
import { PLAN, PlanObject } from './zone-object.ts'

/** Lists of a zone that are always empty, below its path. */
const ZONE_LISTS = [
  'pagerules',
  'rulesets',
  'settings',
  'custom_hostnames',
  'addressing/regional_hostnames',
  'workers/routes',
  'firewall/access_rules/rules',
] as const

/** Those of an account. */
const ACCOUNT_LISTS = ['custom_ns', 'rulesets', 'dns_settings/views'] as const

const Nothing = Type.Array(Type.Object({}))
const CHANGES = ['POST', 'PUT', 'PATCH', 'DELETE'] as const
const BOUNDS = { perPage: 20, perPageMax: 1000 }

export function otherProductRoutes(face: FastifyInstance, context: ApiContext): void {
  for (const path of ZONE_LISTS) emptyZoneList(face, context, `/zones/:zone_id/${path}`)
  for (const path of ACCOUNT_LISTS) emptyAccountList(face, context, `/accounts/:account_id/${path}`)
  nameServerRoute(face, context)
  planRoutes(face, context)
  certificateRoutes(face, context)
}

function emptyZoneList(face: FastifyInstance, { registry }: ApiContext, path: string): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const schema = {
    params: ZonePath,
    querystring: Type.Object(PageQuery),
    response: { 200: PagedAnswer(Type.Object({})) },
  }
  app.get(path, { config: needs.zoneSettings.read, schema }, async ({ params, query }) => {
    zoneOf(params, registry)
    return pagedAnswer([], resultInfo(readPage(query, BOUNDS), 0, 0))
  })
  const refused = { config: needs.zoneSettings.write, handler: refuse }
  for (const method of CHANGES) for (const url of [path, `${path}/*`]) app.route({ method, url, ...refused })
}

function emptyAccountList(face: FastifyInstance, { registry }: ApiContext, path: string): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const schema = { params: AccountPath, response: { 200: Answer(Nothing) } }
  app.get(path, { config: needs.accountSettings.read, schema }, async ({ params }) => {
    accountOf(params, registry)
    return answer([])
  })
  const refused = { config: needs.accountSettings.write, handler: refuse }
  for (const method of CHANGES) for (const url of [path, `${path}/*`]) app.route({ method, url, ...refused })
}

/** Names of nameservers are settings of the server, so no zone's name can be used for others. */
function nameServerRoute(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const schema = { params: AccountPath, response: { 200: Answer(Type.Array(Type.String())) } }
  const url = '/accounts/:account_id/custom_ns/availability'
  app.get(url, { config: needs.accountSettings.read, schema }, async ({ params }) => {
    accountOf(params, registry)
    return answer([])
  })
}

/** Every zone has the one plan there is. */
function planRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const schema = { params: ZonePath, response: { 200: Answer(Type.Array(PlanObject)) } }
  app.get('/zones/:zone_id/available_plans', { config: needs.zones.read, schema }, async ({ params }) => {
    zoneOf(params, registry)
    return answer([PLAN])
  })
}

/** No certificates are made for names in zones. */
function certificateRoutes(face: FastifyInstance, { registry }: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const url = '/zones/:zone_id/ssl/universal/settings'
  const schema = { params: ZonePath, response: { 200: Answer(Type.Object({ enabled: Type.Boolean() })) } }
  app.get(url, { config: needs.zoneSettings.read, schema }, async ({ params }) => {
    zoneOf(params, registry)
    return answer({ enabled: false })
  })
  app.route({ method: 'PATCH', url, config: needs.zoneSettings.write, handler: refuse })
}

async function refuse(): Promise<never> {
  throw new ApiError('not-about-dns')
}
