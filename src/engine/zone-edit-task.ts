/**
 * Edits of zones in the contents thread: each is one version, durable before it is answered, one after the other per
 * zone. One that goes through a large zone does so in slices, between which others are served: the thread has all zones.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Name } from '../dns/name.ts'
import { octetsEqual } from '../dns/octets.ts'
import type { Change } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { Arena } from '../zone/arena.ts'
import { serialOf, soaOf, type Contents } from '../zone/contents.ts'
import { DifferenceRecorder } from '../zone/difference.ts'
import { Edit } from '../zone/edit.ts'
import { editSlices, type EditMisfit } from '../zone/edit-records.ts'
import { adoptServed, forgetEdited } from '../zone/conversion.ts'
import { storeRecord } from '../zone/stored-form.ts'
import { nextSerial, soaRecord, type ZoneFrame } from '../zone/zone-frame.ts'
import { reason } from '../protocol/reason.ts'
import type { Conversion, EditOutcome, EditRequest } from './edit-port.ts'
import { newId } from './object-id.ts'
import { factsOf, soaOctets } from './shelved-version.ts'
import type { NewVersion, Published, ShelvedZone, ZoneShelf } from './zone-shelf.ts'

export interface ZoneEditsWorld {
  readonly arena: Arena
  readonly shelf: ZoneShelf
  readonly store: Pick<Store, 'change'>
  readonly now: () => number
}

/** What came of the work of an edit, before it is a version. */
type CarriedOut = { readonly type: 'done' } | EditMisfit | ReturnType<typeof refused>

export class ZoneEdits {
  readonly #world: ZoneEditsWorld
  /** The edit of each zone that was begun last, while there is one. */
  readonly #last = new Map<ShelvedZone, Promise<unknown>>()

  /** Zones that were edited here and are no more: what was on its way when they changed hands comes too late. */
  readonly #closed = new WeakSet<ShelvedZone>()

  constructor(world: ZoneEditsWorld) {
    this.#world = world
  }

  /** Waits for those before it, and edits what they left. */
  async run(zone: ShelvedZone, request: EditRequest): Promise<EditOutcome> {
    const before = this.#last.get(zone)
    const edited = (async () => {
      await before?.catch(() => {}) // whoever made it was told
      return this.#edit(zone, request)
    })()
    this.#last.set(zone, edited)
    try {
      return await edited
    } finally {
      if (this.#last.get(zone) === edited) this.#last.delete(zone)
    }
  }

  async #edit(zone: ShelvedZone, request: EditRequest): Promise<EditOutcome> {
    const release = this.#world.shelf.hold(zone)
    try {
      return await this.#editHeld(zone, request)
    } finally {
      release()
    }
  }

  async #editHeld(zone: ShelvedZone, request: EditRequest): Promise<EditOutcome> {
    const { arena, now } = this.#world
    const { frame, changes, conversion } = request
    const cause = this.#tooLate(zone, request)
    if (cause !== undefined) return refused(cause)
    const { apex, contents: before } = zone
    const recorder = before && new DifferenceRecorder()
    const edit = new Edit(arena, before, apex, recorder === undefined ? {} : { recorder })
    let unchanged = false
    try {
      const carriedOut = await this.#inTurns(zone, this.#carryOut(edit, request, recorder))
      if (carriedOut.type !== 'done') {
        edit.abort()
        return carriedOut
      }
      const isWished = conversion !== undefined || request.renew === true
      unchanged = !isWished && recorder?.isEmpty === true && before !== undefined && isSoaKept(before, apex, frame)
      const policy = request.renew === true ? 'counter' : frame.serial
      const serial = nextSerial(policy, before && serialOf(before), now())
      edit.setSoa(storeRecord(soaRecord(apex, frame, serial), apex))
    } catch (error) {
      edit.abort()
      throw error
    }
    if (unchanged && before !== undefined) return this.#keep(zone, { edit, before }, changes)
    const difference = recorder && ((from: Uint8Array, to: Uint8Array) => recorder.finish(from, to))
    return this.#publish(zone, { edit, difference, changes }, conversion)
  }

  async #publish(zone: ShelvedZone, version: NewVersion, conversion: Conversion | undefined): Promise<EditOutcome> {
    if (conversion?.to === 'secondary') this.#closed.add(zone)
    const published = await this.#world.shelf.publish(zone, { ...version, isCovered: conversion?.to !== 'secondary' })
    if (isOpenAfter(conversion, published)) this.#closed.delete(zone)
    return published.type === 'refused'
      ? published
      : { type: 'edited', soa: published.soa, findings: published.findings }
  }

  /** Why a zone is not edited any more. */
  #tooLate(zone: ShelvedZone, { conversion }: EditRequest): string | undefined {
    if (zone.gone) return 'the zone was removed'
    return conversion === undefined && this.#closed.has(zone) ? 'the zone is secondary by now' : undefined
  }

  /**
   * Does the work of an edit, and lets others have the thread between two slices of it. The pages that an edit builds on
   * are there only as long as they are the zone's, so it ends with them: nothing of it may be touched again.
   */
  async #inTurns(zone: ShelvedZone, work: Generator<void, EditMisfit | undefined>): Promise<CarriedOut> {
    const { contents } = zone
    for (;;) {
      const { done, value } = work.next()
      if (done === true) return value ?? { type: 'done' }
      await nextTurn()
      if (zone.gone) return refused('the zone was removed')
      if (zone.contents !== contents) return refused('another version of the zone came first')
    }
  }

  *#carryOut(
    edit: Edit,
    request: EditRequest,
    recorder: DifferenceRecorder | undefined,
  ): Generator<void, EditMisfit | undefined> {
    const { steps, frame, scope, conversion } = request
    if (conversion?.to === 'full') yield* adoptServed(edit, { ...conversion, newId, now: this.#world.now() })
    if (conversion?.to === 'secondary') {
      yield* forgetEdited(edit)
    } else {
      // A zone without a version before is all new, and has no difference.
      const misfit = yield* editSlices(edit, steps, { frame, scope: recorder === undefined ? 'all' : scope })
      if (misfit !== undefined) return misfit
    }
    if (recorder !== undefined) yield* recorder.settle()
    return undefined
  }

  /**
   * What was to become true with a version becomes true without: there is nothing new to serve. What lies over the
   * version may have changed all the same.
   */
  async #keep(
    zone: ShelvedZone,
    { edit, before }: { readonly edit: Edit; readonly before: Contents },
    changes: readonly Change[],
  ): Promise<EditOutcome> {
    try {
      if (changes.length > 0) await this.#world.store.change(changes)
      if (zone.gone || zone.contents !== before || !edit.isCoverChanged) edit.abort()
      else this.#showCover(zone, edit, before)
    } catch (error) {
      edit.abort()
      throw error
    }
    return { type: 'edited', unchanged: true, soa: factsOf(before), findings: [] }
  }

  #showCover(zone: ShelvedZone, edit: Edit, before: Contents): void {
    edit.setSoa(soaOctets(before))
    this.#world.shelf.recover(zone, edit)
  }
}

function refused(cause: string) {
  return { type: 'refused', reason: reason('cancelled', { cause }) } as const
}

/** Whether a zone is edited here after its hands were to change. */
function isOpenAfter(conversion: Conversion | undefined, { type }: Published): boolean {
  return conversion !== undefined && (conversion.to === 'full') === (type === 'published')
}

/** Whether the SOA record would say what it says, but for the serial. */
function isSoaKept(contents: Contents, apex: Name, frame: ZoneFrame): boolean {
  const { octets, at, end } = soaOf(contents)
  const same = storeRecord(soaRecord(apex, frame, serialOf(contents)), apex)
  return octetsEqual(octets.subarray(at, end), same)
}
