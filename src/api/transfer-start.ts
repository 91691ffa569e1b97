/** Starting a transfer on request, for both faces. */

import type { Zone } from '../store/objects.ts'
import type { ApiContext } from './context.ts'
import { ApiError } from './errors.ts'

/** Starts a transfer and does not wait for its end; throws what stands in the way. */
export async function startTransfer(
  { registry, runtime }: Pick<ApiContext, 'registry' | 'runtime'>,
  zone: Zone,
  options: { readonly full: boolean },
): Promise<void> {
  if (zone.type !== 'secondary') throw new ApiError('zone-not-secondary')
  const peers = registry.incomings.get(zone.id)?.peers ?? []
  if (peers.length === 0) throw new ApiError('no-primaries', { text: 'the zone has no peers to be fetched from' })
  const outcome = await runtime.forceTransfer(zone.id, options)
  if (outcome.type === 'started') return
  throw new ApiError('no-primaries')
}
