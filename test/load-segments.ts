/** A version made of its segments, as a start makes it of those in the store (engine/shelved-version.ts). */

import type { Name } from '../src/dns/name.ts'
import type { Arena } from '../src/zone/arena.ts'
import type { Contents } from '../src/zone/contents.ts'
import { Edit } from '../src/zone/edit.ts'
import { addSegment } from '../src/zone/segments.ts'

/**
 * Builds a version from segments in order, in memory of its own, and from what `change` does to them then. Throws WireError
 * for octets that are no records.
 */
export function loadSegments(
  arena: Arena,
  apex: Name,
  soa: Uint8Array,
  segments: Iterable<{ readonly octets: Uint8Array }>,
  change: (edit: Edit) => void = () => {},
): Contents {
  const edit = new Edit(arena, undefined, apex)
  try {
    edit.setSoa(soa)
    for (const { octets } of segments) addSegment(edit, octets)
    change(edit)
    return edit.commit().contents
  } catch (error) {
    edit.abort()
    throw error
  }
}
