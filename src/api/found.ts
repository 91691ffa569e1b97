/** The objects that paths name. Each function returns the object or throws what is to be answered without it. */

import Type, { type Static } from 'typebox'
import { isId, type Id } from '../engine/object-id.ts'
import type { Done, Outcome } from '../engine/problem.ts'
import type { Registry } from '../engine/registry.ts'
import type { Account, Zone } from '../store/objects.ts'
import { ApiError, refusal, type ErrorCode } from './errors.ts'
import { nameForm } from './zone-list.ts'

export const AccountPath = Type.Object({ account_id: Type.String() })
export const AccountObjectPath = Type.Object({ account_id: Type.String(), id: Type.String() })
export const ZonePath = Type.Object({ zone_id: Type.String() })
/** A zone by its id or its name, as our own API has it. */
export const NamedZonePath = Type.Object({ zone: Type.String() })

export function accountOf({ account_id: id }: Static<typeof AccountPath>, { accounts }: Registry): Account {
  return accounts.get(checkId(id)) ?? missing('account-unknown')
}

export function zoneOf({ zone_id: id }: Static<typeof ZonePath>, { zones }: Registry): Zone {
  return zones.get(checkId(id)) ?? missing('zone-unknown')
}

/** A zone by its id or its name, in U-labels or A-labels. */
export function zoneNamed(idOrName: string, { zones }: Registry): Zone {
  const zone = isId(idOrName) ? zones.get(idOrName) : undefined
  return zone ?? zones.named(nameForm(idOrName).toLowerCase()) ?? missing('zone-unknown')
}

/** Refuses what has not the form of an id before anybody looks for it. */
export function checkId(id: string): Id {
  if (isId(id)) return id
  const text = `could not route to "${id}", perhaps your object identifier is invalid?`
  throw new ApiError('identifier-invalid', { text })
}

export function missing(code: ErrorCode): never {
  throw new ApiError(code)
}

/** What a change came to; a refusal is thrown. */
export function settled<T>(outcome: Outcome<T>): Done<T> {
  if (outcome.type === 'refused') throw refusal(outcome)
  return outcome
}
