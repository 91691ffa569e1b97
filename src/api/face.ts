/** What the faces that answer in the envelope have in common: bodies, schemas, errors and unknown routes. */

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../engine/log.ts'
import { acceptBodies } from './body.ts'
import { failure } from './envelope.ts'
import { ApiError, type ErrorCode } from './errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The error that the request ended with; null if it ended well. */
    error: ErrorCode | null
  }
}

/** Prepares a face before its routes are set. */
export function speakEnvelope(face: FastifyInstance, { log }: { readonly log: Log }): void {
  acceptBodies(face)
  face.setNotFoundHandler((request) => {
    throw unknownRoute(request)
  })
  face.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const known = error instanceof ApiError ? error : apiErrorOf(error)
    if (!(error instanceof ApiError) && known.status >= 500)
      log.error({ err: error, method: request.method, route: routeOf(request) }, 'api.failed')
    request.error = known.faults[0]?.code ?? null
    return sendError(reply, known)
  })
}

/** Answers with an error in the envelope. */
export function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
  return reply
    .code(error.status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(failure(error.faults)))
}

/** The route's pattern rather than the path: ids would make every log line and metric its own. */
export const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? 'unknown'

function unknownRoute({ url }: FastifyRequest): ApiError {
  const [path] = url.split('?')
  const text = `could not route to ${path}, perhaps your object identifier is invalid?`
  return ApiError.of([{ code: 'identifier-invalid', text }, { code: 'route-unknown' }])
}

/** Fastify's own errors by what they mean to the client; what is not foreseen is ours to answer for. */
export function apiErrorOf(error: { readonly code?: string; readonly statusCode?: number | undefined }): ApiError {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ApiError('body-too-large')
  if (error.statusCode === undefined || error.statusCode >= 500) return new ApiError('internal')
  return new ApiError('request-malformed')
}
