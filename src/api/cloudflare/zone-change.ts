/** Changes of a zone that exists: one member at a time, and the check whether it has become active. */

import Type, { type Static } from 'typebox'
import type { Zone } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { ApiError } from '../errors.ts'
import { settled } from '../found.ts'

/** What a client may try to change. */
export const ZoneChange = Type.Object({
  paused: Type.Optional(Type.Boolean()),
  type: Type.Optional(Type.String()),
  vanity_name_servers: Type.Optional(Type.Array(Type.String())),
  plan: Type.Optional(Type.Unknown()),
})

const MEMBERS = ['paused', 'type', 'vanity_name_servers', 'plan'] as const

/** The zone after the change. There are no plans, so any plan is the one the zone has. */
export async function changeZone(
  { registry }: Pick<ApiContext, 'registry'>,
  zone: Zone,
  change: Static<typeof ZoneChange>,
): Promise<Zone> {
  const [member, second] = MEMBERS.filter((each) => change[each] !== undefined)
  if (member === undefined || second !== undefined) {
    throw new ApiError('zone-change-not-single', { text: `expected exactly one of ${MEMBERS.join(', ')}` })
  }
  const { paused, type } = change
  if (paused !== undefined) return settled(await registry.zones.setPaused(zone.id, paused)).value
  if (member === 'plan' || type === zone.type) return zone
  const what = type === undefined ? `${member} cannot be changed` : `a ${zone.type} zone cannot become ${type}`
  throw new ApiError('zone-change-unsupported', { text: what, pointer: `/${member}` })
}
