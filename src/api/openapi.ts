/**
 * `openapi.json`: a face described to programs (OpenAPI 3.1), from the schemas that its requests are held against.
 *
 * It is the same for everybody and tells of no object, so no token is asked for.
 */

import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { VERSION } from '../engine/version.ts'

/** Sets the routes of a face, and beside them the one that describes them all. */
export async function described(face: FastifyInstance, routes: (inner: FastifyInstance) => void): Promise<void> {
  await face.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'twinzone: the Cloudflare v4 API', version: VERSION },
      servers: [{ url: '/client/v4' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    stripBasePath: true,
  })
  await face.register(async (inner) => routes(inner))
  face.get('/openapi.json', { schema: { hide: true } }, async () => face.swagger())
}
