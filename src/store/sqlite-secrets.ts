/** Secrets of the server itself in SQLite: by name, sealed. */

import type { Seal } from './seal.ts'
import type { Secret } from './secret.ts'
import { prepare, type Database, type Statement } from './sqlite.ts'

const QUESTIONS = {
  get: 'SELECT sealed FROM secret WHERE name = ?',
  set: 'INSERT OR REPLACE INTO secret (name, key_id, sealed) VALUES (?, ?, ?)',
}

/** Reads and writes secrets; the caller holds the transaction. */
export class SqliteSecrets {
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>
  readonly #seal: Seal

  constructor(database: Database, seal: Seal) {
    this.#ask = prepare(database, QUESTIONS)
    this.#seal = seal
  }

  get(name: string): Secret | undefined {
    const row = this.#ask.get.get(name) as { sealed: Uint8Array } | undefined
    return row && this.#seal.open(row.sealed, placeOf(name))
  }

  set(name: string, secret: Secret): void {
    this.#ask.set.run(name, this.#seal.keyId, this.#seal.seal(secret, placeOf(name)))
  }
}

const placeOf = (name: string): string => `secret:${name}`
