/** Which zone a name is in: the one with the longest apex. */

import type { Zone } from '../store/objects.ts'

/** Zones by their names as they are kept: in lower case, without the final dot. */
export interface NamedZones {
  named(name: string): Zone | undefined
}

/** The zone of a name in presentation format, in lower case and without the final dot; undefined if it is in none. */
export function zoneOfName(name: string, zones: NamedZones): Zone | undefined {
  for (let at = 0; at >= 0 && at < name.length; at = nextLabel(name, at)) {
    const zone = zones.named(name.slice(at))
    if (zone !== undefined) return zone
  }
  return undefined
}

/** Where the label after the one at `at` begins; negative if it is the last. A dot behind a backslash ends no label. */
function nextLabel(name: string, start: number): number {
  for (let at = start; at < name.length; at++) {
    if (name[at] === '\\') at++
    else if (name[at] === '.') return at + 1
  }
  return -1
}
