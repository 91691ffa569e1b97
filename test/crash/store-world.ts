/**
 * A small world whose contents follow from a zone's name and the number of its version, so that whoever finds a version
 * on the disk can tell whether it is whole.
 *
 * A zone has some segments; version `n` rewrites segment `n` modulo their count. The difference to it says just that.
 */

import { toSerial, type Serial } from '../../src/dns/serial.ts'
import type { VersionCommit } from '../../src/store/store.ts'
import type { WholeVersion } from '../whole-version.ts'

/** How many segments each zone has; those with one are kept as short zones. */
export const ZONES: Readonly<Record<string, number>> = Object.fromEntries(
  Array.from({ length: 16 }, (_, at) => [`zone${at}`, at % 4 === 0 ? 5 : 1]),
)

/** The newest version of a zone, and whether the zone was removed after it. */
export interface Standing {
  readonly version: number
  readonly gone: boolean
}

/** Serials begin just before the wrap, and just before 2³¹ for half of the zones. */
export function serialOf(zoneId: string, version: number): Serial {
  const start = Number(zoneId.slice(4)) % 2 === 0 ? 2 ** 32 - 40 : 2 ** 31 - 40
  return toSerial((start + version) % 2 ** 32)
}

export const octetsOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text))
const textOf = (octets: Uint8Array): string => Buffer.from(octets).toString()

/** The run of records in one segment, as version `n` wrote it. */
function run(zoneId: string, segment: number, version: number): string {
  const line = `${zoneId} segment ${segment} version ${version}\n`
  return line.repeat((ZONES[zoneId] as number) > 1 ? 200 : 8)
}

function runsAt(zoneId: string, version: number): string[] {
  const count = ZONES[zoneId] as number
  return Array.from({ length: count }, (_, segment) => {
    const written = version - ((version - segment + count) % count)
    return run(zoneId, segment, Math.max(0, written))
  })
}

export function segmentsAt(zoneId: string, version: number) {
  return runsAt(zoneId, version).map((text, at) => ({
    firstOwner: octetsOf(`owner${at}`),
    recordCount: 1,
    octets: octetsOf(text),
  }))
}

export const differenceTo = (zoneId: string, version: number): VersionCommit['difference'] & object => ({
  from: serialOf(zoneId, version - 1),
  octets: octetsOf(String(version)),
})

/** What is wrong with a stored version of a zone that claims to be number `version`; undefined if it is whole. */
export function flawOf(stored: WholeVersion, version: number): string | undefined {
  const { zoneId, base } = stored
  const runs = base.segments.map(({ octets }) => textOf(octets))
  let serial = base.serial
  for (const difference of stored.differences) {
    const step = Number(textOf(difference.octets))
    if (difference.from !== serial) return `difference to ${step} starts at ${difference.from}, not ${serial}`
    runs[step % runs.length] = run(zoneId, step % runs.length, step)
    serial = difference.to
  }
  if (stored.serial !== serial) return `the differences lead to ${serial}, the version says ${stored.serial}`
  if (serial !== serialOf(zoneId, version)) return `serial ${serial} is not that of version ${version}`
  if (textOf(stored.soa) !== `soa ${serial}`) return `SOA "${textOf(stored.soa)}" is not that of ${serial}`
  const wanted = runsAt(zoneId, version)
  const wrong = wanted.findIndex((text, at) => runs[at] !== text)
  return wrong < 0 && runs.length === wanted.length ? undefined : `segment ${wrong} is not that of version ${version}`
}
