/**
 * Questions about what edited records have beside their data: comments, tags, and whether they are proxied.
 *
 * A tag is asked for by `name` or `name:value`; the operator is about the value, the name must be the whole name. Several
 * questions about tags are joined by `tag_match`, whatever `match` says of the others. Case does not count.
 */

import Type from 'typebox'
import type { RecordSeen } from './record-seen.ts'
import { holds, textFilters, textParameters, type TextOperator } from './text-filter.ts'

const Text = Type.Optional(Type.String())
const Texts = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())]))

export const AttributeQuery = {
  ...textParameters('comment'),
  'comment.present': Text,
  'comment.absent': Text,
  tag: Texts,
  'tag.exact': Texts,
  'tag.contains': Texts,
  'tag.startswith': Texts,
  'tag.endswith': Texts,
  'tag.present': Texts,
  'tag.absent': Texts,
  tag_match: Type.Optional(Type.Enum(['all', 'any'])),
  proxied: Text,
}

type Query = Readonly<Record<string, unknown>>
type RecordTest = (record: RecordSeen) => boolean

/** One test per question; all questions about tags are one. */
export function attributeTests(query: Query): RecordTest[] {
  const { proxied } = query
  const tests = [...commentTests(query)]
  const tags = tagTests(query)
  if (tags.length > 0) {
    tests.push(
      query['tag_match'] === 'any'
        ? (record) => tags.some((test) => test(tagsOf(record)))
        : (record) => tags.every((test) => test(tagsOf(record))),
    )
  }
  if (proxied !== undefined) {
    const wanted = proxied === 'true' || proxied === '1' || proxied === ''
    tests.push((record) => record.proxied === wanted)
  }
  return tests
}

/** Before and after the first colon, in lower case. */
type TagParts = readonly [name: string, value: string]
type TagTest = (tags: readonly TagParts[]) => boolean

function* commentTests(query: Query): Generator<RecordTest> {
  for (const [operator, given] of textFilters(query, 'comment')) {
    const value = given.toLowerCase()
    yield ({ attributes: { comment } }) => comment !== undefined && holds(operator, comment.toLowerCase(), value)
  }
  if (query['comment.present'] !== undefined) yield ({ attributes }) => attributes.comment !== undefined
  if (query['comment.absent'] !== undefined) yield ({ attributes }) => attributes.comment === undefined
}

function tagTests(query: Query): TagTest[] {
  const tests: TagTest[] = []
  const valueTest =
    (operator: TextOperator) =>
    ([name, value]: TagParts): TagTest =>
    (tags) =>
      tags.some((tag) => tag[0] === name && holds(operator, tag[1], value))
  const present = ([name]: TagParts): TagTest => {
    return (tags) => tags.some((tag) => tag[0] === name)
  }
  const absent = ([name]: TagParts): TagTest => {
    return (tags) => tags.every((tag) => tag[0] !== name)
  }
  const ask = (parameter: string, test: (asked: TagParts) => TagTest): void => {
    for (const each of valuesOf(query[parameter])) tests.push(test(tagParts(each)))
  }
  ask('tag', valueTest('exact'))
  for (const operator of ['exact', 'contains', 'startswith', 'endswith'] as const)
    ask(`tag.${operator}`, valueTest(operator))
  ask('tag.present', present)
  ask('tag.absent', absent)
  return tests
}

const valuesOf = (given: unknown): readonly string[] => (given === undefined ? [] : ([given].flat() as string[]))

const tagsOf = ({ attributes: { tags = [] } }: RecordSeen): TagParts[] => tags.map(tagParts)

function tagParts(tag: string): TagParts {
  const [name = '', ...value] = tag.toLowerCase().split(':')
  return [name.trim(), value.join(':')]
}
