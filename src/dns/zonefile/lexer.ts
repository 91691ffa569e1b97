/**
 * Cuts the text of a master file into tokens (RFC 1035 §5.1).
 *
 * Hot: a big zone is hundreds of millions of characters, so the lexer looks at character codes and makes no string
 * until somebody asks for one. It knows nothing of records: an *entry* is one or more tokens up to the end of the
 * line, and a line goes on as long as a parenthesis is open.
 *
 * A token keeps its escapes, because only its reader knows whether `\.` stands in a name or in a character-string.
 * Quotes around a whole token are taken off and remembered. Quotes after an equals sign, as in `alpn="h2,h3"`
 * (RFC 9460 appendix A), stay in the token with all that they protect.
 */

import { TextError, quoteForPeople, unexpected } from '../text.ts'

const WORD = 0
const BLANK = 1
const NEWLINE = 2
const COMMENT = 3
const OPEN = 4
// 5 is a closing parenthesis.
const QUOTE = 6
const ESCAPE = 7

/** What each ASCII character does outside quotes. A carriage return is a blank: CRLF is a newline after a blank. */
const KINDS = new Uint8Array(128)
for (const [index, characters] of [' \t\r', '\n', ';', '(', ')', '"', '\\'].entries()) {
  for (const character of characters) KINDS[character.charCodeAt(0)] = BLANK + index
}

const NEWLINE_CODE = 0x0a
const QUOTE_CODE = 0x22
const EQUALS_CODE = 0x3d
const BACKSLASH_CODE = 0x5c
const BYTE_ORDER_MARK = 0xfeff

/** A cursor over the tokens of a text. The token taken last lies at `start` to `end`. */
export class Lexer {
  readonly text: string
  start = 0
  end = 0
  /** Whether the token stood in quotes; `start` and `end` are inside them. */
  quoted = false
  line = 1
  /** Whether the entry began with a blank: its owner is that of the record before. */
  indented = false
  #at = 0
  #lineStart = 0
  #depth = 0
  #again = false
  #commentStart = -1
  #commentEnd = -1

  constructor(text: string) {
    this.text = text
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) this.#at = 1
  }

  /** The column of the token taken last, counted from 1; the line's first if it stood on a line before. */
  get column(): number {
    return Math.max(1, this.start - this.#lineStart + 1)
  }

  /** The comment that ended the entry so far, without its semicolon. */
  get comment(): string | undefined {
    return this.#commentStart < 0 ? undefined : this.text.slice(this.#commentStart, this.#commentEnd).trim()
  }

  /** Goes to the next line that holds an entry; false at the end of the text. */
  startEntry(): boolean {
    const { text } = this
    for (;;) {
      const first = this.#at
      this.#commentStart = -1
      if (this.#skipToToken()) {
        this.indented = kindAt(text, first) === BLANK
        return true
      }
      if (this.#at >= text.length) return false
      this.#newline()
    }
  }

  /** Takes the next token of the entry; false if there is none. */
  take(): boolean {
    if (this.#again) {
      this.#again = false
      return true
    }
    if (!this.#skipToToken()) {
      this.start = this.end = this.#at
      this.quoted = false
      return false
    }
    if (this.text.charCodeAt(this.#at) === QUOTE_CODE) this.#takeQuoted()
    else this.#takeWord()
    return true
  }

  /** Lays the token taken last back, to be taken again. */
  back(): void {
    this.#again = true
  }

  /** Whether the entry has another token. */
  more(): boolean {
    if (!this.take()) return false
    this.back()
    return true
  }

  /** The token taken last, escapes and all. */
  token(): string {
    return this.text.slice(this.start, this.end)
  }

  /** Takes a token that must be there and must not be quoted. */
  word(expected: string): string {
    const token = this.string(expected)
    if (this.quoted) throw new TextError(`expected ${expected}, found a quoted string`)
    return token
  }

  /** Takes a token that must be there, quoted or not. */
  string(expected: string): string {
    if (!this.take()) throw new TextError(`expected ${expected}, found the end of the record`)
    return this.text.slice(this.start, this.end)
  }

  /** Makes sure that the entry has no further token. */
  endEntry(): void {
    if (this.take()) throw unexpected('the end of the record', this.token())
  }

  /** Takes what is left of the line as one piece, comment included (for `$GENERATE`). */
  restOfLine(): string {
    this.#again = false
    const newline = this.text.indexOf('\n', this.#at)
    this.start = this.#at
    this.#at = this.end = newline < 0 ? this.text.length : newline
    return this.token()
  }

  /** Skips blanks, and newlines and comments within parentheses; whether a token begins here. */
  #skipToToken(): boolean {
    const { text } = this
    const { length } = text
    while (this.#at < length) {
      const code = text.charCodeAt(this.#at)
      const kind = code < 128 ? (KINDS[code] as number) : WORD
      if (kind === BLANK) this.#at++
      else if (kind === WORD || kind >= QUOTE) return true
      else if (kind === COMMENT) this.#skipComment()
      else if (kind === NEWLINE) {
        if (this.#depth === 0) return false
        this.#newline()
      } else this.#parenthesis(kind === OPEN ? 1 : -1)
    }
    if (this.#depth > 0) throw this.#complaint('expected ")", found the end of the text', this.#at)
    return false
  }

  #skipComment(): void {
    const newline = this.text.indexOf('\n', this.#at)
    this.#commentStart = this.#at + 1
    this.#at = this.#commentEnd = newline < 0 ? this.text.length : newline
  }

  #parenthesis(step: number): void {
    this.#depth += step
    if (this.#depth < 0) throw this.#complaint('expected "(" before ")"', this.#at)
    this.#at++
  }

  #newline(): void {
    this.#at++
    this.line++
    this.#lineStart = this.#at
  }

  #takeQuoted(): void {
    this.quoted = true
    this.start = this.#at + 1
    this.end = this.#closingQuote(this.#at)
    this.#at = this.end + 1
    this.#expectGap()
  }

  #takeWord(): void {
    const { text } = this
    const { length } = text
    this.quoted = false
    this.start = this.#at
    let at = this.#at
    while (at < length) {
      const code = text.charCodeAt(at)
      const kind = code < 128 ? (KINDS[code] as number) : WORD
      if (kind === WORD) at++
      else if (kind === ESCAPE) at = this.#afterEscape(at)
      else if (kind !== QUOTE) break
      else {
        if (text.charCodeAt(at - 1) !== EQUALS_CODE) throw this.#complaint('expected a blank before a quote', at)
        this.#at = this.#closingQuote(at) + 1
        this.#expectGap()
        at = this.#at
        break
      }
    }
    this.#at = this.end = at
  }

  #closingQuote(opening: number): number {
    const { text } = this
    for (let at = opening + 1; at < text.length;) {
      const code = text.charCodeAt(at)
      if (code === QUOTE_CODE) return at
      if (code === NEWLINE_CODE) break
      at = code === BACKSLASH_CODE ? this.#afterEscape(at) : at + 1
    }
    throw this.#complaint('expected a closing quote, found the end of the line', opening)
  }

  #afterEscape(at: number): number {
    const code = this.text.charCodeAt(at + 1)
    const ended = code === NEWLINE_CODE || Number.isNaN(code) || this.text.startsWith('\r\n', at + 1)
    if (ended) throw this.#complaint('expected a character to escape, found the end of the line', at)
    return at + 2
  }

  #expectGap(): void {
    const kind = kindAt(this.text, this.#at)
    if (kind !== WORD && kind < QUOTE) return
    const found = quoteForPeople(this.text.charAt(this.#at))
    throw this.#complaint(`expected a blank after a quoted string, found ${found}`, this.#at)
  }

  #complaint(reason: string, at: number): TextError {
    this.start = at
    return new TextError(reason)
  }
}

/** What a character does outside quotes; the end of the text is a newline. */
function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (Number.isNaN(code)) return NEWLINE
  return code < 128 ? (KINDS[code] as number) : WORD
}
