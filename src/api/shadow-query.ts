/** Questions about delegations: what one hides, and which hide a name. */

import Type from 'typebox'
import type { Zone } from '../store/objects.ts'
import { TYPE } from '../zone/stored-record.ts'
import { ApiError } from './errors.ts'
import { nameForm } from './name-form.ts'
import { isOn } from './query.ts'
import type { RecordSeen } from './record-seen.ts'

const Text = Type.Optional(Type.String())

export const ShadowQuery = { include_shadow_metadata: Text, shadowed_by_name: Text, shadowing_name: Text }

interface Query {
  readonly include_shadow_metadata?: string | undefined
  readonly shadowed_by_name?: string | undefined
  readonly shadowing_name?: string | undefined
}

/** Records per page with what delegations hide: that has to be looked for. */
export const SHADOWED_PER_PAGE_MAX = 1000

export const wantsShadows = ({ include_shadow_metadata: wanted }: Query): boolean => isOn(wanted)

export function shadowTests(query: Query, zone: Zone): ((record: RecordSeen) => boolean)[] {
  const { shadowed_by_name: above, shadowing_name: below } = query
  const tests: ((record: RecordSeen) => boolean)[] = []
  if (above !== undefined) {
    const name = nameBelow('shadowed_by_name', above, zone)
    if (!wantsShadows(query))
      throw new ApiError('query-invalid', { text: 'shadowed_by_name expects include_shadow_metadata=true' })
    tests.push((record) => isAtOrBelow(record.name, name) && !(record.type === TYPE.NS && record.name === name))
  }
  if (below !== undefined) {
    const name = nameBelow('shadowing_name', below, zone)
    tests.push((record) => record.type === TYPE.NS && record.name !== zone.name && isAtOrBelow(name, record.name))
  }
  return tests
}

/** A name of the zone that is not its apex. */
function nameBelow(parameter: string, given: string, zone: Zone): string {
  const name = nameForm(given, zone)
  if (name !== zone.name && isAtOrBelow(name, zone.name)) return name
  throw new ApiError('query-invalid', { text: `${parameter} expects a name below ${zone.name}, found "${given}"` })
}

/** Of names as they are shown; a dot with a backslash is part of a label. */
function isAtOrBelow(name: string, other: string): boolean {
  return name === other || (name.endsWith(`.${other}`) && name[name.length - other.length - 2] !== '\\')
}
