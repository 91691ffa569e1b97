import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { labelsOf, resolve, type TwinAnswer, twinLine, type TwinZone } from '../../test/answer/twin.ts'
import { questionOf, World } from '../../test/answer/world.ts'
import { tries } from '../../test/tries.ts'
import { rcodeName } from '../dns/code.ts'
import { type DnsRecord, type Message, readMessage } from '../dns/message.ts'
import { type Name, parseName, printName } from '../dns/name.ts'
import { typeMnemonic } from '../dns/record-types.ts'

const APEXES = ['z.', 'b.z.', 'a.b.z.', 'y.', '.'].map((text) => parseName(text))
const LABELS = ['a', 'b', 'c', 'A', '*', 'ab', '\\000', '\\001', 'B']
const TYPES = [1, 2, 5, 15, 16, 28, 33, 39, 43, 46, 65] as const
type Question = readonly [Name, number]
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
  46: (_, number) => [0, [1, 2, 16, 39][number] as number, 13, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, number],
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

/** What a zone may hold: every record once, one CNAME and beside it only signatures, one DNAME. */
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
    const beside = kept.filter(
      ({ owner, type }) => key(owner) === key(record.owner) && (type !== 46 || record.type === 46),
    )
    if (record.type === 46)
      return !beside.some((other) => twinLine([], 0, other.type, other.rdata) === twinLine([], 0, 46, record.rdata))
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

type Asking = Parameters<typeof questionOf>[1]

function send(world: World, [name, type]: Question, asking: Asking, transport: 'udp' | 'tcp'): Message {
  const octets = world.respond(questionOf(`${printName(name)} ${typeMnemonic(type)}`, asking), transport)
  assert.ok(typeof octets !== 'number')
  return readMessage(octets)
}

/** The records of a section as sorted lines, without what `leaveOut` names. */
function lines(section: readonly DnsRecord[], leaveOut: readonly number[] = []): string[] {
  return section
    .filter(({ type }) => !leaveOut.includes(type))
    .map(({ owner, ttl, type, rdata }) => twinLine(labelsOf(owner), ttl, type, rdata))
    .toSorted()
}

/** Asks by TCP, where nothing is cut off. */
function askWhole(world: World, question: Question): TwinAnswer {
  const { rcode, aa, answer, authority } = send(world, question, {}, 'tcp')
  return { rcode: rcodeName(rcode), aa, answer: lines(answer), authority: lines(authority) }
}

/** Additional records come once, are in some zone as they are, and of a referral all glue inside the cut is there. */
function checkAdditional(world: World, zones: readonly TwinZone[], question: Question): void {
  const { aa, additional, authority } = send(world, question, {}, 'tcp')
  const bare = (record: DnsRecord): string => twinLine(labelsOf(record.owner), 0, record.type, record.rdata)
  const sent = new Set(additional.map(bare))
  assert.equal(sent.size, additional.length, 'an additional record comes twice')
  const held = new Set(zones.flatMap((zone) => zone.records.map(bare)))
  for (const record of additional) assert.ok([1, 28, 65].includes(record.type) && held.has(bare(record)))
  if (aa) return
  for (const { owner, type, rdata } of authority) {
    if (type !== 2 || !within(rdata as Name, owner)) continue
    const zone = zones.filter(({ apex }) => within(owner, apex)).toSorted((a, b) => b.apex.length - a.apex.length)[0]
    const glue = (zone?.records ?? []).filter(
      (record) => key(record.owner) === key(rdata) && [1, 28].includes(record.type),
    )
    for (const record of glue) assert.ok(sent.has(bare(record)), 'glue is missing')
  }
}

/** By UDP the answer is the same, or says that it was cut off and holds whole RRsets only. */
function checkSmall(world: World, question: Question, size: number): void {
  const small = send(world, question, { size }, 'udp')
  const whole = send(world, question, { size }, 'tcp')
  if (!small.tc) {
    assert.deepEqual([lines(small.answer), lines(small.authority)], [lines(whole.answer), lines(whole.authority)])
    return
  }
  const sets = (records: readonly DnsRecord[]): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const { owner, type } of records)
      counts.set(`${key(owner)} ${type}`, (counts.get(`${key(owner)} ${type}`) ?? 0) + 1)
    return counts
  }
  const expected = sets(whole.answer)
  for (const [set, count] of sets(small.answer)) assert.equal(count, expected.get(set))
}

/** With DO there are signatures and DS more, and nothing else is different. */
function checkSigned(world: World, question: Question): void {
  const plain = send(world, question, {}, 'tcp')
  const signed = send(world, question, { do: true }, 'tcp')
  const asked = question[1] === 46 || question[1] === 255
  assert.deepEqual([signed.rcode, signed.aa], [plain.rcode, plain.aa])
  assert.deepEqual(lines(signed.answer, asked ? [] : [46]), lines(plain.answer))
  assert.deepEqual(lines(signed.authority, [46, 43]), lines(plain.authority))
  for (const { owner, type, ttl, rdata } of signed.answer) {
    if (type !== 46 || asked) continue
    const covered = ((rdata[0] as number) << 8) | (rdata[1] as number)
    assert.ok(
      signed.answer.some((record) => record.type === covered && key(record.owner) === key(owner) && record.ttl === ttl),
    )
  }
}

function compare(world: World, zones: readonly TwinZone[], asked: readonly Question[]): void {
  for (const question of asked) {
    const text = `${printName(question[0])} ${typeMnemonic(question[1])}`
    assert.deepEqual(askWhole(world, question), resolve(zones, ...question), text)
  }
}

describe('the slow twin agrees', () => {
  test('LK-01 to DN-07 and WC-01 to WC-08, on any zones and questions', () => {
    fc.assert(
      fc.property(zoneLists, questions, (zones, asked) => {
        const world = new World()
        serve(world, zones)
        compare(world, zones, asked)
      }),
      { numRuns: tries(60, 3000) },
    )
  })

  test('DG-01 MB-15 ED-06 what is added or cut off leaves the rest as it is', () => {
    fc.assert(
      fc.property(zoneLists, questions, fc.integer({ min: 0, max: 700 }), (zones, asked, size) => {
        const world = new World()
        serve(world, zones)
        for (const question of asked) {
          checkAdditional(world, zones, question)
          checkSigned(world, question)
          if (question[1] !== 255) checkSmall(world, question, size)
        }
      }),
      { numRuns: tries(30, 1500) },
    )
  })

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
      { numRuns: tries(20, 600) },
    )
  })
})
