/**
 * Zones to test with: like those people have, only with every oddity in one place, and the same on every run.
 *
 * A zone is not held in memory. Group `i` of records is drawn from a generator seeded by the zone's seed and `i`, so a
 * zone is its shape plus the list of groups that later versions changed. A million records are written as a stream.
 */

import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What to make. */
export interface ZoneShape {
  /** Absolute, with the trailing dot. */
  readonly apex: string
  /** How many records the first version has, the SOA included. At least the 9 of the apex. */
  readonly records: number
  readonly seed?: number
  readonly serial?: number
  readonly refreshSeconds?: number
  readonly retrySeconds?: number
  readonly expireSeconds?: number
}

/** How a group differs from what it was in the first version. */
interface Change {
  readonly salt: number
  readonly ttlStep: number
  readonly removed: boolean
}

/** Draws numbers: `below(6)` is 0…5. */
interface Chance {
  below(limit: number): number
  pick<T>(choices: readonly T[]): T
}

/** A zone and its successive versions. */
export class TestZone {
  readonly apex: string
  serial: number
  readonly #shape: ZoneShape
  readonly #changes = new Map<number, Change>()
  readonly #firstGroups: number
  readonly #fill: number
  #groups: number

  constructor(shape: ZoneShape) {
    this.#shape = shape
    this.apex = shape.apex
    this.serial = shape.serial ?? 1
    let left = shape.records - this.#apexLines().length
    let groups = 0
    for (; left > 0; groups++) {
      const size = this.#group(groups, UNCHANGED).length
      if (size > left) break
      left -= size
    }
    this.#firstGroups = groups
    this.#groups = groups
    this.#fill = left
  }

  /** The master file of the present version, a record per line, the SOA first. */
  *lines(): Generator<string> {
    yield* this.#apexLines()
    for (let fill = 0; fill < this.#fill; fill++) yield `fill${fill}.${this.apex}\t300\tIN\tA\t192.0.2.${fill + 1}`
    for (let index = 0; index < this.#groups; index++) {
      const change = this.#changes.get(index) ?? UNCHANGED
      if (!change.removed) yield* this.#group(index, change)
    }
  }

  /** Writes the present version as a master file. */
  async writeTo(path: string): Promise<void> {
    await pipeline(Readable.from(chunks(this.lines())), createWriteStream(path))
  }

  /** Goes on to the next version: half of the changes alter groups, a quarter removes them, a quarter brings new ones. */
  mutate({ changes = 20, serial = (this.serial + 1) >>> 0 }: { changes?: number; serial?: number } = {}): void {
    const chance = chanceOf(this.#shape.seed ?? 1, this.serial, 77)
    this.serial = serial
    for (let done = 0; done < changes; done++) {
      const what = chance.below(8)
      if (what >= 6 || this.#firstGroups === 0) {
        this.#groups++
        continue
      }
      const index = chance.below(this.#groups)
      const was = this.#changes.get(index) ?? UNCHANGED
      if (was.removed || what < 2) this.#changes.set(index, { ...was, removed: !was.removed })
      else if (what === 2) this.#changes.set(index, { ...was, ttlStep: was.ttlStep + 1 })
      else this.#changes.set(index, { ...was, salt: was.salt + 1 })
    }
  }

  #apexLines(): string[] {
    const { apex, serial } = this
    const { refreshSeconds = 3600, retrySeconds = 600, expireSeconds = 1_209_600 } = this.#shape
    const timers = `${refreshSeconds} ${retrySeconds} ${expireSeconds} 300`
    return [
      `${apex}\t3600\tIN\tSOA\tns1.${apex} host\\.master.${apex} ${serial} ${timers}`,
      `${apex}\t86400\tIN\tNS\tns1.${apex}`,
      `${apex}\t86400\tIN\tNS\tns2.${apex}`,
      `${apex}\t3600\tIN\tMX\t10 mx.${apex}`,
      `${apex}\t60\tIN\tTXT\t"version ${serial}"`,
      `ns1.${apex}\t86400\tIN\tA\t192.0.2.1`,
      `ns1.${apex}\t86400\tIN\tAAAA\t2001:db8::1`,
      `ns2.${apex}\t86400\tIN\tA\t192.0.2.2`,
      `mx.${apex}\t3600\tIN\tA\t192.0.2.3`,
    ]
  }

  #group(index: number, { salt, ttlStep }: Change): string[] {
    const seed = this.#shape.seed ?? 1
    // The kind must not depend on the salt: what changes is the data of a name, not what the name is for.
    const kind = kindAt(chanceOf(seed, index, 1).below(WEIGHT_SUM))
    const ttl = 300 + 60 * ttlStep
    const chance = chanceOf(seed, index, 2 + salt)
    return kind(index, this.apex, chance).map(([owner, type, rdata]) => `${owner}\t${ttl}\tIN\t${type}\t${rdata}`)
  }
}

const UNCHANGED: Change = { salt: 0, ttlStep: 0, removed: false }

type Line = readonly [owner: string, type: string, rdata: string]
type Kind = (index: number, apex: string, chance: Chance) => Line[]

const WORDS = ['www', 'mail', 'api', 'db', 'cache', 'edge', 'node', 'vpn', 'cdn', 'shop', 'build', 'mon']

const HOSTS = ['web', 'app', 'srv', 'ip', 'dsl'] as const

const host: Kind = (index, apex, chance) => {
  const owner = `${chance.pick(HOSTS)}${index}.dc${index % 40}.${apex}`
  const first: Line = [owner, 'A', ipv4(chance)]
  return chance.below(10) < 4 ? [first, [owner, 'AAAA', ipv6(chance)]] : [first]
}

const manyAddresses: Kind = (index, apex, chance) => {
  const count = 2 + chance.below(11)
  return Array.from({ length: count }, (_, at) => [
    `pool${index}.${apex}`,
    'A',
    `10.${chance.below(256)}.${index % 256}.${at}`,
  ])
}

const alias: Kind = (index, apex, chance) => [
  [`${chance.pick(WORDS)}${index}.${apex}`, 'CNAME', `lb${chance.below(500)}.elsewhere.example.`],
]

const mail: Kind = (index, apex, chance) => [
  [`m${index}.${apex}`, 'MX', `10 in1.m${index}.${apex}`],
  [`m${index}.${apex}`, 'MX', `20 mx${chance.below(9)}.backup.example.`],
  [`m${index}.${apex}`, 'TXT', `"v=spf1 ip4:${ipv4(chance)} -all"`],
  [`in1.m${index}.${apex}`, 'A', ipv4(chance)],
]

// Spread among the hosts, whichever way a server sorts them: PowerDNS 4.7 puts a hundred records into a message whatever
// their size, and fails when a hundred large ones follow each other.
const longText: Kind = (index, apex, chance) => {
  const strings = Array.from({ length: 2 + chance.below(3) }, () => `"${hex(chance, 120 + chance.below(7))}"`)
  return [[`${HOSTS[index % HOSTS.length]}${index}._domainkey.${apex}`, 'TXT', strings.join(' ')]]
}

const oddText: Kind = (index, apex, chance) => [
  [`odd${index}.${apex}`, 'TXT', `"say \\"${hex(chance, 2)}\\"; semi" "back\\\\slash" "\\000\\001\\127\\200\\255" ""`],
]

const service: Kind = (index, apex, chance) => [
  [`_sip._tcp.s${index}.${apex}`, 'SRV', `10 ${chance.below(100)} 5060 a.s${index}.${apex}`],
  [`_sip._udp.s${index}.${apex}`, 'SRV', `10 60 ${5060 + chance.below(9)} a.s${index}.${apex}`],
  [`a.s${index}.${apex}`, 'A', ipv4(chance)],
]

const authority: Kind = (index, apex, chance) => [
  [`caa${index}.${apex}`, 'CAA', `0 issue "ca${chance.below(9)}.example"`],
  [`caa${index}.${apex}`, 'CAA', `128 iodef "mailto:${hex(chance, 3)}@example.org"`],
]

const delegation: Kind = (index, apex, chance) => {
  const cut = `child${index}.${apex}`
  const lines: Line[] = [
    [cut, 'NS', `ns1.${cut}`],
    [cut, 'NS', chance.below(5) === 0 ? `ns${chance.below(9)}.elsewhere.example.` : `ns2.${cut}`],
    [`ns1.${cut}`, 'A', ipv4(chance)],
    [`ns2.${cut}`, 'A', ipv4(chance)],
  ]
  if (chance.below(3) === 0) lines.push([`ns1.${cut}`, 'AAAA', ipv6(chance)])
  if (chance.below(3) === 0) lines.push([cut, 'DS', `${chance.below(65_536)} 13 2 ${hex(chance, 32)}`])
  return lines
}

const wildcard: Kind = (index, apex, chance) => [
  [`*.w${index}.${apex}`, 'A', ipv4(chance)],
  [`*.w${index}.${apex}`, 'MX', `5 mx.${apex}`],
]

const deepName: Kind = (index, apex, chance) => [[`a.b.c.d.e${index}.${apex}`, 'TXT', `"below ${hex(chance, 4)}"`]]

const oddLabel: Kind = (index, apex, chance) => {
  const label = chanceOf(index, 3, 3).pick([
    'do\\.t',
    'sp\\032ace',
    'nul\\000',
    'high\\255\\128',
    'at\\@',
    'qu\\"ote',
    'back\\\\slash',
    'UPPER-Case',
    '_under',
  ])
  return [[`${label}.o${index}.${apex}`, 'A', ipv4(chance)]]
}

const mixedCase: Kind = (index, apex, chance) => [
  [`MiXed${index}.${apex}`, 'A', ipv4(chance)],
  [`Alias.MiXed${index}.${apex}`, 'CNAME', `Target${chance.below(9)}.Example.`],
]

// Never empty: NSD 4.6 cannot make a difference of a zone that holds a record without RDATA.
const unknownType: Kind = (index, apex, chance) => {
  const length = 1 + chance.below(40)
  return [[`u${index}.${apex}`, 'TYPE65280', `\\# ${length} ${hex(chance, length)}`]]
}

const modern: Kind = (index, apex, chance) => [
  [`h${index}.${apex}`, 'HTTPS', `1 . alpn="h2,h3" ipv4hint=${ipv4(chance)}`],
  [`h${index}.${apex}`, 'A', ipv4(chance)],
  [`_443._tcp.h${index}.${apex}`, 'TLSA', `3 1 1 ${hex(chance, 32)}`],
  [`h${index}.${apex}`, 'SSHFP', `4 2 ${hex(chance, 32)}`],
]

const seldom: Kind = (index, apex, chance) => [
  [`x${index}.${apex}`, 'NAPTR', `10 ${chance.below(99)} "s" "SIP+D2U" "" _sip._udp.${apex}`],
  [`x${index}.${apex}`, 'LOC', `52 22 ${chance.below(60)}.000 N 4 53 32.000 E -2.00m 1.00m 10000.00m 10.00m`],
  [`x${index}.${apex}`, 'RP', `who.${apex} txt${chance.below(9)}.${apex}`],
]

const redirection: Kind = (index, apex, chance) => [
  [`d${index}.${apex}`, 'DNAME', `t${chance.below(9)}.elsewhere.example.`],
]

/** Of a hundred groups, how many are of which kind. */
const KINDS: readonly (readonly [weight: number, Kind])[] = [
  [40, host],
  [4, manyAddresses],
  [12, alias],
  [6, mail],
  [4, longText],
  [2, oddText],
  [4, service],
  [3, authority],
  [8, delegation],
  [2, wildcard],
  [3, deepName],
  [3, oddLabel],
  [2, mixedCase],
  [2, unknownType],
  [3, modern],
  [1, seldom],
  [1, redirection],
]
const WEIGHT_SUM = KINDS.reduce((sum, [weight]) => sum + weight, 0)

function kindAt(roll: number): Kind {
  let left = roll
  for (const [weight, kind] of KINDS) if ((left -= weight) < 0) return kind
  return host
}

/** Mulberry32, seeded by three numbers. */
function chanceOf(seed: number, index: number, salt: number): Chance {
  let state = (Math.imul(seed, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b) ^ Math.imul(salt + 1, 0xc2b2_ae35)) | 0
  const below = (limit: number): number => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit)
  }
  return { below, pick: (choices) => choices[below(choices.length)] as (typeof choices)[number] }
}

function ipv4(chance: Chance): string {
  return `10.${chance.below(256)}.${chance.below(256)}.${chance.below(256)}`
}

function ipv6(chance: Chance): string {
  const part = (): string => (1 + chance.below(65_535)).toString(16)
  return `2001:db8:${part()}:${part()}:${part()}:${part()}:${part()}:${part()}`
}

function hex(chance: Chance, octets: number): string {
  return Array.from({ length: octets }, () => chance.below(256).toString(16).padStart(2, '0')).join('')
}

/** Joins lines into pieces of a size worth a write. */
function* chunks(lines: Iterable<string>): Generator<string> {
  let piece: string[] = []
  for (const line of lines) {
    piece.push(line)
    if (piece.length < 2000) continue
    yield `${piece.join('\n')}\n`
    piece = []
  }
  if (piece.length > 0) yield `${piece.join('\n')}\n`
}
