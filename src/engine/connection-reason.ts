/** How an exchange with a primary ended, as a reason. */

import type { ConnectionEnd } from '../net/connection-end.ts'
import type { ExchangeOutcome } from '../net/exchange.ts'
import { reason, type Reason } from '../protocol/reason.ts'
import type { Settings } from './settings.ts'

type Limits = Settings['limits']

/** What had come when a connection ended. */
interface SoFar {
  readonly messages: number
  readonly records: number
}

export function reasonOfConnection(end: ConnectionEnd, { messages, records }: SoFar, limits: Limits): Reason {
  switch (end.type) {
    case 'closed':
    case 'reset':
      return messages === 0 ? reason('connection-lost', {}) : reason('cut', { records })
    case 'refused':
      return reason('connect-failed', { error: 'connection refused' })
    case 'unreachable':
      return reason('connect-failed', { error: end.code })
    case 'malformed':
      return reason('malformed', { error: end.detail })
    case 'stopped':
      return reason('cancelled', { cause: 'not wanted any more' })
    case 'timeout':
      return reasonOfTimeout(end.of, { messages, records }, limits)
    default:
      return end satisfies never
  }
}

function reasonOfTimeout(
  of: Extract<ConnectionEnd, { type: 'timeout' }>['of'],
  { messages, records }: SoFar,
  limits: Limits,
): Reason {
  switch (of) {
    case 'connect':
      return reason('connect-timeout', { seconds: limits.connectSeconds })
    case 'idle': {
      const seconds = limits.transferIdleSeconds
      return messages === 0 ? reason('no-answer', { seconds }) : reason('stalled', { seconds, records })
    }
    case 'rate':
      return reason('too-slow', limits.transferRateMin)
    case 'total':
      return reason('too-long', { seconds: limits.transferTotalSeconds })
    default:
      return of satisfies never
  }
}

/** Why a query by UDP got no answer. */
export function reasonOfExchange(outcome: Exclude<ExchangeOutcome, { type: 'answered' }>, limits: Limits): Reason {
  switch (outcome.type) {
    case 'timeout':
      return reason('no-answer', { seconds: limits.checkSeconds * outcome.tries })
    case 'refused':
      return reason('connect-failed', { error: 'port unreachable' })
    case 'unreachable':
      return reason('connect-failed', { error: outcome.code })
    case 'stopped':
      return reason('cancelled', { cause: 'not wanted any more' })
    default:
      return outcome satisfies never
  }
}
