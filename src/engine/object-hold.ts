/** What a hold keeps others from. */

import type { Hold } from '../store/objects.ts'
import { instantText, readInstantText, type Id, type Instant } from './object-id.ts'
import { done, refused, type Outcome } from './problem.ts'
import type { RegistryState } from './registry-state.ts'

/** The name of the zone of another account that keeps a name from being set up; undefined if none does. */
export function holderOf(
  state: RegistryState,
  { name, accountId }: { readonly name: string; readonly accountId: Id },
  now: Instant,
): string | undefined {
  const labels = name.split('.')
  for (let above = 0; above < labels.length; above++) {
    const at = labels.slice(above).join('.')
    const zone = state.zones.named(at)
    if (zone === undefined || zone.accountId === accountId) continue
    const hold = state.holds.get(zone.id)
    if (isHolding(hold, now) && (at === name || hold?.includeSubdomains === true)) return zone.name
  }
  return undefined
}

/** Whether a hold holds at an instant. */
export function isHolding(hold: Hold | undefined, now: Instant): boolean {
  return hold !== undefined && (hold.holdAfter === null || Date.parse(hold.holdAfter) <= now)
}

/** An instant as people write it, in the form that is kept. */
export function readInstant(text: string): Outcome<string> {
  const instant = readInstantText(text)
  if (instant !== undefined) return done(instantText(instant))
  return refused('hold-after-invalid', `expected hold_after as 2026-01-31T15:56:36Z, found "${text}"`, '/hold_after')
}
