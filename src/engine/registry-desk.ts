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

import type { Change, StoredAuditLine, Zone } from '../store/objects.ts'
import type { AuditQuery, Store } from '../store/store.ts'
import { auditLines } from './audit.ts'
import { newId, type Id, type Instant } from './object-id.ts'
import { done, refused, type Outcome } from './problem.ts'
import { loadState, type RegistryEvent, type RegistryState } from './registry-state.ts'

/** What a decision has come to: what to answer, and the steps that make it true. */
export interface Plan<T> {
  readonly value: T
  readonly changes: readonly Change[]
  /** The version of a zone that the changes become true with, in one transaction; absent if none depends on them. */
  readonly version?: VersionPlan | undefined
}

/** Hears of what has changed; the promise is for what must be in force before the change is answered. */
export type Listener = (event: RegistryEvent) => Promise<void> | undefined | void
/** What a version is made for. */
export type VersionPlan =
  | {
      readonly type: 'settings'
      readonly zoneId: Id
      /** What may be served otherwise. */
      readonly scope: 'apex' | 'all'
    }
  /** The zone changes hands; until now it was as told. */
  | {
      readonly type: 'conversion'
      readonly zoneId: Id
      readonly before: Zone
      /** The overrides it had, in stored form. */
      readonly lifted: readonly Uint8Array[]
    }

export type VersionMade =
  /** And the changes are true with it. */
  | { readonly type: 'made' }
  /** The zone has none that they could depend on. */
  | { readonly type: 'no version' }
  | { readonly type: 'refused'; readonly why: string }

/** Makes versions of zones, with changes that become true with them. */
export type VersionMaker = (plan: VersionPlan, changes: readonly Change[]) => Promise<VersionMade>

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
  readonly #underWay = new Set<Promise<unknown>>()
  #state: RegistryState
  /** Makes the versions that changes depend on. Without it changes are stored alone. */
  makeVersion: VersionMaker | undefined
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
    const { value, version } = decision.value
    const lines = auditLines(decision.value.changes, this.#state, this.now())
    const changes = [...decision.value.changes, ...lines]
    const events = changes.map((change) => this.#state.apply(change)).filter((event) => event !== undefined)
    const why = await this.#write(changes, version)
    if (why !== undefined) {
      await this.#reload()
      return refused('version-refused', why)
    }
    const heard = events.flatMap((event) => [...this.#listeners].map(async (listener) => listener(event)))
    await Promise.all(heard)
    return done(value, decision.warnings)
  }

  /** Lines of the audit log, newest first. */
  audit(query: AuditQuery): Promise<StoredAuditLine[]> {
    return this.#store.listAudit(query)
  }

  /** Resolves to why the changes did not become true, if there is a reason that can be told. */
  async #write(changes: readonly Change[], version: VersionPlan | undefined): Promise<string | undefined> {
    const written = this.#carryOut(changes, version)
    this.#underWay.add(written)
    try {
      const made = await written
      if (made.type !== 'refused') return undefined
      this.#stale = true
      return made.why
    } catch (error) {
      this.#stale = true
      throw error
    } finally {
      this.#underWay.delete(written)
    }
  }

  async #carryOut(changes: readonly Change[], version: VersionPlan | undefined): Promise<VersionMade> {
    const made = version && (await this.makeVersion?.(version, changes))
    if (made !== undefined && made.type !== 'no version') return made
    await this.#store.change(changes)
    return { type: 'made' }
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
