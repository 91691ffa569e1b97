/**
 * Who is asking: an API token in `Authorization: Bearer`.
 *
 * Cloudflare's older ways, a key with an e-mail address and the service key, are recognised so that whoever uses them
 * reads what is wrong, in the codes that clients know how to explain.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Registry } from '../engine/registry.ts'
import type { Token } from '../store/objects.ts'
import { ApiError, type ErrorCode } from './errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The token the request came with; null until it has been checked. */
    token: Token | null
  }
}

/** Refuses every request to this face that does not bring a token. */
export function requireToken(face: FastifyInstance, { tokens }: Pick<Registry, 'tokens'>): void {
  face.addHook('onRequest', async (request) => {
    request.token = authenticate(request, tokens)
  })
}

/** The token a request must have come with. */
export function tokenOf({ token }: FastifyRequest): Token {
  if (token === null) throw new ApiError('auth-missing')
  return token
}

function authenticate({ headers }: FastifyRequest, tokens: Registry['tokens']): Token {
  const { authorization } = headers
  if (authorization === undefined) throw otherWay(headers)
  const [, secret] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
  if (secret === undefined) throw malformed('auth-header-malformed')
  const token = tokens.find(secret)
  if (token === undefined) throw new ApiError('auth-wrong')
  return token
}

/** What is wrong with a request that has no Authorization header. */
function otherWay(headers: FastifyRequest['headers']): ApiError {
  const key = headers['x-auth-key']
  const email = headers['x-auth-email']
  if (key !== undefined || email !== undefined) {
    if (typeof key !== 'string' || !/^[0-9a-zA-Z_-]{32,}$/.test(key)) return malformed('auth-key-malformed')
    if (typeof email !== 'string' || !/^[^@\s]+@[^@\s]+$/.test(email)) return malformed('auth-email-malformed')
    return new ApiError('auth-key-unknown')
  }
  return new ApiError(headers['x-auth-user-service-key'] === undefined ? 'auth-missing' : 'service-key-unsupported')
}

const malformed = (code: ErrorCode): ApiError => new ApiError('headers-invalid', { chain: [{ code }] })
