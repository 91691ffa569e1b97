/** What was wrong with a signature, as a reason: whether the key, the secret or a clock is to be mended (RFC 8945 §5.4). */

import type { TsigReason, TsigRefusal } from '../dns/tsig-verify.ts'
import { reason, type Reason } from './reason.ts'

/** The reason for a message from a primary that is not to be believed; `key` is the name of the key we signed with. */
export function reasonOfTsig({ reason: word, detail }: TsigRefusal, key: string): Reason {
  switch (WHAT[word]) {
    case 'unsigned':
      return reason('tsig-unsigned', { error: detail })
    case 'key':
      return reason('tsig-bad-key', { key, error: detail })
    case 'mac':
      return reason('tsig-bad-mac', { key, error: detail })
    case 'time':
      return reason('tsig-bad-time', { error: detail })
    default:
      return reason('tsig-error', { error: detail })
  }
}

const WHAT: Readonly<Record<TsigReason, 'unsigned' | 'key' | 'mac' | 'time' | 'form'>> = {
  'malformed TSIG': 'form',
  'error in a request': 'form',
  'unknown key': 'key',
  'unknown algorithm': 'key',
  'wrong algorithm': 'key',
  'other key': 'key',
  'MAC too long': 'form',
  'MAC too short': 'form',
  'bad MAC': 'mac',
  'clock differs': 'time',
  'MAC cut below policy': 'mac',
  'peer does not know the key': 'key',
  'peer finds the MAC bad': 'mac',
  'peer finds the clock differs': 'time',
  'peer wants a longer MAC': 'mac',
  'peer reports an error': 'form',
  'unsigned first message': 'unsigned',
  'unsigned last message': 'unsigned',
  'too many unsigned messages': 'unsigned',
}
