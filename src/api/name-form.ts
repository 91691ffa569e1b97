/** How names in questions about records are read. */

import type { Zone } from '../store/objects.ts'
import { toAscii } from './idn.ts'

/**
 * Names are held against each other as A-labels in lower case without the final dot. As where records are made, a name
 * without a final dot that does not end in the name of the zone is relative to it.
 */
export function nameForm(text: string, { name: apex }: Pick<Zone, 'name'>): string {
  if (text === '@') return apex
  const name = toAscii(text).toLowerCase()
  const whole = name.replace(/\.$/, '')
  const isWhole = whole !== name || whole === apex || whole.endsWith(`.${apex}`)
  return isWhole || whole === '' ? whole : `${whole}.${apex}`
}
