/** Signing a request to a primary, and believing its answers only as far as they are signed. */

import { printName } from '../dns/name.ts'
import type { TsigKey } from '../dns/tsig.ts'
import { signRequest } from '../dns/tsig-sign.ts'
import { TsigVerifier } from '../dns/tsig-stream.ts'
import type { TsigRefusal } from '../dns/tsig-verify.ts'
import type { Reason } from '../protocol/reason.ts'
import { reasonOfTsig } from '../protocol/tsig-reason.ts'
import { hmac } from './keys.ts'

/** A message that may be read, or why not. */
type Believed =
  | { readonly type: 'believed'; readonly octets: Uint8Array }
  | { readonly type: 'refused'; readonly reason: Reason; readonly unsigned: boolean }

/** The two sides of one exchange. Without a key everything is sent and believed as it is. */
export interface Signature {
  /** The request as it is sent. */
  readonly request: Uint8Array
  /** The next message of the answer. */
  believe(message: Uint8Array): Believed
  /** Whether the answer may end here: its last message must have been signed. */
  finish(): Reason | undefined
}

export function signatureOf(request: Uint8Array, key: TsigKey | undefined, now: () => number): Signature {
  if (key === undefined) {
    return { request, believe: (octets) => ({ type: 'believed', octets }), finish: () => undefined }
  }
  const signed = signRequest(request, key, { hmac, now: now() })
  const verifier = new TsigVerifier(key, { hmac, requestMac: signed.mac })
  const reasonOf = (refusal: TsigRefusal) => reasonOfTsig(refusal, printName(key.name))
  return {
    request: signed.octets,
    believe(message) {
      const verdict = verifier.accept(message, now())
      if (verdict.type !== 'refused') return { type: 'believed', octets: verdict.octets }
      return { type: 'refused', reason: reasonOf(verdict), unsigned: verdict.tsig === undefined }
    },
    finish() {
      const end = verifier.finish()
      return end.type === 'refused' ? reasonOf(end) : undefined
    },
  }
}
