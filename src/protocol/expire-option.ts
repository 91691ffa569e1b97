/** EDNS EXPIRE as we answer it: how long our copy of a zone is still good (RFC 7314 §3.2). */

import { expireOption, OPTION, optionOf, type EdnsOption } from '../dns/edns.ts'
import type { Message } from '../dns/message.ts'

/**
 * The seconds to tell. A zone that depends on nobody is good for SOA EXPIRE; one that was transferred in for what is
 * left of its lease, and never for more than SOA EXPIRE. `expiry` is the end of the lease in seconds, 0 for none.
 */
export function secondsLeft(expiry: number, soaExpire: number, now: number): number {
  if (expiry === 0) return soaExpire
  return Math.max(0, Math.min(expiry - Math.floor(now / 1000), soaExpire))
}

/** Whether a request asks for it; one of another length does not (RFC 7314 §4). */
function asksForExpire({ edns }: Message): boolean {
  return optionOf(edns, OPTION.EXPIRE)?.length === 0
}

export function expireOptions(request: Message, seconds: () => number): readonly EdnsOption[] {
  return asksForExpire(request) ? [expireOption(seconds())] : []
}
