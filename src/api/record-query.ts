/** Which records of a zone a list shows: the query parameters of `dns_records`, as one test of a record and an order. */

import Type, { type Static } from 'typebox'
import { isWithin, NameError, parseName, type Name } from '../dns/name.ts'
import { typeCode } from '../dns/record-types.ts'
import type { Zone } from '../store/objects.ts'
import { toAscii } from './idn.ts'
import { PageQuery } from './paging.ts'
import { several, Several } from './query.ts'
import type { RecordSeen } from './record-seen.ts'

const Text = Type.Optional(Type.String())

const TEXT_OPERATORS = ['exact', 'contains', 'startswith', 'endswith'] as const
type TextOperator = (typeof TEXT_OPERATORS)[number]

export const RecordListQuery = Type.Object({
  ...PageQuery,
  type: Several,
  name: Text,
  'name.exact': Text,
  'name.contains': Text,
  'name.startswith': Text,
  'name.endswith': Text,
  content: Text,
  'content.exact': Text,
  'content.contains': Text,
  'content.startswith': Text,
  'content.endswith': Text,
  proxied: Text,
  search: Text,
  match: Type.Optional(Type.Enum(['all', 'any'])),
  order: Type.Optional(Type.Enum(['type', 'name', 'content', 'ttl', 'proxied'])),
  direction: Type.Optional(Type.Enum(['asc', 'desc'])),
})

export type RecordListQuery = Static<typeof RecordListQuery>
export type RecordOrder = 'type' | 'content' | 'ttl'
type RecordTest = (record: RecordSeen) => boolean

/** What is asked of the records of a zone, pages aside. */
export interface RecordSearch {
  /** Undefined where every record passes. */
  readonly test: RecordTest | undefined
  /** The one owner that can pass, if the question names it. */
  readonly owner: Name | undefined
  /** Undefined for the order of the contents, which is by name. */
  readonly order: RecordOrder | undefined
  readonly descending: boolean
  /** The same words for the same question. */
  readonly question: string
}

export function readRecordSearch(query: RecordListQuery & Record<string, unknown>, zone: Zone): RecordSearch {
  const { page: _page, per_page: _perPage, direction, ...asked } = query
  const all = query.match !== 'any'
  const name = exactName(query, zone)
  const tests = [...typeTests(query), ...nameTests(query, zone), ...contentTests(query), ...otherTests(query)]
  const [only] = tests
  const { order } = query
  return {
    test: tests.length > 1 ? combined(tests, all) : only,
    owner: name !== undefined && (all || tests.length === 1) ? ownerOf(name, zone) : undefined,
    order: order === 'name' || order === 'proxied' ? undefined : order,
    descending: direction === 'desc',
    question: JSON.stringify(Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function combined(tests: readonly RecordTest[], all: boolean): RecordTest {
  return all ? (record) => tests.every((test) => test(record)) : (record) => tests.some((test) => test(record))
}

function typeTests({ type }: RecordListQuery): RecordTest[] {
  const names = several(type)
  if (names === undefined) return []
  const codes = new Set(names.map((name) => typeCode(name)))
  return [(record) => codes.has(record.type)]
}

/** Names are held against each other as A-labels in lower case without the final dot. */
function nameForm(text: string, zone: Zone): string {
  if (text === '@') return zone.name
  return toAscii(text).toLowerCase().replace(/\.$/, '')
}

function exactName(query: RecordListQuery, zone: Zone): string | undefined {
  const given = query['name.exact'] ?? query.name
  return given === undefined ? undefined : nameForm(given, zone)
}

/** The owner a name stands for. What cannot be in the zone is sought at the apex, where it is not: that costs nothing. */
function ownerOf(name: string, zone: Zone): Name {
  const apex = parseName(zone.name)
  try {
    const owner = parseName(name)
    return isWithin(owner, apex) ? owner : apex
  } catch (error) {
    if (error instanceof NameError) return apex
    throw error
  }
}

function nameTests(query: RecordListQuery, zone: Zone): RecordTest[] {
  return textsOf(query, 'name').map(([operator, given]) => {
    const value = operator === 'exact' ? nameForm(given, zone) : toAscii(given).toLowerCase()
    return (record) => holds(operator, record.name, value)
  })
}

/** The text of a TXT record counts with its quotes and without; names count with a final dot and without. */
function contentTests(query: RecordListQuery): RecordTest[] {
  return textsOf(query, 'content').map(([operator, given]) => {
    const value = given.toLowerCase()
    const undotted = value.replace(/\.$/, '')
    return (record) => {
      const { bareText } = record
      const content = record.content.content.toLowerCase()
      if (holds(operator, content, value)) return true
      return bareText === undefined
        ? operator === 'exact' && content === undotted
        : holds(operator, bareText.toLowerCase(), value)
    }
  })
}

function textsOf(query: RecordListQuery, member: 'name' | 'content'): readonly (readonly [TextOperator, string])[] {
  const plain = query[member]
  const given = TEXT_OPERATORS.map((operator) => [operator, query[`${member}.${operator}`]] as const)
  return [['exact', plain] as const, ...given].filter((each): each is [TextOperator, string] => each[1] !== undefined)
}

function holds(operator: TextOperator, text: string, value: string): boolean {
  switch (operator) {
    case 'exact':
      return text === value
    case 'contains':
      return text.includes(value)
    case 'startswith':
      return text.startsWith(value)
    case 'endswith':
      return text.endsWith(value)
    default:
      return operator satisfies never
  }
}

const NEVER: RecordTest = () => false
const ALWAYS: RecordTest = () => true

/** Transferred records are not proxied and have neither comments nor tags. */
function otherTests(query: RecordListQuery & Record<string, unknown>): RecordTest[] {
  const tests: RecordTest[] = []
  const { search, proxied } = query
  if (search !== undefined) {
    const value = search.toLowerCase()
    tests.push((record) => record.name.includes(value) || record.content.content.toLowerCase().includes(value))
  }
  if (proxied !== undefined) tests.push(proxied === 'true' ? NEVER : ALWAYS)
  for (const key of Object.keys(query)) {
    if (/^(comment|tag)(\.\w+)?$/.test(key)) tests.push(key.endsWith('.absent') ? ALWAYS : NEVER)
  }
  return tests
}
