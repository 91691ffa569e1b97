/** Our own API at /api/v1: what the running server knows and Cloudflare's API has no words for. */

import type { FastifyInstance } from 'fastify'
import { requireToken } from '../auth.ts'
import type { ApiContext } from '../context.ts'
import { speakEnvelope } from '../face.ts'
import { limitRate } from '../rate.ts'
import { enforceRights } from '../rights.ts'
import { auditRoutes } from './audit.ts'
import { outgoingStateRoutes } from './outgoing.ts'
import { queryRoutes } from './queries.ts'
import { serverRoutes } from './server-state.ts'
import { transferRoutes } from './transfers.ts'
import { zoneSettingsRoutes } from './zone-settings.ts'
import { userRoutes } from './users.ts'
import { zoneStateRoutes } from './zone-states.ts'
import { zoneFileRoutes } from './zone-file.ts'

/** Sets the routes of the face. */
export function ownFace(face: FastifyInstance, context: ApiContext): void {
  speakEnvelope(face, context)
  requireToken(face, context)
  limitRate(face, context)
  enforceRights(face, context.registry)
  for (const routes of ROUTES) routes(face, context)
}

const ROUTES = [
  serverRoutes,
  zoneStateRoutes,
  outgoingStateRoutes,
  zoneSettingsRoutes,
  transferRoutes,
  zoneFileRoutes,
  queryRoutes,
  auditRoutes,
  userRoutes,
] as const
