/**
 * The lease: how long contents may be served after a primary last had the same (RFC 1035 §3.3.13), and the EDNS EXPIRE
 * option, by which a lease is handed down from one secondary to the next (RFC 7314).
 */

import { notice } from './notice.ts'
import { expireSeconds, refreshSeconds, retrySeconds, type Instant, type SoaFacts } from './refresh-policy.ts'
import type { RefreshEffect, Secondary, Step, Trigger } from './refresh-state.ts'

/** A primary that answers less than this in the EXPIRE option has itself lost the zone. */
export const EXPIRE_OPTION_SECONDS_MIN = 2

/** Fresh contents: the lease is what the option says, and never more than SOA EXPIRE (RFC 7314 §4). */
export function leaseOfTransfer(zone: Secondary, soa: SoaFacts, option: number | undefined, now: Instant): Instant {
  const whole = expireSeconds(soa, zone.policy)
  return now + 1000 * Math.min(option ?? whole, whole)
}

/** The same contents: the larger of what is left and what the option says, or all of it where there is no option. */
export function leaseOfConfirmation(zone: Secondary, soa: SoaFacts, option: number | undefined, now: Instant): Instant {
  return Math.max(zone.expireAt ?? now, leaseOfTransfer(zone, soa, option, now))
}

/** Gives the contents a lease from now on, and serves them again if they had expired. */
export function renewed(zone: Secondary, expireAt: Instant, now: Instant, trigger: Trigger): Step {
  const after: Secondary = { ...zone, expireAt, confirmedAt: now, checkedAt: now, expired: false }
  return zone.expired && zone.policy.expired === 'stop' ? [after, { type: 'revive', trigger }] : [after]
}

/** Whether EXPIRE passes now. A zone without primaries has nobody to confirm it and keeps what it has. */
export function leaseIsOver(zone: Secondary, now: Instant): boolean {
  return !zone.expired && zone.primaries.length > 0 && zone.expireAt !== undefined && now >= zone.expireAt
}

/** EXPIRE has passed. */
export function lapsed(zone: Secondary, trigger: Trigger): Step {
  return [{ ...zone, expired: true }, lapseEffect(zone, trigger)]
}

/** What an expired zone calls for under the policy. */
export function lapseEffect(zone: Secondary, trigger: Trigger): RefreshEffect {
  if (zone.policy.expired === 'stop') return { type: 'expire', trigger }
  return { type: 'report', notice: notice('serving-expired', {}), trigger }
}

/**
 * When to check again after a success. A lease that was handed down may be shorter than REFRESH; then the check comes
 * at half of what is left, so that two tries fit in.
 */
export function nextCheckSeconds(zone: Secondary, soa: SoaFacts, now: Instant): number {
  const usual = refreshSeconds(soa, zone.policy)
  const retry = retrySeconds(soa, zone.policy)
  const left = zone.expired || zone.expireAt === undefined ? Infinity : (zone.expireAt - now) / 1000
  return left >= usual + retry ? usual : Math.min(usual, Math.max(left / 2, retry))
}
