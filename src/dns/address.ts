/** IP addresses as octets and as text: IPv4 in dotted quads, IPv6 as RFC 4291 §2.2 reads and RFC 5952 writes it. */

const DOT = 0x2e
const COLON = 0x3a

/** The four octets of `192.0.2.1`; undefined if the text is anything else, leading zeros and short forms included. */
export function parseIpv4(text: string): Uint8Array<ArrayBuffer> | undefined {
  const octets = new Uint8Array(4)
  return readIpv4(text, 0, octets, 0) ? octets : undefined
}

/** Reads an IPv4 address up to the end of the text into `octets`; says whether there was one. */
function readIpv4(text: string, start: number, octets: Uint8Array, outAt: number): boolean {
  const { length } = text
  let part = 0
  let value = -1
  for (let at = start; at <= length; at++) {
    const code = at === length ? DOT : text.charCodeAt(at)
    if (code === DOT) {
      if (value < 0 || part === 4) return false
      octets[outAt + part++] = value
      value = -1
      continue
    }
    const digit = code - 0x30
    if (digit < 0 || digit > 9 || value === 0) return false
    value = value < 0 ? digit : value * 10 + digit
    if (value > 255) return false
  }
  return part === 4
}

/** The address at `at` in dotted quads. */
export function printIpv4(octets: Uint8Array, at = 0): string {
  return `${octets[at]}.${octets[at + 1]}.${octets[at + 2]}.${octets[at + 3]}`
}

/** The sixteen octets of an IPv6 address in any of the forms of RFC 4291 §2.2; undefined for all else. */
export function parseIpv6(text: string): Uint8Array<ArrayBuffer> | undefined {
  const octets = new Uint8Array(16)
  const { length } = text
  let gap = text.startsWith('::') ? 0 : -1
  let at = gap === 0 ? 2 : 0
  let to = 0
  while (at < length) {
    const end = groupEnd(text, at)
    if (text.charCodeAt(end) === DOT) {
      if (to > 12 || !readIpv4(text, at, octets, to)) return undefined
      to += 4
      break
    }
    if (end === at || to === 16) return undefined
    const group = Number.parseInt(text.slice(at, end), 16)
    octets[to++] = group >> 8
    octets[to++] = group
    if (end === length) break
    at = end + 1
    if (text.charCodeAt(end) !== COLON || at === length) return undefined
    if (text.charCodeAt(at) !== COLON) continue
    if (gap >= 0) return undefined
    gap = to
    at++
  }
  return spread(octets, to, gap)
}

/** Moves what stands behind `::` to the end; without a gap the address must be whole. */
function spread(octets: Uint8Array<ArrayBuffer>, filled: number, gap: number): Uint8Array<ArrayBuffer> | undefined {
  if (gap < 0) return filled === 16 ? octets : undefined
  if (filled === 16) return undefined
  const behind = 16 - (filled - gap)
  octets.copyWithin(behind, gap, filled)
  return octets.fill(0, gap, behind)
}

/** Where a run of at most four hex digits ends. */
function groupEnd(text: string, start: number): number {
  let at = start
  while (at < start + 4 && isHexDigit(text.charCodeAt(at))) at++
  return at
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20
  return (code >= 0x30 && code <= 0x39) || (letter >= 0x61 && letter <= 0x66)
}

/** The address at `start` in the one form of RFC 5952: lower case, no leading zeros, the longest run of zeros as `::`. */
export function printIpv6(octets: Uint8Array, start = 0): string {
  const group = (index: number): number =>
    ((octets[start + 2 * index] as number) << 8) | (octets[start + 2 * index + 1] as number)
  const [gapAt, gapLength] = longestRunOfZeros(group)
  let text = ''
  for (let index = 0; index < 8; index++) {
    if (index === gapAt) {
      text += '::'
      index += gapLength - 1
      continue
    }
    if (text !== '' && !text.endsWith(':')) text += ':'
    text += isMapped(group, index) ? printIpv4(octets, start + 12) : group(index).toString(16)
    if (isMapped(group, index)) break
  }
  return text
}

/** Of equal runs the first; a single zero is no run (RFC 5952 §4.2). */
function longestRunOfZeros(group: (index: number) => number): readonly [at: number, length: number] {
  let best = 1
  let bestAt = -1
  let run = 0
  for (let index = 0; index < 8; index++) {
    run = group(index) === 0 ? run + 1 : 0
    if (run <= best) continue
    best = run
    bestAt = index - run + 1
  }
  return [bestAt, best]
}

/** Addresses mapped from IPv4 end in dotted quads (RFC 5952 §5). */
function isMapped(group: (index: number) => number, index: number): boolean {
  if (index !== 6 || group(5) !== 0xffff) return false
  for (let before = 0; before < 5; before++) if (group(before) !== 0) return false
  return true
}
