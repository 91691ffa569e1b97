import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { APEX, dice, soaRecord } from '../../test/zone-model.ts'
import { assertSound } from '../../test/zone-soundness.ts'
import { parseName, sameName } from '../dns/name.ts'
import { Arena } from './arena.ts'
import { type Contents, countsOf, pagesOf, runsOf } from './contents.ts'
import {
  applyDifference,
  differenceBetween,
  DifferenceRecorder,
  invert,
  readDifference,
  writeDifference,
} from './difference.ts'
import { Edit } from './edit.ts'
import { editedFrom, editedOf, type EditedRecord, findEdited, readEdited, storeEdited } from './edited-record.ts'
import { loadSegments } from '../../test/load-segments.ts'
import { segmentsOf, segmentsSince } from './segments.ts'
import { storeRecord } from './stored-form.ts'

const A = 1

function editedRecord(roll: (sides: number) => number, id: string): EditedRecord {
  const owner = ['', 'www.', 'WWW.', '*.', `h${roll(50)}.`, `a.b.h${roll(5)}.`][roll(6)] as string
  const attributes = [{}, { comment: 'für uns', tags: ['a:b', 'c'] }, { content: '"x" "y"' }][roll(3)] as object
  return {
    id,
    owner: parseName(`${owner}example.org.`),
    type: [A, 16, 65280][roll(3)] as number,
    ttl: [1, 300, 86_400][roll(3)] as number,
    rdata: Uint8Array.from({ length: 1 + roll(60) }, () => roll(256)),
    proxied: roll(2) === 0,
    createdAt: 1_764_400_000_000 + roll(1_000_000),
    modifiedAt: 1_764_400_000_000 + roll(1_000_000),
    attributes,
  }
}

const newId = (roll: (sides: number) => number): string =>
  Array.from({ length: 32 }, () => roll(16).toString(16)).join('')

function edited(arena: Arena, base: Contents | undefined, act: (edit: Edit) => void, serial: number) {
  const recorder = new DifferenceRecorder()
  const edit = new Edit(arena, base, APEX, { recorder })
  act(edit)
  edit.setSoa(soaRecord(serial))
  const { contents } = edit.commit()
  return { contents, difference: recorder.finish(soaRecord(serial - 1), soaRecord(serial)) }
}

const put = (edit: Edit, record: EditedRecord) => {
  const stored = storeEdited(record, APEX)
  return edit.add(stored, 0, stored.length)
}

const take = (edit: Edit, record: EditedRecord) => {
  const stored = storeEdited(record, APEX)
  return edit.remove(stored, 0, stored.length)
}

const all = (contents: Contents): EditedRecord[] =>
  Array.from(editedFrom(contents, 0, countsOf(contents).editedRecords), ({ octets, at }) =>
    readEdited(octets, at, APEX),
  )

const byId = (records: Iterable<EditedRecord>) => new Map(Array.from(records, (record) => [record.id, record]))

test('what is written is read, to the last attribute', () => {
  const roll = dice(1)
  for (let times = 0; times < 500; times++) {
    const record = editedRecord(roll, newId(roll))
    deepStrictEqual(readEdited(storeEdited(record, APEX), 0, APEX), record)
  }
})

test('a record too large for its stored form is refused', () => {
  const record = editedRecord(dice(2), newId(dice(2)))
  expect(() => storeEdited({ ...record, attributes: { comment: 'x'.repeat(65_536) } }, APEX)).toThrow(RangeError)
})

describe('in contents', () => {
  test('records are found by id and by owner, and are no part of what is served', () => {
    const roll = dice(3)
    const arena = new Arena()
    const model = new Map<string, EditedRecord>()
    let { contents } = edited(arena, undefined, () => {}, 1)
    for (let serial = 2; serial < 60; serial++) {
      const before = contents
      ;({ contents } = edited(
        arena,
        before,
        (edit) => {
          for (let times = roll(40); times > 0; times--) {
            const [victim] = [...model.values()].slice(roll(model.size + 1))
            if (victim !== undefined && roll(3) === 0) {
              strictEqual(take(edit, victim), 'removed')
              model.delete(victim.id)
            } else {
              const record = editedRecord(roll, newId(roll))
              strictEqual(put(edit, record), 'added')
              model.set(record.id, record)
            }
          }
        },
        serial,
      ))
      assertSound(contents)
    }
    deepStrictEqual(byId(all(contents)), model)
    strictEqual(countsOf(contents).records, 0)
    deepStrictEqual([...runsOf(contents)], [])
    for (const record of model.values()) {
      const cursor = findEdited(contents, record.id)
      deepStrictEqual(cursor && readEdited(cursor.octets, cursor.at, APEX), record)
    }
    strictEqual(findEdited(contents, '0'.repeat(32)), undefined)
    const owner = parseName('WWW.example.org.')
    const found = Array.from(editedOf(contents, owner, owner.length - APEX.length), ({ octets, at }) =>
      readEdited(octets, at, APEX),
    )
    const wanted = [...model.values()].filter(({ owner: of }) => sameName(of, owner))
    deepStrictEqual(byId(found), byId(wanted))
  })

  test('segments and differences carry them, and lead to the same contents', () => {
    const roll = dice(4)
    const arena = new Arena()
    const a = storeRecord(
      { owner: parseName('www.example.org.'), type: A, class: 1, ttl: 60, rdata: Uint8Array.of(1, 2, 3, 4) },
      APEX,
    )
    const first = Array.from({ length: 5000 }, () => editedRecord(roll, newId(roll)))
    const { contents: before } = edited(
      arena,
      undefined,
      (edit) => {
        edit.add(a, 0, a.length)
        for (const record of first) put(edit, record)
      },
      1,
    )
    const { contents: after, difference } = edited(
      arena,
      before,
      (edit) => {
        for (const record of first.slice(0, 20)) take(edit, record)
        for (let times = 0; times < 20; times++) put(edit, editedRecord(roll, newId(roll)))
      },
      2,
    )
    deepStrictEqual(differenceBetween(before, after), difference)
    const known = [...segmentsOf(before)]
    for (const segments of [[...segmentsOf(after)], [...segmentsSince(after, known, [difference])]]) {
      const loaded = loadSegments(arena, APEX, soaRecord(2), segments)
      assertSound(loaded)
      deepStrictEqual(all(loaded), all(after))
      strictEqual(countsOf(loaded).records, 1)
    }
    const back = new Edit(arena, after, APEX)
    strictEqual(applyDifference(back, invert(readDifference(writeDifference(difference)))), undefined)
    deepStrictEqual(all(back.commit().contents), all(before))
  })

  test('nothing is left of contents that are freed', () => {
    const roll = dice(5)
    const arena = new Arena()
    const used = arena.use.usedOctets
    const { contents } = edited(
      arena,
      undefined,
      (edit) => {
        for (let times = 0; times < 1000; times++) put(edit, editedRecord(roll, newId(roll)))
      },
      1,
    )
    const pages = [...pagesOf(contents)] // all of them first: a page that is free leads nowhere
    for (const page of pages) arena.free(page)
    strictEqual(arena.use.usedOctets, used)
  })
})
