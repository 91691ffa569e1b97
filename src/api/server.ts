/**
 * The HTTP server: Cloudflare's API, our own API, the place where IONOS's API will be, and what orchestrators probe.
 *
 * Each face is a plugin with its own errors, because each has its own error bodies. A request is bounded in octets,
 * in depth and in time; an answer may be a stream as long as a zone.
 */

import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { PRIMARY_DEFAULTS } from '../engine/settings.ts'
import { isInNetwork, parseAddress, parseNetwork } from '../protocol/access.ts'
import { BODY_OCTETS_MAX } from './body.ts'
import { closeWithGrace } from './closing.ts'
import { cloudflareFace } from './cloudflare/face.ts'
import type { ApiContext, ApiOptions } from './context.ts'
import { apiErrorOf, routeOf, sendError } from './face.ts'
import { described } from './openapi.ts'
import { healthRoutes } from './health.ts'
import { ionosFace } from './ionos.ts'
import { ownFace } from './own/face.ts'
import { FoundRecords } from './found-records.ts'
import { RecordEditor } from './record-editor.ts'
import { RecordIds } from './record-id.ts'
import { Scans } from './scans.ts'
import { serializerOf } from './serialization.ts'
import { validatorOf } from './validation.ts'

const SECOND_MS = 1000
const LIMITS = {
  /** Time for a request to arrive as a whole. */
  requestTimeout: 30 * SECOND_MS,
  /** Time in which nothing moves on a connection, whoever is to blame. */
  connectionTimeout: 120 * SECOND_MS,
  keepAliveTimeout: 72 * SECOND_MS,
  bodyLimit: BODY_OCTETS_MAX,
  /** What was accepted is answered, with a word that the connection ends. */
  return503OnClosing: false,
  routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 1100 },
}

/** What becomes of the schemas of routes. Fastify's types know of one maker of validators only, which is not ours. */
const SCHEMAS = {
  compilersFactory: { buildValidator: () => validatorOf as never, buildSerializer: () => serializerOf as never },
}

/** Builds the server; it listens when `listen` is called, and `close` lets requests under way end. */
export function createApi(options: ApiOptions): FastifyInstance {
  const { resolver, nameServerPort: port, log, now = Date.now, primary = PRIMARY_DEFAULTS, ...rest } = options
  const context: ApiContext = {
    ...rest,
    log,
    now,
    primary,
    refused: options.refused ?? (() => {}),
    windows: new Map(),
    coloName: options.coloName ?? 'local',
    recordIds: new RecordIds(options.registry.recordIdKey),
    scans: new Scans(),
    editor: new RecordEditor(options.runtime),
    found: new FoundRecords({ resolver, log, now, ttlMin: primary.ttlMin, ...(port !== undefined && { port }) }),
  }
  const api = fastify({
    ...LIMITS,
    logger: false,
    requestIdHeader: false,
    frameworkErrors: refuseUnreadable,
    schemaController: SCHEMAS,
    trustProxy: isIn(options.trustedProxies ?? []),
  })
  api.decorateRequest('token', null)
  api.decorateRequest('sentType', '')
  api.decorateRequest('error', null)
  closeWithGrace(api)
  logRequests(api, context)
  api.register((face) => described(face, (inner) => cloudflareFace(inner, context)), { prefix: '/client/v4' })
  api.register(async (face) => ownFace(face, context), { prefix: '/api/v1' })
  api.register(async (face) => ionosFace(face), { prefix: '/ionos' })
  healthRoutes(api, context)
  return api
}

/** Whether an address is in one of some networks: those of proxies, whose X-Forwarded-For is then believed. */
function isIn(texts: readonly string[]): (address: string) => boolean {
  const networks = texts.flatMap((text) => parseNetwork(text) ?? [])
  return (text) => {
    const address = parseAddress(text)
    return address !== undefined && networks.some((network) => isInNetwork(address, network))
  }
}

/** A path that cannot be decoded has no route and so no face. */
function refuseUnreadable(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void sendError(reply, apiErrorOf(error))
}

/** One line per request: changes always, reading when details are wanted. Query strings and bodies stay out of it. */
function logRequests(api: FastifyInstance, { log, refused }: ApiContext): void {
  api.addHook('onResponse', async (request, reply) => {
    const { method, token, error } = request
    if (error !== null) refused(error)
    const ms = Math.round(reply.elapsedTime * 10) / 10
    const facts = {
      method,
      route: routeOf(request),
      status: reply.statusCode,
      ms,
      token: token?.id,
      ...(error !== null && { error }),
    }
    if (method === 'GET' || method === 'HEAD') log.debug(facts, 'api.request')
    else log.info(facts, 'api.request')
  })
}
