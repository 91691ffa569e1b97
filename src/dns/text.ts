/** What all readers of presentation format share: the error they throw, and the escapes of RFC 1035 §5.1. */

import { utf8Octets } from './octets.ts'

/** Text that is not what it should be: says what was expected and what was found. Its reader knows where. */
export class TextError extends Error {
  override readonly name = 'TextError'
  /** The field of the RDATA that is to blame, where the text came as fields and not as one line. */
  field: string | undefined = undefined
}

const QUOTED_CHARACTERS_MAX = 60

/** The sentence `expected …, found "…"`. Quotes no more than the start of one token, and no control character. */
export function unexpected(expected: string, found: string): TextError {
  return new TextError(`expected ${expected}, found ${quoteForPeople(found)}`)
}

/** A token as an error message shows it. */
export function quoteForPeople(token: string): string {
  const shown = token.length > QUOTED_CHARACTERS_MAX ? `${token.slice(0, QUOTED_CHARACTERS_MAX)}…` : token
  // oxlint-disable-next-line no-control-regex -- control characters are what must not get through
  return `"${shown.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '�')}"`
}

const BACKSLASH = 0x5c

/** The octets that a character-string stands for: `\DDD` and `\X` undone, what is not ASCII as UTF-8. */
export function unescapeOctets(text: string): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(text.length)
  let to = 0
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at)
    if (code > 0x7f) return unescapeWideOctets(text)
    if (code !== BACKSLASH) {
      octets[to++] = code
      at++
      continue
    }
    octets[to++] = escapedOctet(text, at + 1)
    at += isDigit(text, at + 1) ? 4 : 2
  }
  return to === text.length ? octets : octets.slice(0, to)
}

/** The same for text beyond ASCII: its UTF-8 octets are taken for characters, which the escapes never are. */
function unescapeWideOctets(text: string): Uint8Array<ArrayBuffer> {
  const escaped = Array.from(utf8Octets(text), (octet) => (octet < 0x80 ? String.fromCharCode(octet) : `\\${octet}`))
  return unescapeOctets(escaped.join(''))
}

function escapedOctet(text: string, at: number): number {
  if (!isDigit(text, at)) {
    const code = text.charCodeAt(at)
    if (code <= 0x7f) return code
    throw new TextError('expected a character to escape, found a backslash alone')
  }
  const octet = isDigit(text, at + 1) && isDigit(text, at + 2) ? Number(text.slice(at, at + 3)) : 256
  if (octet > 255) throw unexpected('an escape from \\000 to \\255', text.slice(at - 1, at + 3))
  return octet
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

/** How each octet stands between quotes. */
const ESCAPED: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  if (octet < 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`
  const character = String.fromCharCode(octet)
  return character === '"' || character === '\\' ? `\\${character}` : character
})

/** The octets from `start` to `end` as ASCII that can stand between quotes. */
export function escapeOctets(octets: Uint8Array, start = 0, end = octets.length): string {
  let text = ''
  for (let at = start; at < end; at++) text += ESCAPED[octets[at] as number]
  return text
}
