import { describe, expect, test } from 'vitest'
import { assertNothingLeft } from '../../test/zone-model.ts'
import { assertSound } from '../../test/zone-soundness.ts'
import { editOf, linesOf, linesOfZone, stored, zoneOf } from '../../test/zone-text.ts'
import { Arena } from './arena.ts'
import { type Contents, countsOf, pagesOf, recordCount, recordsFrom, runsOf, serialOf, soaOf } from './contents.ts'
import { Cursor } from './cursor.ts'
import { Edit } from './edit.ts'
import { SortKey } from './sort-key.ts'
import { storeRecord } from './stored-form.ts'
import { parseName } from '../dns/name.ts'

const APEX = parseName('example.org.')

function cursorOf({ arena, version }: Contents): Cursor {
  const cursor = new Cursor(arena)
  cursor.openNames(version)
  return cursor
}

function keyOf(owner: string): SortKey {
  const key = new SortKey()
  const [record] = stored(`${owner} A 192.0.2.1`) as [Uint8Array]
  key.setOwner(record, 0, record.indexOf(0xc0))
  return key
}

describe('contents', () => {
  test('records come in canonical order, and the SOA record apart', () => {
    const zone = zoneOf(
      new Arena(),
      'b A 192.0.2.1\na.b A 192.0.2.1\n@ NS ns\nB A 192.0.2.0\na TXT x\n* A 192.0.2.9\nb TXT x',
    )
    expect(linesOfZone(zone)).toEqual([
      '@ 300 IN NS ns.example.org.',
      '* 300 IN A 192.0.2.9',
      'a 300 IN TXT "x"',
      'B 300 IN A 192.0.2.0',
      'b 300 IN A 192.0.2.1',
      'b 300 IN TXT "x"',
      'a.b 300 IN A 192.0.2.1',
    ])
    const { octets, at, end } = soaOf(zone)
    expect(linesOf(octets.slice(at, end))[0]).toMatch(/^@ 3600 IN SOA ns.example.org. hostmaster.example.org. /)
    expect(serialOf(zone)).toBe(1)
  })

  test('MB-10 names and RDATA keep the case they came in, and compare without it', () => {
    const zone = zoneOf(new Arena(), 'WwW MX 10 Mail.Example.NET.\nwww MX 10 mail.example.net.')
    expect(linesOfZone(zone)).toEqual(['WwW 300 IN MX 10 Mail.Example.NET.'])
    expect(cursorOf(zone).seek(keyOf('wWw'))).toBe(true)
  })

  test('MB-11 a label may hold any octet', () => {
    const lines = [
      '\\000 300 IN A 192.0.2.1',
      '\\000\\000 300 IN A 192.0.2.1',
      '\\001 300 IN A 192.0.2.1',
      'a\\.b 300 IN A 192.0.2.1',
      '\\255 300 IN A 192.0.2.1',
    ]
    expect(linesOfZone(zoneOf(new Arena(), lines.toReversed().join('\n')))).toEqual(lines)
  })

  test('MB-13 a record that comes twice is there once', () => {
    expect(linesOfZone(zoneOf(new Arena(), 'a A 192.0.2.1\nA A 192.0.2.1\na A 192.0.2.2'))).toHaveLength(2)
  })

  test('AC-11 RDATA of unknown types is kept and ordered as octets', () => {
    const lines = [
      'a 300 IN TYPE65280 \\# 0',
      'a 300 IN TYPE65280 \\# 1 00',
      'a 300 IN TYPE65280 \\# 1 41',
      'a 300 IN TYPE65280 \\# 1 61',
    ]
    expect(linesOfZone(zoneOf(new Arena(), lines.toReversed().join('\n')))).toEqual(lines)
  })

  test('NSEC3 records and their signatures are no names of the zone', () => {
    const zone = zoneOf(
      new Arena(),
      `0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom RRSIG NSEC3 8 3 60 20300101000000 20200101000000 1 @ AAAA
a A 192.0.2.1`,
    )
    expect(countsOf(zone)).toMatchObject({ records: 3, owners: 1, hashRecords: 2, signatures: 1 })
    expect(cursorOf(zone).seek(keyOf('0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'))).toBe(false)
    const hashes = new Cursor(zone.arena)
    hashes.openHashes(zone.version)
    expect(hashes.seek(keyOf('0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM'))).toBe(true)
    expect(linesOfZone(zone)[0]).toBe('a 300 IN A 192.0.2.1')
  })

  test('an empty zone has no records and nothing to find', () => {
    const zone = zoneOf(new Arena(), '')
    const cursor = cursorOf(zone)
    expect(recordCount(zone)).toBe(0)
    expect([...recordsFrom(zone)]).toEqual([])
    expect([...runsOf(zone)]).toEqual([])
    expect([cursor.first(), cursor.seek(keyOf('a')), cursor.previousOwner(), cursor.at]).toEqual([
      false,
      false,
      false,
      -1,
    ])
  })

  test('case 27 the largest records there are have pages of their own, among small ones', () => {
    const arena = new Arena()
    const edit = editOf(arena, '@ NS ns\nb A 192.0.2.1')
    for (const owner of ['a', 'b', 'c'].map((label) => parseName(`${label}.example.org.`))) {
      for (const fill of [1, 2]) {
        const record = storeRecord(
          { owner, type: 65_280, class: 1, ttl: 300, rdata: new Uint8Array(65_535).fill(fill) },
          APEX,
        )
        expect(edit.add(record, 0, record.length)).toBe('added')
        expect(edit.add(record, 0, record.length)).toBe('present')
      }
    }
    const zone = edit.commit().contents
    assertSound(zone)
    expect(recordCount(zone)).toBe(8)
    expect(countsOf(zone).octets).toBeGreaterThan(6 * 65_535)
    for (const page of pagesOf(zone)) arena.free(page)
    assertNothingLeft(arena, 0)
  })
})

describe('memory', () => {
  test('a zone of ten records costs well under 1,024 octets', () => {
    const arena = new Arena()
    zoneOf(arena, ['@ NS ns', ...Array.from({ length: 9 }, (_, n) => `host${n} A 192.0.2.${n}`)].join('\n'))
    expect(arena.use.usedOctets).toBeLessThan(600)
  })

  test('records in order fill their pages', () => {
    const arena = new Arena()
    const lines = Array.from({ length: 20_000 }, (_, n) => `host${String(n).padStart(6, '0')} A 192.0.2.${n % 200}`)
    const { octets } = countsOf(zoneOf(arena, lines.join('\n')))
    expect(octets / arena.use.usedOctets).toBeGreaterThan(0.8)
  })
})

describe('an edit', () => {
  test('leaves the version it began with as it was, and shares what did not change', () => {
    const arena = new Arena()
    const lines = Array.from({ length: 5000 }, (_, n) => `host${n} A 192.0.2.1`)
    const before = zoneOf(arena, lines.join('\n'))
    const used = arena.use.usedOctets
    const { contents: after, retired } = editOf(arena, 'new A 192.0.2.1', { base: before }).commit()
    expect(arena.use.usedOctets - used).toBeLessThan(20_000)
    expect(linesOfZone(before)).toHaveLength(5000)
    expect(linesOfZone(after)).toHaveLength(5001)
    for (const page of retired) arena.free(page)
    expect(linesOfZone(after)).toHaveLength(5001)
  })

  test('can be given up even after its version is made, if nobody was shown it', () => {
    const arena = new Arena()
    const edit = editOf(arena, 'a A 192.0.2.1')
    edit.commit()
    edit.abort()
    assertNothingLeft(arena, 0)
  })

  test('is over once it is committed', () => {
    const edit = editOf(new Arena(), 'a A 192.0.2.1')
    edit.commit()
    const [record] = stored('b A 192.0.2.1') as [Uint8Array]
    expect(() => edit.add(record, 0, record.length)).toThrow('has ended')
    expect(() => edit.remove(record, 0, record.length)).toThrow('has ended')
    expect(() => edit.commit()).toThrow('has ended')
  })

  test('needs a SOA record, and takes it in no other way', () => {
    const edit = new Edit(new Arena(), undefined, APEX)
    const { octets, at, end } = soaOf(zoneOf(new Arena(), ''))
    expect(() => edit.add(octets, at, end - at)).toThrow('it must be set')
    expect(() => edit.commit()).toThrow('without a SOA record')
  })
})
