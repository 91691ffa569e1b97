/**
 * How a secondary follows its primaries: the settings, and the delays that follow from them (RFC 1034 §4.3.5,
 * RFC 1996, RFC 1912 §2.2).
 *
 * The numbers of a SOA record are the primary's wish. They are kept within bounds, because a zone with REFRESH 0 must
 * not make us ask without end, and one with RETRY of a year must not leave us behind for a year.
 */

import type { Serial } from '../dns/serial.ts'

/** Milliseconds since the epoch. */
export type Instant = number

/** What a refresh needs of a SOA record; times in seconds. */
export interface SoaFacts {
  readonly serial: Serial
  readonly refresh: number
  readonly retry: number
  readonly expire: number
}

/** Whether incremental transfers are asked for, and whether by UDP at first (RFC 1995 §2). */
export type IxfrPolicy = 'off' | 'on' | 'udp first'

export interface RefreshPolicy {
  /** Applies to the whole zone; a primary can only be stricter, see `ixfrPolicyOf`. */
  readonly ixfr: IxfrPolicy
  /** What to do when the primaries have nothing but lower serials. An expired zone takes what it can get. */
  readonly lowerSerial: 'ignore' | 'follow'
  /** What to do when EXPIRE has passed: answer SERVFAIL (RFC 1035 §3.3.13), or serve what we have. */
  readonly expired: 'stop' | 'serve'
  /** Replaces SOA REFRESH; 0 leaves it to the SOA record. */
  readonly autoRefreshSeconds: number
  readonly refreshSecondsMin: number
  readonly refreshSecondsMax: number
  readonly retrySecondsMin: number
  readonly retrySecondsMax: number
  readonly expireSecondsMin: number
  readonly expireSecondsMax: number
  /** The wait after the first failed transfer of a zone without contents; it doubles up to the maximum. */
  readonly firstRetrySecondsMin: number
  readonly firstRetrySecondsMax: number
  /** The part of a delay that chance may take off, so that zones do not march in step: 0 to 1. */
  readonly jitter: number
  /** How long a newer serial waits for the other primaries, one of which may have a newer one still. */
  readonly patienceMs: number
  /** When to look again for a serial that a NOTIFY announced and no primary had. */
  readonly hintRetrySeconds: number
  /** How long "IXFR not supported" is remembered of a primary. */
  readonly axfrOnlySeconds: number
}

export const REFRESH_POLICY_DEFAULTS: RefreshPolicy = {
  ixfr: 'on',
  lowerSerial: 'ignore',
  expired: 'stop',
  autoRefreshSeconds: 0,
  refreshSecondsMin: 30,
  refreshSecondsMax: 2_419_200,
  retrySecondsMin: 5,
  retrySecondsMax: 1_209_600,
  expireSecondsMin: 0,
  expireSecondsMax: 14_515_200,
  firstRetrySecondsMin: 60,
  firstRetrySecondsMax: 21_600,
  jitter: 0.25,
  patienceMs: 500,
  hintRetrySeconds: 5,
  axfrOnlySeconds: 172_800,
}

/** The stricter of what the zone and the primary allow; UDP first if either wants it. */
export function ixfrPolicyOf(zone: IxfrPolicy, primary: IxfrPolicy): IxfrPolicy {
  if (zone === 'off' || primary === 'off') return 'off'
  return zone === 'udp first' || primary === 'udp first' ? 'udp first' : 'on'
}

/** Seconds from one successful check to the next: SOA REFRESH within bounds, or what the operator set. */
export function refreshSeconds(soa: SoaFacts, policy: RefreshPolicy): number {
  if (policy.autoRefreshSeconds > 0) return policy.autoRefreshSeconds
  return bounded(soa.refresh, policy.refreshSecondsMin, policy.refreshSecondsMax)
}

/** Seconds from a failed check to the next: SOA RETRY within bounds. A failure never waits longer than a success. */
export function retrySeconds(soa: SoaFacts, policy: RefreshPolicy): number {
  const retry = bounded(soa.retry, policy.retrySecondsMin, policy.retrySecondsMax)
  return Math.min(retry, Math.max(refreshSeconds(soa, policy), policy.retrySecondsMin))
}

/** Seconds that contents are good after a primary confirmed them: SOA EXPIRE within bounds, and one refresh at least. */
export function expireSeconds(soa: SoaFacts, policy: RefreshPolicy): number {
  const leastUseful = refreshSeconds(soa, policy) + retrySeconds(soa, policy)
  return Math.max(bounded(soa.expire, policy.expireSecondsMin, policy.expireSecondsMax), leastUseful)
}

/** Seconds until a zone without contents is tried again, after so many failed rounds. */
export function firstRetrySeconds(failures: number, policy: RefreshPolicy): number {
  const max = policy.autoRefreshSeconds > 0 ? policy.autoRefreshSeconds : policy.firstRetrySecondsMax
  return Math.min(doubled(policy.firstRetrySecondsMin, failures), policy.firstRetrySecondsMax, max)
}

/**
 * Seconds until content that was refused is fetched again from the same primary, after so many refusals. The first
 * such wait ends before the earliest retry that chance allows, so that the retry is not in vain.
 */
export function rejectedSeconds(soa: SoaFacts | undefined, policy: RefreshPolicy, times: number): number {
  const earliest = 1 - policy.jitter
  if (soa === undefined) return firstRetrySeconds(times, policy) * earliest
  const retry = retrySeconds(soa, policy)
  return Math.min(doubled(retry, times), Math.max(retry, refreshSeconds(soa, policy))) * earliest
}

/** The least time between two rounds started by NOTIFY: none while they bring news, up to a minute while they do not. */
export function notifyGapMs(fruitless: number): number {
  return fruitless === 0 ? 0 : Math.min(doubled(1000, fruitless), 60_000)
}

/** Takes off what chance says, at most the policy's part; `roll` is from 0 to 1. */
export function jittered(seconds: number, policy: RefreshPolicy, roll: number): number {
  return Math.round(seconds * 1000 * (1 - policy.jitter * roll))
}

/** The first time as it is, then twice as much each time. */
function doubled(first: number, times: number): number {
  return first * 2 ** Math.min(Math.max(times - 1, 0), 30)
}

function bounded(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}
