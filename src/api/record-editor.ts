/**
 * Carries out what people want done with the records of a zone.
 *
 * Whoever edits reads the newest version, says what goes out and what comes in, and is told if somebody else was faster:
 * then it begins again. In this process the edits of a zone wait for each other, so that this is rare; it can be no more
 * often than a bounded number of times, after which the client is told to come back.
 */

import type { EditOutcome } from '../engine/edit-port.ts'
import type { Id, Instant } from '../engine/object-id.ts'
import type { OverrideOutcome } from '../engine/registry-overrides.ts'
import type { ZoneRuntime } from '../engine/runtime.ts'
import { sentenceOf } from '../protocol/reason.ts'
import type { Change, Zone } from '../store/objects.ts'
import { withRecords } from './contents.ts'
import { ApiError, ERRORS } from './errors.ts'
import type { RecordRules } from './record-rules.ts'
import { RecordSession } from './record-session.ts'

const TRIES = 20

export interface EditWish<T> {
  readonly zone: Zone
  readonly rules: RecordRules
  readonly now: () => Instant
  /** Says what is to be done; called anew for each try. */
  readonly act: (session: RecordSession) => T | Promise<T>
  /** What becomes true with it, for the audit log. */
  readonly changes: (session: RecordSession) => readonly Change[]
}

export class RecordEditor {
  readonly #runtime: Pick<ZoneRuntime, 'records' | 'facts' | 'edit'>
  /** The edit of each zone that was begun last, while there is one. */
  readonly #last = new Map<Id, Promise<void>>()

  constructor(runtime: Pick<ZoneRuntime, 'records' | 'facts' | 'edit'>) {
    this.#runtime = runtime
  }

  /** Resolves to what `act` returned once it is durable and served. Throws ApiError if it cannot be done. */
  async edit<T>(wish: EditWish<T>): Promise<T> {
    return this.inTurn(wish.zone.id, async () => {
      for (let tries = 0; tries < TRIES; tries++) {
        const { session, result } = await this.#read(wish)
        const { steps } = session
        if (steps.length === 0) return result
        const outcome = await this.#runtime.edit(wish.zone.id, { steps, changes: wish.changes(session) })
        if (outcome?.type === 'edited' || outcome?.type === 'overridden') return result
        if (outcome?.type !== 'stale') throw errorOf(outcome, session)
      }
      throw new ApiError('records-busy')
    })
  }

  async #read<T>({ zone, rules, now, act }: EditWish<T>): Promise<{ session: RecordSession; result: T }> {
    return withRecords({ runtime: this.#runtime }, zone, async (reader) => {
      const session = new RecordSession({ reader, rules, now: now() })
      return { session, result: await act(session) }
    })
  }

  /** Does something while nobody edits the records of a zone. */
  async inTurn<T>(zoneId: Id, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(zoneId)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(zoneId, promise)
    await before
    try {
      return await act()
    } finally {
      resolve()
      if (this.#last.get(zoneId) === promise) this.#last.delete(zoneId)
    }
  }
}

/** Why the server did not make the version. */
function errorOf(
  outcome: Exclude<EditOutcome | OverrideOutcome, { type: 'edited' | 'overridden' }> | undefined,
  session: RecordSession,
): ApiError {
  if (outcome?.type === 'too many') {
    const text = `expected at most ${outcome.most} overrides in one zone, found ${outcome.seen}`
    return new ApiError('too-many-overrides', { text })
  }
  if (outcome?.type === 'refused') return new ApiError('edit-refused', { text: sentenceOf(outcome.reason) })
  if (outcome?.type !== 'conflict') return new ApiError('contents-busy')
  const place = session.places[outcome.step] ?? ''
  const leftAlone = outcome.conflict === 'ds-without-ns' && session.steps[outcome.step]?.add === undefined
  const text = leftAlone
    ? 'DS records stand at this name, and would be left without NS records'
    : ERRORS[outcome.conflict].text
  const where = place.startsWith('/') ? { text, pointer: place } : { text: place === '' ? text : `${text} (${place})` }
  if (outcome.conflict !== 'record-exists') return new ApiError(outcome.conflict, where)
  // Clients of before 2022 know an identical record by the older number alone, and take it for a success.
  return ApiError.of([{ code: 'record-exists', ...where }, { code: 'record-exists-once' }])
}
