/**
 * TSIG: signatures made with a shared secret (RFC 8945). This file: keys, algorithms and the record itself.
 *
 * A signature covers the message before its TSIG record was added, with the ID it was first sent with. Beside that go
 * into it the MAC of the request if it answers one, and the fields of the record itself. tsig-sign.ts makes
 * signatures, tsig-verify.ts checks them, tsig-stream.ts checks the messages of a transfer one after the other.
 *
 * The pure floors have no cryptography: whoever signs or verifies passes in the HMAC function.
 */

import { CLASS, META_TYPE } from './code.ts'
import { nameKey, parseName, skipName } from './name.ts'
import type { Name } from './name.ts'
import { copyOctets } from './octets.ts'
import { Reader, WireError } from './wire.ts'

/** What each algorithm hashes with, and how many octets its full MAC has (RFC 8945 §6). */
export const TSIG_ALGORITHMS = {
  'hmac-md5.sig-alg.reg.int': { hash: 'md5', hashOctets: 16, macOctets: 16 },
  'hmac-sha1': { hash: 'sha1', hashOctets: 20, macOctets: 20 },
  'hmac-sha224': { hash: 'sha224', hashOctets: 28, macOctets: 28 },
  'hmac-sha256': { hash: 'sha256', hashOctets: 32, macOctets: 32 },
  'hmac-sha256-128': { hash: 'sha256', hashOctets: 32, macOctets: 16 },
  'hmac-sha384': { hash: 'sha384', hashOctets: 48, macOctets: 48 },
  'hmac-sha384-192': { hash: 'sha384', hashOctets: 48, macOctets: 24 },
  'hmac-sha512': { hash: 'sha512', hashOctets: 64, macOctets: 64 },
  'hmac-sha512-256': { hash: 'sha512', hashOctets: 64, macOctets: 32 },
} as const

/** An algorithm by its name on the wire, in lower case and without the final dot. */
export type TsigAlgorithm = keyof typeof TSIG_ALGORITHMS

/** Computes an HMAC over the parts one after the other, with the algorithm's hash; the full MAC, never cut. */
export type Hmac = (algorithm: TsigAlgorithm, secret: Uint8Array, parts: readonly Uint8Array[]) => Uint8Array

/** A secret shared with a peer, under the name that both give it. */
export interface TsigKey {
  readonly name: Name
  readonly algorithm: TsigAlgorithm
  readonly secret: Uint8Array
  /** How many octets of a MAC we send; all of them unless told otherwise (RFC 8945 §5.2.2.1). */
  readonly macOctets?: number
  /** How many octets of a MAC must have come; as many as we send unless told otherwise. */
  readonly macOctetsMin?: number
}

/** Seconds by which clocks may differ, as we say it (RFC 8945 §10). */
export const FUDGE_SECONDS = 300

/** A TSIG record as it came, and where it begins in its message. */
export interface Tsig {
  readonly start: number
  readonly keyName: Name
  readonly algorithmName: Name
  readonly timeSigned: number
  readonly fudgeSeconds: number
  readonly mac: Uint8Array
  readonly originalId: number
  readonly error: number
  readonly other: Uint8Array
}

/**
 * Reads the name of an algorithm, with or without its final dot; `hmac-md5` too, but only where the caller allows MD5,
 * which must not be used any more (RFC 8945 §6).
 */
export function parseTsigAlgorithm(text: string, options: { md5Allowed?: boolean } = {}): TsigAlgorithm | undefined {
  const name = text.toLowerCase().replace(/\.$/, '')
  const algorithm = name === 'hmac-md5' ? 'hmac-md5.sig-alg.reg.int' : name
  if (!Object.hasOwn(TSIG_ALGORITHMS, algorithm)) return undefined
  if (algorithm === 'hmac-md5.sig-alg.reg.int' && options.md5Allowed !== true) return undefined
  return algorithm as TsigAlgorithm
}

const NAMES = new Map(
  (Object.keys(TSIG_ALGORITHMS) as TsigAlgorithm[]).map((algorithm) => [algorithm, parseName(`${algorithm}.`)]),
)
const ALGORITHMS = new Map([...NAMES].map(([algorithm, name]) => [nameKey(name), algorithm]))

/** The name of an algorithm as it goes into records and digests. */
export function tsigAlgorithmName(algorithm: TsigAlgorithm): Name {
  return NAMES.get(algorithm) as Name
}

/** The algorithm of a name on the wire. */
export function tsigAlgorithmOf(name: Name): TsigAlgorithm | undefined {
  return ALGORITHMS.get(nameKey(name))
}

/** How many octets of a MAC we send with a key. */
export function macOctetsOf(key: TsigKey): number {
  return key.macOctets ?? TSIG_ALGORITHMS[key.algorithm].macOctets
}

/** How much longer a message becomes by being signed; room to leave free when it is written (RFC 8945 §5.3). */
export function tsigOctets(key: TsigKey): number {
  const names = key.name.length + tsigAlgorithmName(key.algorithm).length
  return names + TSIG_RECORD_OCTETS + macOctetsOf(key) + SERVER_TIME_OCTETS
}

const TSIG_RECORD_OCTETS = 26 // type, class, TTL, RDLENGTH; time 6, fudge 2, MAC length 2, ID 2, error 2, length 2
const SERVER_TIME_OCTETS = 6
const RECORD_FIXED_OCTETS = 10
const ARCOUNT_AT = 10

/**
 * Finds the TSIG of a message; undefined if it is not signed. Throws WireError where the message cannot be walked, or
 * where there is a TSIG that is not the one last record of the additional section (RFC 8945 §5.1).
 */
export function findTsig(message: Uint8Array): Tsig | undefined {
  const reader = new Reader(message)
  reader.skip(4)
  const questions = reader.u16()
  const records = reader.u16() + reader.u16()
  const additional = reader.u16()
  for (let count = questions; count > 0; count--) {
    reader.at = skipName(message, reader.at)
    reader.skip(4)
  }
  for (let left = records + additional; left > 0; left--) {
    const start = reader.at
    reader.at = skipName(message, start)
    const fixed = reader.skip(RECORD_FIXED_OCTETS)
    const isTsig = message[fixed] === 0 && message[fixed + 1] === META_TYPE.TSIG
    if (isTsig && (left > 1 || additional === 0)) throw new WireError('TSIG that is not the last record', start)
    reader.skip(((message[fixed + 8] as number) << 8) | (message[fixed + 9] as number))
    if (!isTsig) continue
    if (reader.remaining > 0) throw new WireError('octets behind the TSIG', reader.at)
    return readTsig(message, start)
  }
  return undefined
}

/** Reads the TSIG record that begins at `start`. */
export function readTsig(message: Uint8Array, start: number): Tsig {
  const reader = new Reader(message, start)
  const keyName = reader.name()
  reader.skip(2)
  const recordClass = reader.u16()
  if (recordClass !== CLASS.ANY) throw new WireError(`TSIG of class ${recordClass}, not ANY`, start)
  const ttl = reader.u32()
  if (ttl !== 0) throw new WireError(`TSIG with a TTL of ${ttl}, not 0`, start)
  const length = reader.u16()
  if (length > reader.remaining) throw new WireError('TSIG is cut off', reader.at)
  reader.end = reader.at + length
  const tsig = {
    start,
    keyName,
    algorithmName: reader.name(),
    timeSigned: reader.u48(),
    fudgeSeconds: reader.u16(),
    mac: copyOctets(reader.take(reader.u16())),
    originalId: reader.u16(),
    error: reader.u16(),
    other: copyOctets(reader.take(reader.u16())),
  }
  if (reader.remaining > 0) throw new WireError('TSIG longer than its fields', reader.at)
  return tsig
}

/** The message as it was before its TSIG was added: one additional record less, and the ID it was first sent with. */
export function withoutTsig(message: Uint8Array, tsig: Tsig): Uint8Array<ArrayBuffer> {
  const bare = copyOctets(message, 0, tsig.start)
  bare[0] = tsig.originalId >>> 8
  bare[1] = tsig.originalId
  addToArcount(bare, -1)
  return bare
}

/** Corrects the number of additional records in a header. */
export function addToArcount(message: Uint8Array, step: number): void {
  const count = (((message[ARCOUNT_AT] as number) << 8) | (message[ARCOUNT_AT + 1] as number)) + step
  message[ARCOUNT_AT] = count >>> 8
  message[ARCOUNT_AT + 1] = count
}
