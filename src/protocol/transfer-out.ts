/**
 * A transfer out: turns runs of stored records into the messages of an AXFR or IXFR answer (RFC 5936 §2.2, RFC 1995 §4).
 *
 * Hot: octets are sent as they lie in the zone. A stored owner ends with a compression pointer to offset 12, where
 * the question of every message stands, and the question is the apex; so each message can be read by itself, and
 * nothing in it is decoded here. Messages are made a few at a time as the caller asks for them: a slow reader holds up
 * nothing but itself.
 */

import { RCODE } from '../dns/code.ts'
import { runsOf, soaOf, type Contents, type Stored } from '../zone/contents.ts'
import type { Difference } from '../zone/difference.ts'
import { RunWriter } from '../zone/difference-records.ts'
import { runsWithout } from '../zone/left-out.ts'
import { recordEnd } from '../zone/stored-record.ts'
import { FrameMaker, MESSAGES_AT_ONCE, type FrameOptions, type Frames } from './frame-maker.ts'

export interface TransferOutOptions extends FrameOptions {
  /** Looked at before each message: a zone that is gone or has expired is not sent to the end. */
  readonly isServed?: () => boolean
}

/** How a transfer out ended: whole, with a record that fits into no message, or without its zone. */
export type TransferOutEnd = 'complete' | 'record too large' | 'zone gone'

/** An eighth of a message: what is left of one is seldom worth a look at every record. */
const PIECE_OCTETS = 8192

const NO_TYPES: ReadonlySet<number> = new Set()

/** A zone in full: SOA, everything else, SOA. Only where types are left out is every record looked at. */
export function* fullRuns(contents: Contents, leftOut: ReadonlySet<number> = NO_TYPES): Generator<Stored> {
  yield soaOf(contents)
  yield* leftOut.size === 0 ? runsOf(contents) : runsWithout(runsOf(contents), leftOut)
  yield soaOf(contents)
}

/** Nothing but the SOA record: there is nothing newer, or the asker is to come by TCP (RFC 1995 §2). */
export function* soaRun(contents: Contents): Generator<Stored> {
  yield soaOf(contents)
}

/**
 * Differences that chain, put together: of each the old SOA, what goes, the new SOA and what comes (RFC 1995 §4). In pieces
 * whose records are counted, so that whoever sends them looks at few records.
 */
export function chainRuns(differences: readonly Difference[]): readonly Stored[] {
  const whole = new RunWriter()
  for (const { fromSoa, removed, toSoa, added } of differences)
    for (const part of [fromSoa, removed, toSoa, added]) whole.put(part, 0, part.length)
  const octets = whole.run()
  const runs: Stored[] = []
  for (let at = 0, first = 0, records = 0; at < octets.length;) {
    at = recordEnd(octets, at)
    records++
    if (at - first < PIECE_OCTETS && at < octets.length) continue
    runs.push({ octets, at: first, end: at, records })
    first = at
    records = 0
  }
  return runs
}

/** The way from an older version to this one: SOA, the chain that leads here, and the SOA again. */
export function* incrementalRuns(contents: Contents, chain: readonly Stored[]): Generator<Stored> {
  yield soaOf(contents)
  yield* chain
  yield soaOf(contents)
}

/**
 * The messages, a few at a time: each lot is lent until the next is asked for. A record too large for a message, and a zone
 * that is gone, end the answer with SERVFAIL, which no receiver takes for the end of a zone.
 */
export function* transferFrames(
  runs: Iterable<Stored>,
  options: TransferOutOptions,
): Generator<Frames, TransferOutEnd> {
  const maker = new FrameMaker(options)
  for (const run of runs) {
    for (let at = run.at; at < run.end;) {
      if (maker.isEmpty && options.isServed?.() === false) {
        maker.finish(RCODE.SERVFAIL)
        yield maker.take()
        return 'zone gone'
      }
      at = maker.fill(run, at)
      if (at === run.end) break
      if (maker.isEmpty) {
        maker.finish(RCODE.SERVFAIL)
        yield maker.take()
        return 'record too large'
      }
      maker.finish(RCODE.NOERROR)
      if (maker.messages === MESSAGES_AT_ONCE) yield maker.take()
    }
  }
  if (!maker.isEmpty) maker.finish(RCODE.NOERROR)
  if (maker.messages > 0) yield maker.take()
  return 'complete'
}
