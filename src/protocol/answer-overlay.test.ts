/** Answers with something laid over a zone are those of the zone that has it in place of its own. */

import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { test } from 'vitest'
import { questionOf, World } from '../../test/answer/world.ts'
import { tries } from '../../test/tries.ts'
import type { DnsRecord } from '../dns/message.ts'
import { type Name, nameKey, parseName, printName } from '../dns/name.ts'
import type { Overlay } from '../zone/overlay.ts'

const APEX = parseName('z.')
const [A, NS, CNAME, MX, TXT, AAAA] = [1, 2, 5, 15, 16, 28]
const TYPES = [A, NS, CNAME, MX, TXT, AAAA]
const COVERED = new Set([A, CNAME, AAAA])
const LABELS = ['a', 'b', '*', 'A', 'ab']

const names = fc
  .array(fc.constantFrom(...LABELS), { maxLength: 3 })
  .map((labels) => parseName(labels.join('.') || '@', APEX))

const rdataOf = (type: number, target: Name, number: number): number[] => {
  if (type === A) return [192, 0, 2, number]
  if (type === AAAA) return [...new Uint8Array(15), number]
  if (type === MX) return [0, number, ...target]
  return type === TXT ? [1, 0x61 + number] : [...target]
}

const records = fc
  .tuple(names, fc.constantFrom(...TYPES), names, fc.nat({ max: 3 }))
  .map(([owner, type, target, number]): DnsRecord => {
    return { owner, type, class: 1, ttl: 60, rdata: Uint8Array.from(rdataOf(type, target, number)) }
  })

/** A CNAME record stands alone, NS records below the apex make a cut, and each record is there once. */
function tidy(all: readonly DnsRecord[]): DnsRecord[] {
  const kept: DnsRecord[] = []
  for (const record of all) {
    const beside = kept.filter(({ owner }) => nameKey(owner) === nameKey(record.owner))
    const isApex = record.owner.length === APEX.length
    if (beside.some(({ type }) => type === CNAME) || (record.type === CNAME && (isApex || beside.length > 0))) continue
    if (beside.some(({ type, rdata }) => type === record.type && Buffer.compare(rdata, record.rdata) === 0)) continue
    kept.push(record)
  }
  return kept
}

const overlays = fc.uniqueArray(
  fc.tuple(names, fc.boolean(), fc.nat({ max: 2 })).map(([owner, always, number]): Overlay => {
    const address = (last: number) => Uint8Array.of(198, 51, 100, last)
    const over = Array.from({ length: number + 1 }, (_, at) => ({
      owner,
      type: A,
      class: 1,
      ttl: 9,
      rdata: address(at),
    }))
    return { owner, records: over, always: always && owner.length === APEX.length }
  }),
  { maxLength: 4, selector: ({ owner }) => nameKey(owner) },
)

/** Below a cut nothing is answered with authority, and what stands there is glue as it came. */
function isBelowCut(zone: readonly DnsRecord[], name: Name): boolean {
  const text = printName(name).toLowerCase()
  return zone.some(({ owner, type }) => {
    const cut = printName(owner).toLowerCase()
    return type === NS && owner.length > APEX.length && (text === cut || text.endsWith(`.${cut}`))
  })
}

function replaced(zone: readonly DnsRecord[], over: readonly Overlay[]): DnsRecord[] {
  let after = [...zone]
  for (const { owner, records: made, always } of over) {
    if (isBelowCut(zone, owner)) continue
    const isCovered = (record: DnsRecord) => nameKey(record.owner) === nameKey(owner) && COVERED.has(record.type)
    if (!always && !after.some(isCovered)) continue
    after = [...after.filter((record) => !isCovered(record)), ...made]
  }
  return after
}

function worldOf(zone: readonly DnsRecord[]): World {
  const world = new World()
  const soa = Uint8Array.from([0, 0, ...new Uint8Array(20)])
  world.loadRecords(APEX, [{ owner: APEX, type: 6, class: 1, ttl: 60, rdata: soa }, ...zone])
  return world
}

test('CF-080, CF-082: what is laid over a zone is answered wherever its own would be', () => {
  const zones = fc.array(records, { maxLength: 30 }).map(tidy)
  const questions = fc.array(fc.tuple(names, fc.constantFrom('A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT', 'ANY')), {
    minLength: 20,
    maxLength: 20,
  })
  fc.assert(
    fc.property(zones, overlays, questions, (zone, over, asked) => {
      const covered = worldOf(zone)
      covered.layOver('z.', over)
      const plain = worldOf(replaced(zone, over))
      for (const [name, type] of asked)
        for (const transport of ['udp', 'tcp'] as const) {
          const question = questionOf(`${printName(name)} ${type}`, {})
          const [found, wanted] = [covered.respond(question, transport), plain.respond(question, transport)]
          assert(found instanceof Uint8Array && wanted instanceof Uint8Array)
          // Octet by octet only where they differ: that takes a hundred times as long.
          if (Buffer.compare(found, wanted) !== 0) assert.deepEqual(found, wanted)
        }
    }),
    { numRuns: tries(300, 20_000) },
  )
})
