/** What an edit of a zone looks like when it leaves the main thread, and what comes back: plain data. */

import type { Name } from '../dns/name.ts'
import type { Reason } from '../protocol/reason.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import type { Change } from '../store/objects.ts'
import type { EditMisfit, EditStep, Scope } from '../zone/edit-records.ts'
import type { ZoneFrame } from '../zone/zone-frame.ts'

export interface EditRequest {
  /** In order; all of them, or none. */
  readonly steps: readonly EditStep[]
  readonly frame: ZoneFrame
  readonly scope: Scope
  /** What becomes true in the same transaction: a line of the audit log, objects of the control plane. */
  readonly changes: readonly Change[]
  /** A version is made though it may serve what the one before does; its serial is the next one, whatever the policy says. */
  readonly renew?: true
  /** The zone changes hands with this version; there are no steps then. */
  readonly conversion?: Conversion
}

/** Whether records are edited here from now on, and under which names our nameservers stood in what came until now. */
export type Conversion =
  | {
      readonly to: 'full'
      readonly nameServers: readonly Name[]
      /** The overrides it had, in stored form. */
      readonly lifted: readonly Uint8Array[]
    }
  | { readonly to: 'secondary' }

export type EditOutcome =
  /** The version is on the disk, and served. Where nothing was changed it is still the one before. */
  | {
      readonly type: 'edited'
      /** There is no new version. */
      readonly unchanged?: true
      readonly soa: SoaFacts
      readonly findings: readonly string[]
    }
  | EditMisfit
  | { readonly type: 'refused'; readonly reason: Reason }
