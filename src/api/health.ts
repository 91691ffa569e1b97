/** What orchestrators and monitoring ask: whether the process lives, whether it is ready, and its figures. */

import type { FastifyInstance } from 'fastify'
import type { ZoneRuntime } from '../engine/runtime.ts'

/** The part of a prom-client registry that is needed here. */
export interface Metrics {
  readonly contentType: string
  metrics(): Promise<string>
}

interface Watched {
  readonly runtime: Pick<ZoneRuntime, 'status'>
  readonly metrics: Metrics
}

/** Sets `/livez`, `/readyz` and `/metrics`. They need no token and reveal no names. */
export function healthRoutes(api: FastifyInstance, { runtime, metrics }: Watched): void {
  api.get('/livez', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'))

  api.get('/readyz', async (_request, reply) => {
    const { waitingFor } = runtime.status()
    const text = waitingFor.length === 0 ? 'ok\n' : waitingFor.map((each) => `waiting for ${each}\n`).join('')
    return reply
      .code(waitingFor.length === 0 ? 200 : 503)
      .type('text/plain; charset=utf-8')
      .send(text)
  })

  api.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
}
