/** What the HTTP server is made of, and what the routes of a face work with. */

import type { Log } from '../engine/log.ts'
import type { Instant } from '../engine/object-id.ts'
import type { Registry } from '../engine/registry.ts'
import type { ZoneRuntime } from '../engine/runtime.ts'
import type { Settings } from '../engine/settings.ts'
import type { ScanResolver } from '../engine/zone-scan.ts'
import type { ErrorCode } from './errors.ts'
import type { Metrics } from './health.ts'
import type { RateWindow } from './rate.ts'
import type { RecordIds } from './record-id.ts'
import type { FoundRecords } from './found-records.ts'
import type { RecordEditor } from './record-editor.ts'
import type { Scans } from './scans.ts'

export interface ApiOptions {
  readonly registry: Registry
  readonly runtime: ZoneRuntime
  readonly metrics: Metrics
  readonly log: Log
  readonly now?: () => Instant
  /** How zones are edited; as nobody has set it, if absent. */
  readonly primary?: Settings['primary']
  /** Whom scans ask for the records that zones have elsewhere; without it there are none. */
  readonly resolver?: ScanResolver | undefined
  /** Where the nameservers of zones answer; 53 if absent. */
  readonly nameServerPort?: number
  /** What this server is called in reports; `local` if absent. */
  readonly coloName?: string | undefined
  /** How many requests a user, or a token of an account, may make in how many seconds; no limit if absent. */
  readonly rateLimit?: { readonly requests: number; readonly seconds: number } | undefined
  /** Hears of each request that ended with an error, and which one. */
  readonly refused?: (code: ErrorCode) => void
  /** Whether users may come with their e-mail addresses and global keys. */
  readonly authKeys?: boolean
  /** Networks of proxies that are believed when they say who has sent a request. */
  readonly trustedProxies?: readonly string[]
}

/** What the routes of a face work with. */
export interface ApiContext extends Omit<
  ApiOptions,
  'now' | 'primary' | 'resolver' | 'nameServerPort' | 'coloName' | 'refused'
> {
  readonly now: () => Instant
  readonly primary: Settings['primary']
  readonly refused: (code: ErrorCode) => void
  /** The requests of everybody, on all faces. */
  readonly windows: Map<string, RateWindow>
  readonly coloName: string
  readonly recordIds: RecordIds
  readonly scans: Scans
  readonly editor: RecordEditor
  readonly found: FoundRecords
}
