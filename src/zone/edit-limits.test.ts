import { describe, expect, test } from 'vitest'
import { type Name, printName } from '../dns/name.ts'
import { editOf, stored, zoneOf } from '../../test/zone-text.ts'
import { Arena } from './arena.ts'
import { recordCount } from './contents.ts'
import { LimitError, type Limits, UNLIMITED } from './edit-limits.ts'

function refusal(text: string, limits: Partial<Limits>): LimitError | undefined {
  try {
    editOf(new Arena(), text, { limits: { ...UNLIMITED, ...limits } })
    return undefined
  } catch (error) {
    if (error instanceof LimitError) return error
    throw error
  }
}

const lines = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n')

describe('a record too many stops the edit', () => {
  test.each<[string, string, Partial<Limits>, string, string, number]>([
    ['AC-15 case 1 records', lines(11, (n) => `h${n} A 192.0.2.1`), { records: 10 }, 'records', 'h10', 11],
    ['AC-15 case 1 octets', 'a TXT aaaaaaaaaa\nb TXT bbbbbbbbbb', { octets: 30 }, 'octets', 'b', 50],
    [
      'AC-15 case 2 RRset',
      lines(4, (n) => `Many A 192.0.2.${n}`),
      { recordsPerRRset: 3 },
      'recordsPerRRset',
      'Many',
      4,
    ],
    ['AC-15 case 3 types', lines(4, (n) => `w TYPE${300 + n} \\# 0`), { typesPerOwner: 3 }, 'typesPerOwner', 'w', 4],
  ])('%s', (_, text, limits, limit, owner, seen) => {
    const error = refusal(text, limits)
    expect(error).toMatchObject({ limit, seen, most: Object.values(limits)[0] })
    expect(printName(error?.owner as Name)).toBe(`${owner}.example.org.`)
  })

  test('its message says what was seen and what is allowed', () => {
    expect(refusal('a A 192.0.2.1\na A 192.0.2.2', { recordsPerRRset: 1 })?.message).toBe(
      '2 records in an RRset, at most 1 are allowed',
    )
  })

  test.each([
    ['in order', (n: number, _count: number) => n],
    ['backwards', (n: number, count: number) => count - n],
    ['in disorder', (n: number, count: number) => (n * 7919) % count],
  ])('case 2: an RRset over many pages is counted, %s', (_, place) => {
    const text = lines(1501, (n) => `big TXT "${String(place(n, 1501)).padStart(9, '0')}"\nbig A 192.0.2.1`)
    expect(refusal(text, { recordsPerRRset: 1500 })).toMatchObject({ limit: 'recordsPerRRset', seen: 1501, type: 16 })
    expect(refusal(text, { recordsPerRRset: 1501 })).toBeUndefined()
  })

  test('case 3: types over many pages are counted', () => {
    const text = lines(301, (n) => `big TYPE${300 + ((n * 11) % 301)} \\# 30 ${'00'.repeat(30)}`)
    expect(refusal(text, { typesPerOwner: 300 })).toMatchObject({ limit: 'typesPerOwner', seen: 301 })
    expect(refusal(text, { typesPerOwner: 301 })).toBeUndefined()
  })

  test('what is present already is not too many', () => {
    expect(
      refusal('a A 192.0.2.1\na A 192.0.2.1\na 60 A 192.0.2.1', { records: 1, recordsPerRRset: 1 }),
    ).toBeUndefined()
  })

  test('what was removed makes room again', () => {
    const arena = new Arena()
    const edit = editOf(arena, '', { base: zoneOf(arena, 'a A 192.0.2.1'), limits: { ...UNLIMITED, records: 1 } })
    const [old, young] = stored('a A 192.0.2.1\na A 192.0.2.2') as [Uint8Array, Uint8Array]
    edit.remove(old, 0, old.length)
    edit.add(young, 0, young.length)
    expect(recordCount(edit.commit().contents)).toBe(1)
  })
})
