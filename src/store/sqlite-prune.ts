/** Forgetting what is too old or too much, in transactions that keep nobody else waiting for long. */

import type { Group } from './group.ts'

/** What one transaction removed, and where the next one is to go on: nowhere once there is no more. */
export interface Pruned<Place> {
  readonly removed: number
  readonly next: Place | undefined
}

/** Prunes slice by slice; resolves to how much was removed in all. */
export async function pruneAll<Place>(
  group: Pick<Group, 'run'>,
  first: Place,
  slice: (place: Place) => Pruned<Place>,
): Promise<number> {
  let total = 0
  for (let place: Place | undefined = first; place !== undefined;) {
    const from: Place = place
    const { removed, next } = await group.run(() => slice(from))
    total += removed
    place = next
  }
  return total
}
