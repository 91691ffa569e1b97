import { expect, test } from 'vitest'
import { recordsOf } from '../../test/answer/world.ts'
import { assertSound } from '../../test/zone-soundness.ts'
import { parseName } from '../dns/name.ts'
import { Arena } from '../zone/arena.ts'
import type { Contents } from '../zone/contents.ts'
import { Cursor } from '../zone/cursor.ts'
import { DifferenceRecorder } from '../zone/difference.ts'
import { DirectoryWriter } from '../zone/directory.ts'
import { DirectoryReader } from '../zone/directory-reader.ts'
import { ZONE_STATE } from '../zone/directory-layout.ts'
import { Edit } from '../zone/edit.ts'
import type { Overlay } from '../zone/overlay.ts'
import { storeRecord } from '../zone/stored-form.ts'
import { ZoneShelf, type ShelvedZone } from './zone-shelf.ts'

const APEX = parseName('example.')

const COMMITTED = { checkpointDue: false, baseOctets: 0, differenceCount: 0, differenceOctets: 0 }

const stored = (text: string) =>
  recordsOf('example.', text).map((record) => ({ type: record.type, octets: storeRecord(record, APEX) }))

const over = (last: number): Overlay[] => [
  {
    owner: parseName('www', APEX),
    records: recordsOf('example.', `www 9 A 198.51.100.${last}`).slice(1),
    always: false,
  },
]

/** A shelf with one zone that has come, whose disk writes when the test lets it. */
async function openShelf() {
  const arena = new Arena()
  const directory = new DirectoryWriter(arena, { seed: 1 })
  const writing: PromiseWithResolvers<void>[] = []
  let serial = 1
  const store = {
    version: async () => undefined,
    octetsOf: async () => [],
    async commitVersion() {
      const written = Promise.withResolvers<void>()
      writing.push(written)
      await written.promise
      return COMMITTED
    },
    checkpoint: async () => COMMITTED,
    removeZone: async () => {},
  }
  const shelf = new ZoneShelf({ arena, directory, store, now: () => 0 })
  await shelf.adopt(1, 'id', APEX, [])
  const zone = shelf.get(1) as ShelvedZone
  const edit = (text: string, before: Contents | undefined) => {
    const recorder = new DifferenceRecorder()
    const made = new Edit(arena, before, APEX, { recorder })
    for (const { type, octets } of stored(`@ SOA ns1 h ${serial++} 7200 3600 1209600 300\n${text}`))
      if (type === 6) made.setSoa(octets)
      else made.add(octets, 0, octets.length)
    const difference = (from: Uint8Array, to: Uint8Array) => recorder.finish(from, to)
    return { edit: made, difference: before && difference }
  }
  /** The next thing that is to be written. */
  const next = async () => {
    while (writing.length === 0) await Promise.resolve()
    return writing.shift() as PromiseWithResolvers<void>
  }
  const write = async (published: Promise<unknown>) => {
    ;(await next()).resolve()
    await published
  }
  await write(shelf.publish(zone, edit('@ NS ns1\nwww A 192.0.2.1', undefined)))
  return { arena, directory, shelf, zone, edit, next, write, writing }
}

/** The last octets of the addresses that lie over the zone. */
function lastOctets(zone: ShelvedZone): number[] {
  const { arena, version } = zone.contents as Contents
  assertSound({ arena, version })
  const cursor = new Cursor(arena)
  cursor.openOverlay(version)
  const found: number[] = []
  for (let more = cursor.first(); more; more = cursor.next()) found.push(cursor.octets[cursor.end - 1] as number)
  return found
}

test('overlays lie over a zone at once, in whatever state it is', async () => {
  const { shelf, zone, directory } = await openShelf()
  const reader = new DirectoryReader(directory.memory)
  shelf.show(1, 'expired')
  shelf.cover(1, over(1))
  expect(lastOctets(zone)).toEqual([1])
  expect(reader.stateOf(zone.handle), 'it does not make it good again').toBe(ZONE_STATE.expired)
  shelf.cover(1, [])
  expect(lastOctets(zone)).toEqual([])
})

test('a version that an edit builds on stays until the edit has ended', async () => {
  const { shelf, zone, edit, write } = await openShelf()
  const release = shelf.hold(zone)
  const before = zone.contents
  const next = edit('www A 192.0.2.2', before)
  shelf.cover(1, over(2))
  expect(zone.contents).toBe(before)
  await write(shelf.publish(zone, next))
  expect(lastOctets(zone), 'the new version has them').toEqual([2])
  release()
  expect(lastOctets(zone)).toEqual([2])
})

test('overlays that come while a version is on its way to the disk lie over it when it is there', async () => {
  const { shelf, zone, edit, next, write } = await openShelf()
  shelf.cover(1, over(3))
  const published = shelf.publish(zone, edit('www A 192.0.2.2', zone.contents))
  shelf.cover(1, over(4))
  expect(lastOctets(zone)).toEqual([3])
  await write(published)
  expect(lastOctets(zone)).toEqual([4])
  const failing = shelf.publish(zone, edit('www A 192.0.2.3', zone.contents))
  shelf.cover(1, over(5))
  ;(await next()).reject(new Error('the disk is full'))
  expect(await failing).toMatchObject({ type: 'refused' })
  expect(lastOctets(zone), 'over the version that stays').toEqual([5])
})

test('an edit that is given up gives the zone back', async () => {
  const { shelf, zone, edit } = await openShelf()
  const release = shelf.hold(zone)
  const { edit: dropped } = edit('www A 192.0.2.2', zone.contents)
  shelf.cover(1, over(6))
  dropped.abort()
  release()
  expect(lastOctets(zone)).toEqual([6])
})

test('with a zone all its memory goes, whatever lay over it', async () => {
  const { arena, directory, shelf, zone, edit, write } = await openShelf()
  for (let last = 1; last < 50; last++) {
    shelf.cover(1, over(last))
    if (last % 3 === 0) await write(shelf.publish(zone, edit(`h${last} A 192.0.2.1`, zone.contents)))
    if (last % 10 === 0) await write(shelf.publish(zone, edit('@ NS ns1\nwww A 192.0.2.1', undefined)))
  }
  shelf.drop(1)
  directory.reclaim()
  const used = arena.use.usedOctets
  await shelf.adopt(1, 'id', APEX, over(1))
  shelf.drop(1)
  directory.reclaim()
  expect(directory.waitingPages).toBe(0)
  expect(arena.use.usedOctets).toBe(used)
  expect(used).toBeLessThan(2000)
})

test('a version that builds on another than is shown by the time is not published, and leaves all as it is', async () => {
  const { shelf, zone, edit, write, writing } = await openShelf()
  const late = shelf.publish(zone, edit('www A 192.0.2.2', zone.contents))
  const overtaken = shelf.publish(zone, edit('www A 192.0.2.3', zone.contents))
  await write(late)
  expect(await overtaken).toMatchObject({ type: 'refused', reason: { code: 'cancelled' } })
  expect(writing).toHaveLength(0)
  assertSound(zone.contents as Contents)
  await write(shelf.publish(zone, edit('www A 192.0.2.4', zone.contents)))
})

test('over a version that was made here nothing is laid from elsewhere, until the zone is transferred again', async () => {
  const { shelf, zone, edit, write } = await openShelf()
  shelf.cover(1, over(7))
  const made = edit('other A 192.0.2.2', zone.contents)
  const published = shelf.publish(zone, { ...made, isCovered: true })
  shelf.cover(1, over(8))
  await write(published)
  expect(lastOctets(zone), 'what the edit began with').toEqual([7])
  shelf.cover(1, over(9))
  expect(lastOctets(zone)).toEqual([7])
  await write(shelf.publish(zone, edit('more A 192.0.2.3', zone.contents)))
  expect(lastOctets(zone)).toEqual([])
  shelf.cover(1, over(10))
  expect(lastOctets(zone)).toEqual([10])
})

test('a full transfer that comes after people have begun to edit does not replace what they have', async () => {
  const { shelf, zone, edit, write, writing } = await openShelf()
  const conversion = shelf.publish(zone, { ...edit('other A 192.0.2.2', zone.contents), isCovered: true })
  const transfer = shelf.publish(zone, edit('@ NS ns1', undefined))
  await write(conversion)
  const made = zone.contents
  expect(await transfer).toMatchObject({ type: 'refused', reason: { code: 'cancelled' } })
  expect([writing.length, zone.contents === made]).toEqual([0, true])
})

test('a version whose zone went while it waited for its turn is not looked at', async () => {
  const { shelf, zone, edit, next } = await openShelf()
  const first = shelf.publish(zone, edit('www A 192.0.2.2', zone.contents))
  const second = shelf.publish(zone, edit('@ NS ns1', undefined))
  const written = await next()
  shelf.drop(1)
  written.resolve()
  for (const published of [first, second])
    expect(await published).toMatchObject({ type: 'refused', reason: { facts: { cause: 'the zone was removed' } } })
})

test('a version that the store refuses because its zone has gone is no failure of ours', async () => {
  const { shelf, zone, edit, next } = await openShelf()
  const published = shelf.publish(zone, edit('www A 192.0.2.2', zone.contents))
  const written = await next()
  shelf.drop(1)
  written.reject(new Error('expected the zone at 1, it has no version'))
  expect(await published).toMatchObject({ type: 'refused', reason: { code: 'cancelled' } })
})
