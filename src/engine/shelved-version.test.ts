import { expect, test } from 'vitest'
import { octetsOfContents, soaRecord, APEX, dice, drawRecord } from '../../test/zone-model.ts'
import { MemoryStore } from '../store/memory.ts'
import { Arena } from '../zone/arena.ts'
import { serialOf } from '../zone/contents.ts'
import { Edit } from '../zone/edit.ts'
import { segmentsOf } from '../zone/segments.ts'
import { recordEnd } from '../zone/stored-record.ts'
import { SegmentStage } from './segment-stage.ts'
import { headOf, loadVersion } from './shelved-version.ts'

/** An edit of a zone with many segments, in the order in which it is kept, or with one record out of order. */
function largeEdit(stage: SegmentStage, isInOrder: boolean): Edit {
  const roll = dice(1)
  const sorted = new Edit(new Arena(), undefined, APEX)
  for (let n = 0; n < 60_000; n++) {
    const { stored } = drawRecord(roll, { owners: 100_000, labelOctets: 6, rdataOctets: 20 })
    sorted.add(stored, 0, stored.length)
  }
  sorted.setSoa(soaRecord(1))
  const records = octetsOfContents(sorted.commit().contents)
  const edit = new Edit(new Arena(), undefined, APEX, { gathered: (octets, length) => stage.push(octets, length) })
  edit.setSoa(soaRecord(7))
  for (const [at, length] of placesOf(records, isInOrder)) edit.add(records, at, length)
  return edit
}

function placesOf(records: Uint8Array, isInOrder: boolean): [number, number][] {
  const places: [number, number][] = []
  for (let at = 0; at < records.length;) {
    const end = recordEnd(records, at)
    places.push([at, end - at])
    at = end
  }
  return isInOrder ? places : [...places.slice(1), ...places.slice(0, 1)]
}

test.each([true, false])('a version that was staged is loaded as it was; all in order: %s', async (isInOrder) => {
  const store = new MemoryStore()
  const stage = new SegmentStage(store, 'a')
  const edit = largeEdit(stage, isInOrder)
  const { contents } = edit.commit()
  expect(edit.isInOrder).toBe(isInOrder)
  const staged = await stage.finish(contents)
  const known = staged.filter((segment) => !('octets' in segment))
  const segments = isInOrder ? staged : [...segmentsOf(contents)]
  if (isInOrder) expect(known.length).toBeGreaterThan(0)
  await store.commitVersion({ ...headOf('zone', contents), at: 0, base: 'full', segments })
  stage.drop()
  const version = await store.version('zone')
  const loaded = await loadVersion(new Arena(), APEX, version as NonNullable<typeof version>, store)
  expect(serialOf(loaded)).toBe(7)
  expect(Buffer.compare(octetsOfContents(loaded), octetsOfContents(contents))).toBe(0)
})

test('a version of which the store lacks something is not loaded, and leaves nothing', async () => {
  const store = new MemoryStore()
  const stage = new SegmentStage(store, 'a')
  const { contents } = largeEdit(stage, true).commit()
  const segments = await stage.finish(contents)
  await store.commitVersion({ ...headOf('zone', contents), at: 0, base: 'full', segments })
  const version = await store.version('zone')
  await store.removeZone('zone')
  stage.drop()
  const arena = new Arena()
  const loading = loadVersion(arena, APEX, version as NonNullable<typeof version>, store)
  await expect(loading).rejects.toThrow('is not there')
  expect(arena.use.usedOctets).toBe(0)
})
