/** Signs a message as a transfer out does, and gives it in octets of its own. */

import { concatOctets, copyOctets } from '../src/dns/octets.ts'
import type { TsigSigner } from '../src/dns/tsig-sign.ts'
import { HEADER_OCTETS } from '../src/dns/wire.ts'

/** The message is signed in two parts, as one that is sent is signed in many. */
export function signMessage(signer: TsigSigner, message: Uint8Array, now: number): Uint8Array<ArrayBuffer> {
  const parts = [copyOctets(message, 0, HEADER_OCTETS), message.subarray(HEADER_OCTETS)]
  const record = signer.sign(parts, now)
  return concatOctets(...parts, record)
}
