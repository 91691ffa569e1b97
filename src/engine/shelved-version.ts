/** Versions on their way between the store and shared memory. */

import type { Name } from '../dns/name.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import { soaFacts } from '../protocol/soa-facts.ts'
import type { StoredVersion } from '../store/store.ts'
import type { Arena } from '../zone/arena.ts'
import { recordCount, serialOf, soaOf, type Contents } from '../zone/contents.ts'
import { applyDifference, readDifference } from '../zone/difference.ts'
import { loadSegments } from '../zone/segments.ts'
import { TO_RDATA } from '../zone/stored-record.ts'

/** A version as the store has it, in shared memory. Throws if what is stored does not fit together. */
export function loadVersion(arena: Arena, apex: Name, { base, differences }: StoredVersion): Contents {
  return loadSegments(arena, apex, base.soa, base.segments, (edit) => {
    for (const { octets, to } of differences) {
      const conflict = applyDifference(edit, readDifference(octets))
      if (conflict !== undefined) throw new Error(`the stored difference to serial ${to} does not fit its base`)
    }
  })
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
