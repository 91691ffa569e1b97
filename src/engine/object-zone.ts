/** What a zone must be called. */

import { lowerName, NameError, parseName, printName } from '../dns/name.ts'
import { done, refused, type Outcome } from './problem.ts'

/**
 * The name of a zone as it is kept: A-labels in lower case, without the final dot. What comes in is ASCII already;
 * whoever takes names from people turns U-labels into A-labels before.
 */
export function readZoneName(text: string): Outcome<string> {
  try {
    const name = lowerName(parseName(text))
    if (name.length === 1) return refused('zone-name-invalid', 'the root zone cannot be set up here', '/name')
    return done(printName(name).slice(0, -1))
  } catch (error) {
    if (!(error instanceof NameError)) throw error
    return refused('zone-name-invalid', `expected a domain name: ${error.message}`, '/name')
  }
}
