/** Stopping: requests under way end, within reason; connections that ask nothing do not keep the server from stopping. */

import type { Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Time that answers under way have to reach their clients. */
const GRACE_MS = 10_000

/** Sets what happens when the API is closed. */
export function closeWithGrace(api: FastifyInstance): void {
  watch(api, api.server, 'connection')
}

/** The same for another server that answers for the API: it is closed with it. */
export function closeServerWithGrace(api: FastifyInstance, server: HttpsServer): void {
  watch(api, server, 'secureConnection')
  // Both servers stop listening at once; Fastify closes its own.
  let closed: Promise<void> | undefined
  api.addHook('preClose', async () => {
    closed = server.listening ? new Promise((resolve) => server.close(() => resolve())) : Promise.resolve()
  })
  api.addHook('onClose', async () => closed)
}

function watch(api: FastifyInstance, server: Server | HttpsServer, event: string): void {
  const sockets = new Set<Socket>()
  server.on(event, (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  let closing = false
  // A connection whose last answer began before has no word in it that the connection ends.
  api.addHook('onResponse', async () => {
    if (closing) setImmediate(() => server.closeIdleConnections())
  })
  api.addHook('preClose', async () => {
    closing = true
    // Node closes connections that are idle after a request, not those that never had one, as browsers like to open.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS)
    server.once('close', () => clearTimeout(timer))
    if (!server.listening) clearTimeout(timer)
  })
}
