import { ok, strictEqual } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WireError } from '../dns/wire.ts'
import {
  APEX,
  assertNothingLeft,
  dice,
  drawRecord,
  octetsOfContents,
  soaRecord,
  type World,
} from '../../test/zone-model.ts'
import { editOf, records, stored, zoneOf } from '../../test/zone-text.ts'
import { Arena } from './arena.ts'
import { type Contents, pagesOf, recordCount, serialOf } from './contents.ts'
import { applyDifference, differenceBetween, type Difference } from './difference.ts'
import { Edit } from './edit.ts'
import type { Segment } from './segment-cutter.ts'
import { loadSegments } from '../../test/load-segments.ts'
import { segmentsOf, segmentsSince, segmentsTouched } from './segments.ts'

const WORLD: World = { owners: 20_000, labelOctets: 5, rdataOctets: 12 }

function change(
  arena: Arena,
  base: Contents | undefined,
  serial: number,
  roll: (sides: number) => number,
  count: number,
): Contents {
  const edit = new Edit(arena, base, APEX)
  edit.setSoa(soaRecord(serial))
  for (let times = 0; times < count; times++) {
    const { stored } = drawRecord(roll, WORLD)
    if (base !== undefined && roll(3) === 0) edit.remove(stored, 0, stored.length)
    else edit.add(stored, 0, stored.length)
  }
  return edit.commit().contents
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')
const octetsOf = (segments: readonly Segment[]): Uint8Array => Buffer.concat(segments.map(({ octets }) => octets))

describe('segments', () => {
  const arena = new Arena()
  const roll = dice(7)
  const first = change(arena, undefined, 1, roll, 30_000)
  const segments = [...segmentsOf(first)]

  test('they hold all records in order, some thousands each', () => {
    ok(Buffer.compare(octetsOf(segments), octetsOfContents(first)) === 0)
    expect(segments.length).toBeGreaterThan(4)
    for (const { octets, recordCount } of segments.slice(0, -1)) {
      expect(recordCount).toBeGreaterThanOrEqual(1000)
      expect(recordCount).toBeLessThanOrEqual(16_384)
      expect(records(octets).length).toBe(recordCount)
    }
  })

  test('they are named in order', () => {
    const names = segments.map(({ firstOwner }) => hex(firstOwner))
    expect(names.toSorted()).toEqual(names)
  })

  test('a zone comes back from its segments as it was', () => {
    const elsewhere = new Arena()
    const loaded = loadSegments(elsewhere, APEX, soaRecord(5), segments)
    ok(Buffer.compare(octetsOfContents(loaded), octetsOfContents(first)) === 0)
    strictEqual(recordCount(loaded), recordCount(first))
    strictEqual(serialOf(loaded), 5)
  })

  test(
    'what differences change is in the version from the start, and nothing of it lies about',
    { timeout: 60_000 },
    () => {
      fc.assert(
        fc.property(fc.integer(), fc.integer({ min: 1, max: 400 }), (seed, count) => {
          const middle = change(arena, first, 2, dice(seed), count)
          const after = change(arena, middle, 3, dice(seed + 1), count)
          const differences = [differenceBetween(first, middle), differenceBetween(middle, after)] as Difference[]
          const elsewhere = new Arena()
          const loaded = loadSegments(elsewhere, APEX, soaRecord(1), segments, (edit) => {
            for (const difference of differences) strictEqual(applyDifference(edit, difference), undefined)
          })
          ok(Buffer.compare(octetsOfContents(loaded), octetsOfContents(after)) === 0)
          strictEqual(recordCount(loaded), recordCount(after))
          strictEqual(serialOf(loaded), 3)
          for (const page of pagesOf(loaded)) elsewhere.free(page)
          assertNothingLeft(elsewhere, 0)
        }),
        { numRuns: 10 },
      )
    },
  )

  test('they depend on the records alone, not on how the zone came about', () => {
    const rebuilt = loadSegments(new Arena(), APEX, soaRecord(5), segments)
    expect([...segmentsOf(rebuilt)].map(({ octets }) => hex(octets))).toEqual(segments.map(({ octets }) => hex(octets)))
  })

  test('a change leaves all others as they are', () => {
    const after = change(arena, first, 2, roll, 3)
    const known = new Set(segments.map(({ octets }) => hex(octets)))
    const fresh = [...segmentsOf(after)].filter(({ octets }) => !known.has(hex(octets)))
    expect(fresh.length).toBeLessThanOrEqual(6)
  })

  test('those that no difference touches are handed back as they came', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, count) => {
        const after = change(arena, first, 2, dice(seed), count)
        const difference = differenceBetween(first, after) as Difference
        const since = [...segmentsSince(after, segments, [difference])]
        ok(Buffer.compare(octetsOf(since), octetsOfContents(after)) === 0)
        const touched = segmentsTouched(
          segments.map(({ firstOwner }) => firstOwner),
          [difference],
        )
        segments.forEach((segment, index) => strictEqual(since.includes(segment), !touched.has(index)))
        for (const page of pagesOf(loadSegments(arena, APEX, soaRecord(2), since))) arena.free(page)
      }),
      { numRuns: 5 },
    )
  })

  test('an owner with very many records is cut in the middle', { timeout: 60_000 }, () => {
    const lines = Array.from({ length: 40_000 }, (_, n) => `many TXT "${n}"`)
    const zone = zoneOf(arena, ['@ NS ns', ...lines, 'zzz A 192.0.2.1'].join('\n'))
    const cut = [...segmentsOf(zone)]
    expect(cut.length).toBe(3)
    expect(
      segmentsTouched(
        cut.map(({ firstOwner }) => firstOwner),
        [],
      ),
    ).toEqual(new Set())
    const after = editOf(arena, 'a A 192.0.2.1\nmany TXT new\nzzzz A 192.0.2.1', { base: zone }).commit().contents
    const difference = differenceBetween(zone, after) as Difference
    const since = [...segmentsSince(after, cut, [difference])]
    ok(Buffer.compare(octetsOf(since), octetsOfContents(after)) === 0)
  })

  test('an empty zone has none, and comes back from none', () => {
    const empty = loadSegments(arena, APEX, soaRecord(9), [])
    expect([...segmentsOf(empty)]).toEqual([])
    expect(serialOf(empty)).toBe(9)
    const [record] = stored('www A 192.0.2.1') as [Uint8Array]
    const edit = new Edit(arena, empty, APEX)
    edit.add(record, 0, record.length)
    const one = edit.commit().contents
    expect([...segmentsSince(one, [], [differenceBetween(empty, one) as Difference])]).toHaveLength(1)
  })

  test('octets that are no records are refused, and leave nothing behind', () => {
    const elsewhere = new Arena()
    const { octets } = segments[0] as Segment
    for (const broken of [octets.subarray(0, -1), new Uint8Array(5).fill(63), Uint8Array.of(0xc0)]) {
      expect(() => loadSegments(elsewhere, APEX, soaRecord(1), [{ octets: broken }])).toThrow(WireError)
    }
    assertNothingLeft(elsewhere, 0)
  })
})
