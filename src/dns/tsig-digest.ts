/** What goes into a TSIG's MAC (RFC 8945 §4.3), and how MACs are compared. */

import { CLASS } from './code.ts'
import { lowerName } from './name.ts'
import { copyOctets } from './octets.ts'
import { macOctetsOf } from './tsig.ts'
import type { Hmac, Tsig, TsigKey } from './tsig.ts'
import { Writer } from './wire.ts'

/** The fields of a TSIG that the MAC covers. */
export type SignedFields = Pick<Tsig, 'keyName' | 'algorithmName' | 'timeSigned' | 'fudgeSeconds' | 'error' | 'other'>

/** The MAC that was sent before, with its length in front: a request's in its answer, a message's in the next. */
export function precedingMac(mac: Uint8Array): Uint8Array {
  const writer = new Writer({ capacity: mac.length + 2 })
  writer.u16(mac.length)
  writer.octets(mac)
  return writer.octetsSoFar()
}

/** The variables of a request, an answer, or the first message of several; names in lower case (RFC 8945 §4.3.3). */
export function tsigVariables(fields: SignedFields): Uint8Array {
  const writer = new Writer()
  writer.octets(lowerName(fields.keyName))
  writer.u16(CLASS.ANY)
  writer.u32(0)
  writer.octets(lowerName(fields.algorithmName))
  writer.u48(fields.timeSigned)
  writer.u16(fields.fudgeSeconds)
  writer.u16(fields.error)
  writer.u16(fields.other.length)
  writer.octets(fields.other)
  return writer.octetsSoFar()
}

/** The variables of the second and later messages of an answer: the time alone (RFC 8945 §5.3.1). */
export function tsigTimers(fields: Pick<Tsig, 'timeSigned' | 'fudgeSeconds'>): Uint8Array {
  const writer = new Writer({ capacity: 8 })
  writer.u48(fields.timeSigned)
  writer.u16(fields.fudgeSeconds)
  return writer.octetsSoFar()
}

/** The MAC as we send it with this key. */
export function macToSend(key: TsigKey, hmac: Hmac, parts: readonly Uint8Array[]): Uint8Array {
  return copyOctets(hmac(key.algorithm, key.secret, parts), 0, macOctetsOf(key))
}

/** Whether a MAC that came, cut or whole, is the right one; takes the same time whichever octet is wrong. */
export function macHolds(came: Uint8Array, key: TsigKey, hmac: Hmac, parts: readonly Uint8Array[]): boolean {
  const right = hmac(key.algorithm, key.secret, parts)
  if (came.length === 0 || came.length > right.length) return false
  let difference = 0
  for (let at = 0; at < came.length; at++) difference |= (came[at] as number) ^ (right[at] as number)
  return difference === 0
}
