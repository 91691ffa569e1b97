/**
 * Zones whose every version follows from its number, and the primary that has them all.
 *
 * A zone has some owners; version `n` rewrites owner `n` modulo their count and nothing else. So whoever has a version
 * in hand can tell whether it is that version, whole and unmixed.
 */

import { setImmediate as turn } from 'node:timers/promises'
import type { DnsRecord } from '../../src/dns/message.ts'
import { printName } from '../../src/dns/name.ts'
import { aRecord, batches, nameRecord, RCODE, soaRecord, txtRecord, TYPE } from '../hostile/message.ts'
import type { Line, Script } from '../hostile/primary.ts'

/** Chance that comes again with the same seed (mulberry32). */
export type Roll = (limit: number) => number

export function rollFrom(seed: number): Roll {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** How many owners each zone has: from one message to some hundred. */
const OWNERS = [3, 5, 20, 20, 120, 120, 700, 3000] as const

/** Half of the serials are about to wrap. */
const FIRST_SERIALS = [1, 2 ** 32 - 5] as const

export class CrashZone {
  readonly apex: string
  /** The newest version the primary has. */
  version = 0
  readonly #owners: number
  readonly #firstSerial: number
  readonly #padding: string

  constructor(number: number) {
    this.apex = `zone${number}.crash.test.`
    this.#owners = OWNERS[number % OWNERS.length] as number
    this.#firstSerial = FIRST_SERIALS[number % 2] as number
    this.#padding = '.'.repeat(this.#owners < 100 ? 200 : 40)
  }

  serialOf(version: number): number {
    return (this.#firstSerial + version) % 2 ** 32
  }

  /** The version with a serial. */
  versionOf(serial: number): number {
    return (serial - this.#firstSerial + 2 ** 32) % 2 ** 32
  }

  soa(version: number): Buffer {
    return soaRecord(this.apex, this.serialOf(version))
  }

  /** All but the SOA. */
  records(version: number): Buffer[] {
    const texts = Array.from({ length: this.#owners }, (_, owner) => this.#text(owner, this.#writtenAt(owner, version)))
    return [nameRecord(this.apex, TYPE.NS, `ns1.${this.apex}`), aRecord(`ns1.${this.apex}`, '192.0.2.1'), ...texts]
  }

  /** What changes on the way to a version from the one before, as an IXFR says it. */
  step(version: number): Buffer[] {
    const owner = version % this.#owners
    const before = this.#text(owner, this.#writtenAt(owner, version - 1))
    return [this.soa(version - 1), before, this.soa(version), this.#text(owner, version)]
  }

  /** What is wrong with the records of a transfer out; undefined if they are one version, whole. */
  flawOf(records: readonly DnsRecord[]): string | undefined {
    const [first, ...rest] = records
    const last = rest.pop()
    if (first?.type !== TYPE.SOA || last?.type !== TYPE.SOA) return 'it does not begin and end with a SOA record'
    const serial = serialIn(first)
    if (serialIn(last) !== serial) return `it begins with serial ${serial} and ends with ${serialIn(last)}`
    const version = this.versionOf(serial)
    if (version > this.version) return `the primary never had serial ${serial}`
    const wanted = new Set(this.records(version).map(fingerprint))
    const found = new Set(
      rest.map((record) => `${printName(record.owner)} ${Buffer.from(record.rdata).toString('hex')}`),
    )
    const missing = [...wanted].find((each) => !found.has(each))
    if (missing !== undefined) return `serial ${serial} lacks ${missing}`
    return found.size === wanted.size && rest.length === found.size ? undefined : `serial ${serial} has too much`
  }

  /** The version that wrote an owner last. */
  #writtenAt(owner: number, version: number): number {
    const at = version - ((version - owner + this.#owners) % this.#owners)
    return Math.max(at, 0)
  }

  #text(owner: number, version: number): Buffer {
    return txtRecord(`t${owner}.${this.apex}`, `${owner} ${version} ${this.#padding}`)
  }
}

export const serialIn = ({ rdata }: Pick<DnsRecord, 'rdata'>): number =>
  Buffer.from(rdata).readUInt32BE(rdata.length - 20)

/** Owner and RDATA of a record as the primary sends it. */
function fingerprint(octets: Buffer): string {
  const labels: string[] = []
  let at = 0
  for (; octets[at] !== 0; at += 1 + (octets[at] as number))
    labels.push(octets.toString('latin1', at + 1, at + 1 + (octets[at] as number)))
  return `${labels.join('.')}. ${octets.toString('hex', at + 11)}`
}

/** A primary of all zones. It sends in small messages with pauses, so that there is time to die in the middle. */
export function primaryOf(zones: readonly CrashZone[], roll: Roll): Script {
  const named = new Map(zones.map((zone) => [zone.apex, zone]))
  const full = (zone: CrashZone): Buffer[] => {
    const soa = zone.soa(zone.version)
    return [soa, ...zone.records(zone.version), soa]
  }
  const steps = (zone: CrashZone, since: number): Buffer[] => {
    const newest = zone.soa(zone.version)
    const each = Array.from({ length: zone.version - since }, (_, at) => zone.step(since + 1 + at))
    return [newest, ...each.flat(), newest]
  }
  const send = async (line: Line, records: readonly Buffer[]): Promise<void> => {
    for (const answer of batches(records, 500 + roll(16_000))) {
      line.answer({ answer })
      if (roll(3) === 0) await turn()
    }
  }
  const of = (line: Line): CrashZone | undefined => {
    const zone = named.get(line.query.name)
    if (zone === undefined) line.answer({ rcode: RCODE.REFUSED })
    return zone
  }
  const axfr = async (line: Line): Promise<void> => {
    const zone = of(line)
    if (zone !== undefined) await send(line, full(zone))
  }
  return {
    soa: (line) => {
      const zone = of(line)
      if (zone !== undefined) line.answer({ answer: [zone.soa(zone.version)] })
    },
    axfr,
    ixfr: async (line) => {
      const zone = of(line)
      if (zone === undefined) return
      const since = zone.versionOf(line.query.since ?? 0)
      if (since === zone.version) return line.answer({ answer: [zone.soa(since)] })
      const known = since < zone.version && zone.version - since <= 50
      await send(line, known && roll(5) > 0 ? steps(zone, since) : full(zone))
    },
  }
}
