/** The place of the IONOS Cloud DNS face: it has no routes yet, and says so in that API's error body. */

import type { FastifyInstance, FastifyReply } from 'fastify'

/** Sets the answers of the prefix. */
export function ionosFace(face: FastifyInstance): void {
  face.setNotFoundHandler((_request, reply) => sendIonosError(reply, 404, 'paas-route-1', 'not found'))
}

function sendIonosError(reply: FastifyReply, httpStatus: number, errorCode: string, message: string): FastifyReply {
  return reply.code(httpStatus).send({ httpStatus, messages: [{ errorCode, message }] })
}
