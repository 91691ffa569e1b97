/** Signs a message as a transfer out does, and gives it in octets of its own. */

import type { TsigSigner } from '../src/dns/tsig-sign.ts'

/** More than any TSIG of a test takes. */
const ROOM_OCTETS = 1024

export function signMessage(signer: TsigSigner, message: Uint8Array, now: number): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(message.length + ROOM_OCTETS)
  octets.set(message)
  return octets.slice(0, signer.signInPlace(octets, 0, message.length, now))
}
