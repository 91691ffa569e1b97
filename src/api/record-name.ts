/** The owner of a record, as clients write it: whole or relative, with or without a final dot, in U-labels or A-labels. */

import { isWithin, lowerName, NameError, parseName, type Name } from '../dns/name.ts'
import { quoteForPeople } from '../dns/text.ts'
import { TYPE } from '../zone/stored-record.ts'
import { toAscii } from './idn.ts'
import { fault } from './record-faults.ts'

/** Characters that stand in no name unless they are escaped; most come from a line that was cut wrongly. */
// oxlint-disable-next-line no-control-regex -- control characters are what must not get in
const STRANGE = /(?<!\\)[\u0000-\u0020"();\u007f]/

const ASTERISK = 0x2a

/**
 * The owner. As at Cloudflare, a name without a final dot that does not end in the name of the zone is relative to it;
 * `@` is the apex.
 */
export function readOwner(given: unknown, apex: Name): Name {
  if (typeof given !== 'string') throw fault('record-name-invalid', `expected a text, found ${typeof given}`, '/name')
  const text = given.trim()
  const seen = quoteForPeople(text)
  if (text === '@') return apex
  if (STRANGE.test(text)) throw fault('record-name-invalid', `expected a domain name, found ${seen}`, '/name')
  try {
    const name = lowerName(parseName(toAscii(text)))
    if (isWithin(name, apex)) return name
    if (!isAbsolute(text)) return lowerName(parseName(toAscii(text), apex))
  } catch (error) {
    if (!(error instanceof NameError)) throw error
    throw fault('record-name-invalid', `expected a domain name, found ${seen} (${error.reason})`, '/name')
  }
  throw fault('record-name-outside', `expected a name in the zone, found ${seen}`, '/name')
}

/** An escaped dot at the end belongs to the last label. */
const isAbsolute = (text: string): boolean => /(?:^|[^\\])(?:\\\\)*\.$/.test(text)

/**
 * An asterisk stands for other names only as the whole first label (RFC 4592 §2.1.1). Elsewhere it is allowed and
 * surely not meant; and what is delegated by a wildcard is undefined (RFC 4592 §4.2).
 */
export function checkAsterisks(owner: Name, apex: Name, type: number): void {
  const isWildcard = owner[0] === 1 && owner[1] === ASTERISK
  const labels = owner.subarray(isWildcard ? 2 : 0, owner.length - apex.length)
  if (labels.includes(ASTERISK)) {
    const text = 'expected an asterisk as the whole first label only: elsewhere it stands for nothing but itself'
    throw fault('record-name-invalid', text, '/name')
  }
  if (isWildcard && (type === TYPE.NS || type === TYPE.DS))
    throw fault('record-name-invalid', 'expected a name without asterisk: nothing is delegated by wildcards', '/name')
}

/**
 * The name of an SRV record from the parts of it that older clients have in `data`. Where `name` has the service and the
 * protocol as well, it is the whole name.
 */
export function serviceName(name: unknown, data: unknown): unknown {
  const { service, proto, name: host } = (data ?? {}) as Readonly<Record<string, unknown>>
  if (typeof service !== 'string' || typeof proto !== 'string') return name
  const prefix = `${service}.${proto}`
  if (typeof name === 'string' && (name === prefix || name.toLowerCase().startsWith(`${prefix}.`.toLowerCase())))
    return name
  const below = typeof host === 'string' ? host : name
  return typeof below !== 'string' || below === '@' || below === '' ? prefix : `${prefix}.${below}`
}
