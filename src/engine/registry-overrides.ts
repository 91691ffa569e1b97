/**
 * Overrides: records that people make in secondary zones, to be answered in place of what was transferred.
 *
 * A zone has few of them. All of one zone are one object, so that a change of several is one write and all of them come
 * and go together. An edit names what it takes out by all its octets, as edits of full zones do.
 */

import { hexOctets, hexText, octetsEqual } from '../dns/octets.ts'
import { nameKey, parseName, sameName } from '../dns/name.ts'
import { reason, type Reason } from '../protocol/reason.ts'
import type { Change, Overrides, Zone } from '../store/objects.ts'
import type { EditMisfit, EditStep } from '../zone/edit-records.ts'
import { type EditedRecord, readEdited } from '../zone/edited-record.ts'
import { conflictOf } from '../zone/record-conflicts.ts'
import type { Id } from './object-id.ts'
import { done, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import type { RegistryState } from './registry-state.ts'

/** What became of an edit. */
export type OverrideOutcome =
  | { readonly type: 'overridden' }
  | EditMisfit
  | { readonly type: 'too many'; readonly seen: number; readonly most: number }
  | { readonly type: 'refused'; readonly reason: Reason }

export class OverridesOfAll {
  /** How many a zone may have. */
  readonly most: number
  readonly #desk: Desk

  constructor(desk: Desk, most: number) {
    this.#desk = desk
    this.most = most
  }

  /** Whether people may make overrides in a zone: it is secondary, and its settings say so. */
  areOn(zone: Pick<Zone, 'id' | 'type'>): boolean {
    return areOn(this.#desk.state, zone)
  }

  /** Those in force, in stored form; none while they are switched off. */
  of(zone: Pick<Zone, 'id' | 'type'>): readonly Uint8Array<ArrayBuffer>[] {
    return activeOverrides(this.#desk.state, zone)
  }

  /** Those that a zone has, in force or not. */
  stored(zoneId: Id): Overrides | undefined {
    return this.#desk.state.overrides.get(zoneId)
  }

  /** Another number after each change of a zone's overrides. */
  revisionOf(zoneId: Id): number {
    return this.#desk.state.overrides.get(zoneId)?.revision ?? 0
  }

  /** Carries out all steps, or none. `changes` are what else becomes true with them. */
  async edit(
    zoneId: Id,
    { steps, changes = [] }: { readonly steps: readonly EditStep[]; readonly changes?: readonly Change[] },
  ): Promise<OverrideOutcome> {
    const outcome = await this.#desk.change(
      (state): Outcome<{ value: OverrideOutcome; changes: readonly Change[] }> => {
        const zone = state.zones.get(zoneId)
        if (zone === undefined || !areOn(state, zone))
          return done({ value: refusedFor('overrides are switched off'), changes: [] })
        const before = activeOverrides(state, zone)
        const after = carryOut(before, steps, zone)
        if ('type' in after) return done({ value: after, changes: [] })
        if (after.length > this.most && after.length > before.length)
          return done({ value: { type: 'too many', seen: after.length, most: this.most }, changes: [] })
        const revision = (state.overrides.get(zoneId)?.revision ?? 0) + 1
        const object = { zoneId, revision, records: after.map(hexText) }
        return done({ value: { type: 'overridden' }, changes: [{ put: 'overrides', object }, ...changes] })
      },
    )
    return outcome.type === 'refused' ? refusedFor(outcome.problems.map(({ text }) => text).join('; ')) : outcome.value
  }
}

function areOn(state: RegistryState, { id, type }: Pick<Zone, 'id' | 'type'>): boolean {
  return type === 'secondary' && state.zoneDnsSettings.get(id)?.secondaryOverrides === true
}

/** The overrides of a zone that are in force, in stored form. */
export function activeOverrides(state: RegistryState, zone: Pick<Zone, 'id' | 'type'>): Uint8Array<ArrayBuffer>[] {
  return areOn(state, zone) ? (state.overrides.get(zone.id)?.records ?? []).map(hexOctets) : []
}

/** The records after all steps, or why they do not fit. */
function carryOut(
  before: readonly Uint8Array[],
  steps: readonly EditStep[],
  { name }: Pick<Zone, 'name'>,
): readonly Uint8Array[] | EditMisfit {
  const apex = parseName(name)
  const records = before.map((octets) => ({ octets, record: readEdited(octets, 0, apex) }))
  for (const [step, { remove, add }] of steps.entries()) {
    const at = remove === undefined ? records.length : records.findIndex(({ octets }) => octetsEqual(octets, remove))
    if (at < 0) return { type: 'stale', step }
    records.splice(at, 1)
    if (add === undefined) continue
    const record = readEdited(add, 0, apex)
    const others = recordsAt(records, record)
    const conflict = conflictOf(record, others, { isApex: sameName(record.owner, apex) })
    if (conflict !== undefined) return { type: 'conflict', step, conflict }
    records.splice(at, 0, { octets: add, record })
  }
  return records.map(({ octets }) => octets)
}

function recordsAt(
  records: readonly { readonly record: EditedRecord }[],
  { owner }: EditedRecord,
): readonly EditedRecord[] {
  const key = nameKey(owner)
  return records.map(({ record }) => record).filter((record) => nameKey(record.owner) === key)
}

const refusedFor = (cause: string) => ({ type: 'refused', reason: reason('cancelled', { cause }) }) as const
