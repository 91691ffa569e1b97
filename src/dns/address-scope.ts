/** Which addresses mean the same host to everybody, and which only to some (IANA special-purpose registries). */

/** Networks whose addresses nobody outside can reach (RFC 6890, RFC 6598, RFC 4193, RFC 4291), as octets and bits. */
const LOCAL: readonly (readonly [octets: readonly number[], bits: number])[] = [
  [[0], 8],
  [[10], 8],
  [[100, 64], 10],
  [[127], 8],
  [[169, 254], 16],
  [[172, 16], 12],
  [[192, 168], 16],
  [[224], 3],
]

const LOCAL_IPV6: typeof LOCAL = [
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 96],
  [[0xfc], 7],
  [[0xfe, 0x80], 10],
  [[0xff], 8],
]

/** Whether an address, of 4 or 16 octets, is one that all the world can reach. */
export function isPublicAddress(octets: Uint8Array): boolean {
  return (octets.length === 4 ? LOCAL : LOCAL_IPV6).every(([network, bits]) => !startsWith(octets, network, bits))
}

function startsWith(octets: Uint8Array, network: readonly number[], bits: number): boolean {
  for (let at = 0; at * 8 < bits; at++) {
    const mask = 0xff << Math.max(0, 8 - (bits - at * 8))
    if ((((octets[at] as number) ^ (network[at] ?? 0)) & mask & 0xff) !== 0) return false
  }
  return true
}
