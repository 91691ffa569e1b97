/** The dialect of query strings: lists by repetition or by comma, and texts with an operator before a colon. */

import Type, { type Static } from 'typebox'
import type { TextOperator, TextTest } from '../engine/zone-query.ts'

/** A parameter that may be repeated, or hold several values with commas between them. */
export const Several = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())]))

/** A parameter that switches something on. */
const Switch = Type.Optional(Type.String())

/** Query parameter of requests that may go against a rule. */
export const ForceQuery = Type.Object({ force: Switch })

/** What a forced link of peers may be that others may not. */
export const linkOptions = ({ force }: Static<typeof ForceQuery>) => ({ mixedKeys: isOn(force) })

/** The values of a parameter that may come several times; undefined if it did not come. */
export function several(given: string | string[] | undefined): readonly string[] | undefined {
  if (given === undefined) return undefined
  const values = [given].flat().flatMap((each) => each.split(','))
  return values.map((each) => each.trim()).filter((each) => each !== '')
}

/** Whether a switch is on: `force`, `force=true` and `force=1` are. */
export const isOn = (given: string | undefined): boolean => given === '' || given === 'true' || given === '1'

const OPERATORS = /^(equal|not_equal|starts_with|ends_with|contains)(_case_sensitive)?:/

/** `example.org`, `contains:ample` or `starts_with_case_sensitive:Ex` as a test; `prepare` puts the value into form. */
export function textTest(given: string, prepare: (value: string) => string = (value) => value): TextTest {
  const [whole = '', operator = 'equal', suffix] = OPERATORS.exec(given) ?? []
  const caseSensitive = suffix !== undefined
  const value = prepare(given.slice(whole.length))
  return { operator: operator as TextOperator, value: caseSensitive ? value : value.toLowerCase(), caseSensitive }
}
