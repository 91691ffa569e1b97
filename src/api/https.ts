/** The same API by HTTPS, on an address of its own. */

import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { closeServerWithGrace } from './closing.ts'

/** Certificate and key as PEM. */
interface Identity {
  readonly cert: string
  readonly key: string
}

export interface HttpsListener {
  listen(address: { readonly host: string; readonly port: number }): Promise<AddressInfo>
  /** New connections are answered with another certificate. */
  renew(identity: Identity): void
}

/** Prepares the listener; must be called before the API listens, and ends with it. */
export function speakHttps(api: FastifyInstance, identity: Identity): HttpsListener {
  const { requestTimeout, keepAliveTimeout, timeout } = api.server
  const server = createServer(
    { ...identity, minVersion: 'TLSv1.2', requestTimeout, keepAliveTimeout },
    (request, response) => api.routing(request, response),
  )
  server.setTimeout(timeout)
  closeServerWithGrace(api, server)
  return { listen: (address) => listen(server, address), renew: (next) => server.setSecureContext(next) }
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve(server.address() as AddressInfo)
    })
  })
}
