/** All routes of both faces, as the API itself knows them, with what each says it needs. */

import { fastify } from 'fastify'
import { cloudflareFace } from '../../src/api/cloudflare/face.ts'
import type { ApiContext } from '../../src/api/context.ts'
import { needs, type Needs } from '../../src/api/needs.ts'
import { ownFace } from '../../src/api/own/face.ts'
import { RecordIds } from '../../src/api/record-id.ts'
import { RecordEditor } from '../../src/api/record-editor.ts'
import { Scans } from '../../src/api/scans.ts'
import { noLog } from '../../src/engine/log.ts'
import { PRIMARY_DEFAULTS } from '../../src/engine/settings.ts'
import type { World } from './world.ts'

export interface Route {
  readonly method: string
  readonly url: string
  readonly needs: Needs
}

/** Every way in but HEAD, which goes with each GET. */
export async function routesOf({ registry, runtime }: Pick<World, 'registry' | 'runtime'>): Promise<readonly Route[]> {
  const routes: Route[] = []
  const context: ApiContext = {
    registry,
    runtime,
    metrics: { contentType: '', metrics: async () => '' },
    log: noLog,
    now: Date.now,
    recordIds: new RecordIds(registry.recordIdKey),
    scans: new Scans(),
    primary: PRIMARY_DEFAULTS,
    editor: new RecordEditor(runtime),
    windows: new Map(),
    refusedForRate: () => {},
  }
  const api = fastify()
  api.decorateRequest('token', null)
  api.addHook('onRoute', ({ method, url, config }) => {
    for (const each of [method].flat()) {
      if (each !== 'HEAD') routes.push({ method: each, url, needs: config?.needs ?? needs.anybody.needs })
    }
  })
  api.register(async (face) => cloudflareFace(face, context), { prefix: '/client/v4' })
  api.register(async (face) => ownFace(face, context), { prefix: '/api/v1' })
  await api.ready()
  return routes
}
