/** Signing messages with TSIG (RFC 8945 §5.3): requests, answers, answers of many messages, and refusals. */

import { assert } from './assert.ts'
import { CLASS, META_TYPE, TSIG_ERROR } from './code.ts'
import { addToArcount, FUDGE_SECONDS, tsigAlgorithmName } from './tsig.ts'
import type { Hmac, TsigKey } from './tsig.ts'
import { macToSend, precedingMac, tsigTimers, tsigVariables } from './tsig-digest.ts'
import type { SignedFields } from './tsig-digest.ts'
import type { TsigRefusal } from './tsig-verify.ts'
import { HEADER_OCTETS, MESSAGE_OCTETS_MAX, Writer } from './wire.ts'

/** What signing needs beside message and key. `now` is in milliseconds. */
export interface SignOptions {
  readonly hmac: Hmac
  readonly now: number
  readonly fudgeSeconds?: number
}

/** A signed message, and the MAC that its answer or the next message builds on. */
export interface Signed {
  readonly octets: Uint8Array<ArrayBuffer>
  readonly mac: Uint8Array
}

/** Signs a request; its MAC is needed to verify the answer. */
export function signRequest(message: Uint8Array, key: TsigKey, options: SignOptions): Signed {
  const fields = fieldsOf(key, options)
  const mac = macToSend(key, options.hmac, [message, tsigVariables(fields)])
  return { octets: appendTsig(message, fields, mac), mac }
}

/** Signs the answer to a request whose MAC was verified. */
export function signResponse(
  message: Uint8Array,
  key: TsigKey,
  options: SignOptions & { readonly requestMac: Uint8Array },
): Signed {
  return signAnswer(message, key, fieldsOf(key, options), options)
}

/**
 * Gives the answer to a request that was refused its TSIG. Where the key or the MAC was wrong it stays unsigned; where
 * time or length of the MAC was, it is signed, so that the asker can believe it (RFC 8945 §5.3.2). A FORMERR has none.
 */
export function signRefusal(message: Uint8Array, refusal: TsigRefusal, options: SignOptions): Uint8Array {
  const { tsig, key } = refusal
  if (tsig === undefined || refusal.error === 'FORMERR') return message
  const seconds = Math.floor(options.now / 1000)
  const fields: SignedFields = {
    keyName: tsig.keyName,
    algorithmName: tsig.algorithmName,
    timeSigned: seconds,
    fudgeSeconds: options.fudgeSeconds ?? FUDGE_SECONDS,
    error: TSIG_ERROR[refusal.error],
    other: NOTHING,
  }
  if (key === undefined) return appendTsig(message, fields, NOTHING)
  const requestMac = tsig.mac
  if (refusal.error !== 'BADTIME') return signAnswer(message, key, fields, { ...options, requestMac }).octets
  // The asker's own time and fudge, so that the answer does not fail by the clocks again (RFC 8945 §5.2.3).
  const { timeSigned, fudgeSeconds } = tsig
  const timed = { ...fields, timeSigned, fudgeSeconds, other: serverTime(seconds) }
  return signAnswer(message, key, timed, { ...options, requestMac }).octets
}

/** Signs the messages of one answer, each with the MAC of the one before (RFC 8945 §5.3.1). */
export class TsigSigner {
  readonly #key: TsigKey
  readonly #hmac: Hmac
  readonly #fudgeSeconds: number
  #mac: Uint8Array
  #first = true

  constructor(key: TsigKey, options: { hmac: Hmac; requestMac: Uint8Array; fudgeSeconds?: number }) {
    this.#key = key
    this.#hmac = options.hmac
    this.#fudgeSeconds = options.fudgeSeconds ?? FUDGE_SECONDS
    this.#mac = options.requestMac
  }

  /**
   * Signs the next message, whose header is in the first of its parts. Gives the record that goes behind the last one; the
   * header counts it. `now` is in milliseconds.
   */
  sign(parts: readonly Uint8Array[], now: number): Uint8Array {
    const [head] = parts
    assert(head !== undefined && head.length >= HEADER_OCTETS, 'the first part of a message has its header')
    const fields = fieldsOf(this.#key, { now, fudgeSeconds: this.#fudgeSeconds })
    const variables = this.#first ? tsigVariables(fields) : tsigTimers(fields)
    this.#mac = macToSend(this.#key, this.#hmac, [precedingMac(this.#mac), ...parts, variables])
    this.#first = false
    const octets = parts.reduce((sum, { length }) => sum + length, 0)
    const record = tsigRecord(head, octets, fields, this.#mac)
    addToArcount(head, 1)
    return record
  }
}

const NOTHING = new Uint8Array(0)

function fieldsOf(key: TsigKey, { now, fudgeSeconds }: { now: number; fudgeSeconds?: number }): SignedFields {
  return {
    keyName: key.name,
    algorithmName: tsigAlgorithmName(key.algorithm),
    timeSigned: Math.floor(now / 1000),
    fudgeSeconds: fudgeSeconds ?? FUDGE_SECONDS,
    error: TSIG_ERROR.NOERROR,
    other: NOTHING,
  }
}

function signAnswer(
  message: Uint8Array,
  key: TsigKey,
  fields: SignedFields,
  { hmac, requestMac }: { hmac: Hmac; requestMac: Uint8Array },
): Signed {
  const mac = macToSend(key, hmac, [precedingMac(requestMac), message, tsigVariables(fields)])
  return { octets: appendTsig(message, fields, mac), mac }
}

function serverTime(seconds: number): Uint8Array {
  const writer = new Writer({ capacity: 6 })
  writer.u48(seconds)
  return writer.octetsSoFar()
}

/** Adds the record. Throws WriteOverflow if the message becomes too long. */
function appendTsig(message: Uint8Array, fields: SignedFields, mac: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = tsigRecord(message, message.length, fields, mac)
  const signed = new Uint8Array(message.length + record.length)
  signed.set(message)
  signed.set(record, message.length)
  addToArcount(signed, 1)
  return signed
}

/** The record of a message. Its ID is that of the header: whoever forwards the message changes only that one. */
function tsigRecord(head: Uint8Array, messageOctets: number, fields: SignedFields, mac: Uint8Array): Uint8Array {
  const writer = new Writer({ limit: MESSAGE_OCTETS_MAX - messageOctets })
  writer.name(fields.keyName)
  writer.u16(META_TYPE.TSIG)
  writer.u16(CLASS.ANY)
  writer.u32(0)
  const length = writer.reserveU16()
  writer.name(fields.algorithmName)
  writer.u48(fields.timeSigned)
  writer.u16(fields.fudgeSeconds)
  writer.u16(mac.length)
  writer.octets(mac)
  writer.octets(head.subarray(0, 2))
  writer.u16(fields.error)
  writer.u16(fields.other.length)
  writer.octets(fields.other)
  writer.patchLength(length)
  return writer.octetsSoFar()
}
