/** Failed signatures of a primary's answers, as reasons of the closed list. */

import type { TsigRefusal } from '../dns/tsig-verify.ts'
import { reason, type Reason } from './reason.ts'

/** The reason for an answer that was not signed as it should be. */
export function reasonOfTsig({ reason: word, detail }: TsigRefusal, keyName: string): Reason {
  switch (word) {
    case 'unsigned first message':
    case 'unsigned last message':
    case 'too many unsigned messages':
      return reason('tsig-unsigned', { error: detail })
    case 'peer does not know the key':
    case 'unknown key':
    case 'other key':
    case 'unknown algorithm':
    case 'wrong algorithm':
      return reason('tsig-bad-key', { key: keyName, error: detail })
    case 'bad MAC':
    case 'peer finds the MAC bad':
    case 'MAC too long':
    case 'MAC too short':
    case 'MAC cut below policy':
    case 'peer wants a longer MAC':
      return reason('tsig-bad-mac', { key: keyName, error: detail })
    case 'clock differs':
    case 'peer finds the clock differs':
      return reason('tsig-bad-time', { error: detail })
    case 'malformed TSIG':
    case 'error in a request':
    case 'peer reports an error':
      return reason('tsig-error', { error: detail })
  }
}
