/** What identifies a segment: SHA-256 of its octets, in every zone and version the same. */

import { hash } from 'node:crypto'

export function segmentHash(octets: Uint8Array): Uint8Array {
  return hash('sha256', octets, 'buffer')
}
