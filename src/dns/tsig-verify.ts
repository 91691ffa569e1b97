/**
 * Verifying one signed message (RFC 8945 §5.2 as a server, §5.4 as a client).
 *
 * The order of the checks is fixed: form, key, MAC, time, and last whether the MAC is as long as we want it. What
 * fails has a word of its own, so that an operator sees at once whether it is the key, the secret or the clock.
 */

import { TSIG_ERROR, tsigErrorName } from './code.ts'
import { printName } from './name.ts'
import type { Name } from './name.ts'
import { findTsig, macOctetsOf, TSIG_ALGORITHMS, tsigAlgorithmOf, withoutTsig } from './tsig.ts'
import type { Hmac, Tsig, TsigKey } from './tsig.ts'
import { macHolds, precedingMac, tsigVariables } from './tsig-digest.ts'
import { WireError } from './wire.ts'

/** What was wrong, in words that are never changed: they stand in logs and in the API. */
export type TsigReason =
  | 'malformed TSIG'
  | 'error in a request'
  | 'unknown key'
  | 'unknown algorithm'
  | 'wrong algorithm'
  | 'other key'
  | 'MAC too long'
  | 'MAC too short'
  | 'bad MAC'
  | 'clock differs'
  | 'MAC cut below policy'
  | 'peer does not know the key'
  | 'peer finds the MAC bad'
  | 'peer finds the clock differs'
  | 'peer wants a longer MAC'
  | 'peer reports an error'
  | 'unsigned first message'
  | 'unsigned last message'
  | 'too many unsigned messages'

/** The error a refused request is answered with. */
type TsigErrorWord = 'FORMERR' | 'BADKEY' | 'BADSIG' | 'BADTIME' | 'BADTRUNC'

/** A message that is not to be believed. */
export interface TsigRefusal {
  readonly type: 'refused'
  readonly error: TsigErrorWord
  readonly reason: TsigReason
  /** The reason with its numbers and names, for people: `clock differs by 312 s`. */
  readonly detail: string
  /** The record that came, if it could be read: an answer repeats parts of it. */
  readonly tsig?: Tsig
  /** The key, if the MAC was right: an answer is then signed with it. */
  readonly key?: TsigKey
}

/** A message that its peer has signed. */
export interface TsigVerified {
  readonly type: 'verified'
  readonly key: TsigKey
  /** What the answer, or the next message, builds on. */
  readonly mac: Uint8Array
  /** The message without its TSIG, with the ID it was first sent with; an answer carries the ID that came. */
  readonly octets: Uint8Array<ArrayBuffer>
  readonly tsig: Tsig
}

export type TsigVerdict = { readonly type: 'unsigned' } | TsigVerified | TsigRefusal

/** What verifying needs beside the message. `now` is in milliseconds. */
export interface VerifyOptions {
  /** The key of a name, or several: different people may call theirs the same. The one whose MAC it is counts. */
  readonly keys: (name: Name) => TsigKey | readonly TsigKey[] | undefined
  readonly hmac: Hmac
  readonly now: number
  /** The MAC of the request that the message answers; without it the message is a request. */
  readonly requestMac?: Uint8Array
  /** The most that we grant a sender's fudge; as much as it asks unless told otherwise (RFC 8945 §10). */
  readonly fudgeSecondsMax?: number
}

/** Verifies a request, or with `requestMac` the one message of an answer. */
export function verify(message: Uint8Array, options: VerifyOptions): TsigVerdict {
  const tsig = tsigIn(message)
  if (tsig === undefined) return { type: 'unsigned' }
  if ('type' in tsig) return tsig
  const [first, ...others] = keysNamed(tsig.keyName, options)
  let verdict = verifyBy(first, message, tsig, options)
  for (const key of others) if (isOfAnother(verdict)) verdict = verifyBy(key, message, tsig, options)
  return verdict
}

const keysNamed = (name: Name, { keys }: Pick<VerifyOptions, 'keys'>): readonly TsigKey[] => [keys(name) ?? []].flat()

/** Whether a message may still be by another key of the same name. */
function isOfAnother(verdict: TsigVerdict): boolean {
  if (verdict.type !== 'refused') return false
  const { reason } = verdict
  return reason === 'bad MAC' || reason === 'wrong algorithm' || reason === 'MAC too long' || reason === 'MAC too short'
}

function verifyBy(key: TsigKey | undefined, message: Uint8Array, tsig: Tsig, options: VerifyOptions): TsigVerdict {
  const found = keyFor(tsig, { ...options, keys: () => key })
  if ('type' in found) return found
  const octets = withoutTsig(message, tsig)
  const parts = [octets, tsigVariables(tsig)]
  if (options.requestMac !== undefined) parts.unshift(precedingMac(options.requestMac))
  return judge({ tsig, key: found, octets, parts }, options)
}

/** The TSIG of a message, or why there is none that could be read. */
export function tsigIn(message: Uint8Array): Tsig | TsigRefusal | undefined {
  try {
    return findTsig(message)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { type: 'refused', error: 'FORMERR', reason: 'malformed TSIG', detail: error.message }
  }
}

/** The key of a TSIG, if we have it, for this very algorithm (RFC 8945 §5.2.1). */
export function keyFor(tsig: Tsig, options: Pick<VerifyOptions, 'keys' | 'requestMac'>): TsigKey | TsigRefusal {
  const isAnswer = options.requestMac !== undefined
  if (isAnswer && isUnsignedError(tsig)) return peerError(tsig)
  if (!isAnswer && tsig.error !== TSIG_ERROR.NOERROR) {
    const detail = `a request with TSIG error ${tsigErrorName(tsig.error)}`
    return refuse('FORMERR', 'error in a request', detail, tsig)
  }
  const name = printName(tsig.keyName)
  const [key] = keysNamed(tsig.keyName, options)
  if (key === undefined) {
    return refuse(
      'BADKEY',
      isAnswer ? 'other key' : 'unknown key',
      `${isAnswer ? 'other' : 'unknown'} key ${name}`,
      tsig,
    )
  }
  const algorithm = tsigAlgorithmOf(tsig.algorithmName)
  if (algorithm === undefined) {
    return refuse('BADKEY', 'unknown algorithm', `unknown algorithm ${printName(tsig.algorithmName)}`, tsig)
  }
  if (algorithm === key.algorithm) return key
  return refuse('BADKEY', 'wrong algorithm', `key ${name} is for ${key.algorithm}, used with ${algorithm}`, tsig)
}

/** BADKEY and BADSIG come without a MAC by rule (RFC 8945 §5.2). NSD, against the rule, leaves BADTIME unsigned too. */
function isUnsignedError({ error, mac }: Tsig): boolean {
  if (error === TSIG_ERROR.BADTIME) return mac.length === 0
  return error === TSIG_ERROR.BADKEY || error === TSIG_ERROR.BADSIG
}

/** A message with its key found, and what its MAC must cover. */
interface Claim {
  readonly tsig: Tsig
  readonly key: TsigKey
  readonly octets: Uint8Array<ArrayBuffer>
  readonly parts: readonly Uint8Array[]
}

/** The checks of MAC, time and policy, in this order (RFC 8945 §5.2.2 to §5.2.4). */
export function judge(
  { tsig, key, octets, parts }: Claim,
  { hmac, now, fudgeSecondsMax = Infinity }: Pick<VerifyOptions, 'hmac' | 'now' | 'fudgeSecondsMax'>,
): TsigVerified | TsigRefusal {
  const { mac } = tsig
  const { macOctets, hashOctets } = TSIG_ALGORITHMS[key.algorithm]
  const least = Math.max(10, hashOctets / 2)
  if (mac.length > macOctets) {
    return refuse('FORMERR', 'MAC too long', `MAC of ${mac.length} octets, ${macOctets} are the most`, tsig)
  }
  if (mac.length < least) {
    return refuse('FORMERR', 'MAC too short', `MAC of ${mac.length} octets, ${least} are the least`, tsig)
  }
  if (!macHolds(mac, key, hmac, parts)) {
    return refuse('BADSIG', 'bad MAC', `bad MAC with key ${printName(key.name)}: the secrets differ`, tsig)
  }
  if (tsig.error !== TSIG_ERROR.NOERROR) return { ...peerError(tsig), key }
  const ahead = tsig.timeSigned - Math.floor(now / 1000)
  if (Math.abs(ahead) > Math.min(tsig.fudgeSeconds, fudgeSecondsMax)) {
    return { ...refuse('BADTIME', 'clock differs', `clock differs by ${Math.abs(ahead)} s`, tsig), key }
  }
  const wanted = key.macOctetsMin ?? macOctetsOf(key)
  if (mac.length < wanted) {
    const detail = `MAC cut to ${mac.length} octets, our policy wants ${wanted}`
    return { ...refuse('BADTRUNC', 'MAC cut below policy', detail, tsig), key }
  }
  return { type: 'verified', key, mac, octets, tsig }
}

function refuse(error: TsigErrorWord, reason: TsigReason, detail: string, tsig: Tsig): TsigRefusal {
  return { type: 'refused', error, reason, detail, tsig }
}

/** An answer that tells of an error with our own TSIG. It proves nothing and authenticates nothing. */
function peerError(tsig: Tsig): TsigRefusal {
  switch (tsig.error) {
    case TSIG_ERROR.BADKEY: {
      const detail = `peer does not know the key ${printName(tsig.keyName)}, or not for this algorithm`
      return refuse('BADKEY', 'peer does not know the key', detail, tsig)
    }
    case TSIG_ERROR.BADSIG:
      return refuse('BADSIG', 'peer finds the MAC bad', 'peer finds the MAC bad: the secrets differ', tsig)
    case TSIG_ERROR.BADTIME:
      return refuse('BADTIME', 'peer finds the clock differs', `peer finds the clock differs${peerClock(tsig)}`, tsig)
    case TSIG_ERROR.BADTRUNC:
      return refuse('BADTRUNC', 'peer wants a longer MAC', 'peer wants a longer MAC than we sent', tsig)
    default:
      return refuse('BADSIG', 'peer reports an error', `peer reports ${tsigErrorName(tsig.error)}`, tsig)
  }
}

/** With BADTIME comes the time of the server's clock, and the time signed is our own (RFC 8945 §5.2.3). */
function peerClock({ other, timeSigned }: Tsig): string {
  if (other.length !== 6) return ''
  const theirs = other.reduce((value, octet) => value * 256 + octet, 0)
  return ` by ${Math.abs(theirs - timeSigned)} s`
}
