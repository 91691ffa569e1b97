/** What a zone must be called. */

import { isIP } from 'node:net'
import { lowerName, NameError, parseName, printName } from '../dns/name.ts'
import { done, refused, type Outcome } from './problem.ts'

/**
 * The name of a zone as it is kept: A-labels in lower case, without the final dot. What comes in is ASCII already;
 * whoever takes names from people turns U-labels into A-labels before.
 */
export function readZoneName(text: string): Outcome<string> {
  try {
    const name = lowerName(parseName(text))
    const odd = oddityOf(text)
    if (odd !== undefined)
      return refused('zone-name-not-apex', `expected a domain name, found ${odd} "${text}"`, '/name')
    if (name.length === 1) return refused('zone-name-invalid', 'the root zone cannot be set up here', '/name')
    return done(printName(name).slice(0, -1))
  } catch (error) {
    if (!(error instanceof NameError)) throw error
    return refused('zone-name-invalid', `expected a domain name: ${error.message}`, '/name')
  }
}

/** What people paste in place of a name, and what can be a name in DNS but no zone of its own. */
function oddityOf(text: string): string | undefined {
  if (isIP(text) !== 0) return 'the address'
  if (text.includes('://')) return 'the URL'
  if (text.includes('@')) return 'the mail address'
  return text.split('.').includes('*') ? 'the wildcard' : undefined
}
