/** TTLs: seconds that a record may be kept (RFC 1035 §3.2.1, RFC 2181 §8). */

/** The largest TTL; the top bit of the field is not part of the number (RFC 2181 §8). */
export const TTL_MAX = 2 ** 31 - 1

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Reads `3600`, or BIND's sums of units as in `1h30m`; undefined if the text is no TTL or the TTL is too large. */
export function parseTtl(text: string): number | undefined {
  if (/^\d+$/.test(text)) return inRange(Number(text))
  if (!/^(\d+[smhdw])+$/i.test(text)) return undefined
  let seconds = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/gi)) {
    seconds += Number(count) * (SECONDS[(unit as string).toLowerCase()] as number)
  }
  return inRange(seconds)
}

/** The TTL of a field on the wire: one with the top bit set counts as zero (RFC 2181 §8). */
export function wireTtl(field: number): number {
  return field > TTL_MAX ? 0 : field
}

function inRange(seconds: number): number | undefined {
  return seconds <= TTL_MAX ? seconds : undefined
}
