/** Versions on their way between the store and shared memory. */

import type { Name } from '../dns/name.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import { soaFacts } from '../protocol/soa-facts.ts'
import type { Store, StoredVersion } from '../store/store.ts'
import type { Arena } from '../zone/arena.ts'
import { recordCount, serialOf, soaOf, type Contents } from '../zone/contents.ts'
import { applyDifference, readDifference } from '../zone/difference.ts'
import { Edit } from '../zone/edit.ts'
import { addSegment } from '../zone/segments.ts'
import { TO_RDATA } from '../zone/stored-record.ts'

/** Segments that are asked for at once, and how often that is done ahead of what is put together. */
const PART = 8
const PARTS_AHEAD = 3

/**
 * A version as the store has it, in shared memory. The store unpacks segments while those before are put together.
 * Throws if what is stored does not fit together.
 */
export async function loadVersion(
  arena: Arena,
  apex: Name,
  { base, differences }: StoredVersion,
  store: Pick<Store, 'octetsOf'>,
): Promise<Contents> {
  const edit = new Edit(arena, undefined, apex)
  try {
    edit.setSoa(base.soa)
    for (const part of partsOf(base.segments, store)) for (const octets of await part) addSegment(edit, octets)
    for (const { octets, to } of differences) {
      const conflict = applyDifference(edit, readDifference(octets))
      if (conflict !== undefined) throw new Error(`the stored difference to serial ${to} does not fit its base`)
    }
    return edit.commit().contents
  } catch (error) {
    edit.abort()
    throw error
  }
}

/** The octets of segments in order; some parts are asked for before the one that is given. */
function* partsOf(
  segments: StoredVersion['base']['segments'],
  store: Pick<Store, 'octetsOf'>,
): Generator<Promise<readonly Uint8Array[]>> {
  const asked: Promise<readonly Uint8Array[]>[] = []
  for (let at = 0; at < segments.length || asked.length > 0;) {
    while (asked.length < PARTS_AHEAD && at < segments.length) {
      const part = segments.slice(at, (at += PART))
      const octets = octetsOfPart(part, store)
      octets.catch(() => {}) // told when it is its turn
      asked.push(octets)
    }
    yield asked.shift() as Promise<readonly Uint8Array[]>
  }
}

async function octetsOfPart(
  part: StoredVersion['base']['segments'],
  store: Pick<Store, 'octetsOf'>,
): Promise<readonly Uint8Array[]> {
  const missing = part.filter((segment) => !('octets' in segment))
  const octets = missing.length === 0 ? [] : await store.octetsOf(missing.map(({ hash }) => hash))
  return part.map((segment) => ('octets' in segment ? segment.octets : (octets.shift() as Uint8Array)))
}

/** What the store keeps of a version beside its records. */
export function headOf(zoneId: string, contents: Contents) {
  const soa = soaOctets(contents)
  return { zoneId, serial: serialOf(contents), soa, recordCount: recordCount(contents) + 1 }
}

/** The SOA record, copied. */
export function soaOctets(contents: Contents): Uint8Array {
  const { octets, at, end } = soaOf(contents)
  return octets.slice(at, end)
}

/** What the SOA record of a version says. */
export function factsOf(contents: Contents): SoaFacts {
  const soa = soaOctets(contents)
  return soaFacts(soa, TO_RDATA, soa.length)
}
