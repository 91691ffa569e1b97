import { ok, strictEqual } from 'node:assert'
import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { APEX, dice, drawRecord, Model, octetsOfContents, soaRecord } from '../../test/zone-model.ts'
import type { ModelRecord, World } from '../../test/zone-model.ts'
import { assertSound } from '../../test/zone-soundness.ts'
import { tries } from '../../test/tries.ts'
import { Arena } from './arena.ts'
import { keptRunsBehindNames, runsOf } from './contents.ts'
import { Edit } from './edit.ts'
import { type Segment, SegmentCutter } from './segment-cutter.ts'
import { segmentsOf } from './segments.ts'
import { compareOwners } from './stored-record.ts'

const WORLDS: readonly World[] = [
  { owners: 3000, labelOctets: 4, rdataOctets: 30 },
  { owners: 4, labelOctets: 8, rdataOctets: 30 },
  { owners: 800, labelOctets: 60, rdataOctets: 50 },
  { owners: 30, labelOctets: 20, rdataOctets: 1500 },
  { owners: 2000, labelOctets: 10, sharedLabels: 3, rdataOctets: 20 },
]

/** Owners in order, the records of each in any order, as servers send them; and some records that are not in their place. */
function asSent(seed: number, world: World, strays: number): ModelRecord[] {
  const roll = dice(seed)
  const model = new Model()
  for (let n = 0; n < 2500; n++) model.add(drawRecord(roll, world))
  const owners: ModelRecord[][] = []
  for (const record of model.records) {
    const last = owners.at(-1)?.[0]
    if (last !== undefined && compareOwners(last.stored, 0, record.stored, 0) === 0) owners.at(-1)?.push(record)
    else owners.push([record])
  }
  const sent = owners.flatMap((records) => records.toSorted(() => roll(3) - 1))
  for (let n = 0; n < strays; n++) {
    const [stray] = sent.splice(roll(sent.length), 1)
    if (stray !== undefined) sent.splice(roll(sent.length), 0, stray)
  }
  // Some come twice.
  for (let at = 0; at < sent.length; at += 100) sent.splice(at + 1, 0, sent[at] as ModelRecord)
  return sent
}

function load(sent: readonly ModelRecord[], gathered = (_octets: Uint8Array, _length: number) => {}) {
  const model = new Model()
  const edit = new Edit(new Arena(), undefined, APEX, { gathered })
  edit.setSoa(soaRecord(1))
  for (const record of sent) strictEqual(edit.add(record.stored, 0, record.stored.length), model.add(record))
  const { contents } = edit.commit()
  assertSound(contents)
  ok(Buffer.compare(octetsOfContents(contents), model.octets) === 0, 'not what was put in')
  return { edit, contents }
}

describe('records that come owner by owner', () => {
  test.each(WORLDS)('$owners owners, labels of $labelOctets, RDATA up to $rdataOctets octets', (world) => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0, 0, 3, 200), (seed, strays) => {
        load(asSent(seed, world, strays))
      }),
      { numRuns: tries(6, 100) },
    )
  })

  test('are heard of run by run, and the segments of these are those of the contents', () => {
    const cutter = new SegmentCutter()
    const world: World = { owners: 40_000, labelOctets: 6, rdataOctets: 90 }
    const sent = [1, 2, 3, 4].flatMap((seed) => asSent(seed, world, 0))
    const sorted = sent.toSorted((a, b) => compareOwners(a.stored, 0, b.stored, 0))
    const cut: Segment[] = []
    const { edit, contents } = load(sorted, (octets, length) => cut.push(...cutter.push(octets, 0, length)))
    for (const { octets, at, end } of keptRunsBehindNames(contents)) cut.push(...cutter.push(octets, at, end))
    cut.push(...cutter.finish())
    expect(edit.isInOrder).toBe(true)
    const shape = (segments: Iterable<Segment>) =>
      Array.from(segments, ({ octets, firstOwner, recordCount }) => [
        hash('sha256', octets),
        Buffer.from(firstOwner).toString('hex'),
        recordCount,
      ])
    expect(shape(cut)).toEqual(shape(segmentsOf(contents)))
    expect(cut.length).toBeGreaterThan(1)
  })

  test('leave full pages behind', () => {
    const { contents } = load(asSent(7, WORLDS[0] as World, 0))
    const runs = [...runsOf(contents)].map(({ at, end }) => end - at)
    expect(runs.reduce((sum, octets) => sum + octets) / runs.length).toBeGreaterThan(1700)
  })

  test('are not said to be in order if one was not', () => {
    expect(load(asSent(8, WORLDS[0] as World, 1)).edit.isInOrder).toBe(false)
  })
})
