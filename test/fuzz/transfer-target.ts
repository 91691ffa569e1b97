/** A transfer in with a real edit behind it: how it ends, and what the zone is then. */

import assert from 'node:assert/strict'
import type { DnsRecord } from '../../src/dns/message.ts'
import type { Serial } from '../../src/dns/serial.ts'
import { EditSink } from '../../src/engine/transfer-sink.ts'
import { TransferIn, type TransferInLimits, type TransferInOutcome } from '../../src/protocol/transfer-in.ts'
import { Arena } from '../../src/zone/arena.ts'
import { type Contents, pagesOf, recordsFrom, soaOf, type Stored } from '../../src/zone/contents.ts'
import {
  applyDifference,
  type Difference,
  differenceBetween,
  DifferenceRecorder,
  invert,
  readDifference,
  writeDifference,
} from '../../src/zone/difference.ts'
import { Edit } from '../../src/zone/edit.ts'
import { type Limits, UNLIMITED } from '../../src/zone/edit-limits.ts'
import { loadSegments } from '../load-segments.ts'
import { segmentsOf } from '../../src/zone/segments.ts'
import { readStoredRecord, storeRecord } from '../../src/zone/stored-form.ts'
import { type Asked, endOfStream, linesOf } from './transfer-model.ts'

/** A stream of messages that answers a request. */
export interface Stream {
  readonly asked: Asked
  readonly messages: readonly Uint8Array[]
  readonly limits?: Partial<TransferInLimits & Limits>
}

const arena = new Arena()

/** Feeds a stream and judges how it ends. */
export function checkStream({ asked, messages, limits = {} }: Stream): void {
  const base = baseOf(asked)
  const used = arena.use.usedOctets
  const recorder = new DifferenceRecorder()
  const sink = new EditSink((form) => {
    assert(sink.edit === undefined, 'a transfer begins once')
    const bounds = { ...UNLIMITED, ...limits }
    if (form === 'full') return new Edit(arena, undefined, asked.apex, { limits: bounds })
    return new Edit(arena, base, asked.apex, { limits: bounds, recorder })
  })
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
    const contents = checkEnd(outcome, sink, { asked, messages, limits })
    if (contents !== undefined) checkKept(base, contents, asked, sink.form === 'incremental' ? recorder : undefined)
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

/** The version that a transfer made, if it did. */
function checkEnd(
  outcome: TransferInOutcome,
  sink: EditSink,
  { asked, messages, limits }: Stream,
): Contents | undefined {
  const model = endOfStream(messages, asked)
  const said =
    outcome.type === 'failed' ? `failed: ${outcome.reason.code} ${JSON.stringify(outcome.reason.facts)}` : outcome.type
  const meant = JSON.stringify(model).slice(0, 200)
  assert(outcome.type === 'done' || outcome.type === 'failed', `by TCP a transfer is done or failed, not ${said}`)
  if (outcome.type === 'failed') {
    const isLimited = Object.keys(limits ?? {}).length > 0
    assert(isLimited || model === 'incomplete' || 'bad' in model, `${said}, but the model says ${meant}`)
    return undefined
  }
  assert(model !== 'incomplete' && 'form' in model, `done as ${outcome.form}, but the model says ${meant}`)
  assert.equal(outcome.form, model.form)
  assert.equal(sink.edit === undefined, model.form === 'up to date')
  if (model.form === 'up to date' || sink.edit === undefined) return undefined
  const { contents } = sink.edit.commit()
  assert.deepEqual(linesOf(zoneOf(contents, asked), asked.apex), linesOf(model.zone, asked.apex))
  return contents
}

/** What the store keeps of the version leads to the same version again: the difference it came by, and its segments. */
function checkKept(base: Contents, contents: Contents, asked: Asked, recorder: DifferenceRecorder | undefined): void {
  const lines = linesOf(zoneOf(contents, asked), asked.apex)
  const [from, to] = [octetsOf(soaOf(base)), octetsOf(soaOf(contents))]
  const compared = differenceBetween(base, contents)
  const differences = recorder === undefined ? [compared] : [compared, recorder.finish(from, to)]
  for (const difference of differences) {
    assert(difference !== undefined)
    const kept = readDifference(writeDifference(difference))
    assert.deepEqual(kept, difference)
    checkApplied(base, kept, asked, lines)
    checkApplied(contents, invert(kept), asked, linesOf(asked.base, asked.apex))
  }
  const loaded = loadSegments(arena, asked.apex, to, segmentsOf(contents))
  assert.deepEqual(linesOf(zoneOf(loaded, asked), asked.apex), lines)
  const pages = [...pagesOf(loaded)]
  for (const page of pages) arena.free(page)
}

function checkApplied(from: Contents, difference: Difference, asked: Asked, lines: readonly string[]): void {
  const edit = new Edit(arena, from, asked.apex)
  assert.equal(applyDifference(edit, difference), undefined)
  assert.deepEqual(linesOf(zoneOf(edit.commit().contents, asked), asked.apex), lines)
  edit.abort()
}

function octetsOf({ octets, at, end }: Stored): Uint8Array {
  return octets.slice(at, end)
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
