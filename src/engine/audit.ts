/** The lines of the audit log that a change of the control plane brings: one for each object that is not as before. */

import { isDeepStrictEqual } from 'node:util'
import { idOf, type AuditLine, type Change, type ObjectKind, type StoredObject } from '../store/objects.ts'
import { Secret } from '../store/secret.ts'
import { actor } from './actor.ts'
import type { Id, Instant } from './object-id.ts'
import { accountsByAge, objectIn, type RegistryState } from './registry-state.ts'

/** What nobody may read in the log. */
const HIDDEN: ReadonlySet<string> = new Set(['secret', 'hash', 'keyHash'])

/** What the server notes by itself, as it happens: no change that anybody has made. */
const NOTED: ReadonlySet<string> = new Set(['lastUsedOn', 'soaSerial', 'checkedTime', 'lastTransferredTime'])

/** Who a line belongs to. */
type Place = Pick<AuditLine, 'accountId' | 'zoneId'>

/** The lines for changes that are about to be made. A plan that brings its own has said what there is to say. */
export function auditLines(changes: readonly Change[], state: RegistryState, at: Instant): readonly Change[] {
  if (changes.some((change) => 'audit' in change)) return []
  const gone = new Set(changes.flatMap((change) => ('remove' in change && change.remove === 'zone' ? [change.id] : [])))
  const home = () => accountsByAge(state)[0]?.id ?? changes.flatMap(newAccount)[0]
  return changes.flatMap((change): Change[] => {
    if (!('put' in change || 'remove' in change)) return []
    const kind = 'put' in change ? change.put : change.remove
    const id = 'put' in change ? idOf(kind, change.object) : change.id
    if (kind !== 'zone' && gone.has(id)) return [] // what goes with its zone
    const before = objectIn(state, kind, id)
    const after = 'put' in change ? change.object : undefined
    const owned = after ?? before
    const place = owned && placeOf(kind, owned, { state, home })
    if (place === undefined || !isChange(before, after)) return []
    return [
      {
        audit: {
          at,
          ...place,
          ...actor(),
          action: `${wordOf(kind)}.${verb(before, after)}`,
          object: { ...shown('before', before), ...shown('after', after) },
        },
      },
    ]
  })
}

/** The first account of all comes with the first user. */
const newAccount = (change: Change): readonly Id[] =>
  'put' in change && change.put === 'account' ? [change.object.id] : []

const verb = (before: unknown, after: unknown): string =>
  before === undefined ? 'create' : after === undefined ? 'delete' : 'update'

/** `zoneDnsSettings` is `zone_dns_settings`. */
const wordOf = (word: string): string => word.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Whether somebody has changed something. A new secret is a change, although it is not shown. */
function isChange(before: StoredObject | undefined, after: StoredObject | undefined): boolean {
  if (before === undefined || after === undefined) return before !== after
  return !isDeepStrictEqual(told(before), told(after))
}

const told = (object: StoredObject): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(object)
      .filter(([key, value]) => !NOTED.has(key) && value !== undefined)
      .map(([key, value]) => [key, value instanceof Secret ? value.reveal() : value]),
  )

function shown(when: 'before' | 'after', object: StoredObject | undefined): Record<string, unknown> {
  if (object === undefined) return {}
  const members = Object.entries(object).filter(([key]) => !HIDDEN.has(key))
  return { [when]: Object.fromEntries(members.map(([key, value]) => [wordOf(key), value])) }
}

interface Surroundings {
  readonly state: RegistryState
  /** The account that users are noted in who have all. */
  readonly home: () => Id | undefined
}

function placeOf(kind: ObjectKind, object: StoredObject, { state, home }: Surroundings): Place | undefined {
  // Who changes overrides tells of each record.
  if (kind === 'timers' || kind === 'setting' || kind === 'overrides') return undefined
  const { id, accountId, zoneId, accountIds } = object as Partial<Record<'id' | 'accountId' | 'zoneId', Id>> & {
    readonly accountIds?: 'all' | readonly Id[]
  }
  if (kind === 'zone') return { accountId: accountId as Id, zoneId: id as Id }
  if (kind === 'account') return { accountId: id as Id }
  if (accountId !== undefined) return { accountId }
  if (zoneId !== undefined) {
    const zone = state.zones.get(zoneId)
    return zone && { accountId: zone.accountId, zoneId }
  }
  const first = accountIds === 'all' ? home() : accountIds?.[0]
  return first === undefined ? undefined : { accountId: first }
}
