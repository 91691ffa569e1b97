/**
 * Filters of reports: `queryType==AAAA;responseCode!=NOERROR,queryName=="example.org"`.
 *
 * A semicolon or AND joins what must hold together, a comma or OR what may hold instead; AND binds more strongly. A
 * value may stand in quotes, single or double, with backslashes before those in it.
 */

import { compareValues, DIMENSIONS, formOf, isDimension, valueOf } from './question-dimensions.ts'
import type { Dimension, QuestionSeen } from './question-dimensions.ts'

export type QuestionTest = (seen: QuestionSeen) => boolean

/** A filter that cannot be read: what is wrong, and at which character, counted from 1. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  readonly column: number

  constructor(message: string, at: number) {
    super(message)
    this.column = at + 1
  }
}

const OPERATORS = {
  '==': (difference) => difference === 0,
  '!=': (difference) => difference !== 0,
  '>=': (difference) => difference >= 0,
  '<=': (difference) => difference <= 0,
  '>': (difference) => difference > 0,
  '<': (difference) => difference < 0,
} as const satisfies Record<string, (difference: number) => boolean>

type Operator = keyof typeof OPERATORS

/** Conditions in one filter: each costs time per row. */
const CONDITIONS_MAX = 100

const DIMENSION = /\s*([A-Za-z]+)\s*/y
const OPERATOR = /(==|!=|>=|<=|>|<)\s*/y
const ODD_OPERATOR = /[^\sA-Za-z0-9"'.]{1,2}/y
const QUOTED = /(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*/y
const BARE = /((?:(?!\s+(?:AND|OR)\s)[^,;"'])+)/y
const JOINT = /\s*(?:([,;])|(AND|OR)(?=\s))/y

/** Throws a FilterError if the text is no filter. */
export function readFilter(text: string): QuestionTest {
  const reader = new FilterReader(text)
  const alternatives: QuestionTest[][] = [[reader.condition()]]
  for (let joint = reader.joint(); joint !== undefined; joint = reader.joint()) {
    const condition = reader.condition()
    if (joint === 'or') alternatives.push([condition])
    else alternatives.at(-1)?.push(condition)
  }
  return (seen) => alternatives.some((conditions) => conditions.every((holds) => holds(seen)))
}

class FilterReader {
  readonly #text: string
  #at = 0
  #conditions = 0

  constructor(text: string) {
    this.#text = text
  }

  condition(): QuestionTest {
    if (++this.#conditions > CONDITIONS_MAX) throw this.#error(`expected ${CONDITIONS_MAX} conditions at most`)
    const start = this.#at
    const [, word] = this.#take(DIMENSION) ?? []
    if (word === undefined) throw this.#expected('a dimension')
    if (!isDimension(word)) {
      this.#at = start
      throw this.#error(`expected one of ${DIMENSIONS.join(', ')}, found "${word}"`)
    }
    const [, operator] = this.#take(OPERATOR) ?? []
    if (operator === undefined) throw this.#expectedOperator()
    return conditionOf(word, operator as Operator, formOf(word, this.#value()))
  }

  /** What joins the next condition to those before; undefined at the end. */
  joint(): 'and' | 'or' | undefined {
    if (this.#text.slice(this.#at).trim() === '') return undefined
    const [, sign, word] = this.#take(JOINT) ?? []
    if (sign === undefined && word === undefined) throw this.#expected('";" or "," or the end')
    return sign === ';' || word === 'AND' ? 'and' : 'or'
  }

  #value(): string {
    const [quoted, double, single] = this.#take(QUOTED) ?? []
    if (quoted !== undefined) return (double ?? single ?? '').replace(/\\(.)/g, '$1')
    const [, bare] = this.#take(BARE) ?? []
    if (bare === undefined || bare.trim() === '') throw this.#expected('a value')
    return bare.trim()
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text) ?? undefined
    if (found !== undefined) this.#at = pattern.lastIndex
    return found
  }

  #expectedOperator(): FilterError {
    const [found] = this.#take(ODD_OPERATOR) ?? []
    if (found === undefined) return this.#expected(`one of ${Object.keys(OPERATORS).join(', ')}`)
    this.#at -= found.length
    return this.#error(`expected one of ${Object.keys(OPERATORS).join(', ')}, found "${found}"`)
  }

  #expected(what: string): FilterError {
    const rest = this.#text.slice(this.#at, this.#at + 20)
    return this.#error(`expected ${what}, found ${rest === '' ? 'the end' : JSON.stringify(rest)}`)
  }

  #error(message: string): FilterError {
    return new FilterError(message, this.#at)
  }
}

function conditionOf(dimension: Dimension, operator: Operator, value: string): QuestionTest {
  const holds = OPERATORS[operator]
  // Equality is of texts: `16` and `16-31` begin with the same number and are not the same.
  if (operator === '==') return (seen) => valueOf(dimension, seen) === value
  if (operator === '!=') return (seen) => valueOf(dimension, seen) !== value
  return (seen) => holds(compareValues(valueOf(dimension, seen), value))
}
