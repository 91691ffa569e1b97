/** What the threads say to one another. Everything here is plain data; shared memory is passed by reference. */

import type { MessagePort } from 'node:worker_threads'
import type { Serial } from '../dns/serial.ts'
import type { TsigKey } from '../dns/tsig.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import type { WhyFull } from '../protocol/transfer-chain.ts'
import type { TransferOutEnd } from '../protocol/transfer-out.ts'
import type { TransferRefusal } from '../protocol/transfer-request.ts'
import type { SharedMemory } from '../zone/directory-reader.ts'
import type { Overlay } from '../zone/overlay.ts'
import type { EditOutcome, EditRequest } from './edit-port.ts'
import type { Settings } from './settings.ts'
import type { ProbeOutcome, ProbeRequest, TransferCounts, TransferOutcome, TransferRequest } from './transfer-port.ts'
import type { RuleChanges } from './transfer-rules.ts'

/** A chunk of shared memory that was added after a thread was started. */
export interface ChunkNews {
  readonly index: number
  readonly chunk: SharedArrayBuffer
}

// The contents thread.

export interface ContentsThreadData {
  readonly settings: Settings
  /** To the store thread. */
  readonly store: MessagePort
  /** One for each thread that reads contents; chunks are announced there. */
  readonly readers: readonly MessagePort[]
}

/** Several travel in one message. */
export type ContentsOrder =
  /** Take up a zone: put it into the directory, and serve what the store has of it. */
  | {
      readonly type: 'adopt'
      readonly zone: number
      readonly zoneId: string
      readonly apex: Uint8Array
      readonly overlays: readonly Overlay[]
    }
  /** Answer other records in place of what was transferred. */
  | { readonly type: 'cover'; readonly task: number; readonly zone: number; readonly overlays: readonly Overlay[] }
  | { readonly type: 'drop'; readonly zone: number }
  | { readonly type: 'probe'; readonly request: ProbeRequest }
  | { readonly type: 'transfer'; readonly request: TransferRequest }
  | { readonly type: 'cancel'; readonly task: number }
  | { readonly type: 'show'; readonly zone: number; readonly state: 'serving' | 'expired' }
  | { readonly type: 'lease'; readonly zone: number; readonly expirySeconds: number }
  | { readonly type: 'edit'; readonly task: number; readonly zone: number; readonly request: EditRequest }
  | { readonly type: 'stop' }

/** Several travel in one message. */
export type ContentsReport =
  | { readonly type: 'ready'; readonly memory: SharedMemory }
  | { readonly type: 'adopted'; readonly zone: number; readonly adopted: Adopted }
  | { readonly type: 'probed'; readonly task: number; readonly outcome: ProbeOutcome }
  | { readonly type: 'progress'; readonly task: number; readonly counts: TransferCounts }
  | { readonly type: 'transferred'; readonly task: number; readonly outcome: TransferOutcome }
  | { readonly type: 'edited'; readonly task: number; readonly outcome: EditOutcome }
  /** Other records are answered from now on; or once an edit has ended that builds on what is answered now. */
  | { readonly type: 'covered'; readonly task: number }
  /** The contents take this much shared memory by now. */
  | { readonly type: 'grown'; readonly octets: number }
  /** A bug that cost an order, as a check or a transfer, and no more. */
  | { readonly type: 'fault'; readonly text: string }
  | { readonly type: 'stopped' }

/** A zone in the directory, and what the store had of it. */
export interface Adopted {
  /** Undefined if a bug kept it out. */
  readonly handle: number | undefined
  readonly stored: { readonly soa: SoaFacts; readonly at: number } | undefined
  /** Why what the store has could not be loaded; the zone is empty then. */
  readonly problem: string | undefined
}

// The threads that answer.

export interface AnswerThreadData {
  readonly settings: Settings
  /** Where chunks are announced. */
  readonly chunks: MessagePort
  /** To the store thread. */
  readonly store: MessagePort
  readonly counters: SharedArrayBuffer
  readonly thread: number
  readonly cookieSecrets: readonly Uint8Array[]
  /** Several threads share each address. */
  readonly shared: boolean
}

/** The order that a thread waits for once it is loaded: answer, from these contents, knowing this. */
export interface BeginAnswering {
  readonly type: 'begin'
  readonly memory: SharedMemory
  readonly known: readonly AnswerOrder[]
}

export type AnswerOrder =
  | { readonly type: 'keys'; readonly keys: readonly TsigKey[] }
  /** To whom zones are handed on has changed; answered once the thread goes by it. */
  | { readonly type: 'rules'; readonly changes: RuleChanges; readonly ticket: number }
  /** The answer to a NOTIFY that was handed on; no octets: stay silent. */
  | { readonly type: 'judged'; readonly ticket: number; readonly octets: Uint8Array | undefined }
  /** Tell the samples of questions now. */
  | { readonly type: 'sample'; readonly ticket: number }
  | { readonly type: 'stop' }

/** Which way a thread answers by UDP (see udp-way.ts), and why not in batches. */
export interface UdpAnswered {
  readonly way: 'batched' | 'plain'
  readonly reason: string | undefined
}

export type AnswerReport =
  /** The addresses that are answered, and which way, if by UDP. */
  | { readonly type: 'bound'; readonly addresses: readonly string[]; readonly udp?: UdpAnswered }
  | { readonly type: 'failed'; readonly text: string }
  /** A NOTIFY to be judged. */
  | {
      readonly type: 'notify'
      readonly ticket: number
      readonly octets: Uint8Array
      readonly client: { readonly address: string; readonly port: number }
      readonly transport: 'udp' | 'tcp'
    }
  | { readonly type: 'transfer out'; readonly facts: TransferOutFacts }
  | { readonly type: 'ruled'; readonly ticket: number }
  /** A peer that a zone is handed on to asked for its SOA record. */
  | { readonly type: 'asked'; readonly zoneId: string; readonly peerId: string; readonly serial: Serial }
  /** The questions since the last time (sampler.ts), and which order this answers, if any. */
  | { readonly type: 'samples'; readonly octets: Uint8Array; readonly ticket: number | undefined }
  /** A bug that cost a connection and no more. */
  | { readonly type: 'fault'; readonly text: string }

/** One transfer out that ended, or was refused. */
export interface TransferOutFacts {
  readonly zone: string
  /** Undefined where no zone of ours was asked for, or the request could not be believed. */
  readonly zoneId: string | undefined
  readonly client: { readonly address: string; readonly port: number }
  readonly transport: 'udp' | 'tcp'
  /** The peer of the zone that has this address. */
  readonly peerId: string | undefined
  readonly key: string | undefined
  /** What let the client in. */
  readonly rule: string | undefined
  readonly asked: 'AXFR' | 'IXFR'
  /** What was sent; SOA alone where there was nothing newer, or where UDP had no room for more. */
  readonly form: 'AXFR' | 'IXFR' | 'SOA' | undefined
  /** Why the zone was sent in full although differences were asked for. */
  readonly full: WhyFull | undefined
  readonly outcome: TransferOutOutcome
  readonly fromSerial: Serial | undefined
  readonly serial: Serial | undefined
  readonly messages: number
  readonly records: number
  readonly octets: number
  readonly ms: number
}

/** How it ended, or why it was refused; the detail of a signature that did not hold is free text. */
export type TransferOutOutcome = TransferOutEnd | TransferRefusal | 'broken off' | { readonly signature: string }
