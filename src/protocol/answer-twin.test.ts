import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { labelsOf, resolve, type TwinAnswer, twinLine, type TwinZone } from '../../test/answer/twin.ts'
import { questionOf, World } from '../../test/answer/world.ts'
import { rcodeName } from '../dns/code.ts'
import { type DnsRecord, readMessage } from '../dns/message.ts'
import { type Name, parseName, printName } from '../dns/name.ts'
import { typeMnemonic } from '../dns/record-types.ts'

const APEXES = ['z.', 'b.z.', 'a.b.z.', 'y.', '.'].map((text) => parseName(text))
const LABELS = ['a', 'b', 'c', 'A', '*', 'ab', '\\000', '\\001', 'B']
const TYPES = [1, 2, 5, 15, 16, 28, 33, 39, 43, 46, 65] as const
const ASKED = [...TYPES, 6, 255, 99]

/** Names near each other: a few labels below an apex, so that chains, cuts and wildcards meet. */
const namesBelow = (apexes: readonly Name[]) =>
  fc
    .tuple(fc.array(fc.constantFrom(...LABELS), { maxLength: 3 }), fc.constantFrom(...apexes))
    .map(([labels, apex]) => parseName(labels.join('.') || '@', apex))
const names = namesBelow(APEXES)
const targets = namesBelow([...APEXES, parseName('x.')])

const rdataOf: Record<number, (name: Name, number: number) => number[]> = {
  1: (_, number) => [192, 0, 2, number],
  2: (name) => [...name],
  5: (name) => [...name],
  15: (name, number) => [0, number, ...name],
  16: (_, number) => [2, 0x61, number],
  28: (_, number) => [...new Uint8Array(15), number],
  33: (name, number) => [0, 0, 0, 0, 0, number, ...name],
  39: (name) => [...name],
  43: (_, number) => [0, 1, 13, 2, number],
  46: (_, number) => [0, 1, 13, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, number],
  65: (name, number) => [0, number % 2, ...name],
}

const records = fc
  .tuple(names, fc.constantFrom(...TYPES), fc.constantFrom(0, 60, 3600), targets, fc.nat({ max: 3 }))
  .map(([owner, type, ttl, name, number]): DnsRecord => {
    const rdata = Uint8Array.from(rdataOf[type]?.(name, number) ?? [])
    return { owner, type, class: 1, ttl, rdata }
  })

const key = (name: Uint8Array): string => JSON.stringify(labelsOf(name))
const within = (name: Name, apex: Name): boolean => key(name).endsWith(key(apex).slice(1)) || apex.length === 1

/** What a zone may hold: every record once, one CNAME and nothing beside it, one DNAME. */
function tidy(apex: Name, all: readonly DnsRecord[]): DnsRecord[] {
  const minimum = [0, 0, 1, 44]
  const soa = {
    owner: apex,
    type: 6,
    class: 1,
    ttl: 3600,
    rdata: Uint8Array.from([0, 0, ...new Uint8Array(16), ...minimum]),
  }
  const kept: DnsRecord[] = [soa, { owner: apex, type: 2, class: 1, ttl: 3600, rdata: parseName('ns.x.') }]
  const fits = (record: DnsRecord): boolean => {
    const beside = kept.filter(({ owner }) => key(owner) === key(record.owner))
    if (beside.some(({ type }) => type === 5) || (record.type === 5 && beside.length > 0)) return false
    if (record.type === 39 && beside.some(({ type }) => type === 39)) return false
    return !beside.some(
      ({ type, rdata }) => twinLine([], 0, type, rdata) === twinLine([], 0, record.type, record.rdata),
    )
  }
  for (const record of all) if (within(record.owner, apex) && fits(record)) kept.push(record)
  return kept
}

const zoneLists = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...APEXES), { minLength: 1, maxLength: 4, selector: key }),
    fc.array(records, { maxLength: 40 }),
    fc.array(fc.constantFrom('serving', 'serving', 'serving', 'serving', 'empty', 'expired'), {
      minLength: 4,
      maxLength: 4,
    }),
  )
  .map(([apexes, all, states]): TwinZone[] =>
    apexes.map((apex, at) => ({
      apex,
      records: tidy(apex, all),
      state: at === 0 ? 'serving' : (states[at] as TwinZone['state']),
    })),
  )

const questions = fc.array(fc.tuple(names, fc.constantFrom(...ASKED)), { minLength: 30, maxLength: 30 })

function serve(world: World, zones: readonly TwinZone[]): void {
  for (const { apex, records: held, state } of zones) {
    if (state === 'empty') {
      world.configure(printName(apex))
      continue
    }
    const zone = world.loadRecords(apex, held)
    if (state === 'expired') world.writer.setState(zone, 'expired')
  }
}

/** Asks by TCP, where nothing is cut off, and checks what no list of expected records could say. */
function ask(world: World, zones: readonly TwinZone[], name: Name, type: number): TwinAnswer {
  const request = questionOf(`${printName(name)} ${typeMnemonic(type)}`)
  const octets = world.respond(request, 'tcp')
  assert.ok(typeof octets !== 'number')
  const message = readMessage(octets)
  const lines = (section: readonly DnsRecord[]): string[] =>
    section.map(({ owner, ttl, type: own, rdata }) => twinLine(labelsOf(owner), ttl, own, rdata)).toSorted()
  const additional = lines(message.additional)
  assert.equal(new Set(additional).size, additional.length, 'an additional record comes twice')
  for (const { owner, type: own, rdata } of message.additional) {
    const line = twinLine(labelsOf(owner), 0, own, rdata)
    assert.ok([1, 28, 65].includes(own))
    assert.ok(
      zones.some((zone) =>
        zone.records.some((held) => twinLine(labelsOf(held.owner), 0, held.type, held.rdata) === line),
      ),
    )
  }
  return {
    rcode: rcodeName(message.rcode),
    aa: message.aa,
    answer: lines(message.answer),
    authority: lines(message.authority),
  }
}

function compare(world: World, zones: readonly TwinZone[], asked: readonly (readonly [Name, number])[]): void {
  for (const [name, type] of asked) {
    const text = `${printName(name)} ${typeMnemonic(type)}`
    assert.deepEqual(ask(world, zones, name, type), resolve(zones, name, type), text)
  }
}

describe('the slow twin agrees', () => {
  test('LK-01 to DN-07 and WC-01 to WC-08, on any zones and questions', () => {
    fc.assert(
      fc.property(zoneLists, questions, (zones, asked) => {
        const world = new World()
        serve(world, zones)
        const owners = zones.flatMap((zone) => zone.records.map((record): [Name, number] => [record.owner, 1]))
        compare(world, zones, [...asked, ...owners])
      }),
      { numRuns: 400 },
    )
  }, 60_000)

  test('LK-07 LK-08 after any changes to a zone', () => {
    const changes = fc.array(fc.array(records, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(records, { maxLength: 30 }), changes, questions, (start, steps, asked) => {
        const apex = APEXES[0] as Name
        const world = new World()
        let held = tidy(apex, start)
        world.loadRecords(apex, held)
        for (const step of steps) {
          const gone = held.slice(2).filter((_, at) => at % 3 === step.length % 3)
          const rest = held.filter((record) => !gone.includes(record))
          const next = tidy(apex, [...rest.slice(2), ...step])
          world.changeRecords(
            apex,
            gone,
            next.slice(2).filter((record) => !rest.includes(record)),
          )
          held = next
          compare(world, [{ apex, records: held, state: 'serving' }], asked)
        }
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})
