/**
 * What the refresh machine's wishes look like when they leave the main thread, and what comes back.
 *
 * The contents thread carries them out; a test can pretend to. All of it is plain data that threads can pass.
 */

import type { Serial } from '../dns/serial.ts'
import type { TsigKey } from '../dns/tsig.ts'
import type { Reason } from '../protocol/reason.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'

/** Address and port of another nameserver. */
export interface PrimaryEndpoint {
  readonly address: string
  readonly port: number
}

interface Request {
  /** Number of the task: its progress and its end carry it, and it can be cancelled by it. */
  readonly task: number
  /** The zone's number in the directory. */
  readonly zone: number
  readonly endpoint: PrimaryEndpoint
  readonly key: TsigKey | undefined
}

/** Asks a primary for its SOA. */
export interface ProbeRequest extends Request {
  readonly apex: Uint8Array
  readonly transport: 'udp' | 'tcp'
  readonly edns: boolean
}

/** Fetches a zone, checks it, stores it and serves it. */
export interface TransferRequest extends Request {
  readonly form: 'AXFR' | 'IXFR'
  readonly over: 'udp' | 'tcp'
  readonly edns: boolean
  readonly since: Serial | undefined
}

/** How much came. */
export interface TransferCounts {
  readonly messages: number
  readonly records: number
  readonly octets: number
}

export type ProbeOutcome =
  | { readonly type: 'probed'; readonly soa: SoaFacts; readonly expireSeconds: number | undefined }
  | { readonly type: 'probe failed'; readonly reason: Reason }

export type TransferOutcome = (
  | {
      readonly type: 'transferred'
      /** What came, whatever was asked for. */
      readonly form: 'AXFR' | 'IXFR'
      readonly soa: SoaFacts
      readonly expireSeconds: number | undefined
      /** Things in the zone that its owner should know of. */
      readonly findings: readonly string[]
    }
  | { readonly type: 'up to date'; readonly soa: SoaFacts; readonly expireSeconds: number | undefined }
  | { readonly type: 'too large for udp' }
  | { readonly type: 'transfer failed'; readonly reason: Reason; readonly serial: Serial | undefined }
) & { readonly counts: TransferCounts }

export interface TransferPort {
  probe(request: ProbeRequest): Promise<ProbeOutcome>
  transfer(request: TransferRequest, progress: (counts: TransferCounts) => void): Promise<TransferOutcome>
  /** The task ends soon, as failed. */
  cancel(task: number): void
  /** Whether a zone's contents are answered from, or are too old. */
  show(zone: number, state: 'serving' | 'expired'): void
  /** Until when a zone's contents are good, in seconds since the epoch: others are told when they ask (RFC 7314). */
  lease(zone: number, expirySeconds: number): void
}
