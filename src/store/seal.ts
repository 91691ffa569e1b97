/**
 * Secrets at rest: sealed with AES-256-GCM under a key that is not in the database.
 *
 *      0        1                  13          29
 *      ┌────────┬──────────────────┬───────────┬────────────┐
 *      │ form 1 │ nonce, 12 octets │ tag, 16   │ ciphertext │
 *      └────────┴──────────────────┴───────────┴────────────┘
 *
 * The place of a secret, its table and row, is associated data: an envelope that was moved to another row does not
 * open. The key comes from the configuration, or from a file made at first start that only our user can read.
 */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { base64Octets, base64Text, CodingError } from '../dns/octets.ts'
import { StoreError } from './error.ts'
import { Secret } from './secret.ts'

const FORM = 1
const KEY_OCTETS = 32
const NONCE_OCTETS = 12
const TAG_OCTETS = 16
const HEAD_OCTETS = 1 + NONCE_OCTETS + TAG_OCTETS
const CIPHER = 'aes-256-gcm'

/** Seals secrets and opens them again. */
export class Seal {
  /** Names the key without telling anything about it; stored beside each envelope. */
  readonly keyId: string
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
    this.keyId = createHash('sha256').update('twinzone seal key').update(key).digest('hex').slice(0, 16)
  }

  /** The envelope for the secret that stands in `place`. */
  seal(secret: Secret, place: string): Uint8Array {
    const nonce = randomBytes(NONCE_OCTETS)
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(place))
    const text = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()])
    return Buffer.concat([Uint8Array.of(FORM), nonce, cipher.getAuthTag(), text])
  }

  /** What the envelope in `place` holds; throws a StoreError if it was changed, moved, or sealed with another key. */
  open(envelope: Uint8Array, place: string): Secret {
    const nonce = envelope.subarray(1, 1 + NONCE_OCTETS)
    const tag = envelope.subarray(1 + NONCE_OCTETS, HEAD_OCTETS)
    try {
      if (envelope[0] !== FORM) throw new Error(`form ${envelope[0]}`)
      const cipher = createDecipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(place)).setAuthTag(tag)
      return new Secret(cipher.update(envelope.subarray(HEAD_OCTETS), undefined, 'utf8') + cipher.final('utf8'))
    } catch (error) {
      throw new StoreError('corrupt', `the secret of ${place} does not open: it was changed or moved`, { cause: error })
    }
  }
}

/** The seal whose key is written as base64, as the configuration has it. */
export function sealFromText(text: string): Seal {
  const key = keyOctets(text.trim())
  if (key?.length !== KEY_OCTETS)
    throw new StoreError('wrong key', `expected the base64 of ${KEY_OCTETS} octets as seal key, found ${found(key)}`)
  return new Seal(key)
}

/** The seal whose key is in the data directory; undefined if there is none. */
export function sealFromDirectory(directory: string): Seal | undefined {
  const path = keyPath(directory)
  try {
    return sealFromText(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (error instanceof StoreError) throw new StoreError(error.code, `${path}: ${error.message}`, { cause: error })
    throw new StoreError('disk', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

/** Makes a key in the data directory. It is on the disk before anything is sealed with it. */
export function makeSeal(directory: string): Seal {
  const key = randomBytes(KEY_OCTETS)
  const fresh = `${keyPath(directory)}.new`
  const file = openSync(fresh, 'w', 0o600)
  try {
    writeSync(file, `${base64Text(key)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(fresh, keyPath(directory)) // whole or not there, whenever we die
  syncDirectory(directory)
  return new Seal(key)
}

const keyPath = (directory: string): string => join(directory, 'seal.key')

/** A new file survives a power failure only once its directory was flushed as well. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function keyOctets(text: string): Uint8Array | undefined {
  try {
    return base64Octets(text)
  } catch (error) {
    if (error instanceof CodingError) return undefined
    throw error
  }
}

const found = (key: Uint8Array | undefined): string => (key === undefined ? 'no base64' : `${key.length} octets`)
