/** All routes of both faces, as the API itself knows them, with what each says it needs. */

import type { Declared, Needs } from '../../src/api/needs.ts'
import { createApi } from '../../src/api/server.ts'
import { noLog } from '../../src/engine/log.ts'
import type { World } from './world.ts'

export interface Route {
  readonly method: string
  readonly url: string
  readonly needs: Needs
}

/** Every way in that asks for a token, but HEAD, which goes with each GET. */
export async function routesOf({ registry, runtime }: Pick<World, 'registry' | 'runtime'>): Promise<readonly Route[]> {
  const routes: Route[] = []
  const api = createApi({ registry, runtime, metrics: { contentType: '', metrics: async () => '' }, log: noLog })
  api.addHook('onRoute', ({ method, url, config }) => {
    const needs = (config as Partial<Declared> | undefined)?.needs
    if (needs === undefined) return
    for (const each of [method].flat()) if (each !== 'HEAD') routes.push({ method: each, url, needs })
  })
  await api.ready()
  await api.close()
  return routes
}
