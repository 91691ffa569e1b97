/** The API of a running server on its addresses: by HTTP, and by HTTPS where that is wanted. */

import type { FastifyInstance } from 'fastify'
import { parseHttpAddress } from '../engine/addresses.ts'
import type { Engine } from '../engine/engine.ts'
import { resolverOf } from '../engine/host-addresses.ts'
import type { Log } from '../engine/log.ts'
import { cannotListen } from '../engine/serve-error.ts'
import type { Settings } from '../engine/settings.ts'
import { speakHttps } from './https.ts'
import { createApi } from './server.ts'

/** An API that answers, until it is closed; requests under way end first. */
export interface ListeningApi {
  close(): Promise<void>
}

/** Listens. Throws, and leaves nothing open, if an address cannot be used. */
export async function listenHttp(engine: Engine, settings: Settings, log: Log): Promise<ListeningApi> {
  const { registry, runtime, metrics } = engine
  const api = createApi({
    registry,
    runtime,
    metrics: metrics.registry,
    log,
    primary: settings.primary,
    coloName: settings.analytics.coloName,
    resolver: resolverOf(settings),
    nameServerPort: settings.nameServerPort,
    rateLimit: settings.rateLimit,
    refused: (code) => metrics.apiErrors.inc({ code }),
    authKeys: settings.authKeys,
    trustedProxies: settings.httpTrustedProxies,
  })
  try {
    const https = await prepareHttps(engine, api, settings)
    await api.ready()
    await https?.listen()
    // Last: whoever asks it whether all addresses are bound is told so when they are.
    await api.listen(parseHttpAddress(settings.http)).catch((error: unknown) => {
      throw cannotListen('HTTP', settings.http, error)
    })
  } catch (error) {
    await api.close()
    throw error
  }
  return { close: async () => api.close() }
}

/** HTTPS, if it is wanted: the certificate is there before anything listens. */
async function prepareHttps(engine: Engine, api: FastifyInstance, settings: Settings) {
  const { https: address } = settings
  if (address === undefined) return undefined
  const keeper = await engine.openTls()
  const https = speakHttps(api, keeper.identity)
  api.addHook('onClose', async () => keeper.stop())
  return {
    async listen(): Promise<void> {
      await https.listen(parseHttpAddress(address)).catch((error: unknown) => {
        throw cannotListen('HTTPS', address, error)
      })
      keeper.start((identity) => https.renew(identity))
    },
  }
}
