/** Stopping: requests under way end, within reason; connections that ask nothing do not keep the server from stopping. */

import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Time that answers under way have to reach their clients. */
const GRACE_MS = 10_000

/** Sets what happens when the server is closed. */
export function closeWithGrace(api: FastifyInstance): void {
  const sockets = new Set<Socket>()
  api.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  let closing = false
  // A connection whose last answer began before has no word in it that the connection ends.
  api.addHook('onResponse', async () => {
    if (closing) setImmediate(() => api.server.closeIdleConnections())
  })
  api.addHook('preClose', async () => {
    closing = true
    // Node closes connections that are idle after a request, not those that never had one, as browsers like to open.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    const timer = setTimeout(() => api.server.closeAllConnections(), GRACE_MS)
    api.server.once('close', () => clearTimeout(timer))
  })
}
