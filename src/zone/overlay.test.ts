import { expect, test } from 'vitest'
import { recordsOf } from '../../test/answer/world.ts'
import { assertSound } from '../../test/zone-soundness.ts'
import { parseName } from '../dns/name.ts'
import { printRecord } from '../dns/zonefile/printer.ts'
import { Arena } from './arena.ts'
import { type Contents, pagesOf, recordsFrom } from './contents.ts'
import { Cursor } from './cursor.ts'
import { Edit } from './edit.ts'
import { layOver, type Overlay } from './overlay.ts'
import { segmentsOf } from './segments.ts'
import { readStoredRecord, storeRecord } from './stored-form.ts'

const APEX = parseName('example.')

function lines(text: string): Uint8Array<ArrayBuffer>[] {
  return recordsOf('example.', text)
    .slice(1)
    .map((record) => storeRecord(record, APEX))
}

const SOA = storeRecord(recordsOf('example.', '')[0] as Parameters<typeof storeRecord>[0], APEX)

const hosts = (...owners: string[]): Overlay[] =>
  owners.map((owner) => ({
    owner: parseName(owner, APEX),
    records: recordsOf('example.', `${owner} 9 A 198.51.100.1`).slice(1),
    always: owner === '@',
  }))

/** The version after an edit; pages that it no longer needs are free. */
function edited(
  arena: Arena,
  before: Contents | undefined,
  { add = '', remove = '', over = [] }: { add?: string; remove?: string; over?: readonly Overlay[] },
): Contents {
  const edit = new Edit(arena, before, APEX)
  edit.setSoa(SOA)
  for (const octets of lines(remove)) edit.remove(octets, 0, octets.length)
  for (const octets of lines(add)) edit.add(octets, 0, octets.length)
  layOver(edit, over)
  const { contents, retired } = edit.commit()
  for (const page of retired) arena.free(page)
  assertSound(contents)
  return contents
}

function overlayOf({ arena, version }: Contents): string[] {
  const cursor = new Cursor(arena)
  cursor.openOverlay(version)
  const found: string[] = []
  for (let more = cursor.first(); more; more = cursor.next())
    found.push(printRecord(readStoredRecord(cursor.octets, cursor.at, APEX)).replaceAll('\t', ' '))
  return found
}

const namesOf = (contents: Contents): number => Array.from(recordsFrom(contents)).length

test('an owner is covered with what stands in place of its addresses, and with all else it has', () => {
  const arena = new Arena()
  const zone = edited(arena, undefined, {
    add: 'www A 192.0.2.1\nwww AAAA 2001:db8::1\nwww TXT "x"\nplain A 192.0.2.2\ntext TXT "y"',
    over: hosts('www', 'text', 'later'),
  })
  expect(overlayOf(zone)).toEqual(['www.example. 9 IN A 198.51.100.1', 'www.example. 3600 IN TXT "x"'])
  expect(namesOf(zone), 'what came is as it came').toBe(5)
})

test('it follows each version: what comes is covered, what goes is not, and nothing is left of what lay there', () => {
  const arena = new Arena()
  const first = edited(arena, undefined, { add: 'www A 192.0.2.1', over: hosts('www', 'later') })
  const second = edited(arena, first, {
    add: 'later CNAME www',
    remove: 'www A 192.0.2.1',
    over: hosts('www', 'later'),
  })
  expect(overlayOf(second)).toEqual(['later.example. 9 IN A 198.51.100.1'])
  const third = edited(arena, second, {})
  expect(overlayOf(third)).toEqual([])
})

test('over the apex it lies even where there was nothing', () => {
  expect(overlayOf(edited(new Arena(), undefined, { add: '@ NS ns1', over: hosts('@') }))).toEqual([
    'example. 9 IN A 198.51.100.1',
    'example. 3600 IN NS ns1.example.',
  ])
})

test('CF-083: over a zone with signatures it does not lie', () => {
  const add = 'www A 192.0.2.1\nwww RRSIG A 13 2 60 20300101000000 20200101000000 1 example. AAAA'
  expect(overlayOf(edited(new Arena(), undefined, { add, over: hosts('www') }))).toEqual([])
})

test('it is in no segment of the store, and its pages go with the version', () => {
  const arena = new Arena()
  const before = arena.use.usedOctets
  const owners = Array.from({ length: 300 }, (_, at) => `h${at}`)
  const add = owners.map((owner) => `${owner} A 192.0.2.1`).join('\n')
  const covered = edited(arena, undefined, { add, over: hosts(...owners) })
  expect(overlayOf(covered).length).toBe(300)
  const plain = edited(new Arena(), undefined, { add })
  const octets = (contents: Contents) => Array.from(segmentsOf(contents), (segment) => Buffer.from(segment.octets))
  expect(octets(covered)).toEqual(octets(plain))
  for (const page of pagesOf(covered)) arena.free(page)
  expect(arena.use.usedOctets).toBe(before)
})
