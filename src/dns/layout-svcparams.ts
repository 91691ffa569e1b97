/**
 * Where SvcParams end, and whether they are well-formed (RFC 9460 §2.2, §7, §8).
 *
 * Bad values must never reach storage, since those who read them later, or print and read them again, are the ones
 * that break (CVE-2026-12244, CVE-2026-33611). Hot: no allocation.
 */

import { WireError } from './wire.ts'

/** The parameters whose values have a form of their own (IANA "Service Parameter Keys (SvcParamKeys)"). */
export const SVC_KEY = {
  MANDATORY: 0,
  ALPN: 1,
  NO_DEFAULT_ALPN: 2,
  PORT: 3,
  IPV4HINT: 4,
  ECH: 5,
  IPV6HINT: 6,
  DOHPATH: 7,
  OHTTP: 8,
} as const

/** All SvcParams up to the end of the RDATA: keys strictly increasing, lengths right, known values valid. */
export function svcParamsEnd(octets: Uint8Array, start: number, end: number): number {
  let at = start
  let last = -1
  let mandatoryAt = -1
  let alpn = false
  while (at < end) {
    if (end - at < 4) throw new WireError('SvcParam is cut off', at)
    const key = u16(octets, at)
    const length = u16(octets, at + 2)
    if (key <= last) throw new WireError(`SvcParam key ${key} after key ${last}`, at)
    if (length > end - at - 4) throw new WireError('SvcParam value runs past its end', at + 2)
    checkValue(key, octets, at + 4, at + 4 + length)
    if (key === SVC_KEY.MANDATORY) mandatoryAt = at
    if (key === SVC_KEY.ALPN) alpn = true
    if (key === SVC_KEY.NO_DEFAULT_ALPN && !alpn) throw new WireError('SvcParam no-default-alpn without alpn', at)
    last = key
    at += 4 + length
  }
  if (mandatoryAt >= 0) checkMandatory(octets, mandatoryAt, end)
  return at
}

function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number)
}

function checkValue(key: number, octets: Uint8Array, at: number, end: number): void {
  const length = end - at
  switch (key) {
    case SVC_KEY.MANDATORY:
      return demand(length > 0 && length % 2 === 0, key, at)
    case SVC_KEY.ALPN:
      return demand(areProtocolIds(octets, at, end), key, at)
    case SVC_KEY.NO_DEFAULT_ALPN:
    case SVC_KEY.OHTTP:
      return demand(length === 0, key, at)
    case SVC_KEY.PORT:
      return demand(length === 2, key, at)
    case SVC_KEY.IPV4HINT:
      return demand(length > 0 && length % 4 === 0, key, at)
    case SVC_KEY.ECH:
    case SVC_KEY.DOHPATH:
      return demand(length > 0, key, at)
    case SVC_KEY.IPV6HINT:
      return demand(length > 0 && length % 16 === 0, key, at)
    default:
  }
}

function demand(valid: boolean, key: number, at: number): void {
  if (!valid) throw new WireError(`invalid value of SvcParam key ${key}`, at)
}

/** One or more protocol ids, none of them empty (RFC 9460 §7.1.1). */
function areProtocolIds(octets: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    if (octets[at] === 0) return false
    at += 1 + (octets[at] as number)
  }
  return at === end && at > start
}

/**
 * The list must be in order, not name itself, and only name keys that are there (RFC 9460 §8). Both the list and the
 * parameters are in order, so one walk side by side is enough, however long they are.
 */
function checkMandatory(octets: Uint8Array, param: number, end: number): void {
  const listEnd = param + 4 + u16(octets, param + 2)
  let at = listEnd
  let last = SVC_KEY.MANDATORY as number
  for (let listed = param + 4; listed < listEnd; listed += 2) {
    const key = u16(octets, listed)
    if (key <= last) throw new WireError(`mandatory SvcParam key ${key} after key ${last}`, listed)
    while (at < end && u16(octets, at) < key) at += 4 + u16(octets, at + 2)
    if (at >= end || u16(octets, at) !== key) throw new WireError(`mandatory SvcParam key ${key} is missing`, listed)
    last = key
  }
}
