import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Name, printName } from '../dns/name.ts'
import { WireError } from '../dns/wire.ts'
import { editOf, linesOf, linesOfZone, records, stored, zoneOf } from '../../test/zone-text.ts'
import { APEX, dice, drawRecord, Model, octetsOfContents, soaRecord, type World } from '../../test/zone-model.ts'
import { assertSound } from '../../test/zone-soundness.ts'
import { Arena } from './arena.ts'
import type { Contents } from './contents.ts'
import {
  applyDifference,
  applyLeniently,
  compose,
  type Difference,
  differenceBetween,
  DifferenceRecorder,
  fromSerial,
  invert,
  readDifference,
  toSerial,
  writeDifference,
} from './difference.ts'
import { Edit } from './edit.ts'
import { RECORDS_PER_SLICE } from './slices.ts'
import { compareRecords } from './stored-record.ts'

const WORLDS: readonly (World & { records: number })[] = [
  { owners: 6, labelOctets: 1, rdataOctets: 10, records: 30 },
  { owners: 3000, labelOctets: 5, rdataOctets: 30, records: 3000 },
  { owners: 4, labelOctets: 8, rdataOctets: 30, records: 2000 },
]

/** A version, the one before, and what led from that to this. */
interface Grown {
  readonly arena: Arena
  readonly versions: readonly Contents[]
  readonly steps: readonly Difference[]
}

/** Lets a zone live through some versions. */
function grow(seed: number, world: World & { records: number }): Grown {
  const roll = dice(seed)
  const arena = new Arena()
  const versions: Contents[] = []
  const steps: Difference[] = []
  const model = new Model()
  let before: Contents | undefined
  for (let serial = 1; serial <= 4; serial++) {
    const recorder = new DifferenceRecorder()
    const edit = new Edit(arena, before, APEX, { recorder })
    edit.setSoa(soaRecord(serial))
    const changes = serial === 1 ? world.records : roll(world.records / 10)
    for (let change = 0; change < changes; change++) {
      const present = model.records[roll(Math.max(1, model.records.length))]
      const what = present !== undefined && roll(2) === 0 && serial > 1 ? 'remove' : 'add'
      const record = what === 'remove' && present !== undefined ? present : drawRecord(roll, world)
      strictEqual(edit[what](record.stored, 0, record.stored.length), model[what](record))
    }
    const { contents } = edit.commit()
    if (before !== undefined) steps.push(recorder.finish(soaRecord(serial - 1), soaRecord(serial)))
    versions.push(contents)
    before = contents
  }
  return { arena, versions, steps }
}

function applied(arena: Arena, contents: Contents, ...differences: readonly Difference[]): Contents {
  const edit = new Edit(arena, contents, APEX)
  for (const difference of differences) strictEqual(applyDifference(edit, difference), undefined)
  return edit.commit().contents
}

function assertSame(a: Contents, b: Contents): void {
  ok(Buffer.compare(octetsOfContents(a), octetsOfContents(b)) === 0, 'two versions differ')
}

describe.each(WORLDS)('differences in a world of $owners owners', (world) => {
  const seeds = fc.sample(fc.integer(), world.records > 100 ? 3 : 40)
  const lives = new Map<number, Grown>()
  beforeAll(() => seeds.forEach((seed) => lives.set(seed, grow(seed, world))), 60_000)

  const law = (name: string, holds: (grown: Grown) => void): void =>
    test(name, { timeout: 60_000 }, () => {
      for (const [seed, grown] of lives) {
        try {
          holds(grown)
        } catch (cause) {
          throw new Error(`with seed ${seed}`, { cause })
        }
      }
    })

  law('what an edit recorded leads from one version to the next', ({ arena, versions, steps }) => {
    steps.forEach((step, index) => {
      const next = applied(arena, versions[index] as Contents, step)
      assertSame(next, versions[index + 1] as Contents)
      assertSound(next)
    })
  })

  law('a difference and then its inverse change nothing', ({ arena, versions, steps }) => {
    steps.forEach((step, index) => {
      const version = versions[index] as Contents
      assertSame(applied(arena, version, step, invert(step)), version)
    })
  })

  law('IX-08 composed differences do what each of them does, one after the other', ({ arena, versions, steps }) => {
    const [first, ...others] = steps as [Difference, ...Difference[]]
    const whole = compose(first, ...others)
    assertSame(applied(arena, versions[0] as Contents, whole), versions[3] as Contents)
    deepStrictEqual([fromSerial(whole), toSerial(whole)], [1, 4])
    ok(
      whole.removed.length + whole.added.length <= steps.reduce((sum, s) => sum + s.removed.length + s.added.length, 0),
    )
  })

  law('IX-10 IX-13 what differs between two versions is what was recorded', ({ arena, versions, steps }) => {
    steps.forEach((step, index) => {
      deepStrictEqual(differenceBetween(versions[index] as Contents, versions[index + 1] as Contents), step)
    })
    const whole = differenceBetween(versions[0] as Contents, versions[3] as Contents) as Difference
    const [first, ...others] = steps as [Difference, ...Difference[]]
    deepStrictEqual(whole, compose(first, ...others))
    const copy = applied(arena, rebuilt(arena, versions[0] as Contents), whole)
    assertSame(copy, versions[3] as Contents)
  })

  law('a difference comes back from its octets as it was', ({ steps }) => {
    for (const step of steps) deepStrictEqual(readDifference(writeDifference(step)), step)
  })
})

/** The same records in pages that share nothing with the first. */
function rebuilt(arena: Arena, contents: Contents): Contents {
  const edit = new Edit(arena, undefined, APEX)
  const octets = octetsOfContents(contents)
  for (const record of records(octets)) edit.add(record, 0, record.length)
  edit.setSoa(soaRecord(1))
  return edit.commit().contents
}

describe('a difference that does not fit', () => {
  const soa = (serial: number): Uint8Array => soaRecord(serial)
  const difference = (removed: string, added: string, from = 1): Difference => ({
    fromSoa: soa(from),
    toSoa: soa(from + 1),
    removed: Buffer.concat(stored(removed)),
    added: Buffer.concat(stored(added)),
  })
  const zone = '@ NS ns\nwww A 192.0.2.1\nwww A 192.0.2.2'

  test.each([
    ['IC-05 a record to be removed is absent', 'www A 192.0.2.9', '', 'absent', 'www.example.org.'],
    ['IC-05 a record to be added is present', '', 'WWW A 192.0.2.1', 'present', 'WWW.example.org.'],
    ['a record to be added is present with another TTL', '', 'www 7 A 192.0.2.1', 'present', 'www.example.org.'],
  ])('%s', (_, removed, added, type, owner) => {
    const arena = new Arena()
    const edit = new Edit(arena, zoneOf(arena, zone), APEX)
    const conflict = applyDifference(edit, difference(removed, added))
    expect(conflict).toMatchObject({ type, rrtype: 1 })
    expect(printName(conflict?.owner as Name)).toBe(owner)
  })

  test('IC-02 it starts at another serial', () => {
    const arena = new Arena()
    const edit = new Edit(arena, zoneOf(arena, zone), APEX)
    expect(applyDifference(edit, difference('', 'www A 192.0.2.3', 2))?.type).toBe('other serial')
  })

  test('IC-05 it is applied as far as it can be where that is wanted', () => {
    const arena = new Arena()
    const edit = new Edit(arena, zoneOf(arena, zone), APEX)
    const misfits = applyLeniently(
      edit,
      difference('www A 192.0.2.9\nwww A 192.0.2.1', 'www A 192.0.2.2\nftp A 192.0.2.3'),
    )
    expect(misfits).toBe(2)
    expect(linesOfZone(edit.commit().contents)).toEqual([
      '@ 300 IN NS ns.example.org.',
      'ftp 300 IN A 192.0.2.3',
      'www 300 IN A 192.0.2.2',
    ])
  })

  test('IX-09 a changed TTL is a removal and an addition', () => {
    const arena = new Arena()
    const before = zoneOf(arena, zone)
    const after = editOf(arena, 'www 60 A 192.0.2.1', { base: before }).commit().contents
    const changed = differenceBetween(before, after) as Difference
    expect(linesOf(changed.removed)).toEqual(['www 300 IN A 192.0.2.1'])
    expect(linesOf(changed.added)).toEqual(['www 60 IN A 192.0.2.1'])
  })

  test('a name in another case is a change as well, though the record is the same', () => {
    const arena = new Arena()
    const edit = new Edit(arena, zoneOf(arena, zone), APEX)
    expect(applyDifference(edit, difference('www A 192.0.2.1', 'WWW A 192.0.2.1'))).toBeUndefined()
    expect(linesOfZone(edit.commit().contents)).toContain('WWW 300 IN A 192.0.2.1')
  })

  test('a record that comes and goes ten thousand times in one edit is no change, and no work', () => {
    const arena = new Arena()
    const recorder = new DifferenceRecorder()
    const edit = new Edit(arena, zoneOf(arena, zone), APEX, { recorder })
    const [there, other] = stored('www A 192.0.2.1\nWWW 7 A 192.0.2.1') as [Uint8Array, Uint8Array]
    for (let times = 0; times < 10_000; times++) {
      for (const record of [other, there]) {
        edit.remove(there, 0, there.length)
        edit.add(record, 0, record.length)
      }
    }
    expect(recorder.finish(soa(1), soa(2))).toMatchObject({ removed: new Uint8Array(), added: new Uint8Array() })
  })

  test.each([1, 2, 5])(
    'many records that come in %i orders at once are in order in the difference, whether it is made in slices or not',
    (ways) => {
      const roll = dice(ways)
      const lines = Array.from({ length: 3 * RECORDS_PER_SLICE }, (_, n) => `h${roll(1e6)}-${n} A 192.0.2.${n % 256}`)
      const rows = stored(lines.join('\n'))
      const sorted = rows.toSorted((a, b) => compareRecords(a, 0, b, 0))
      const parts = Array.from({ length: ways }, (_, way) => sorted.filter((_, n) => n % ways === way))
      const recorders = [new DifferenceRecorder(), new DifferenceRecorder()]
      for (const recorder of recorders) {
        for (const each of parts.flat()) recorder.added(each, 0, each.length)
        for (const each of rows.slice(0, RECORDS_PER_SLICE)) recorder.removed(each, 0, each.length)
      }
      const [whole, sliced] = recorders as [DifferenceRecorder, DifferenceRecorder]
      let turns = 0
      for (const work = sliced.settle(); work.next().done !== true;) turns++
      expect(turns).toBeGreaterThan(2)
      const gone = new Set(rows.slice(0, RECORDS_PER_SLICE))
      const added = Buffer.concat(sorted.filter((each) => !gone.has(each)))
      for (const recorder of [whole, sliced]) {
        const difference = recorder.finish(soa(1), soa(2))
        ok(Buffer.compare(difference.added, added) === 0)
        expect(difference.removed).toHaveLength(0)
      }
    },
  )

  test('a zone that is quite another is not compared to the end', () => {
    const arena = new Arena()
    expect(differenceBetween(zoneOf(arena, zone), zoneOf(arena, 'a A 192.0.2.1\nb A 192.0.2.1'), 60)).toBeUndefined()
  })
})

test('octets that are no difference are refused, and nothing else happens', () => {
  const octets = writeDifference({
    fromSoa: soaRecord(1),
    toSoa: soaRecord(2),
    removed: soaRecord(3),
    added: soaRecord(4),
  })
  fc.assert(
    fc.property(fc.nat(octets.length - 1), fc.nat(255), fc.nat(octets.length), (at, octet, end) => {
      const broken = octets.slice()
      broken[at] = octet
      for (const some of [broken, octets.subarray(0, end)]) {
        try {
          readDifference(some)
        } catch (error) {
          ok(error instanceof WireError)
        }
      }
    }),
  )
})
