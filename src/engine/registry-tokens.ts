/** API tokens: who may use the API. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret } from '../store/secret.ts'
import type { Token } from '../store/objects.ts'
import type { RegistryState } from './registry-state.ts'
import type { Desk } from './registry-desk.ts'

/** 30 octets of chance make 40 characters of base64url: the shape Cloudflare's tokens have. */
const SECRET_OCTETS = 30

/** A secret that nobody can guess. */
export const newTokenSecret = (): Secret => new Secret(randomBytes(SECRET_OCTETS).toString('base64url'))

/** What is kept of a secret. It is random throughout, so a slow hash would add nothing. */
export const tokenHash = (secret: string): string => createHash('sha256').update(secret).digest('hex')

export class Tokens {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /** The token that belongs to a secret. Every token is compared, each in the same time whatever the secret is. */
  find(secret: string): Token | undefined {
    return findToken(this.#desk.state, tokenHash(secret))
  }
}

function findToken({ tokens }: RegistryState, hash: string): Token | undefined {
  const wanted = Buffer.from(hash, 'hex')
  let found: Token | undefined
  for (const token of tokens.values()) {
    if (timingSafeEqual(Buffer.from(token.hash, 'hex'), wanted)) found = token
  }
  return found
}
