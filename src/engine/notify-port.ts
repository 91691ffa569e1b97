/** What a NOTIFY to be sent looks like, and what comes back; a test can pretend to send it. */

import type { Name } from '../dns/name.ts'
import type { TsigKey } from '../dns/tsig.ts'
import type { SoaHint } from '../protocol/notify-message.ts'
import type { OutgoingReason } from '../protocol/outgoing-reason.ts'

export interface NotifyRequest {
  readonly apex: Name
  readonly soa: SoaHint
  readonly endpoint: { readonly address: string; readonly port: number }
  readonly key: TsigKey | undefined
  readonly transport: 'udp' | 'tcp'
  readonly timeoutMs: number
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

export interface NotifyPort {
  /** Sends it once; resolves to what went wrong, or to undefined if it was answered well. */
  send(request: NotifyRequest): Promise<OutgoingReason | undefined>
}
