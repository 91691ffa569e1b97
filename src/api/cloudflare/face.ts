/** Cloudflare's v4 API at /client/v4. */

import type { FastifyInstance } from 'fastify'
import { requireToken } from '../auth.ts'
import { speakEnvelope } from '../face.ts'
import { limitRate } from '../rate.ts'
import { enforceRights } from '../rights.ts'
import type { ApiContext } from '../context.ts'
import { accountRoutes } from './accounts.ts'
import { aclRoutes } from './acls.ts'
import { dnsSettingsRoutes } from './dns-settings.ts'
import { analyticsRoutes } from './analytics.ts'
import { forceTransferRoutes } from './force-axfr.ts'
import { holdRoutes } from './holds.ts'
import { otherProductRoutes } from './other-products.ts'
import { memberRoutes, roleRoutes } from './members.ts'
import { incomingRoutes } from './incoming.ts'
import { outgoingActionRoutes, outgoingRoutes } from './outgoing.ts'
import { peerRoutes } from './peers.ts'
import { recordBatchRoutes } from './record-batch.ts'
import { recordFileRoutes } from './record-file.ts'
import { recordRoutes } from './records.ts'
import { recordScanRoutes } from './record-scan.ts'
import { recordUsageRoutes } from './record-usage.ts'
import { recordWriteRoutes } from './record-writes.ts'
import { tokenRoutes } from './tokens.ts'
import { tsigRoutes } from './tsigs.ts'
import { userRoutes } from './user.ts'
import { zoneRoutes } from './zones.ts'

/** Sets the routes of the face. */
export function cloudflareFace(face: FastifyInstance, context: ApiContext): void {
  speakEnvelope(face, context)
  requireToken(face, context)
  limitRate(face, context)
  enforceRights(face, context.registry)
  for (const routes of ROUTES) routes(face, context)
}

const ROUTES = [
  accountRoutes,
  userRoutes,
  tokenRoutes,
  zoneRoutes,
  tsigRoutes,
  peerRoutes,
  aclRoutes,
  incomingRoutes,
  outgoingRoutes,
  outgoingActionRoutes,
  forceTransferRoutes,
  recordRoutes,
  recordWriteRoutes,
  recordBatchRoutes,
  dnsSettingsRoutes,
  holdRoutes,
  memberRoutes,
  roleRoutes,
  otherProductRoutes,
  recordFileRoutes,
  recordUsageRoutes,
  recordScanRoutes,
  analyticsRoutes,
] as const
