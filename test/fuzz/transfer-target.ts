/** A transfer in with a real edit behind it: how it ends, and what the zone is then. */

import assert from 'node:assert/strict'
import type { DnsRecord } from '../../src/dns/message.ts'
import type { Serial } from '../../src/dns/serial.ts'
import { TransferIn, type TransferInLimits, type TransferInOutcome } from '../../src/protocol/transfer-in.ts'
import type { TransferSink } from '../../src/protocol/transfer-in-stream.ts'
import { Arena } from '../../src/zone/arena.ts'
import { type Contents, pagesOf, recordsFrom, soaOf } from '../../src/zone/contents.ts'
import { type Added, Edit, type Removed } from '../../src/zone/edit.ts'
import { type Limits, UNLIMITED } from '../../src/zone/edit-limits.ts'
import { readStoredRecord, storeRecord } from '../../src/zone/stored-form.ts'
import { type Asked, endOfStream, linesOf } from './transfer-model.ts'

/** A stream of messages that answers a request. */
export interface Stream {
  readonly asked: Asked
  readonly messages: readonly Uint8Array[]
  readonly limits?: Partial<TransferInLimits & Limits>
}

const arena = new Arena()

/** Takes records into an edit, as the engine does. */
class EditSink implements TransferSink {
  edit: Edit | undefined
  readonly #asked: Asked
  readonly #base: Contents
  readonly #limits: Limits

  constructor(asked: Asked, base: Contents, limits: Limits) {
    this.#asked = asked
    this.#base = base
    this.#limits = limits
  }

  begin(form: 'full' | 'incremental'): void {
    assert(this.edit === undefined, 'a transfer begins once')
    const limits = this.#limits
    this.edit = new Edit(arena, form === 'full' ? undefined : this.#base, this.#asked.apex, { limits })
  }

  soa(octets: Uint8Array, at: number, length: number): void {
    this.#begun.setSoa(octets, at, length)
  }

  add(octets: Uint8Array, at: number, length: number): Added {
    return this.#begun.add(octets, at, length)
  }

  remove(octets: Uint8Array, at: number, length: number): Removed {
    return this.#begun.remove(octets, at, length)
  }

  get #begun(): Edit {
    assert(this.edit !== undefined, 'records come after the begin of a transfer')
    return this.edit
  }
}

/** Feeds a stream and judges how it ends. */
export function checkStream({ asked, messages, limits = {} }: Stream): void {
  const base = baseOf(asked)
  const used = arena.use.usedOctets
  const sink = new EditSink(asked, base, { ...UNLIMITED, ...limits })
  const since = asked.since as Serial | undefined
  const transfer = new TransferIn({ apex: asked.apex, id: asked.id, asked: asked.type, since, limits, sink })
  let outcome: TransferInOutcome = { type: 'more' }
  for (const message of messages) {
    const before = message.slice()
    outcome = transfer.accept(message)
    assert.deepEqual(message, before, 'a message is not changed')
    if (outcome.type !== 'more') break
  }
  if (outcome.type === 'more') outcome = transfer.end()
  try {
    checkEnd(outcome, sink, { asked, messages, limits })
  } finally {
    sink.edit?.abort()
  }
  assert.equal(arena.use.usedOctets, used, 'what did not come to anything leaves nothing')
  assert.deepEqual(
    linesOf(zoneOf(base, asked), asked.apex),
    linesOf(asked.base, asked.apex),
    'the zone before is untouched',
  )
  const pages = [...pagesOf(base)] // all of them first: a page that is free leads nowhere
  for (const page of pages) arena.free(page)
}

function checkEnd(outcome: TransferInOutcome, sink: EditSink, { asked, messages, limits }: Stream): void {
  const model = endOfStream(messages, asked)
  const said =
    outcome.type === 'failed' ? `failed: ${outcome.reason.code} ${JSON.stringify(outcome.reason.facts)}` : outcome.type
  const meant = JSON.stringify(model).slice(0, 200)
  assert(outcome.type === 'done' || outcome.type === 'failed', `by TCP a transfer is done or failed, not ${said}`)
  if (outcome.type === 'failed') {
    const isLimited = Object.keys(limits ?? {}).length > 0
    assert(isLimited || model === 'incomplete' || 'bad' in model, `${said}, but the model says ${meant}`)
    return
  }
  assert(model !== 'incomplete' && 'form' in model, `done as ${outcome.form}, but the model says ${meant}`)
  assert.equal(outcome.form, model.form)
  if (model.form === 'up to date') return assert.equal(sink.edit, undefined)
  assert(sink.edit !== undefined)
  const { contents } = sink.edit.commit()
  assert.deepEqual(linesOf(zoneOf(contents, asked), asked.apex), linesOf(model.zone, asked.apex))
}

function baseOf({ base, apex }: Asked): Contents {
  const edit = new Edit(arena, undefined, apex)
  for (const [index, record] of base.entries()) {
    const stored = storeRecord(record, apex)
    if (index === 0) edit.setSoa(stored)
    else edit.add(stored, 0, stored.length)
  }
  return edit.commit().contents
}

function zoneOf(contents: Contents, { apex }: Asked): DnsRecord[] {
  const soa = soaOf(contents)
  const zone = [readStoredRecord(soa.octets, soa.at, apex)]
  for (const cursor of recordsFrom(contents)) zone.push(readStoredRecord(cursor.octets, cursor.at, apex))
  return zone
}
