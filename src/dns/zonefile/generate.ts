/**
 * `$GENERATE start-stop[/step] lhs [ttl] [class] type rhs`: BIND's way to write many like records as one line.
 *
 * What follows the range is a template of a record. `$` in it becomes the number, `${offset,width,base}` the number
 * moved, padded and in another base, `$$` and `\$` a dollar sign. A line can ask for more records than a server has
 * memory, so their number is limited.
 */

import { parseInteger } from '../field.ts'
import { TextError, unexpected } from '../text.ts'
import type { Lexer } from './lexer.ts'

/** The numbers that a line runs through. */
interface Range {
  readonly start: number
  readonly stop: number
  readonly step: number
}

const NUMBER_MAX = 2 ** 31 - 1
const TEMPLATE_CHARACTERS_MAX = 2048
const WIDTH_MAX = 255

/** How many records the `$GENERATE` lines of one master file may still make. */
export interface GenerateAllowance {
  left: number
}

/** The records of a line as text, one after the other; takes the rest of the line from the lexer. */
export function* generatedRecords(lexer: Lexer, allowance: GenerateAllowance): Generator<string, undefined> {
  const { start, stop, step } = parseRange(lexer.word('a range as in 1-10'))
  const count = Math.floor((stop - start) / step) + 1
  if (count > allowance.left)
    throw new TextError(`expected a range of at most ${allowance.left} records, found ${count}`)
  allowance.left -= count
  const template = lexer.restOfLine()
  if (template.length > TEMPLATE_CHARACTERS_MAX) {
    throw new TextError(`expected at most ${TEMPLATE_CHARACTERS_MAX} characters, found ${template.length}`)
  }
  const parts = templateParts(template.trim())
  for (let number = start; number <= stop; number += step) {
    yield parts.map((part) => (typeof part === 'string' ? part : part(number))).join('')
  }
  return undefined
}

function parseRange(token: string): Range {
  const [, start, stop, step = '1'] = /^(\d+)-(\d+)(?:\/(\d+))?$/.exec(token) ?? []
  if (start === undefined || stop === undefined) throw unexpected('a range as in 1-10 or 0-100/5', token)
  const range = {
    start: parseInteger(start, NUMBER_MAX),
    stop: parseInteger(stop, NUMBER_MAX),
    step: parseInteger(step, NUMBER_MAX),
  }
  if (range.stop < range.start || range.step === 0) throw unexpected('a range that goes up', token)
  return range
}

/** A piece of a template: text, or what makes text of the number. */
type Part = string | ((number: number) => string)

function templateParts(template: string): Part[] {
  const parts: Part[] = []
  let plainFrom = 0
  for (let at = 0; at < template.length;) {
    const character = template[at]
    if (character === '\\') at += 2 // An escape stays: the record's reader knows it, `\$` too.
    else if (character !== '$') at++
    else {
      parts.push(template.slice(plainFrom, at))
      const [part, length] = dollarPart(template.slice(at))
      parts.push(part)
      at += length
      plainFrom = at
    }
  }
  return [...parts, template.slice(plainFrom)]
}

function dollarPart(rest: string): readonly [part: Part, length: number] {
  if (rest.startsWith('$$')) return ['\\$', 2]
  if (!rest.startsWith('${')) return [String, 1]
  const whole = /^\$\{(-?\d{1,10})(?:,(\d{1,4})(?:,([doxXnN]))?)?\}/.exec(rest)
  if (whole === null) throw unexpected('a modifier as in ${0,3,d}', rest.slice(0, 20))
  const [{ length }, offsetText, widthText = '0', base = 'd'] = whole
  const offset = Number(offsetText)
  if (Math.abs(offset) > NUMBER_MAX) throw unexpected(`an offset up to ${NUMBER_MAX}`, offsetText as string)
  const width = parseInteger(widthText, WIDTH_MAX)
  return [(number) => spelled(number + offset, width, base), length]
}

function spelled(value: number, width: number, base: string): string {
  if (base === 'n' || base === 'N') return nibbles(value, width, base)
  const radix = base === 'd' ? 10 : base === 'o' ? 8 : 16
  const digits = Math.abs(value)
    .toString(radix)
    .padStart(value < 0 ? width - 1 : width, '0')
  const signed = value < 0 ? `-${digits}` : digits
  return base === 'X' ? signed.toUpperCase() : signed
}

/** Hex digits as labels, the last first, as reverse IPv6 names have them; the width counts the dots too. */
function nibbles(value: number, width: number, base: string): string {
  const digits = (value >>> 0).toString(16).split('').toReversed()
  while (digits.length * 2 < width) digits.push('0')
  const text = digits.join('.').padEnd(width, '.')
  return base === 'N' ? text.toUpperCase() : text
}
