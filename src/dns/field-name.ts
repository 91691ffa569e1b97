/** Fields that hold domain names. Which of them may come compressed is history (RFC 3597 §4), not a choice. */

import { TextError, quoteForPeople } from './text.ts'
import { type Field, fieldOfText } from './field.ts'
import { OP } from './layout-program.ts'
import { type Name, NameError, parseName, printName } from './name.ts'
import type { Lexer } from './zonefile/lexer.ts'

/** How JSON Schema calls a domain name in presentation format. */
export const NAME_FORMAT = 'domain-name'

/** A name of the types of RFC 1035, and of the few others in which peers compress: expanded when read. */
export const compressibleName = (title: string): Field<Name> => nameField(title, OP.NAME)

/** A name that no one may compress, yet canonical form folds its letters (RFC 4034 §6.2). */
export const foldedName = (title: string): Field<Name> => nameField(title, OP.NAME_FOLDED)

/** A name that no one may compress, and whose case counts in canonical form (RFC 3597 §7). */
export const plainName = (title: string): Field<Name> => nameField(title, OP.NAME_KEPT)

function nameField(title: string, op: number): Field<Name> {
  return fieldOfText(title, NAME_FORMAT, {
    read: (reader) => reader.plainName(),
    write: (writer, name) => writer.name(name),
    parse: (lexer, origin) => nameOfToken(lexer.word('a domain name'), origin),
    print: printName,
    layout: [op, 0],
  })
}

/** Names up to the end of the RDATA; there may be none. */
export function plainNames(title: string): Field<readonly Name[]> {
  return fieldOfText(title, 'domain-names', {
    read: (reader) => {
      const names: Name[] = []
      while (reader.remaining > 0) names.push(reader.plainName())
      return names
    },
    write: (writer, names) => {
      for (const name of names) writer.name(name)
    },
    parse: (lexer, origin) => {
      const names: Name[] = []
      while (lexer.more()) names.push(nameOfToken(lexer.word('a domain name'), origin))
      return names
    },
    print: (names) => names.map(printName).join(' '),
    layout: [OP.NAMES, 0],
  })
}

/** The name that a token stands for. */
export function nameOfToken(token: string, origin: Name | undefined): Name {
  try {
    return parseName(token, origin)
  } catch (error) {
    if (!(error instanceof NameError)) throw error
    throw new TextError(`expected a domain name, found ${quoteForPeople(token)} (${error.reason})`)
  }
}

/** The name at the front of the tokens that a composite field takes. */
export function takeName(lexer: Lexer, origin: Name | undefined): Name {
  return nameOfToken(lexer.word('a domain name'), origin)
}
