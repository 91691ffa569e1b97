/**
 * Who is asking: an API token in `Authorization: Bearer`, or a user by e-mail address and global key if that is allowed.
 *
 * Cloudflare's service key is recognised so that whoever uses it reads what is wrong, in the codes that clients know how
 * to explain.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { runAs, type Actor } from '../engine/actor.ts'
import { whyNotUsable } from '../engine/object-token.ts'
import type { Registry } from '../engine/registry.ts'
import type { Token } from '../store/objects.ts'
import type { ApiContext } from './context.ts'
import { ApiError, type ErrorCode } from './errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The token the request came with; null until it has been checked. */
    token: Token | null
  }
}

type Context = Pick<ApiContext, 'registry' | 'now' | 'log' | 'authKeys'>

/** Refuses every request to this face that does not bring a token. What is changed is changed in the token's name. */
export function requireToken(face: FastifyInstance, context: Context): void {
  const { registry, now, log } = context
  face.addHook('onRequest', async (request) => {
    const token = authenticate(request, context)
    const why = whyNotUsable(token, { now: now(), address: request.ip })
    if (why !== undefined) throw new ApiError('auth-wrong', { text: why })
    request.token = token
    if (!isByKey(token))
      registry.tokens.used(token).catch((error: unknown) => log.error({ err: error }, 'store.failed'))
  })
  // From here on, for the handler and all that it starts.
  face.addHook('preHandler', (request, _reply, done) => runAs(actorOf(tokenOf(request)), done))
}

/** The token a request must have come with. */
export function tokenOf({ token }: FastifyRequest): Token {
  if (token === null) throw new ApiError('auth-missing')
  return token
}

/** Who is acting with a token: the audit log knows them by these ids. */
function actorOf(token: Token): Actor {
  const { id, userId } = token
  if (userId === undefined) return { tokenId: id }
  return isByKey(token) ? { userId } : { tokenId: id, userId }
}

/** A user who came with the global key has no token: the id of the user stands for it. */
const isByKey = ({ id, userId }: Token): boolean => id === userId

function authenticate({ headers }: FastifyRequest, { registry, authKeys }: Context): Token {
  const { authorization } = headers
  if (authorization === undefined) return authenticateOtherwise(headers, registry, authKeys ?? false)
  const [, secret] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
  if (secret === undefined) throw malformed('auth-header-malformed')
  const token = registry.tokens.find(secret)
  if (token === undefined) throw new ApiError('auth-wrong')
  return token
}

/** Whoever comes without an Authorization header: by key and e-mail address, or what is wrong with it. */
function authenticateOtherwise(
  headers: FastifyRequest['headers'],
  { users }: Pick<Registry, 'users'>,
  authKeys: boolean,
): Token {
  const key = headers['x-auth-key']
  const email = headers['x-auth-email']
  if (key === undefined && email === undefined) {
    throw new ApiError(headers['x-auth-user-service-key'] === undefined ? 'auth-missing' : 'service-key-unsupported')
  }
  if (typeof key !== 'string' || !/^[0-9a-zA-Z_-]{32,}$/.test(key)) throw malformed('auth-key-malformed')
  if (typeof email !== 'string' || !/^[^@\s]+@[^@\s]+$/.test(email)) throw malformed('auth-email-malformed')
  const token = authKeys ? users.withKey(email, key) : undefined
  if (token === undefined) throw new ApiError('auth-key-unknown')
  return token
}

const malformed = (code: ErrorCode): ApiError => new ApiError('headers-invalid', { chain: [{ code }] })
