/**
 * One transfer in, from the question to the version that is served.
 *
 * The messages go through the signature check into the interpreter, and its records into an edit. Only what has come
 * whole, fits the limits, makes a zone and is on the disk is published; everything else leaves no trace.
 */

import { axfrQuery, ixfrQuery } from '../protocol/primary-query.ts'
import { reason, type Reason } from '../protocol/reason.ts'
import { TransferFault } from '../protocol/transfer-fault.ts'
import { TransferIn, type TransferInOutcome } from '../protocol/transfer-in.ts'
import type { Store } from '../store/store.ts'
import type { Arena } from '../zone/arena.ts'
import { serialOf } from '../zone/contents.ts'
import { DifferenceRecorder } from '../zone/difference.ts'
import { Edit } from '../zone/edit.ts'
import type { Limits } from '../zone/edit-limits.ts'
import { reasonOfConnection, reasonOfExchange } from './connection-reason.ts'
import type { PrimaryClient, Question, Received } from './primary-client.ts'
import type { Settings } from './settings.ts'
import { SegmentStage } from './segment-stage.ts'
import { EditSink } from './transfer-sink.ts'
import type { TransferCounts, TransferOutcome, TransferRequest } from './transfer-port.ts'
import type { NewVersion, ShelvedZone, ZoneShelf } from './zone-shelf.ts'

export interface TransferWorld {
  readonly arena: Arena
  readonly shelf: ZoneShelf
  readonly store: Pick<Store, 'stage' | 'unstage'>
  readonly client: PrimaryClient
  readonly settings: Settings
  readonly signal: AbortSignal
  readonly progress: (counts: TransferCounts) => void
}

/** How the exchange with the primary ended, before anything was published. */
type Exchanged = TransferInOutcome | { readonly type: 'failed'; readonly reason: Reason; readonly serial: undefined }

/** Progress is told once per so many messages. */
const PROGRESS_MESSAGES = 64

export class TransferTask {
  readonly #zone: ShelvedZone
  readonly #request: TransferRequest
  readonly #world: TransferWorld
  readonly #sink: EditSink
  #recorder: DifferenceRecorder | undefined
  #stage: SegmentStage | undefined
  #reader: TransferIn | undefined
  #release: (() => void) | undefined

  constructor(zone: ShelvedZone, request: TransferRequest, world: TransferWorld) {
    this.#zone = zone
    this.#request = request
    this.#world = world
    this.#sink = new EditSink((form) => this.#startEdit(form))
  }

  /** Fetches, and publishes what was fetched. Whatever goes wrong, no half-made version stays behind. */
  async run(): Promise<TransferOutcome> {
    try {
      return await this.#run()
    } finally {
      this.#release?.()
      this.#stage?.drop()
    }
  }

  async #run(): Promise<TransferOutcome> {
    let ended: Exchanged
    try {
      ended = await (this.#request.over === 'udp' ? this.#askUdp() : this.#askTcp())
    } catch (error) {
      this.#sink.edit?.abort()
      throw error
    }
    if (ended.type !== 'done' || ended.form === 'up to date') this.#sink.edit?.abort()
    const counts = this.#counts()
    switch (ended.type) {
      case 'retry over TCP':
        return { type: 'too large for udp', counts }
      case 'failed':
        return { type: 'transfer failed', reason: ended.reason, serial: ended.serial, counts }
      case 'more':
        throw new Error('a transfer ended in the middle')
      case 'done':
        return this.#publish(ended, counts)
      default:
        return ended satisfies never
    }
  }

  async #publish(done: Extract<TransferInOutcome, { type: 'done' }>, counts: TransferCounts): Promise<TransferOutcome> {
    const { form, soa, expireSeconds } = done
    const { edit } = this.#sink
    if (form === 'up to date' || edit === undefined) return { type: 'up to date', soa, expireSeconds, counts }
    const recorder = this.#recorder
    const stage = this.#stage
    const difference = recorder && ((from: Uint8Array, to: Uint8Array) => recorder.finish(from, to))
    const version: NewVersion = { edit, difference, ...(stage && { stage }) }
    const published = await this.#world.shelf.publish(this.#zone, version)
    if (published.type === 'refused')
      return { type: 'transfer failed', reason: published.reason, serial: soa.serial, counts }
    const { dropped = 0, repeated = 0 } = this.#reader ?? {}
    const findings = dropped === 0 ? [] : [`${dropped} records outside the zone were left out`]
    if (repeated > 0) findings.push(`${repeated} records came that were there already`)
    return { type: 'transferred', form, soa, expireSeconds, findings: [...findings, ...published.findings], counts }
  }

  async #askUdp(): Promise<Exchanged> {
    const answer = await this.#world.client.askUdp(this.#question())
    if ('type' in answer) {
      const why = reasonOfExchange(answer, this.#world.settings.limits)
      return { type: 'failed', reason: why, serial: undefined }
    }
    const outcome = this.#take(answer)
    return outcome.type === 'more' ? { type: 'retry over TCP' } : outcome
  }

  async #askTcp(): Promise<Exchanged> {
    const { client, settings } = this.#world
    const { limits } = settings
    let outcome: TransferInOutcome = { type: 'more' }
    const end = await client.askTcp(this.#question(), {
      totalMs: limits.transferTotalSeconds * 1000,
      onMessage: (received) => {
        outcome = this.#take(received)
        return outcome.type === 'more' ? 'more' : 'done'
      },
    })
    if (outcome.type !== 'more' || end.type === 'done') return outcome
    const { messages = 0, records = 0 } = this.#reader ?? {}
    return { type: 'failed', reason: reasonOfConnection(end, { messages, records }, limits), serial: undefined }
  }

  /** Takes one message: first its signature, then its records. A transfer may end only with a signed message. */
  #take({ octets, id, signature }: Received): TransferInOutcome {
    const base = this.#sink.edit?.base
    // The pages that differences build on may be used for others by now.
    if (this.#zone.gone || (base !== undefined && base !== this.#zone.contents)) {
      const cause = this.#zone.gone ? 'the zone was removed' : 'another transfer was published meanwhile'
      return { type: 'failed', reason: reason('cancelled', { cause }), serial: undefined }
    }
    this.#reader ??= this.#newReader(id)
    const reader = this.#reader
    const believed = signature.believe(octets)
    if (believed.type === 'refused') {
      // An error that is not signed is told as the error it is: it can do no more harm than no answer.
      const isError = believed.unsigned && ((octets[3] as number) & 0xf) !== 0
      const outcome = isError ? reader.accept(octets) : undefined
      return outcome?.type === 'failed' ? outcome : { type: 'failed', reason: believed.reason, serial: undefined }
    }
    const outcome = reader.accept(believed.octets)
    if (reader.messages % PROGRESS_MESSAGES === 0) this.#world.progress(this.#counts())
    if (outcome.type !== 'done') return outcome
    const unsigned = signature.finish()
    return unsigned === undefined ? outcome : { type: 'failed', reason: unsigned, serial: undefined }
  }

  #newReader(id: number): TransferIn {
    const { limits } = this.#world.settings
    const { form: asked, since, over } = this.#request
    return new TransferIn({
      apex: this.#zone.apex,
      id,
      asked,
      over,
      since,
      sink: this.#sink,
      limits: {
        octets: limits.transferOctetsMax,
        messages: limits.transferMessagesMax,
        steps: limits.ixfrStepsMax,
      },
    })
  }

  #question(): Question {
    const { endpoint, key, form, since, edns } = this.#request
    const { apex } = this.#zone
    const message =
      form === 'IXFR' && since !== undefined
        ? (id: number) => ixfrQuery({ apex, id, edns }, since)
        : (id: number) => axfrQuery({ apex, id, edns })
    return { endpoint, key, message, signal: this.#world.signal }
  }

  #startEdit(form: 'full' | 'incremental'): Edit {
    const { arena, settings } = this.#world
    const { limits } = settings
    const bounds = {
      records: limits.transferRecordsMax,
      octets: limits.transferOctetsMax,
      recordsPerRRset: limits.recordsPerRrsetMax,
      typesPerOwner: limits.typesPerOwnerMax,
    }
    const { apex, contents } = this.#zone
    const { since } = this.#request
    if (form === 'full') return this.#startFull(bounds)
    // A transfer that was given up may have been published late, and then the differences are not ours to apply.
    if (contents === undefined || serialOf(contents) !== since)
      throw new TransferFault(reason('cancelled', { cause: 'another transfer was published meanwhile' }))
    this.#recorder = new DifferenceRecorder()
    this.#release = this.#world.shelf.hold(this.#zone)
    return new Edit(arena, contents, apex, { limits: bounds, recorder: this.#recorder })
  }

  #startFull(limits: Limits): Edit {
    const { arena, store } = this.#world
    const stage = new SegmentStage(store, `transfer ${this.#request.task}`)
    this.#stage = stage
    const gathered = (octets: Uint8Array, length: number) => stage.push(octets, length)
    return new Edit(arena, undefined, this.#zone.apex, { limits, gathered })
  }

  #counts(): TransferCounts {
    const { messages = 0, records = 0, octets = 0 } = this.#reader ?? {}
    return { messages, records, octets }
  }
}
