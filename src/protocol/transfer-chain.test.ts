import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tries } from '../../test/tries.ts'
import { linesOf, stored } from '../../test/zone-text.ts'
import { parseName } from '../dns/name.ts'
import { concatOctets } from '../dns/octets.ts'
import type { Serial } from '../dns/serial.ts'
import { writeDifference } from '../zone/difference.ts'
import { storeEdited } from '../zone/edited-record.ts'
import { compareRecords } from '../zone/stored-record.ts'
import { chooseChain, type ChainWish, type KeptDifference } from './transfer-chain.ts'

const APEX = parseName('example.org.')
const CAA = 257
const NOTHING: ReadonlySet<number> = new Set()
const WITHOUT_CAA = new Set([CAA])

const soa = (serial: number) => stored(`@ 3600 SOA ns hostmaster ${serial} 7200 3600 1209600 300`)[0] as Uint8Array

/** Some lines in the order of contents, and a record as people edit them behind them. */
function runOf(text: string): Uint8Array {
  const served = stored(text).sort((a, b) => compareRecords(a, 0, b, 0))
  const [first] = served
  if (first === undefined) return new Uint8Array()
  const owner = parseName('www.example.org.')
  const record = { id: 'ab'.repeat(16), owner, type: 1, ttl: 300, rdata: Uint8Array.of(192, 0, 2, 1), proxied: false }
  return concatOctets(...served, storeEdited({ ...record, createdAt: 0, modifiedAt: 0, attributes: {} }, APEX))
}

function kept(from: number, to: number, removed: string, added: string): KeptDifference {
  const difference = { fromSoa: soa(from), toSoa: soa(to), removed: runOf(removed), added: runOf(added) }
  return { from: from as Serial, to: to as Serial, octets: writeDifference(difference) }
}

function choose(
  history: readonly KeptDifference[] | undefined,
  wish: Partial<Omit<ChainWish, 'since' | 'served'>> & { since: number; served: number },
) {
  const { since, served, ...more } = wish
  return chooseChain(history, {
    soa: soa(served),
    backlogFrom: undefined,
    leftOut: NOTHING,
    isEditedHere: true,
    octetsMax: 10_000,
    condensed: false,
    ...more,
    since: since as Serial,
    served: served as Serial,
  })
}

const HISTORY = [
  kept(1, 2, '', 'a A 192.0.2.1'),
  kept(2, 3, 'a A 192.0.2.1', 'a A 192.0.2.2'),
  kept(3, 4, '', '@ CAA 0 issue "ca.example"\nb A 192.0.2.3'),
]

/** What is sent, one line per record, removals with a minus. */
function linesIn(chain: ReturnType<typeof chooseChain>): string[][] {
  if (chain.type === 'full') throw new Error(chain.why)
  return chain.differences.map(({ removed, added }) => [
    ...linesOf(removed).map((line) => `-${line}`),
    ...linesOf(added),
  ])
}

describe('the differences that answer an IXFR', () => {
  test('IX-04 are the steps from the asked serial, and never records as people edit them', () => {
    expect(linesIn(choose(HISTORY, { since: 2, served: 4 }))).toEqual([
      ['-a 300 IN A 192.0.2.1', 'a 300 IN A 192.0.2.2'],
      ['@ 300 IN CAA 0 issue "ca.example"', 'b 300 IN A 192.0.2.3'],
    ])
  })

  test('IX-11 end at the version that is served, though the store has a newer one', () => {
    expect(linesIn(choose(HISTORY, { since: 1, served: 3 }))).toHaveLength(2)
  })

  test('CF-102: are without the types that are not handed on', () => {
    expect(linesIn(choose(HISTORY, { since: 3, served: 4, leftOut: WITHOUT_CAA }))).toEqual([['b 300 IN A 192.0.2.3']])
  })

  test('CF-102: are without them too where the last record that was edited here has gone', () => {
    const history = [kept(1, 2, '', '@ CAA 0 issue "ca.example"'), kept(2, 3, '@ CAA 0 issue "ca.example"', '')]
    const wish = { served: 3, leftOut: WITHOUT_CAA, isEditedHere: false }
    expect([1, 2].map((since) => linesIn(choose(history, { ...wish, since })))).toEqual([[[], []], [[]]])
  })

  test('CF-102: are whole in a zone that was transferred in', () => {
    const caa = stored('@ CAA 0 issue "ca.example"')[0] as Uint8Array
    const difference = { fromSoa: soa(1), toSoa: soa(2), removed: new Uint8Array(), added: caa }
    const history = [{ from: 1 as Serial, to: 2 as Serial, octets: writeDifference(difference) }]
    const wish = { since: 1, served: 2, leftOut: WITHOUT_CAA, isEditedHere: false }
    expect(linesIn(choose(history, wish))).toEqual([['@ 300 IN CAA 0 issue "ca.example"']])
  })

  test('IX-08 are one difference where that is wanted, or where it makes them worth sending', () => {
    const condensed = [['a 300 IN A 192.0.2.2', '@ 300 IN CAA 0 issue "ca.example"', 'b 300 IN A 192.0.2.3'].sort()]
    const sorted = (lines: string[][]) => lines.map((each) => each.sort())
    expect(sorted(linesIn(choose(HISTORY, { since: 1, served: 4, condensed: true })))).toEqual(condensed)
    const many = Array.from({ length: 100 }, (_, at) => kept(at, at + 1, `c TXT "${at}"`, `c TXT "${at + 1}"`))
    expect(linesIn(choose(many, { since: 0, served: 100, octetsMax: 100_000 }))).toHaveLength(100)
    const short = choose(many, { since: 0, served: 100, octetsMax: 1000 })
    expect(linesIn(short)).toEqual([['-c 300 IN TXT "0"', 'c 300 IN TXT "100"']])
  })
})

test.each([
  ['IX-05 history does not reach back', HISTORY, { since: 0, served: 4 }],
  ['IX-05 there is no history', undefined, { since: 1, served: 4 }],
  ['IX-11 history does not reach the serial served', HISTORY, { since: 1, served: 5 }],
  ['IX-11 history leads to another SOA record', HISTORY, { since: 1, served: 4, soa: soa(40) }],
  [
    'IX-11 a difference is not what it is said to be',
    [{ ...kept(1, 2, '', ''), to: 3 as Serial }],
    { since: 1, served: 3 },
  ],
  ['IX-11 a difference cannot be read', [{ ...kept(1, 2, '', ''), octets: Uint8Array.of(9) }], { since: 1, served: 2 }],
  ['IX-07 they outweigh the zone', HISTORY, { since: 1, served: 4, octetsMax: 200 }],
  ['CF-090 the backlog was emptied on the way', HISTORY, { since: 1, served: 4, backlogFrom: 3 as Serial }],
  ['CF-090 the backlog was emptied at the end', HISTORY, { since: 1, served: 4, backlogFrom: 4 as Serial }],
])('the zone goes in full if %s', (_, history, wish) => {
  expect(choose(history, wish).type).toBe('full')
})

test('CF-090: a chain may begin where the backlog was emptied', () => {
  expect(choose(HISTORY, { since: 3, served: 4, backlogFrom: 3 as Serial }).type).toBe('differences')
})

test('IX-08, CF-102: however it is sent, a secondary ends with what the zone has but for what is left out', () => {
  const line = fc.record({
    owner: fc.constantFrom('a', 'b', 'c'),
    data: fc.constantFrom('A 192.0.2.1', 'A 192.0.2.2', 'CAA 0 issue "x"'),
  })
  const versions = fc.array(fc.uniqueArray(line.map(({ owner, data }) => `${owner} ${data}`)), {
    minLength: 2,
    maxLength: 8,
  })
  fc.assert(
    fc.property(versions, fc.boolean(), (zones, condensed) => {
      const history = zones.slice(1).map((after, at) => {
        const before = zones[at] as string[]
        const gone = before.filter((each) => !after.includes(each))
        const come = after.filter((each) => !before.includes(each))
        return kept(at, at + 1, gone.join('\n'), come.join('\n'))
      })
      const chain = choose(history, { since: 0, served: history.length, leftOut: WITHOUT_CAA, condensed })
      const withoutCaa = (lines: readonly string[]) => lines.filter((each) => !each.includes('CAA'))
      const zone = new Set(
        withoutCaa(zones[0] as string[]).flatMap((each) => linesOf(runOf(each).slice(0, stored(each)[0]?.length))),
      )
      for (const lines of linesIn(chain))
        for (const each of lines)
          if (each.startsWith('-')) zone.delete(each.slice(1))
          else zone.add(each)
      const wanted = withoutCaa(zones.at(-1) as string[]).flatMap((each) => stored(each).flatMap(linesOf))
      expect([...zone].sort()).toEqual(wanted.sort())
    }),
    { numRuns: tries(100, 5000) },
  )
})
