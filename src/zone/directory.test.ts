import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { type Name, parseName } from '../dns/name.ts'
import { Arena } from './arena.ts'
import { CHUNK_MASK, type Pointer } from './arena-view.ts'
import { DirectoryWriter } from './directory.ts'
import { ZONE_STATE, type ZoneHandle } from './directory-layout.ts'
import { DirectoryReader } from './directory-reader.ts'

/** Notes what is freed, and makes it unreadable at once. */
class ScribblingArena extends Arena {
  readonly freed: Pointer[] = []
  override free(page: Pointer): void {
    const at = (page & CHUNK_MASK) << 2
    this.wordsOf(page).fill(0x0dea_dbee, at, at + (this.sizeOf(page) >> 2))
    this.freed.push(page)
    super.free(page)
  }
}

function world() {
  const arena = new ScribblingArena()
  const writer = new DirectoryWriter(arena, { seed: 0x5eed })
  const reader = new DirectoryReader(writer.memory, (index, view) =>
    view.adopt(index, arena.chunks[index] as SharedArrayBuffer),
  )
  /** The apex of the zone that a name belongs to, as the number given with it. */
  const zoneOf = (text: string): number | undefined => {
    reader.enter()
    const zone = reader.find(parseName(text), 0)
    const id = zone === 0 ? undefined : reader.idOf(zone)
    reader.leave()
    return id
  }
  return { arena, writer, reader, zoneOf }
}

/** Stamps a page and makes it a version. */
function newVersion(arena: Arena, stamp: number): Pointer {
  const page = arena.allocate(64)
  arena.wordsOf(page)[(page & CHUNK_MASK) << 2] = stamp
  return page
}

describe('finding a zone', () => {
  test('LK-01 the longest apex wins', () => {
    const { writer, zoneOf } = world()
    writer.put(parseName('test.'), 1)
    writer.put(parseName('a.b.test.'), 2)
    writer.put(parseName('b.test.'), 3)
    expect(
      ['test.', 'www.test.', 'b.test.', 'x.b.test.', 'a.b.test.', 'y.x.a.b.test.', 'aa.b.test.'].map(zoneOf),
    ).toEqual([1, 1, 3, 3, 2, 2, 3])
    expect(zoneOf('example.')).toBeUndefined()
    expect(zoneOf('.')).toBeUndefined()
  })

  test('the root zone is above every name', () => {
    const { writer, zoneOf } = world()
    writer.put(parseName('.'), 1)
    expect([zoneOf('.'), zoneOf('a.b.c.')]).toEqual([1, 1])
  })

  test('MB-10 case does not count, and MB-11 neither does what octets a label has', () => {
    const { writer, zoneOf } = world()
    writer.put(parseName('Example.ORG.'), 1)
    writer.put(parseName('\\000.\\255\\.a.'), 2)
    expect([zoneOf('WWW.eXAMPLE.org.'), zoneOf('x.\\000.\\255\\.A.')]).toEqual([1, 2])
    expect([zoneOf('\\.a.'), zoneOf('\\001.\\255\\.a.')]).toEqual([undefined, undefined])
  })

  test('a name of 127 labels and a zone of as many', () => {
    const { writer, zoneOf } = world()
    writer.put(parseName('a.'.repeat(127)), 1)
    writer.put(parseName('a.'.repeat(60)), 2)
    expect([127, 126, 60, 59].map((labels) => zoneOf('a.'.repeat(labels)))).toEqual([1, 2, 2, undefined])
  })

  test('LK-02 the zone above the found one can be asked for', () => {
    const { writer, reader } = world()
    const parent = writer.put(parseName('test.'), 1)
    const child = writer.put(parseName('child.test.'), 2)
    const name = parseName('child.test.')
    expect(reader.find(name, 0)).toBe(child)
    expect(reader.apexLabel).toBe(0)
    expect(reader.findFrom(name, 0, reader.apexLabel + 1)).toBe(parent)
    expect(reader.apexLabel).toBe(1)
    expect(reader.findFrom(name, 0, 2)).toBe(0)
  })

  test('zones come and go, and every one is found while it is there', () => {
    const { writer, zoneOf } = world()
    const handles = new Map<number, ZoneHandle>()
    const apex = (id: number): Name => parseName(`zone-${id}.test.`)
    for (let id = 1; id <= 3000; id++) {
      handles.set(id, writer.put(apex(id), id))
      const gone = id - 700
      if (gone < 1) continue
      writer.remove(handles.get(gone) as ZoneHandle, [])
      handles.delete(gone)
    }
    expect(writer.zones).toBe(700)
    for (let id = 1; id <= 3000; id++) assert.equal(zoneOf(`www.zone-${id}.test.`), handles.has(id) ? id : undefined)
  })

  test('100,000 zones cost less than 300 octets each', () => {
    const { arena, writer, reader, zoneOf } = world()
    const before = arena.use.usedOctets
    for (let id = 1; id <= 100_000; id++) writer.put(parseName(`customer-number-${id}.example.`), id)
    expect((arena.use.usedOctets - before) / 100_000).toBeLessThan(160)
    expect(zoneOf('www.customer-number-77777.example.')).toBe(77_777)
    expect(reader.arena.octets.length).toBe(arena.chunks.length)
  })
})

describe('versions', () => {
  test('a zone is empty, then serves, then expires, then serves again', () => {
    const { arena, writer, reader } = world()
    const zone = writer.put(parseName('test.'), 1)
    expect([reader.stateOf(zone), reader.versionOf(zone)]).toEqual([ZONE_STATE.empty, 0])
    const version = newVersion(arena, 1)
    writer.publish(zone, version, [])
    expect([reader.stateOf(zone), reader.versionOf(zone)]).toEqual([ZONE_STATE.serving, version])
    writer.setState(zone, 'expired')
    expect([reader.stateOf(zone), reader.versionOf(zone)]).toEqual([ZONE_STATE.expired, version])
    writer.setState(zone, 'serving')
    expect(reader.stateOf(zone)).toBe(ZONE_STATE.serving)
    expect(() => writer.setState(writer.put(parseName('new.'), 2), 'serving')).toThrow('without contents')
  })

  test('a pin tells one publication from all others, of any zone, though pages are used again', () => {
    const { arena, writer, reader } = world()
    const sequences: unknown[] = []
    const pinned = (zone: ZoneHandle) => {
      const pin = reader.pin(zone)
      assert(pin !== undefined)
      reader.unpin(pin)
      return pin
    }
    for (const name of ['one.test.', 'two.test.', 'one.test.']) {
      const zone = writer.put(parseName(name), 1)
      for (let count = 0; count < 2; count++) {
        writer.publish(zone, newVersion(arena, count), [])
        sequences.push(pinned(zone).sequence)
        expect(pinned(zone).sequence).toBe(sequences.at(-1))
      }
      writer.remove(zone, [])
    }
    expect(sequences.every((each) => typeof each === 'number')).toBe(true)
    expect(new Set(sequences).size).toBe(6)
  })

  test('what a reader inside can see is not freed until it leaves', () => {
    const { arena, writer, reader } = world()
    const zone = writer.put(parseName('test.'), 1)
    const [one, two, three] = [newVersion(arena, 1), newVersion(arena, 2), newVersion(arena, 3)]
    writer.publish(zone, one, [])
    reader.enter()
    writer.publish(zone, two, [one])
    writer.publish(zone, three, [two])
    expect([arena.freed, writer.waitingPages]).toEqual([[], 2])
    reader.leave()
    reader.enter()
    writer.reclaim()
    expect([arena.freed, writer.waitingPages]).toEqual([[one, two], 0])
    reader.leave()
  })

  test('a pin keeps its own zone from being freed, and no other', () => {
    const { arena, writer, reader } = world()
    const [slow, busy] = [writer.put(parseName('slow.'), 1), writer.put(parseName('busy.'), 2)]
    const versions = [1, 2, 3, 4].map((stamp) => newVersion(arena, stamp)) as [number, number, number, number]
    writer.publish(slow, versions[0], [])
    writer.publish(busy, versions[1], [])
    const pin = reader.pin(slow)
    assert(pin !== undefined)
    writer.publish(slow, versions[2], [versions[0]])
    writer.publish(busy, versions[3], [versions[1]])
    expect(arena.freed).toEqual([versions[1]])
    reader.unpin(pin)
    writer.reclaim()
    expect(arena.freed).toEqual([versions[1], versions[0]])
  })

  test('a removed zone stays readable for those who pinned it, and its block is not used for another', () => {
    const { arena, writer, reader } = world()
    const zone = writer.put(parseName('test.'), 1)
    const version = newVersion(arena, 1)
    writer.publish(zone, version, [])
    const pin = reader.pin(zone)
    assert(pin !== undefined)
    writer.remove(zone, [version])
    expect(reader.find(parseName('test.'), 0)).toBe(0)
    expect(reader.stateOf(pin.zone)).toBe(ZONE_STATE.empty)
    expect(writer.put(parseName('test.'), 2)).not.toBe(zone)
    expect(arena.freed).toEqual([])
    reader.unpin(pin)
    writer.reclaim()
    expect(arena.freed).toEqual([version, zone])
  })

  test('there is nothing to pin in a zone that was never loaded, but an expired one can be read on', () => {
    const { arena, writer, reader } = world()
    const zone = writer.put(parseName('test.'), 1)
    expect(reader.pin(zone)).toBeUndefined()
    writer.publish(zone, newVersion(arena, 1), [])
    writer.setState(zone, 'expired')
    expect(reader.pin(zone)).toBeDefined()
  })

  test('a thread that died inside holds nothing back once it is released', () => {
    const { arena, writer, reader } = world()
    const zone = writer.put(parseName('test.'), 1)
    const [one, two] = [newVersion(arena, 1), newVersion(arena, 2)]
    writer.publish(zone, one, [])
    expect(reader.pin(zone)).toBeDefined()
    reader.enter()
    writer.publish(zone, two, [one])
    expect(arena.freed).toEqual([])
    writer.releaseReader(reader.slot)
    expect(arena.freed).toEqual([one])
  })
})

describe('threads', () => {
  test('readers never see a torn or freed version while a writer publishes thousands', async () => {
    const ZONES = 40
    const WORKERS = 2
    const PAGES = 6
    const ports: MessageChannel[] = []
    const arena = new ScribblingArena((index, chunk) => {
      for (const { port1 } of ports) port1.postMessage({ index, chunk })
    })
    const writer = new DirectoryWriter(arena, { seed: 1 })
    const progress = new SharedArrayBuffer(4 * (1 + WORKERS))
    const counters = new Int32Array(progress)
    const apexes = Array.from({ length: ZONES }, (_, zone) => parseName(`zone${zone}.test.`))
    const handles: (ZoneHandle | undefined)[] = apexes.map((apex, zone) => writer.put(apex, zone))
    const current: (readonly Pointer[])[] = apexes.map(() => [])

    const workers = Array.from({ length: WORKERS }, (_, worker) => {
      const channel = new MessageChannel()
      ports.push(channel)
      const data = { memory: writer.memory, port: channel.port2, zones: ZONES, progress, worker }
      return new Worker(new URL('../../test/workers/directory-hammer.ts', import.meta.url), {
        workerData: data,
        transferList: [channel.port2],
      })
    })
    await Promise.all(workers.map((worker) => once(worker, 'message')))

    // Ever more memory stays in use for a while, so that chunks are added that the readers have not heard of.
    const ballast: Pointer[] = []
    let published = 0
    for (; published < 20_000 || counters.subarray(1).some((turns) => turns < 50_000); published++) {
      const zone = published % ZONES
      if (published < 20_000 && published % 3 === 0) ballast.push(arena.allocate(4096))
      if (published % 1000 === zone) {
        const handle = handles[zone]
        if (handle === undefined) handles[zone] = writer.put(apexes[zone] as Name, zone)
        else writer.remove(handle, current[zone] as Pointer[])
        if (handle !== undefined) [handles[zone], current[zone]] = [undefined, []]
      }
      const handle = handles[zone]
      if (handle === undefined) continue
      const stamp = published + 1
      const pages = Array.from({ length: PAGES }, () => arena.allocate(64))
      for (const page of pages)
        arena.wordsOf(page).fill(stamp, (page & CHUNK_MASK) << 2, ((page & CHUNK_MASK) << 2) + 16)
      const version = arena.allocate(4 * (3 + PAGES))
      arena.wordsOf(version).set([stamp, zone, PAGES, ...pages], (version & CHUNK_MASK) << 2)
      writer.publish(handle, version, current[zone] as Pointer[])
      current[zone] = [version, ...pages]
    }

    const reports = workers.map((worker) => once(worker, 'message'))
    Atomics.store(counters, 0, 1)
    for (const [report] of (await Promise.all(reports)) as { failures: string[]; found: number }[][]) {
      expect(report?.failures).toEqual([])
      expect(report?.found).toBeGreaterThan(10_000)
    }
    await Promise.all(workers.map((worker) => worker.terminate()))
    for (const { port1 } of ports) port1.close()
    writer.reclaim()
    expect(arena.freed.length).toBeGreaterThan(published)
    expect(writer.waitingPages).toBe(0)
    expect(arena.chunks.length).toBeGreaterThan(1)
    for (const page of ballast) arena.free(page)
  }, 60_000)
})
