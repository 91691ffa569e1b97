/** The one exception of a transfer in: thrown where a record is found at fault, caught where its message is accepted. */

import { printName } from '../dns/name.ts'
import { typeMnemonic } from '../dns/record-types.ts'
import { WireError } from '../dns/wire.ts'
import { LimitError } from '../zone/edit-limits.ts'
import { reason, type FactsOf, type Reason, type ReasonCode } from './reason.ts'

/** A transfer that cannot go on, and why. */
export class TransferFault extends Error {
  override readonly name = 'TransferFault'
  readonly reason: Reason

  constructor(why: Reason) {
    super(why.code)
    this.reason = why
  }
}

/** Makes a fault of a reason and its facts. */
export function fault<Code extends ReasonCode>(code: Code, facts: FactsOf<Code>): TransferFault {
  return new TransferFault(reason(code, facts))
}

/** What a message was refused for. An error that is none of these is a bug, and goes on. */
export function reasonOfError(error: unknown): Reason {
  if (error instanceof TransferFault) return error.reason
  if (error instanceof WireError) return reason('malformed', { error: error.message })
  if (error instanceof LimitError) {
    const { limit, seen, most, owner, type } = error
    return reason('limit', { limit, seen, max: most, owner: printName(owner), type: typeMnemonic(type) })
  }
  throw error
}
