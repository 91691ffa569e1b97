import { ok, strictEqual } from 'node:assert'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  APEX,
  assertAgree,
  assertNothingLeft,
  dice,
  drawRecord,
  Model,
  octetsOfContents,
  soaRecord,
} from '../../test/zone-model.ts'
import { assertSound } from '../../test/zone-soundness.ts'
import { tries } from '../../test/tries.ts'
import type { ModelRecord, World } from '../../test/zone-model.ts'
import { Arena } from './arena.ts'
import type { Pointer } from './arena-view.ts'
import { type Contents, pagesOf, serialOf } from './contents.ts'
import { Edit } from './edit.ts'

/** Worlds that bring out different shapes: one page, many owners, huge owners, long names, large records, many levels. */
const WORLDS: readonly (World & { records: number })[] = [
  { owners: 5, labelOctets: 1, rdataOctets: 10, records: 40 },
  { owners: 2000, labelOctets: 4, rdataOctets: 30, records: 3000 },
  { owners: 3, labelOctets: 8, rdataOctets: 30, records: 3000 },
  { owners: 800, labelOctets: 60, rdataOctets: 50, records: 2500 },
  { owners: 30, labelOctets: 20, rdataOctets: 1500, records: 600 },
  { owners: 2000, labelOctets: 10, sharedLabels: 3, rdataOctets: 20, records: 2500 },
]

interface Version {
  readonly contents: Contents
  readonly model: Model
  readonly retired: readonly Pointer[]
}

describe('any sequence of edits agrees with a sorted array of records', () => {
  test.each(WORLDS)('$owners owners, labels of $labelOctets, RDATA up to $rdataOctets octets', (world) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => live(seed, world)),
      { numRuns: tries(1, 20) },
    )
  })
})

/** A zone's life: it is loaded, changed, changed in vain, kept in old versions, and at last forgotten. */
function live(seed: number, world: World & { records: number }): void {
  const roll = dice(seed)
  const arena = new Arena()
  const versions: Version[] = []
  let contents: Contents | undefined
  let model = new Model()
  for (let serial = 1; serial <= 8; serial++) {
    const edit = new Edit(arena, contents, APEX)
    const next = model.copy()
    edit.setSoa(soaRecord(serial))
    const used = arena.use.usedOctets
    change(edit, next, roll, world, serial)
    if (roll(4) === 0) {
      edit.abort()
      assertNothingLeft(arena, used)
      continue
    }
    const committed = edit.commit()
    contents = committed.contents
    model = next
    strictEqual(serialOf(contents), serial)
    assertSound(contents)
    assertAgree(contents, model, roll, world)
    versions.push({ contents, model, retired: committed.retired })
  }
  for (const { contents, model } of versions)
    ok(Buffer.compare(octetsOfContents(contents), model.octets) === 0, 'an old version has changed')
  for (const { retired } of versions) for (const page of retired) arena.free(page)
  if (contents !== undefined) for (const page of pagesOf(contents)) arena.free(page)
  assertNothingLeft(arena, 0)
}

function change(
  edit: Edit,
  model: Model,
  roll: (sides: number) => number,
  world: World & { records: number },
  serial: number,
): void {
  const isLoading = model.records.length < world.records / 4
  const changes = isLoading ? world.records : roll(3) === 0 ? 3 : roll(world.records)
  const removals = isLoading ? 10 : roll(100)
  const isSorted = roll(3) === 0
  const drawn = Array.from({ length: changes }, () => drawRecord(roll, world))
  if (isSorted) {
    const sorted = new Model()
    for (const record of drawn) sorted.add(record)
    drawn.splice(0, drawn.length, ...sorted.records)
  }
  for (const record of drawn) {
    const present = model.records[roll(Math.max(1, model.records.length))]
    if (present !== undefined && roll(100) < removals) apply(edit, model, roll(5) === 0 ? record : present, 'remove')
    else apply(edit, model, record, 'add')
  }
  if (serial === 6) for (const record of model.copy().records) if (roll(20) > 0) apply(edit, model, record, 'remove')
}

function apply(edit: Edit, model: Model, record: ModelRecord, what: 'add' | 'remove'): void {
  const { stored } = record
  strictEqual(edit[what](stored, 0, stored.length), model[what](record))
}
