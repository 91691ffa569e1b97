/** Makes odd text of good text: characters, words and lines that are changed, lost, repeated or out of place. */

import type { Chance } from '../random-rdata.ts'
import { pick } from './mutate.ts'

const CHARACTERS_MAX = 20_000

/** Characters and words with a meaning somewhere in a master file, and numbers at an edge. */
const WORDS = [
  ...Array.from('()";\\@*.$ \t\n\r=,#-+:/0123456789{}\u0000\u007f\u00e4\u20ac\ufeff'),
  '\\000',
  '\\255',
  '\\256',
  '\\2',
  '\\.',
  '\\"',
  '\r\n',
  '"" ',
  '\\# 4 c0000201',
  '\\# 0',
  '\\# 65535 00',
  'IN ',
  'CH ',
  'CLASS1 ',
  'TYPE65280 ',
  'TYPE0 ',
  'ANY ',
  'SOA ',
  'CNAME ',
  'TXT ',
  '$ORIGIN ',
  '$TTL ',
  '$INCLUDE other.zone ',
  '$GENERATE 1-3 a$ A 192.0.2.$\n',
  '$GENERATE 0-4294967295 ',
  '${0,300,d}',
  '${-1,4,N}',
  '1h30m',
  '1w2d3h4m5s',
  '4294967295',
  '4294967296',
  '2147483648',
  '-1',
  '65535',
  '65536',
  '256',
  '99999999999999999999',
  '192.0.2.1',
  '::ffff:192.0.2.1',
  '2001:db8::1',
  'alpn="h2,h3"',
  'alpn="a\\\\,b"',
  'mandatory=alpn',
  'key65535=x',
  '20260101000000',
  'example.org.',
  `${'a'.repeat(63)}.`,
  'a'.repeat(64),
  'a.'.repeat(127),
  '\\097'.repeat(63),
  'x'.repeat(256),
  '('.repeat(50),
  '(\n'.repeat(20),
]

/** Text with one or a few things wrong. */
export function mutateText(text: string, donors: readonly string[], chance: Chance): string {
  let mutant = text
  for (let changes = 1 + chance(1 + chance(5)); changes > 0; changes--) {
    mutant = pick(CHANGES, chance)(mutant, chance, donors).slice(0, CHARACTERS_MAX)
  }
  return mutant
}

type Change = (text: string, chance: Chance, donors: readonly string[]) => string

const CHANGES: readonly Change[] = [
  putWord,
  putWord,
  putWord,
  replaceWord,
  replaceWord,
  remove,
  repeat,
  setCharacter,
  moveLine,
  splice,
  truncate,
]

function putWord(text: string, chance: Chance): string {
  const at = chance(text.length + 1)
  return text.slice(0, at) + pick(WORDS, chance) + text.slice(at)
}

/** Puts a word in the place of what stands between two blanks. */
function replaceWord(text: string, chance: Chance): string {
  const words = text.split(/([ \t\n]+)/)
  words[2 * chance((words.length + 1) >> 1)] = pick(WORDS, chance)
  return words.join('')
}

function remove(text: string, chance: Chance): string {
  const [from, to] = range(text, chance)
  return text.slice(0, from) + text.slice(to)
}

function repeat(text: string, chance: Chance): string {
  const [from, to] = range(text, chance)
  return text.slice(0, to) + text.slice(from, to).repeat(1 + chance(chance(10) === 0 ? 300 : 3)) + text.slice(to)
}

function setCharacter(text: string, chance: Chance): string {
  const at = chance(text.length)
  const code = chance(8) === 0 ? chance(0x1_0000) : chance(128)
  return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1)
}

function moveLine(text: string, chance: Chance): string {
  const lines = text.split('\n')
  const [line = ''] = lines.splice(chance(lines.length), chance(2))
  lines.splice(chance(lines.length + 1), 0, line)
  return lines.join('\n')
}

function splice(text: string, chance: Chance, donors: readonly string[]): string {
  const donor = pick(donors, chance)
  const [from, to] = range(donor, chance)
  const at = chance(text.length + 1)
  return text.slice(0, at) + donor.slice(from, to) + text.slice(chance(2) === 0 ? at : at + to - from)
}

function truncate(text: string, chance: Chance): string {
  return text.slice(0, chance(text.length + 1))
}

function range(text: string, chance: Chance): readonly [from: number, to: number] {
  const from = chance(text.length + 1)
  const longest = chance(4) === 0 ? text.length - from : Math.min(24, text.length - from)
  return [from, from + chance(longest + 1)]
}

/** Text with a piece left out: halves first, single characters last. */
export function* smallerText(text: string): Generator<string> {
  for (let size = text.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= text.length; at += size) yield text.slice(0, at) + text.slice(at + size)
  }
}
