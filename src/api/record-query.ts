/** Which records of a zone a list shows: the query parameters of `dns_records`, as one test of a record and an order. */

import Type, { type Static } from 'typebox'
import { isWithin, NameError, parseName, type Name } from '../dns/name.ts'
import { typeCode } from '../dns/record-types.ts'
import type { Zone } from '../store/objects.ts'
import { toAscii } from './idn.ts'
import { nameForm } from './name-form.ts'
import { PageQuery } from './paging.ts'
import { several, Several } from './query.ts'
import { AttributeQuery, attributeTests } from './record-attribute-query.ts'
import type { RecordSeen } from './record-seen.ts'
import { shadowTests, ShadowQuery } from './shadow-query.ts'
import { holds, textFilters, textParameters } from './text-filter.ts'

export const RecordListQuery = Type.Object({
  ...PageQuery,
  type: Several,
  ...textParameters('name'),
  ...textParameters('content'),
  ...AttributeQuery,
  search: Type.Optional(Type.String()),
  ...ShadowQuery,
  match: Type.Optional(Type.Enum(['all', 'any'])),
  order: Type.Optional(Type.Enum(['type', 'name', 'content', 'ttl', 'proxied'])),
  direction: Type.Optional(Type.Enum(['asc', 'desc'])),
})

export type RecordListQuery = Static<typeof RecordListQuery>
export type RecordOrder = 'type' | 'content' | 'ttl' | 'proxied'
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

export function readRecordSearch(query: RecordListQuery, zone: Zone): RecordSearch {
  const { page: _page, per_page: _perPage, direction, ...asked } = query
  const all = query.match !== 'any'
  const name = exactName(query, zone)
  const tests = [...typeTests(query), ...nameTests(query, zone), ...contentTests(query), ...attributeTests(query)]
  // Whatever `match` says of the others, these must hold.
  const always = [...searchTests(query), ...shadowTests(query, zone)]
  const { order } = query
  return {
    test: combined([...combined(tests, all), ...always], true)[0],
    owner: name !== undefined && (all || tests.length === 1) ? ownerOf(name, zone) : undefined,
    order: order === 'name' ? undefined : order,
    descending: direction === 'desc',
    question: JSON.stringify(Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** Several tests as one; none stay none. */
function combined(tests: readonly RecordTest[], all: boolean): readonly RecordTest[] {
  if (tests.length < 2) return tests
  return [all ? (record) => tests.every((test) => test(record)) : (record) => tests.some((test) => test(record))]
}

function typeTests({ type }: RecordListQuery): RecordTest[] {
  const names = several(type)
  if (names === undefined) return []
  const codes = new Set(names.map((name) => typeCode(name)))
  return [(record) => codes.has(record.type)]
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
  return textFilters(query, 'name').map(([operator, given]) => {
    const value = operator === 'exact' ? nameForm(given, zone) : toAscii(given).toLowerCase()
    return (record) => holds(operator, record.name, value)
  })
}

/** The text of a TXT record counts as it was sent, with its quotes and without; names with a final dot and without. */
function contentTests(query: RecordListQuery): RecordTest[] {
  return textFilters(query, 'content').map(([operator, given]) => {
    const value = given.toLowerCase()
    const undotted = value.replace(/\.$/, '')
    return (record) => {
      const content = record.contentShown.toLowerCase()
      if (holds(operator, content, value)) return true
      const { bareText } = record
      if (bareText === undefined) return operator === 'exact' && content === undotted
      const quoted = record.content.content.toLowerCase()
      return holds(operator, quoted, value) || holds(operator, bareText.toLowerCase(), value)
    }
  })
}

function searchTests({ search }: RecordListQuery): RecordTest[] {
  if (search === undefined) return []
  const value = search.toLowerCase()
  const within = (text: string | undefined): boolean => text !== undefined && text.toLowerCase().includes(value)
  return [
    (record) => {
      const { comment, tags = [] } = record.attributes
      return record.name.includes(value) || within(record.contentShown) || within(comment) || tags.some(within)
    },
  ]
}
