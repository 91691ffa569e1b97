/**
 * Pages of logs, newest first: what stands before an id. A log grows at its head, so pages by number would shift while
 * somebody reads them.
 */

import Type, { type TSchema } from 'typebox'
import { Answer, answer } from '../envelope.ts'
import { NullableInteger } from './instant.ts'

const LIMIT = 50
const LIMIT_MAX = 1000

/** Query parameters of a log. */
export const IdPageQuery = {
  before: Type.Optional(Type.Integer()),
  limit: Type.Optional(Type.Number()),
}

/** The page after this one: ask with `before`; null where there is none. */
const IdPageInfo = Type.Object({ count: Type.Integer(), next_before: NullableInteger })

/** The schema of an answer with one page of a log. */
export function IdPageAnswer<T extends TSchema>(item: T) {
  const { result, ...tail } = Answer(Type.Array(item)).properties
  return Type.Object({ result, result_info: IdPageInfo, ...tail })
}

export interface IdPage {
  readonly limit: number
  readonly before?: number
}

/** What is asked for; a size out of bounds is brought into them. */
export function readIdPage(query: {
  readonly before?: number | undefined
  readonly limit?: number | undefined
}): IdPage {
  const limit = Math.min(Math.max(Math.trunc(query.limit ?? LIMIT), 1), LIMIT_MAX)
  return { limit, ...(query.before === undefined ? {} : { before: query.before }) }
}

/** An answer with the lines of a page. One that is full may be followed by another. */
export function idPageAnswer<T extends { readonly id: number }>(lines: T[], { limit }: IdPage) {
  const next = lines.length < limit ? null : (lines.at(-1)?.id ?? null)
  const { result, ...tail } = answer(lines)
  return { result, result_info: { count: lines.length, next_before: next }, ...tail }
}
