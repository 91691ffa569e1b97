/**
 * Edits of zones in the contents thread: each is one version, durable before it is answered, one after the other per
 * zone.
 */

import type { Arena } from '../zone/arena.ts'
import { serialOf } from '../zone/contents.ts'
import { DifferenceRecorder } from '../zone/difference.ts'
import { Edit } from '../zone/edit.ts'
import { editRecords } from '../zone/edit-records.ts'
import { storeRecord } from '../zone/stored-form.ts'
import { nextSerial, soaRecord } from '../zone/zone-frame.ts'
import { reason } from '../protocol/reason.ts'
import type { EditOutcome, EditRequest } from './edit-port.ts'
import type { ShelvedZone, ZoneShelf } from './zone-shelf.ts'

export interface ZoneEditsWorld {
  readonly arena: Arena
  readonly shelf: ZoneShelf
  readonly now: () => number
}

export class ZoneEdits {
  readonly #world: ZoneEditsWorld
  /** The edit of each zone that was begun last, while there is one. */
  readonly #last = new Map<ShelvedZone, Promise<unknown>>()

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

  async #edit(zone: ShelvedZone, { steps, frame, scope, changes }: EditRequest): Promise<EditOutcome> {
    const { arena, shelf, now } = this.#world
    if (zone.gone) return { type: 'refused', reason: reason('cancelled', { cause: 'the zone was removed' }) }
    const { apex, contents: before } = zone
    const recorder = before && new DifferenceRecorder()
    const edit = new Edit(arena, before, apex, recorder === undefined ? {} : { recorder })
    try {
      const misfit = editRecords(edit, steps, { frame, scope: before === undefined ? 'all' : scope })
      if (misfit !== undefined) {
        edit.abort()
        return misfit
      }
      const serial = nextSerial(frame.serial, before && serialOf(before), now())
      edit.setSoa(storeRecord(soaRecord(apex, frame, serial), apex))
    } catch (error) {
      edit.abort()
      throw error
    }
    const difference = recorder && ((from: Uint8Array, to: Uint8Array) => recorder.finish(from, to))
    const published = await shelf.publish(zone, { edit, difference, changes })
    return published.type === 'refused'
      ? published
      : { type: 'edited', soa: published.soa, findings: published.findings }
  }
}
