/**
 * When a zone counts as active: once its parent delegates it to us.
 *
 * A pending zone is checked soon after it was made and then ever more seldom. One that is active is checked on; when
 * checks in a row find it delegated elsewhere it has moved, and comes back if it is delegated to us again. Zones that stay
 * pending or moved for too long go, if anybody wants that. A check that finds nothing out is no verdict either way.
 */

/** Milliseconds since the epoch. */
type Instant = number

export interface ActivationPolicy {
  /** From the creation of a zone to its first check, and after that twice as long each time. */
  readonly firstMs: number
  readonly intervalMsMax: number
  /** Checks in a row that must fail before an active zone has moved. */
  readonly movedChecks: number
  /** How long a zone may be pending, and how long moved; Infinity for as long as it likes. */
  readonly pendingMsMax: number
  readonly movedMsMax: number
}

type ActivationStatus = 'pending' | 'active' | 'moved'

export interface Activation {
  readonly status: ActivationStatus
  readonly since: Instant
  readonly phase: 'waiting' | 'checking'
  readonly checkAt: Instant
  /** Checks since there was news. */
  readonly checks: number
  /** Checks in a row that found an active zone elsewhere. */
  readonly failures: number
}

export type ActivationEvent =
  | { readonly type: 'woke' }
  /** Somebody wants to know now. */
  | { readonly type: 'asked' }
  | { readonly type: 'checked'; readonly verdict: 'delegated' | 'elsewhere' | 'unclear' }

export type ActivationEffect =
  | { readonly type: 'check' }
  | { readonly type: 'become'; readonly status: ActivationStatus }
  | { readonly type: 'delete' }

export type ActivationStep = readonly [Activation, ...ActivationEffect[]]

/** A zone as it is taken up. What was made long ago is checked as what was made just now: soon. */
export function newActivation(
  { status, since }: Pick<Activation, 'status' | 'since'>,
  now: Instant,
  { firstMs }: ActivationPolicy,
): Activation {
  return { status, since, phase: 'waiting', checkAt: now + firstMs, checks: 0, failures: 0 }
}

export function wakeActivationAt({ phase, checkAt }: Activation): Instant {
  return phase === 'checking' ? Infinity : checkAt
}

export function stepActivation(
  activation: Activation,
  event: ActivationEvent,
  now: Instant,
  policy: ActivationPolicy,
): ActivationStep {
  switch (event.type) {
    case 'woke':
      return now < wakeActivationAt(activation) ? [activation] : begin(activation)
    case 'asked':
      return activation.phase === 'checking' ? [activation] : begin(activation)
    case 'checked':
      return checked(activation, event.verdict, now, policy)
    default:
      return event satisfies never
  }
}

const begin = (activation: Activation): ActivationStep => [{ ...activation, phase: 'checking' }, { type: 'check' }]

function checked(
  activation: Activation,
  verdict: 'delegated' | 'elsewhere' | 'unclear',
  now: Instant,
  policy: ActivationPolicy,
): ActivationStep {
  const { status } = activation
  const failures = verdict === 'elsewhere' ? activation.failures + 1 : verdict === 'unclear' ? activation.failures : 0
  if (verdict === 'delegated' && status !== 'active') return become('active', now, policy)
  if (status === 'active' && failures >= policy.movedChecks) return become('moved', now, policy)
  // Only a check says so: nothing goes that is ours by now.
  if (verdict === 'elsewhere' && now >= endOf(activation, policy)) return [activation, { type: 'delete' }]
  // Doubt about an active zone is cleared up soon; what stays as it is can be looked at ever more seldom.
  const checks = status === 'active' && failures > activation.failures ? 0 : activation.checks + 1
  return [{ ...activation, phase: 'waiting', checks, failures, checkAt: now + intervalMs(checks, policy) }]
}

function become(status: ActivationStatus, now: Instant, policy: ActivationPolicy): ActivationStep {
  return [newActivation({ status, since: now }, now, policy), { type: 'become', status }]
}

function intervalMs(checks: number, { firstMs, intervalMsMax }: ActivationPolicy): number {
  return Math.min(firstMs * 2 ** Math.min(checks, 30), intervalMsMax)
}

/** When the zone has been what it is for too long. An active one never has. */
function endOf({ status, since }: Activation, { pendingMsMax, movedMsMax }: ActivationPolicy): Instant {
  switch (status) {
    case 'active':
      return Infinity
    case 'pending':
      return since + pendingMsMax
    case 'moved':
      return since + movedMsMax
    default:
      return status satisfies never
  }
}
