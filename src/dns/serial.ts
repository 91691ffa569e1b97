/**
 * Serial numbers: 32 bits that wrap (RFC 1982).
 *
 * A serial is newer than another if it lies within the half circle ahead of it. Two serials exactly half a circle
 * apart have no order; whoever asks must treat that as "not newer".
 */

import { assert } from './assert.ts'

declare const brand: unique symbol

/** The serial of a zone's SOA record: 0 to 2³²−1. */
export type Serial = number & { readonly [brand]: 'Serial' }

/** The largest step by which a serial can become newer in one go (RFC 1982 §3.1). */
export const SERIAL_STEP_MAX = 2 ** 31 - 1

/** How one serial stands to another. */
export type SerialOrder = 'newer' | 'same' | 'older' | 'undefined'

/** Whether a number can be a serial. */
export function isSerial(value: number): value is Serial {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff
}

/** Takes a number for the serial it is known to be. */
export function toSerial(value: number): Serial {
  assert(isSerial(value), `${value} is no serial`)
  return value
}

/** How `a` stands to `b` (RFC 1982 §3.2): `compareSerials(theirs, ours) === 'newer'` calls for a transfer. */
export function compareSerials(a: Serial, b: Serial): SerialOrder {
  const ahead = (a - b) >>> 0
  if (ahead === 0) return 'same'
  if (ahead === 0x8000_0000) return 'undefined'
  return ahead < 0x8000_0000 ? 'newer' : 'older'
}

/** The serial `step` ahead, past the wrap if need be (RFC 1982 §3.1). */
export function addSerial(serial: Serial, step: number): Serial {
  assert(Number.isInteger(step) && step >= 0 && step <= SERIAL_STEP_MAX, `a serial cannot step by ${step}`)
  return ((serial + step) >>> 0) as Serial
}
