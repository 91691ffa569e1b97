/**
 * The envelope of every JSON answer: `result`, `success`, `errors`, `messages`, and `result_info` on paged lists.
 *
 * Members stand in this order, without spaces between them: there are clients that read answers with text patterns.
 */

import Type, { type TSchema } from 'typebox'
import { ERRORS, type Fault } from './errors.ts'

/** Something worth saying although all went well. */
interface Message {
  readonly code: number
  readonly message: string
  readonly type?: null
}

/** Which part of a list an answer is. */
export interface ResultInfo {
  readonly page: number
  readonly per_page: number
  /** Items on this page. */
  readonly count: number
  readonly total_count: number
  readonly total_pages: number
}

const Messages = Type.Array(
  Type.Object({
    code: Type.Integer(),
    message: Type.String(),
    type: Type.Optional(Type.Null()),
  }),
)

const tail = { success: Type.Boolean(), errors: Type.Array(Type.Unknown()), messages: Messages }

/** The schema of an answer with one result; it fixes the order of members. */
export const Answer = <T extends TSchema>(result: T) => Type.Object({ result, ...tail })

const Info = Type.Object({
  page: Type.Integer(),
  per_page: Type.Integer(),
  count: Type.Integer(),
  total_count: Type.Integer(),
  total_pages: Type.Integer(),
})

/** The schema of an answer with one page of a list. */
export const PagedAnswer = <T extends TSchema>(item: T) =>
  Type.Object({ result: Type.Array(item), result_info: Info, ...tail })

/** A warning's number; its text says what it is about. */
const WARNING = 12_900

/** An answer with one result. */
export function answer<T>(result: T, warnings: readonly string[] = []) {
  const messages: Message[] = warnings.map((message) => ({ code: WARNING, message }))
  return { result, success: true, errors: [], messages }
}

/** An answer with one page of a list. */
export function pagedAnswer<T>(result: T[], info: ResultInfo) {
  return { result, result_info: info, success: true, errors: [], messages: [] }
}

interface ErrorItem {
  readonly code: number
  readonly message: string
  readonly source?: { readonly pointer: string }
  readonly error_chain?: readonly ErrorItem[]
}

/** The body of a failed request. */
export function failure(faults: readonly Fault[]) {
  return { success: false, errors: faults.map(errorItem), messages: [], result: null }
}

function errorItem({ code, text, pointer, chain }: Fault): ErrorItem {
  return {
    code: ERRORS[code].number,
    message: text ?? ERRORS[code].text,
    ...(pointer === undefined ? {} : { source: { pointer } }),
    ...(chain === undefined ? {} : { error_chain: chain.map(errorItem) }),
  }
}
