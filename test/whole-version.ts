/** A version as the store has it, with the octets of all its segments. */

import type { KnownSegment, Segment, Store, StoredVersion } from '../src/store/store.ts'

export interface WholeVersion extends Omit<StoredVersion, 'base'> {
  readonly base: Omit<StoredVersion['base'], 'segments'> & { readonly segments: readonly (Segment & KnownSegment)[] }
}

export async function wholeVersion(store: Store, zoneId: string): Promise<WholeVersion | undefined> {
  const version = await store.version(zoneId)
  if (version === undefined) return undefined
  const missing = version.base.segments.filter((segment) => !('octets' in segment))
  const octets = await store.octetsOf(missing.map(({ hash }) => hash))
  const segments = version.base.segments.map((segment) =>
    'octets' in segment ? segment : { ...segment, octets: octets.shift() as Uint8Array },
  )
  return { ...version, base: { ...version.base, segments } }
}
