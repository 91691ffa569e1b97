import { strict as assert } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { recordsOf } from '../../test/answer/world.ts'
import { chanceOf } from '../../test/random-rdata.ts'
import { parseName } from '../dns/name.ts'
import { Arena } from './arena.ts'
import { Edit } from './edit.ts'
import { FOUND, Lookup } from './lookup.ts'
import { readStoredRecord, storeRecord } from './stored-form.ts'

const APEX = parseName('example.')

function lookupIn(text: string): Lookup {
  const arena = new Arena()
  const edit = new Edit(arena, undefined, APEX)
  for (const record of recordsOf('example.', text)) {
    const stored = storeRecord(record, APEX)
    if (record.type === 6) edit.setSoa(stored)
    else edit.add(stored, 0, stored.length)
  }
  const lookup = new Lookup(arena)
  lookup.open(edit.commit().contents.version)
  return lookup
}

function find(lookup: Lookup, text: string, type = 1): string {
  const name = parseName(text, APEX)
  const found = lookup.find(name, 0, name.length - APEX.length, type)
  const kind = Object.entries(FOUND).find(([, code]) => code === found)?.[0] as string
  return found === FOUND.cut || found === FOUND.dname || found === FOUND.wildcard ? `${kind} ${lookup.labels}` : kind
}

describe('a name is', () => {
  const zone = lookupIn(
    '@ NS ns1\na.b TXT "x"\nsub NS ns1\nx.sub NS ns1\nx.sub A 192.0.2.1\nd DNAME a\n*.w TXT "x"\nq.e.w TXT "x"',
  )

  test.each([
    ['@', 'name'],
    ['a.b', 'name'],
    ['b', 'empty'],
    ['aa.b', 'nothing'],
    ['sub', 'cut 1'],
    ['y.x.sub', 'cut 1'],
    ['d', 'name'],
    ['x.y.d', 'dname 1'],
    ['x.y.w', 'wildcard 1'],
    ['*.w', 'name'],
    ['e.w', 'empty'],
    ['x.e.w', 'nothing'],
    ['w', 'empty'],
    ['zz', 'nothing'],
  ])('%s: %s', (name, found) => {
    expect(find(zone, name)).toBe(found)
  })

  test('LK-02 a cut, asked for its DS, is a name of the parent', () => {
    expect(find(zone, 'sub', 43)).toBe('name')
    expect(find(zone, 'x.sub', 43)).toBe('cut 1')
  })

  test('the apex, even where it has nothing but its SOA', () => {
    const bare = lookupIn('')
    expect(find(bare, '@')).toBe('name')
    expect(bare.cursor.at).toBe(-1)
    expect(find(bare, 'a')).toBe('nothing')
  })
})

test('in a zone of many pages every name is found from anywhere, and no other', () => {
  const owners = Array.from({ length: 3000 }, (_, n) => `h${n % 1000}.s${n % 7}`)
  const lookup = lookupIn(`@ NS ns1\n${owners.map((owner) => `${owner} A 192.0.2.1`).join('\n')}`)
  const there = new Set(owners)
  const chance = chanceOf(5)
  for (let turn = 0; turn < 20_000; turn++) {
    const text = `h${chance(1100)}.s${chance(8)}`
    const name = parseName(text, APEX)
    const found = lookup.findAnywhere(name, 0, name.length - APEX.length)
    assert.equal(found, there.has(text), text)
    if (found) assert.deepEqual(readStoredRecord(lookup.cursor.octets, lookup.cursor.at, APEX).owner, name)
  }
})

test('an owner whose records fill several pages is found at its first record, from near and far', () => {
  const many = Array.from({ length: 2000 }, (_, n) => `big TXT "${String(n).padStart(4, '0')}"`).join('\n')
  const lookup = lookupIn(`a A 192.0.2.1\n${many}\nbig2 A 192.0.2.1\nc A 192.0.2.1`)
  for (const from of ['a', 'big2', 'big', 'c', 'aa', 'bigg']) {
    for (const text of [from, 'big']) {
      const name = parseName(text, APEX)
      lookup.findAnywhere(name, 0, name.length - APEX.length)
    }
    const { rdata } = readStoredRecord(lookup.cursor.octets, lookup.cursor.at, APEX)
    expect(rdata).toEqual(Uint8Array.of(4, 0x30, 0x30, 0x30, 0x30))
  }
})

test('LK-04 a cut whose addresses fill several pages is one', () => {
  const many = (owner: string): string =>
    Array.from({ length: 1500 }, (_, n) => `${owner} A 10.0.${n >> 8}.${n & 255}`).join('\n')
  const lookup = lookupIn(`${many('cut')}\ncut NS ns1\n${many('host')}\nhost TXT "x"`)
  expect(find(lookup, 'cut')).toBe('cut 1')
  expect(lookup.cursor.type).toBe(2)
  expect(find(lookup, 'host')).toBe('name')
  expect(readStoredRecord(lookup.cursor.octets, lookup.cursor.at, APEX).rdata).toEqual(Uint8Array.of(10, 0, 0, 0))
})
