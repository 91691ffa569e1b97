/**
 * When to look up again where a CNAME record leads that is answered with addresses.
 *
 * An answer is good for its TTL, within bounds, and is then asked for again. A question that finds no answer leaves the
 * last good one standing, however old, and is tried again, ever more seldom. A resolver hands out what it keeps with the
 * TTL that is left, so the same addresses come with another TTL each time: as long as they are the same the longest TTL
 * that was seen counts, so that asking again makes no new version of a zone.
 */

import { compareOctets, octetsEqual } from '../dns/octets.ts'
import type { AddressSet } from '../zone/zone-frame.ts'

/** Milliseconds since the epoch. */
type Instant = number

export interface FlatteningPolicy {
  readonly ttlSecondsMin: number
  readonly ttlSecondsMax: number
}

/** One name that CNAME records lead to. */
export interface Target {
  /** The last good answer; undefined until there was one. */
  readonly answer: AddressSet | undefined
  readonly phase: 'asking' | 'waiting'
  readonly askAt: Instant
  /** Questions in a row that found no answer. */
  readonly failures: number
}

export type TargetEvent =
  | { readonly type: 'woke' }
  /** A name without addresses, or one that does not exist, is an answer too. */
  | { readonly type: 'answered'; readonly found: AddressSet }
  | { readonly type: 'failed' }

type TargetEffect =
  | { readonly type: 'ask' }
  /** What is served must become this. */
  | { readonly type: 'changed'; readonly answer: AddressSet }

export type TargetStep = readonly [Target, ...TargetEffect[]]

/** A name nobody has looked up, or whose answer was kept from an earlier run. It is to be asked for at once. */
export function newTarget(now: Instant, answer?: AddressSet): Target {
  return { answer, phase: 'waiting', askAt: now, failures: 0 }
}

export function wakeTargetAt({ phase, askAt }: Target): Instant {
  return phase === 'asking' ? Infinity : askAt
}

export function stepTarget(target: Target, event: TargetEvent, now: Instant, policy: FlatteningPolicy): TargetStep {
  switch (event.type) {
    case 'woke':
      if (target.phase === 'asking' || now < target.askAt) return [target]
      return [{ ...target, phase: 'asking' }, { type: 'ask' }]
    case 'answered':
      return answered(target, event.found, now, policy)
    case 'failed': {
      const failures = target.failures + 1
      return [{ ...target, phase: 'waiting', failures, askAt: now + retrySeconds(failures, policy) * 1000 }]
    }
    default:
      return event satisfies never
  }
}

function answered(target: Target, found: AddressSet, now: Instant, policy: FlatteningPolicy): TargetStep {
  const ttl = within(found.ttl, policy)
  const before = target.answer
  const fresh: AddressSet = { ipv4: inOrder(found.ipv4), ipv6: inOrder(found.ipv6), ttl }
  const isSame = before !== undefined && sameSet(before.ipv4, fresh.ipv4) && sameSet(before.ipv6, fresh.ipv6)
  const answer = isSame && before.ttl >= ttl ? before : fresh
  const after: Target = { answer, phase: 'waiting', askAt: now + ttl * 1000, failures: 0 }
  return answer === before ? [after] : [after, { type: 'changed', answer }]
}

/** Twice as long after each failure. */
function retrySeconds(failures: number, { ttlSecondsMin, ttlSecondsMax }: FlatteningPolicy): number {
  return Math.min(ttlSecondsMin * 2 ** Math.min(failures - 1, 30), ttlSecondsMax)
}

function within(ttl: number, { ttlSecondsMin, ttlSecondsMax }: FlatteningPolicy): number {
  return Math.min(Math.max(ttl, ttlSecondsMin), ttlSecondsMax)
}

/** Resolvers turn the order round with each answer. */
const inOrder = (addresses: readonly Uint8Array[]): readonly Uint8Array[] => addresses.toSorted(compareOctets)

function sameSet(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((address, at) => octetsEqual(address, b[at] as Uint8Array))
}
