/**
 * Group commit: acts that arrive while a transaction is written share the next one.
 *
 * An act is answered after the commit of its group, reads too: nobody is told of what might yet be lost. Each act has
 * a savepoint of its own, so one that fails takes only itself back.
 */

import { StoreError } from './error.ts'
import { asStoreError, prepare, type Database, type Statement } from './sqlite.ts'

const QUESTIONS = {
  begin: 'BEGIN',
  commit: 'COMMIT',
  rollBack: 'ROLLBACK',
  mark: 'SAVEPOINT act',
  keep: 'RELEASE act',
  takeBack: 'ROLLBACK TO act',
}

/** What is to be done, and who waits for it. */
interface Waiting {
  readonly act: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

type Answer = () => void

/** Runs acts on one database, many to a transaction. */
export class Group {
  readonly #database: Database
  readonly #path: string
  readonly #ask: Record<keyof typeof QUESTIONS, Statement>
  #waiting: Waiting[] = []
  #scheduled = false
  #closed = false

  constructor(database: Database, path: string) {
    this.#database = database
    this.#path = path
    this.#ask = prepare(database, QUESTIONS)
  }

  /** Runs `act` with those that arrive meanwhile; resolves once all of it is on the disk. */
  run<T>(act: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreError('closed', 'the store is closed'))
    if (!this.#scheduled) setImmediate(() => this.#commit())
    this.#scheduled = true
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ act, resolve: resolve as (value: unknown) => void, reject })
    })
  }

  /** Finishes what waits; afterwards nothing is accepted. */
  close(): void {
    this.#commit()
    this.#closed = true
  }

  #commit(): void {
    const group = this.#waiting
    this.#waiting = []
    this.#scheduled = false
    if (group.length === 0) return
    try {
      this.#ask.begin.run()
      const answers = group.map((waiting) => this.#try(waiting))
      this.#ask.commit.run()
      for (const answer of answers) answer()
    } catch (error) {
      this.#fail(group, error)
    }
  }

  /** Throws only if the transaction itself is lost, as after a full disk. */
  #try({ act, resolve, reject }: Waiting): Answer {
    this.#ask.mark.run()
    try {
      const value = act()
      this.#ask.keep.run()
      return () => resolve(value)
    } catch (error) {
      if (!this.#database.isTransaction) throw error
      this.#ask.takeBack.run()
      this.#ask.keep.run()
      return () => reject(asStoreError(error, this.#path))
    }
  }

  #fail(group: readonly Waiting[], error: unknown): void {
    if (this.#database.isTransaction) this.#ask.rollBack.run()
    const reason = asStoreError(error, this.#path)
    for (const { reject } of group) reject(reason)
  }
}
