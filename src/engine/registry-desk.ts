/**
 * Where changes of the control plane pass, one decision at a time.
 *
 * A change is decided on what is true in memory, becomes true there at once, and is handed to the store; only when the
 * disk has it is it answered and told to the listeners. So the next decision can be made while the disk is busy, and
 * changes made at the same time share a transaction of the store. Should the store fail, memory is thrown away and
 * read anew: what is on the disk is the truth.
 *
 * Each change brings its lines of the audit log, in the same transaction; they name whoever `runAs` says is acting.
 */

import type { Change, StoredAuditLine } from '../store/objects.ts'
import type { AuditQuery, Store } from '../store/store.ts'
import { auditLines } from './audit.ts'
import { newId, type Id, type Instant } from './object-id.ts'
import { done, type Outcome } from './problem.ts'
import { loadState, type RegistryEvent, type RegistryState } from './registry-state.ts'

/** What a decision has come to: what to answer, and the steps that make it true. */
export interface Plan<T> {
  readonly value: T
  readonly changes: readonly Change[]
}

/** Hears of what has changed; the promise is for what must be in force before the change is answered. */
export type Listener = (event: RegistryEvent) => Promise<void> | undefined | void

export type ObjectStore = Pick<Store, 'objects' | 'change' | 'listAudit' | 'meta' | 'setMeta'>

export interface DeskOptions {
  readonly store: ObjectStore
  readonly now: () => Instant
  readonly newId?: (() => Id) | undefined
}

export class Desk {
  readonly now: () => Instant
  readonly newId: () => Id
  readonly #store: ObjectStore
  readonly #listeners = new Set<Listener>()
  readonly #underWay = new Set<Promise<void>>()
  #state: RegistryState
  #stale = false
  #reloading: Promise<void> | undefined

  static async open(options: DeskOptions): Promise<Desk> {
    return new Desk(options, await loadState(options.store))
  }

  private constructor(options: DeskOptions, state: RegistryState) {
    this.#store = options.store
    this.now = options.now
    this.newId = options.newId ?? newId
    this.#state = state
  }

  get state(): RegistryState {
    return this.#state
  }

  /**
   * Calls the listener after each change, once it is durable; returns how to stop that. A change is answered when what
   * its listeners return has resolved.
   */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Decides on the state of now, and resolves when the decision is on the disk. Rejects if the store fails. */
  async change<T>(decide: (state: RegistryState) => Outcome<Plan<T>>): Promise<Outcome<T>> {
    while (this.#stale) await this.#reload()
    const decision = decide(this.#state)
    if (decision.type === 'refused') return decision
    const { value } = decision.value
    const lines = auditLines(decision.value.changes, this.#state, this.now())
    const changes = [...decision.value.changes, ...lines]
    const events = changes.map((change) => this.#state.apply(change)).filter((event) => event !== undefined)
    await this.#write(changes)
    const heard = events.flatMap((event) => [...this.#listeners].map(async (listener) => listener(event)))
    await Promise.all(heard)
    return done(value, decision.warnings)
  }

  /** Lines of the audit log, newest first. */
  audit(query: AuditQuery): Promise<StoredAuditLine[]> {
    return this.#store.listAudit(query)
  }

  async #write(changes: readonly Change[]): Promise<void> {
    const written = this.#store.change(changes)
    this.#underWay.add(written)
    try {
      await written
    } catch (error) {
      this.#stale = true
      throw error
    } finally {
      this.#underWay.delete(written)
    }
  }

  #reload(): Promise<void> {
    this.#reloading ??= this.#readAnew().finally(() => {
      this.#reloading = undefined
    })
    return this.#reloading
  }

  async #readAnew(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    this.#state = await loadState(this.#store)
    this.#stale = false
  }
}
